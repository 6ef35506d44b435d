"""Schedules as both generations of OCPP write them. Pure."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.charger.blocks.smart_charging.profiles import Schedule
from ocpplab_runner.clock import timestamp


def schedule_out(schedule: Schedule) -> dict[str, Any]:
    """A ChargingSchedule; periods begin at whole seconds."""
    wire: dict[str, Any] = {
        "chargingRateUnit": schedule.unit,
        "chargingSchedulePeriod": list({period["startPeriod"]: period for period in _periods(schedule)}.values()),
    }
    if schedule.duration is not None:
        wire["duration"] = round(schedule.duration)
    if schedule.start is not None:
        wire["startSchedule"] = timestamp(schedule.start)
    return wire


def _periods(schedule: Schedule) -> list[dict[str, Any]]:
    periods = []
    for period in schedule.periods:
        wire: dict[str, Any] = {"startPeriod": round(period.start), "limit": period.limit}
        if period.phases is not None:
            wire["numberPhases"] = period.phases
        periods.append(wire)
    return periods
