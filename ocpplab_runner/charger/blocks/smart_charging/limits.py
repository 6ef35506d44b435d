"""What charging profiles allow at a moment: OCPP 1.6 sections 3.13.2 to 3.13.5, 2.x K01 and K08. Pure; time is given.

Within a purpose the highest stack level counts that has something to say at that moment; a TxProfile takes the place of
a TxDefaultProfile; among what then remains the lowest limit counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import NamedTuple

from ocpplab_runner.charger.blocks.smart_charging.profiles import (
    RECURRENCES,
    Kind,
    Period,
    Profile,
    Purpose,
    Schedule,
    Unit,
)
from ocpplab_runner.charger.core.timestamps import later


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What one purpose allows: ``limit`` in ``unit`` (of A, for each phase), on so many phases (None for all).

    Attributes:
        plus: what is generated on the spot besides (2.1 LocalGeneration).
    """

    limit: float
    unit: Unit
    phases: int | None = None
    min_rate: float | None = None
    plus: Ceiling | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """What an EVSE stands on.

    Attributes:
        voltage_v: phase to neutral.
        phases: that can be used: the station's, or fewer where the EV has fewer.
        switches: whether unused phases can be switched off (1.6 ConnectorSwitch3to1PhaseSupported, 2.x
            ACPhaseSwitchingSupported).
    """

    voltage_v: float
    phases: int
    switches: bool = False

    def used(self, ceilings: Iterable[Ceiling]) -> int:
        """Phases that are used under these limits."""
        if not self.switches:
            return self.phases
        return min([self.phases, *(ceiling.phases for ceiling in ceilings if ceiling.phases is not None)])

    def watts(self, ceiling: Ceiling, used: int) -> float:
        """A limit in W of all used phases together.

        A limit for fewer phases than are used, which cannot be switched off, is kept by power.
        """
        more = 0.0 if ceiling.plus is None else self.watts(ceiling.plus, used)
        if ceiling.unit == "W":
            return ceiling.limit + more
        return ceiling.limit * self.voltage_v * min(used, ceiling.phases or used) + more


@dataclass(frozen=True, slots=True)
class Moment:
    """When an answer is wanted: the date, and when the transaction has begun, where one is or is supposed."""

    at: datetime
    session_start: datetime | None = None


class Leading(NamedTuple):
    """A period that counts, and its schedule."""

    period: Period
    schedule: Schedule


@dataclass(slots=True)
class Horizon:
    """Until when an answer holds: the earliest moment at which anything that was looked at may say something else."""

    until: datetime | None = None

    def see(self, moment: datetime | None) -> None:
        """Something may change then."""
        if moment is not None and (self.until is None or moment < self.until):
            self.until = moment


def period_at(profile: Profile, moment: Moment, horizon: Horizon) -> Period | None:
    """The period of a profile that holds at a moment; None when it says nothing then."""
    at = moment.at
    if profile.valid_to is not None and at >= profile.valid_to:
        return None
    horizon.see(profile.valid_to)
    if profile.valid_from is not None and at < profile.valid_from:
        horizon.see(profile.valid_from)
        return None
    schedule = profile.schedule
    start = schedule.start if profile.kind is not Kind.RELATIVE else None
    begin = moment.session_start if start is None else start
    # It counts from the begin of a transaction, and none runs.
    if begin is None:
        return None
    if at < begin:
        horizon.see(begin)
        return None
    end: datetime | None = None
    if profile.kind is Kind.RECURRING:
        again = RECURRENCES[profile.recurrence or ""]
        begin += (at - begin) // again * again
        end = begin + again
        horizon.see(end)
    if schedule.duration is not None:
        over = later(begin, schedule.duration)
        if at >= over:
            return None
        horizon.see(over)
    current: Period | None = None
    for period in schedule.periods:
        starts = later(begin, period.start)
        if starts > at:
            horizon.see(starts)
            break
        current = period
    return current


def prevailing(profiles: Iterable[Profile], moment: Moment, horizon: Horizon) -> Ceiling | None:
    """What the highest of the profiles of one purpose says that says something; of two, the one for the EVSE alone."""
    found = _leading(profiles, moment, horizon)
    if found is None:
        return None
    return _ceiling(found)


def _ceiling(leading: Leading) -> Ceiling:
    period, schedule = leading
    return Ceiling(period.limit, schedule.unit, period.phases, schedule.min_rate)


