"""When a price holds: TariffConditionsType and TariffConditionsFixedType of OCPP 2.1 (I12). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from ocpplab_runner.tariffs.exact import exact

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: 1 January 1970 was a Thursday.
_FIRST_WEEKDAY = 3
DAY = 86_400
#: What a condition's ``min…`` and ``max…`` compare → the measure that it is about.
_MEASURES: Mapping[str, str] = {
    "Energy": "energy_wh",
    "Current": "current_a",
    "Power": "power_w",
    "Time": "seconds",
    "ChargingTime": "charging_s",
    "IdleTime": "idle_s",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What does not change during a transaction.

    Attributes:
        evse_kind: AC or DC.
        volts: between phase and neutral; what flows by it is the current of all phases together.
        payment_brand, payment_recognition: of an ad hoc payment; None for any other token.
    """

    evse_kind: str = "AC"
    volts: float = 230.0
    payment_brand: str | None = None
    payment_recognition: str | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """How a transaction stands at a moment.

    Attributes:
        at: seconds since 1970 by the clock that tariffs go by.
        energy_wh: what has flowed.
        power_w, current_a: what flows.
        seconds, charging_s, idle_s: how long it has lasted, with energy flowing and without.
    """

    at: Fraction
    energy_wh: Fraction
    power_w: Fraction
    current_a: Fraction
    seconds: Fraction
    charging_s: Fraction
    idle_s: Fraction


def seconds_since_1970(moment: datetime) -> Fraction:
    """Exactly."""
    passed = moment - _EPOCH
    return Fraction(passed.days * DAY + passed.seconds) + Fraction(passed.microseconds, 1_000_000)


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of what is named must be met.

    Attributes:
        wire: as it was written; empty where a price always holds.
        start, end: time of day in seconds; the same, or none, for the whole day.
        days: of the week, from 0.
        first, last: days since 1970: not before the one, and before the other.
        bounds: measure, ``min`` or ``max``, and the bound.
    """

    wire: Mapping[str, Any]
    start: int
    end: int
    days: frozenset[int] | None
    first: int | None
    last: int | None
    bounds: tuple[tuple[str, str, Fraction], ...]

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Conditions:
        """Those of a price.

        Raises:
            ValueError: a time of day or a date is none.
        """
        days = wire.get("dayOfWeek")
        return cls(
            wire=wire,
            start=_time_of_day(wire.get("startTimeOfDay", "00:00")),
            end=_time_of_day(wire.get("endTimeOfDay", "00:00")),
            days=None if days is None else frozenset(_DAYS.index(day) for day in days),
            first=_date(wire.get("validFromDate")),
            last=_date(wire.get("validToDate")),
            bounds=tuple(_bounds(wire)),
        )

    def met(self, now: Measures, place: Place) -> bool:
        """Whether they hold."""
        # The runner's chargers live in UTC: what 2.1 calls local time is that.
        day, second = divmod(now.at, DAY)
        return (
            (self.start == self.end or _between(second, self.start, self.end))
            and (self.days is None or (day + _FIRST_WEEKDAY) % 7 in self.days)
            and (self.first is None or day >= self.first)
            and (self.last is None or day < self.last)
            and all(_holds(getattr(now, measure), kind, bound) for measure, kind, bound in self.bounds)
            and self.wire.get("evseKind", place.evse_kind) == place.evse_kind
            and self.wire.get("paymentBrand", place.payment_brand) == place.payment_brand
            and self.wire.get("paymentRecognition", place.payment_recognition) == place.payment_recognition
        )

    def next_turn(self, at: Fraction) -> Fraction | None:
        """When the clock next changes what they say, in seconds since 1970; None where it never does."""
        if self.days is None and self.first is None and self.last is None and self.start == self.end:
            return None
        # Days and dates change at a midnight, the hours at their own two times; whoever asks looks at all of it again.
        midnight = at // 1 // DAY * DAY
        turns = [midnight + day + second for day in (0, DAY) for second in (0, self.start, self.end)]
        return Fraction(min(turn for turn in turns if turn > at))


def _between(second: Fraction, start: int, end: int) -> bool:
    """An end before the start is one of the next day."""
    return start <= second < end if start < end else second >= start or second < end


def _holds(value: Fraction, kind: str, bound: Fraction) -> bool:
    """``min`` is what is closest to zero, and counts itself; ``max`` is what is furthest from it, and does not."""
    if kind == "min":
        # What flows back is below 0, and so are its bounds (2.1 TariffConditionsType).
        return value <= bound if bound < 0 else value >= bound
    return value > bound if bound < 0 else value < bound


def _bounds(wire: Mapping[str, Any]) -> Iterator[tuple[str, str, Fraction]]:
    for name, measure in _MEASURES.items():
        for kind in ("min", "max"):
            if kind + name in wire:
                yield measure, kind, exact(wire[kind + name])


def _time_of_day(text: str) -> int:
    found = _TIME_OF_DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day")
    return int(found[1]) * 3600 + int(found[2]) * 60


def _date(text: str | None) -> int | None:
    return None if text is None else (date.fromisoformat(text) - _EPOCH.date()).days
