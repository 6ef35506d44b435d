"""The tariffs that a station has: defaults of its EVSEs, and those of drivers. Pure; time is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.core.json_values import known_token, token_out
from ocpplab_runner.tariffs.tariff import Tariff, tariff_of


@dataclass(frozen=True, slots=True)
class _Default:
    """A default of an EVSE, and when it takes the place of the one before."""

    begin: datetime
    tariff: Tariff


class HeldTariffs:
    """Default tariffs by EVSE, of which several may wait for their day, and those of drivers by token."""

    __slots__ = ("_defaults", "_drivers")

    def __init__(self) -> None:
        self._defaults: dict[int, list[_Default]] = {}
        self._drivers: list[tuple[IdToken, Tariff]] = []

    def add_default(self, evse_id: int, tariff: Tariff, now: datetime) -> None:
        """Install one: when it begins it takes the place of what holds then, and leaves what begins later (I07)."""
        begin = now if tariff.valid_from is None else max(now, tariff.valid_from)
        kept = [one for one in self._present(evse_id, now) if one.begin != begin]
        self._defaults[evse_id] = sorted([*kept, _Default(begin, tariff)], key=lambda one: one.begin)

    def default(self, evse_id: int, now: datetime) -> Tariff | None:
        """The default that holds at an EVSE."""
        begun = [one.tariff for one in self._present(evse_id, now) if one.begin <= now]
        return begun[-1] if begun else None

    def defaults(self, now: datetime, evse_id: int | None = None) -> Iterator[tuple[int, Tariff]]:
        """Every default that holds or will, with its EVSE; those of one EVSE where one is given."""
        for place in sorted(self._defaults):
            if evse_id in (None, place):
                yield from ((place, one.tariff) for one in self._present(place, now))

    def clear(self, tariff_ids: frozenset[str] | None, evse_id: int | None, now: datetime) -> list[str]:
        """Take defaults out: those that are named, or all, at an EVSE, or at every one; returns their ids."""
        gone: dict[str, None] = {}
        for place in self._defaults:
            if evse_id in (None, place):
                held = self._present(place, now)
                meant = [one for one in held if tariff_ids is None or one.tariff.tariff_id in tariff_ids]
                gone.update(dict.fromkeys(one.tariff.tariff_id for one in meant))
                self._defaults[place] = [one for one in held if one not in meant]
        return list(gone)

    def _present(self, evse_id: int, now: datetime) -> list[_Default]:
        """What another one has not taken the place of."""
        held = self._defaults.get(evse_id, [])
        begun = [one for one in held if one.begin <= now]
        return [*begun[-1:], *(one for one in held if one.begin > now)]

    def give(self, token: IdToken, tariff: Tariff) -> None:
        """A driver has a tariff of their own."""
        self.take(token)
        self._drivers.append((token, tariff))

    def take(self, token: IdToken) -> None:
        """They have none any more."""
        self._drivers = [entry for entry in self._drivers if not entry[0].same_token(token)]

    def of(self, token: IdToken) -> Tariff | None:
        """A driver's own."""
        return next((tariff for held, tariff in self._drivers if held.same_token(token)), None)

    def drivers(self) -> Iterator[tuple[IdToken, Tariff]]:
        """Every driver's own."""
        yield from self._drivers

    def out(self) -> dict[str, Any]:
        """All of it as JSON data."""
        return {
            "defaults": [
                [evse_id, one.begin.isoformat(), one.tariff.wire]
                for evse_id, held in self._defaults.items()
                for one in held
            ],
            "drivers": [[token_out(token), tariff.wire] for token, tariff in self._drivers],
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """The opposite of :meth:`out`."""
        for evse_id, begin, wire in memory["defaults"]:
            self._defaults.setdefault(evse_id, []).append(_Default(datetime.fromisoformat(begin), tariff_of(wire)))
        self._drivers = [(known_token(token), tariff_of(wire)) for token, wire in memory["drivers"]]