def _leading(profiles: Iterable[Profile], moment: Moment, horizon: Horizon) -> Leading | None:
    for profile in sorted(profiles, key=lambda one: (-one.stack_level, -one.evse_id)):
        period = period_at(profile, moment, horizon)
        if period is not None:
            return Leading(period, profile.schedule)
    return None


def leading_period(
    profiles: Sequence[Profile], evse_id: int, transaction_id: str | None, moment: Moment, horizon: Horizon
) -> Leading | None:
    """The period of the TxProfile, or else of the TxDefaultProfile, that leads at an EVSE."""
    here = [one for one in profiles if one.evse_id in (0, evse_id)]
    own = [one for one in here if one.purpose is Purpose.TX and one.transaction_id == transaction_id]
    found = _leading(own, moment, horizon) if transaction_id is not None else None
    if found is None:
        found = _leading((one for one in here if one.purpose is Purpose.TX_DEFAULT), moment, horizon)
    return found


def external_period(profiles: Sequence[Profile], evse_id: int, moment: Moment, horizon: Horizon) -> Leading | None:
    """What somebody else than the CSMS wants of an EVSE, or of the station."""
    there = [one for one in profiles if one.purpose is Purpose.EXTERNAL and one.evse_id in (0, evse_id)]
    return _leading(there, moment, horizon)


def of_evse(
    profiles: Sequence[Profile],
    evse_id: int,
    transaction_id: str | None,
    moment: Moment,
    horizon: Horizon,
    *,
    first: bool = False,
) -> tuple[Ceiling, ...]:
    """The limits of one EVSE alone, of which the lowest counts.

    Args:
        profiles: everything that is installed.
        evse_id: counted from 1.
        transaction_id: of the transaction there; a TxProfile counts for its own only.
        moment: when.
        horizon: is told until when the answer holds.
        first: whether it is charged first: a profile for that goes before those of the transaction (2.1).
    """
    here = [one for one in profiles if one.evse_id in (0, evse_id)]
    if first:
        priority = prevailing((one for one in here if one.purpose is Purpose.PRIORITY), moment, horizon)
        if priority is not None:
            return tuple(one for one in (priority, _external(profiles, evse_id, moment, horizon)) if one is not None)
    leading = leading_period(profiles, evse_id, transaction_id, moment, horizon)
    found = None if leading is None else _ceiling(leading)
    return tuple(one for one in (found, _external(profiles, evse_id, moment, horizon)) if one is not None)


def _external(profiles: Sequence[Profile], evse_id: int, moment: Moment, horizon: Horizon) -> Ceiling | None:
    there = [one for one in profiles if one.purpose is Purpose.EXTERNAL and one.evse_id == evse_id]
    return prevailing(there, moment, horizon)


def of_station(profiles: Iterable[Profile], moment: Moment, horizon: Horizon) -> tuple[Ceiling, ...]:
    """The limits of all EVSEs together."""
    shared = [one for one in profiles if one.evse_id == 0]
    most, external, generated = (
        prevailing((one for one in shared if one.purpose is purpose), moment, horizon)
        for purpose in (Purpose.STATION_MAX, Purpose.EXTERNAL, Purpose.LOCAL_GENERATION)
    )
    # What is generated on the spot comes on top of the station's limit (K23); alone it limits nothing.
    if most is not None and generated is not None:
        most = replace(most, plus=generated)
    return tuple(one for one in (most, external) if one is not None)


def share(total: float, wanted: Mapping[int, float], least: Mapping[int, float]) -> dict[int, float]:
    """Share what there is: equal parts, and what one does not want is for the others.

    Args:
        total: what there is.
        wanted: what each one wants.
        least: below which a part is of no use to one: it gets nothing then, the last one first.
    """
    taking = {one: amount for one, amount in wanted.items() if amount >= least.get(one, 0.0)}
    while True:
        parts, left, waiting = dict.fromkeys(wanted, 0.0), total, len(taking)
        # The least wanted first: what is left of its equal part is there for all that follow.
        for one in sorted(taking, key=lambda one: (taking[one], one)):
            parts[one] = min(taking[one], left / waiting)
            left -= parts[one]
            waiting -= 1
        useless = [one for one in taking if parts[one] < least.get(one, 0.0)]
        if not useless:
            return parts
        del taking[max(useless)]


def lowest(ceilings: Iterable[Ceiling], supply: Supply, used: int) -> float:
    """The lowest of some limits, in W; infinite without any."""
    return min((supply.watts(ceiling, used) for ceiling in ceilings), default=inf)
