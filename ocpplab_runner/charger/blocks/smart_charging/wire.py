"""Schedules as both generations of OCPP write them. Pure."""

from __future__ import annotations

from math import isinf
from typing import Any

from ocpplab_runner.charger.blocks.smart_charging.operation import Mode, Operation
from ocpplab_runner.charger.blocks.smart_charging.profiles import Period, Schedule
from ocpplab_runner.clock import timestamp


def schedule_out(schedule: Schedule) -> dict[str, Any]:
    """A ChargingSchedule; periods begin at whole seconds."""
    wire: dict[str, Any] = {
        "chargingRateUnit": schedule.unit,
        # Rounded to seconds two periods may begin at once: the later one counts.
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
        wire: dict[str, Any] = {"startPeriod": round(period.start)}
        if not isinf(period.limit) and not _is_idle(period):
            wire["limit"] = period.limit
        if period.operation is not None:
            wire |= _operation_out(period.operation)
        if period.phases is not None:
            wire["numberPhases"] = period.phases
        periods.append(wire)
    return periods


def _is_idle(period: Period) -> bool:
    return period.operation is not None and period.operation.mode is Mode.IDLE


def _operation_out(operation: Operation) -> dict[str, Any]:
    """What 2.1 says of a period besides its limit."""
    wire: dict[str, Any] = {"operationMode": operation.mode.value}
    if operation.setpoint is not None:
        wire["setpoint"] = operation.setpoint
    if operation.discharge_limit is not None:
        wire["dischargeLimit"] = operation.discharge_limit
    if operation.mode is Mode.IDLE:
        wire["evseSleep"] = operation.sleeps
    return wire
