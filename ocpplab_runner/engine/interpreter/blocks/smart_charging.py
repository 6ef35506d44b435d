"""Smart charging: profiles that were set, and composite schedules."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import Fact, moment, put
from ocpplab_runner.vocabulary.charging import PURPOSES_16

_NEUTRAL = {in_16: neutral for neutral, in_16 in PURPOSES_16.items()}


class SmartCharging(Block):
    """``charging_profile`` and ``composite_schedule``."""

    versions = V16 | V2

    @shown_by_answer("SetChargingProfile", by_csms=True, versions=V16)
    def set_v16(self, request: Any, answer: Any) -> list[Fact]:
        """SetChargingProfile.conf."""
        profile = request["csChargingProfiles"]
        return [_profile(answer["status"], request["connectorId"], profile["chargingProfileId"], profile)]

    @shown_by_answer("SetChargingProfile", by_csms=True, versions=V2)
    def set_v2(self, request: Any, answer: Any) -> list[Fact]:
        """SetChargingProfileResponse."""
        profile = request["chargingProfile"]
        return [_profile(answer["status"], request["evseId"], profile["id"], profile)]

    @shown_by_answer("GetCompositeSchedule", by_csms=True, versions=V16)
    def composite_v16(self, request: Any, answer: Any) -> list[Fact]:
        """GetCompositeSchedule.conf."""
        start, schedule = answer.get("scheduleStart"), answer.get("chargingSchedule")
        if schedule is not None:
            # scheduleStart may be left out (1.6, GetCompositeSchedule.conf); the schedule itself may tell.
            start = start or schedule.get("startSchedule")
        return [_composite(answer["status"], request["connectorId"], start, schedule)]

    @shown_by_answer("GetCompositeSchedule", by_csms=True, versions=V2)
    def composite_v2(self, request: Any, answer: Any) -> list[Fact]:
        """GetCompositeScheduleResponse."""
        schedule = answer.get("schedule")
        start = None if schedule is None else schedule.get("scheduleStart")
        return [_composite(answer["status"], request["evseId"], start, schedule)]


def _profile(status: str, evse_id: Any, number: Any, profile: Any) -> Fact:
    purpose = profile["chargingProfilePurpose"]
    return "charging_profile", {
        "is": status,
        "profile_id": number,
        "evse_id": evse_id,
        "purpose": _NEUTRAL.get(purpose, purpose),
    }


def _composite(status: str, evse_id: Any, start: Any, schedule: Any) -> Fact:
    fields = {"is": status, "evse_id": evse_id}
    if schedule is not None:
        periods = schedule["chargingSchedulePeriod"]
        put(fields, "unit", schedule.get("chargingRateUnit"))
        put(fields, "limit", periods[0].get("limit") if periods else None)
        put(fields, "duration_s", schedule.get("duration"))
        put(fields, "timestamp", moment(start))
        fields["periods"] = [_period(period) for period in periods]
    return "composite_schedule", fields


def _period(wire: Any) -> dict[str, Any]:
    period = {"start": wire["startPeriod"]}
    put(period, "limit", wire.get("limit"))
    put(period, "phases", wire.get("numberPhases"))
    return period


SMART_CHARGING = (SmartCharging,)
