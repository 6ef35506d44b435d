"""Real cards that stand for a scenario's, lent as they are needed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocpplab_runner.plugin.stage import BlockedError

#: Fields of verbs and of states that hold a card which somebody presents.
_PRESENTED = ("id_tag", "id_token")
#: Mappings from a card to what is known of it.
_TABLES = ("id_tokens", "entries", "cache")


class CardPool:
    """The cards of one case.

    Args:
        cards: real ones; empty: a scenario's cards are taken as they are written.
        mapped: a scenario's card → the real one, by hand.
    """

    def __init__(self, cards: Sequence[str], mapped: Mapping[str, str]) -> None:
        self._mapped = dict(mapped)
        self._strict = bool(cards)
        taken = {card.casefold() for card in mapped.values()}
        self._left = [card for card in cards if card.casefold() not in taken]
        self._known = {card.casefold(): real for card, real in mapped.items()}

    def lend(self, data: Any) -> Mapping[str, str]:
        """Lend one for each card in data of the language that has none yet; returns all: scenario's → real.

        Raises:
            BlockedError: there are too few.
        """
        for card in _cards_in(data):
            self._lend(card)
        return self._mapped

    def real(self, card: str) -> str:
        """The real card of one that has been lent, or the card itself."""
        return self._known.get(card.casefold(), card)

    def _lend(self, card: str) -> None:
        if not self._strict or card.casefold() in self._known:
            return
        # A scenario may name a real card: that stands for itself.
        own = next((real for real in self._left if real.casefold() == card.casefold()), None)
        if own is None and not self._left:
            raise BlockedError(f"no real card is left for {card}: the target's `cards` are too few")
        real = own or self._left[0]
        self._left.remove(real)
        self._mapped[card] = self._known[card.casefold()] = real


def _cards_in(data: Any) -> Iterator[str]:
    if isinstance(data, list | tuple):
        for one in data:
            yield from _cards_in(one)
    elif isinstance(data, Mapping):
        for name, value in data.items():
            if name in _PRESENTED and isinstance(value, Mapping):
                value = value.get("value")
            if name in _PRESENTED and isinstance(value, str):
                yield value
            elif name in _TABLES and isinstance(value, Mapping):
                yield from map(str, value)
            else:
                yield from _cards_in(value)
