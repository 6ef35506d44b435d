"""What prepaid cards have: C17 of OCPP 2.1. Pure."""

from __future__ import annotations

from collections.abc import Mapping


class Credits:
    """Cards are compared without letter case.

    Args:
        cards: card → how much it has; every other card is not prepaid.
    """

    def __init__(self, cards: Mapping[str, float]) -> None:
        self._left = {card.casefold(): amount for card, amount in cards.items()}

    def left(self, card: str) -> float | None:
        """How much a card has, 0 or less for none; None where it is not prepaid."""
        return self._left.get(card.casefold())

    def spend(self, card: str, amount: float) -> None:
        """A transaction has cost so much; cards that are not prepaid pay otherwise."""
        if card.casefold() in self._left:
            self._left[card.casefold()] -= amount
