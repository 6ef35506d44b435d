"""A scenario's cards and the real ones that stand for them at a foreign CSMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.target import Recorder


class TokenMap:
    """Exchanges cards on the way out, and back in what is observed, so that a scenario speaks of its own cards only.

    The text of a malformed frame stays as it was.

    Args:
        cards: a scenario's card → the real one.
    """

    def __init__(self, cards: Mapping[str, str]) -> None:
        self._out = {card.lower(): real for card, real in cards.items()}
        self._back = {real.lower(): card for card, real in cards.items()}

    def outwards(self, data: Any) -> Any:
        """Plain data with the real cards, as keys and as values."""
        return _exchange(data, self._out) if self._out else data

    def recorder(self, record: Recorder) -> Recorder:
        """A recorder that puts the scenario's cards back into observations."""
        if not self._back:
            return record

        def put_back(observation: Observation) -> None:
            record(replace(observation, fields=_exchange(dict(observation.fields), self._back)))

        return put_back


def _exchange(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return table.get(value.lower(), value)
    if isinstance(value, Mapping):
        return {_exchange(key, table): _exchange(item, table) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exchange(item, table) for item in value]
    return value
