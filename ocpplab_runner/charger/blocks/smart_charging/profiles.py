"""Charging profiles as plain data, whatever the version: OCPP 1.6 section 3.13, 2.x K01. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import inf, isinf
from typing import Any, Literal

from ocpplab_runner.charger.blocks.smart_charging.operation import Mode, Operation
from ocpplab_runner.charger.core.json_values import moment_in, moment_out
from ocpplab_runner.charger.core.timestamps import later, moment

Unit = Literal["A", "W"]


class Purpose(StrEnum):
    """ChargingProfilePurposeEnumType of 2.x, the last two of 2.1; 1.6 calls the first one ChargePointMaxProfile."""

    STATION_MAX = "ChargingStationMaxProfile"
    EXTERNAL = "ChargingStationExternalConstraints"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"
    PRIORITY = "PriorityCharging"
    LOCAL_GENERATION = "LocalGeneration"


class Kind(StrEnum):
    """ChargingProfileKindType; Dynamic is of 2.1, and counts from its latest update."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"
    DYNAMIC = "Dynamic"


#: RecurrencyKindType → how long it takes until the schedule begins again.
RECURRENCES: Mapping[str, timedelta] = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Period:
    """What holds from ``start`` seconds after the schedule's begin.

    Attributes:
        start: in seconds.
        limit: in the unit of its schedule; of A, for each phase.
        phases: how many may be used (numberPhases); None for all.
        operation: how it is charged, where it says so (2.1).
    """

    start: float
    limit: float
    phases: int | None = None
    operation: Operation | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A ChargingSchedule.

    Attributes:
        unit: A for each phase, or W of all together.
        periods: the first begins at 0.
        start: when it begins, for Absolute and Recurring.
        duration: in seconds; None for no end.
        min_rate: below which charging is not worth it, in ``unit``.
        schedule_id: of 2.x.
    """

    unit: Unit
    periods: tuple[Period, ...]
    start: datetime | None = None
    duration: float | None = None
    min_rate: float | None = None
    schedule_id: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A ChargingProfile as it is installed.

    Attributes:
        profile_id, stack_level, purpose, kind: as sent.
        evse_id: where; 0 for the station, or for every EVSE (TxDefaultProfile).
        schedule: what it allows.
        recurrence: RecurrencyKindType.
        valid_from, valid_to: outside of which it says nothing.
        max_offline: seconds without a connection after which it says nothing (2.1 maxOfflineDuration).
        transaction_id: the station's own id of the transaction that a TxProfile belongs to.
        wire: as it was sent, for what reports it.
        source: ChargingLimitSourceEnumType of whoever has set it.
        anchored: whether it was sent without a begin, and begins when it was set, whatever the date is.
    """

    profile_id: int
    stack_level: int
    purpose: Purpose
    kind: Kind
    evse_id: int
    schedule: Schedule
    recurrence: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | None = None
    wire: Mapping[str, Any] | None = None
    source: str = "CSO"
    max_offline: float | None = None
    anchored: bool = False


_PURPOSES = {"ChargePointMaxProfile": Purpose.STATION_MAX, **{purpose.value: purpose for purpose in Purpose}}


def purpose_of(word: str) -> Purpose | None:
    """The purpose of a version's word for it; None for one that this station does not do."""
    return _PURPOSES.get(word)


def read_profile(wire: Mapping[str, Any], evse_id: int, schedule: Mapping[str, Any]) -> Profile:
    """A profile that has passed the schema of its version; its purpose must be known.

    Args:
        wire: the ChargingProfile.
        evse_id: where it shall hold.
        schedule: the ChargingSchedule of it that counts.
    """
    valid_from, valid_to = wire.get("validFrom"), wire.get("validTo")
    return Profile(
        profile_id=int(wire["id"] if "id" in wire else wire["chargingProfileId"]),
        stack_level=int(wire["stackLevel"]),
        purpose=_PURPOSES[wire["chargingProfilePurpose"]],
        kind=Kind(wire["chargingProfileKind"]),
        evse_id=evse_id,
        schedule=read_schedule(schedule),
        recurrence=wire.get("recurrencyKind"),
        valid_from=None if valid_from is None else moment(valid_from),
        valid_to=None if valid_to is None else moment(valid_to),
        wire=wire,
        max_offline=wire.get("maxOfflineDuration"),
    )


def read_schedule(wire: Mapping[str, Any]) -> Schedule:
    """A ChargingSchedule that has passed the schema of its version."""
    start = wire.get("startSchedule")
    return Schedule(
        unit=wire["chargingRateUnit"],
        periods=tuple(_read_period(period) for period in wire["chargingSchedulePeriod"]),
        start=None if start is None else moment(start),
        duration=wire.get("duration"),
        min_rate=wire.get("minChargingRate"),
        schedule_id=wire.get("id"),
    )


