"""Charging profiles from the fields of verbs, in the words of a version, and the ids that they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.core.operations import OperationNotAvailable, Payload, given
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.vocabulary.charging import ONLY_21, PURPOSES_16, STATION_WIDE
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(slots=True)
class ProfileIds:
    """The ids of the profiles that a station was sent."""

    known: set[int] = field(default_factory=set)

    def note(self, profile: Any) -> None:
        """The station has been sent a profile, or perhaps none."""
        number = profile.get("id", profile.get("chargingProfileId")) if isinstance(profile, Mapping) else None
        if isinstance(number, int):
            self.known.add(number)


def charging_profile(
    station: StationState, fields: Mapping[str, Any], now: datetime, transaction_id: int | str | None = None
) -> Payload:
    """A ChargingProfile in the words of the station's version; one that is written out is taken as it is.

    Args:
        station: for which it is.
        fields: of the verb; without periods, ``limit`` holds from the beginning on.
        now: what ``starts_in`` and ``valid_for`` count from.
        transaction_id: of the transaction that it is for.

    Raises:
        ValueError: neither ``limit`` nor ``periods`` stands there.
        OperationNotAvailable: the version has no such purpose, or kind.
    """
    written: Payload | None = fields.get("profile")
    if written is not None:
        return written
    assert station.version is not None
    # Counted on from the highest, so that nothing is replaced unasked.
    number = fields.get("profile_id", max(station.memory(ProfileIds).known, default=0) + 1)
    kind = fields.get("kind") or _kind(fields)
    interval = fields.get("update_interval")
    if station.version is not OcppVersion.V21 and (kind == "Dynamic" or interval is not None):
        raise OperationNotAvailable(f"OCPP {station.version} has no dynamic profiles")
    schedule = _schedule(fields, kind, now)
    valid_to = fields.get("valid_to")
    if "valid_for" in fields:
        valid_to = timestamp(now + timedelta(seconds=seconds_of(fields["valid_for"])))
    profile = given(
        stackLevel=fields.get("stack_level", 0),
        chargingProfilePurpose=purpose_in(station.version, fields.get("purpose", "TxDefaultProfile")),
        chargingProfileKind=kind,
        recurrencyKind=fields.get("recurrency"),
        validFrom=fields.get("valid_from"),
        validTo=valid_to,
        dynUpdateInterval=None if interval is None else round(seconds_of(interval)),
    )
    if station.version is OcppVersion.V16:
        return profile | given(chargingProfileId=number, transactionId=transaction_id, chargingSchedule=schedule)
    transaction = None if transaction_id is None else str(transaction_id)
    return profile | given(id=number, transactionId=transaction, chargingSchedule=[{"id": number, **schedule}])


def purpose_in(version: OcppVersion, purpose: str) -> str:
    """What a version calls a purpose that 2.x calls so.

    Raises:
        OperationNotAvailable: it has none such.
    """
    if version is OcppVersion.V16:
        found = PURPOSES_16.get(purpose)
    else:
        found = None if version is OcppVersion.V201 and purpose in ONLY_21 else purpose
    if found is None:
        raise OperationNotAvailable(f"OCPP {version} has no {purpose}")
    return found


def _kind(fields: Mapping[str, Any]) -> str:
    if "recurrency" in fields:
        return "Recurring"
    # What holds for the whole station counts from no transaction.
    if "start" in fields or "starts_in" in fields or fields.get("purpose") in STATION_WIDE:
        return "Absolute"
    return "Relative"


def _schedule(fields: Mapping[str, Any], kind: str, now: datetime) -> Payload:
    start = fields.get("start")
    if start is None and kind not in ("Relative", "Dynamic"):
        start = timestamp(now + timedelta(seconds=seconds_of(fields.get("starts_in", 0.0))))
    duration = fields.get("duration")
    return given(
        chargingRateUnit=fields.get("unit", "A"),
        chargingSchedulePeriod=_periods(fields),
        startSchedule=start,
        duration=None if duration is None else round(seconds_of(duration)),
        minChargingRate=fields.get("min_rate"),
    )


def _periods(fields: Mapping[str, Any]) -> list[Payload]:
    if "periods" in fields:
        return [
            given(
                startPeriod=round(seconds_of(period.get("start", 0.0))),
                limit=period["limit"],
                numberPhases=period.get("phases"),
            )
            for period in fields["periods"]
        ]
    if "limit" not in fields:
        raise ValueError("a profile has a `limit` or `periods`")
    return [given(startPeriod=0, limit=fields["limit"], numberPhases=fields.get("phases"))]
