"""The composite schedule: what will be allowed, period by period. OCPP 1.6 section 5.7, 2.x K08. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ocpplab_runner.charger.blocks.smart_charging.allowances import Place
from ocpplab_runner.charger.blocks.smart_charging.limits import (
    Ceiling,
    Horizon,
    Moment,
    leading_period,
    lowest,
    of_evse,
    of_station,
)
from ocpplab_runner.charger.blocks.smart_charging.operation import Operation
from ocpplab_runner.charger.blocks.smart_charging.profiles import Period, Profile, Schedule, Unit
from ocpplab_runner.charger.core.timestamps import later

#: More periods than these are not told; the schedule ends earlier then.
MOST_PERIODS = 1000


@dataclass(frozen=True, slots=True)
class _Level:
    """What is allowed in W on so many phases, and how an EV is charged, in W too."""

    watts: float
    phases: int
    operation: Operation | None = None


def composite(
    profiles: Sequence[Profile], places: Sequence[Place], whole: bool, start: datetime, seconds: int, unit: Unit
) -> Schedule:
    """What is allowed from ``start`` on; where no profile says anything, what the EVSE can give.

    Args:
        profiles: everything that is installed.
        places: the EVSEs that are meant. One without a transaction is taken as if one began at ``start``.
        whole: whether the station is meant: the sum of what its EVSEs may give, as far as its own limits let them.
        start: of the schedule.
        seconds: how long it lasts.
        unit: of its limits.
    """
    end = later(start, seconds)
    at, last = start, None
    periods: list[Period] = []
    while at < end and len(periods) < MOST_PERIODS:
        horizon = Horizon()
        levels = [_level(profiles, place, start, at, horizon) for place in places]
        level = _together(profiles, places, levels, at, horizon) if whole else levels[0]
        if level != last:
            periods.append(_period(level, unit, places[0].supply.voltage_v, (at - start) / timedelta(seconds=1)))
        last = level
        at = min(end, end if horizon.until is None else horizon.until)
    return Schedule(unit, tuple(periods), start, (at - start) / timedelta(seconds=1))


def _level(profiles: Sequence[Profile], place: Place, start: datetime, at: datetime, horizon: Horizon) -> _Level:
    moment = Moment(at, place.session_start or start)
    ceilings = (
        *of_evse(profiles, place.evse_id, place.transaction_id, moment, horizon, first=place.first),
        *of_station(profiles, moment, horizon),
    )
    used = place.supply.used(ceilings)
    most = min(place.phase_w * used, lowest(ceilings, place.supply, used))
    # Whoever is charged first has no other mode than ChargingOnly (K01, table 95).
    leading = None if place.first else leading_period(profiles, place.evse_id, place.transaction_id, moment, horizon)
    if leading is None or leading.period.operation is None:
        return _Level(most, used)
    watts = place.supply.watts(Ceiling(1.0, leading.schedule.unit), used)
    return _Level(most, used, leading.period.operation.scaled(watts))


def _together(
    profiles: Sequence[Profile], places: Sequence[Place], levels: Sequence[_Level], at: datetime, horizon: Horizon
) -> _Level:
    used = max(level.phases for level in levels)
    shared = of_station(profiles, Moment(at), horizon)
    total = sum(level.watts for level in levels)
    return _Level(min(total, lowest(shared, places[0].supply, used)), used)


def _period(level: _Level, unit: Unit, voltage_v: float, start: float) -> Period:
    limit = level.watts if unit == "W" else level.watts / level.phases / voltage_v
    amount = 1.0 if unit == "W" else level.phases * voltage_v
    operation = None if level.operation is None else level.operation.scaled(1 / amount)
    # 1.6 has limits with one digit behind the point (multipleOf 0.1).
    return Period(start, round(limit, 1), level.phases, operation)
