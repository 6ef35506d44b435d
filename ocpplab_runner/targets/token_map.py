"""A scenario's cards and the real ones that stand for them at a foreign CSMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.target import Recorder


class TokenMap:
    """Exchanges cards on the way out, and back in what is observed, so that a scenario speaks of its own cards only.

    The text of a malformed frame stays as it was. When a scenario also speaks of a card of its own that is called like
    a real card which stands for another, that one is called something else outside: there are two cards, not one.

    Args:
        cards: a scenario's card or group → the real one. What stands for itself keeps the letter case of each step.
    """

    def __init__(self, cards: Mapping[str, str]) -> None:
        ours = {card.lower() for card in cards}
        exchanged = {card: real for card, real in cards.items() if card != real}
        taken = [real for real in exchanged.values() if real.lower() not in ours]
        exchanged.update((real, _stand_in(real)) for real in taken)
        self._out = {card.lower(): real for card, real in exchanged.items()}
        self._back = {real.lower(): card for card, real in exchanged.items()}

    def outwards(self, data: Any) -> Any:
        """Plain data with the real cards, as keys and as values."""
        return _exchange(data, self._out) if self._out else data

    def inwards(self, data: Any) -> Any:
        """Plain data with the scenario's cards."""
        return _exchange(data, self._back) if self._back else data

    def recorder(self, record: Recorder) -> Recorder:
        """A recorder that puts the scenario's cards back into observations."""
        if not self._back:
            return record

        def put_back(observation: Observation) -> None:
            record(replace(observation, fields=_exchange(dict(observation.fields), self._back)))

        return put_back


def _stand_in(card: str) -> str:
    """A card that no CSMS knows, within the 20 characters of OCPP 1.6."""
    return f"NO-CARD-{crc32(card.lower().encode('utf-8', 'surrogatepass')):08X}"


def _exchange(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return table.get(value.lower(), value)
    if isinstance(value, Mapping):
        return {_exchange(key, table): _exchange(item, table) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exchange(item, table) for item in value]
    return value