def _read_period(wire: Mapping[str, Any]) -> Period:
    operation = Operation.of(wire)
    idle = operation is not None and operation.mode is Mode.IDLE
    # Some modes of 2.1 have no limit, and limit nothing; Idle has none, either, and lets nothing flow.
    limit = 0.0 if idle else wire.get("limit", inf)
    return Period(wire["startPeriod"], limit, wire.get("numberPhases"), operation)


def problem_of(profile: Profile, now: datetime) -> str | None:
    """What makes a profile senseless whatever the station, as a sentence; None when nothing does."""
    schedule = profile.schedule
    starts = [period.start for period in schedule.periods]
    if not starts or starts[0] != 0:
        return "the first period must start at 0"
    if any(later <= earlier for earlier, later in pairwise(starts)):
        return "each period must start after the one before"
    if any(period.limit < 0 for period in schedule.periods) or (schedule.min_rate or 0) < 0:
        return "a limit is not below 0"
    if any(period.phases not in (None, 1, 2, 3) for period in schedule.periods):
        return "1 to 3 phases can be used"
    if schedule.duration is not None and schedule.duration <= 0:
        return "a schedule must last"
    if profile.valid_to is not None and profile.valid_to <= max(now, profile.valid_from or now):
        return "the profile is never valid"
    if profile.kind is Kind.RECURRING and (profile.recurrence is None or schedule.start is None):
        return "a recurring profile needs recurrencyKind and startSchedule"
    if profile.kind is Kind.RELATIVE and profile.purpose in (Purpose.STATION_MAX, Purpose.LOCAL_GENERATION):
        return "a limit of the station is not relative to a transaction"
    return None


def overlap(one: Profile, other: Profile) -> bool:
    """Whether there is a moment at which both are valid."""
    begins = [profile.valid_from for profile in (one, other) if profile.valid_from is not None]
    ends = [profile.valid_to for profile in (one, other) if profile.valid_to is not None]
    return not begins or not ends or max(begins) < min(ends)


def anchored(profile: Profile, now: datetime) -> Profile:
    """A limit of the station without a begin, and a dynamic one, count from when they were set."""
    stands = profile.purpose in (Purpose.STATION_MAX, Purpose.EXTERNAL, Purpose.LOCAL_GENERATION)
    if (stands or profile.kind is Kind.DYNAMIC) and profile.schedule.start is None:
        return replace(profile, schedule=replace(profile.schedule, start=now), anchored=True)
    return profile


def moved(profile: Profile, by: timedelta) -> Profile:
    """The clock stands elsewhere now: what counts from when it was set does so still."""
    start = profile.schedule.start
    if not profile.anchored or start is None:
        return profile
    return replace(profile, schedule=replace(profile.schedule, start=later(start, by / timedelta(seconds=1))))


def profile_out(profile: Profile) -> dict[str, Any]:
    """A profile as JSON data."""
    schedule = profile.schedule
    return {
        "profile_id": profile.profile_id,
        "stack_level": profile.stack_level,
        "purpose": profile.purpose.value,
        "kind": profile.kind.value,
        "evse_id": profile.evse_id,
        "recurrence": profile.recurrence,
        "valid_from": moment_out(profile.valid_from),
        "valid_to": moment_out(profile.valid_to),
        "transaction_id": profile.transaction_id,
        "wire": profile.wire,
        "source": profile.source,
        "max_offline": profile.max_offline,
        "anchored": profile.anchored,
        "schedule": {
            "unit": schedule.unit,
            "periods": [_period_out(period) for period in schedule.periods],
            "start": moment_out(schedule.start),
            "duration": schedule.duration,
            "min_rate": schedule.min_rate,
            "schedule_id": schedule.schedule_id,
        },
    }


def profile_in(data: Mapping[str, Any]) -> Profile:
    """The opposite of :func:`profile_out`."""
    schedule = dict(data["schedule"])
    periods = tuple(_period_in(*period) for period in schedule.pop("periods"))
    return Profile(
        **{
            **data,
            "purpose": Purpose(data["purpose"]),
            "kind": Kind(data["kind"]),
            "valid_from": moment_in(data["valid_from"]),
            "valid_to": moment_in(data["valid_to"]),
            "schedule": Schedule(**{**schedule, "start": moment_in(schedule["start"])}, periods=periods),
        }
    )


def _period_out(period: Period) -> list[Any]:
    operation = None if period.operation is None else period.operation.as_data()
    # JSON has no infinity.
    return [period.start, None if isinf(period.limit) else period.limit, period.phases, operation]


def _period_in(start: float, limit: float | None, phases: int | None, operation: list[Any] | None = None) -> Period:
    read = None if operation is None else Operation.from_data(operation)
    return Period(start, inf if limit is None else limit, phases, read)
