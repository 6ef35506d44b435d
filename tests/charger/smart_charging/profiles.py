"""Charging profiles of OCPP 1.6 for tests."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


def iso(seconds):
    """A moment so many seconds after the virtual clock's begin."""
    return (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def profile(*limits, purpose="TxDefaultProfile", number=1, level=0, kind="Absolute", start=0, unit="W", **more):
    """A ChargingProfile: each limit is one that holds from 0, or (from second, limit), or (from, limit, phases)."""
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": [_period(limit) for limit in limits]}
    if start is not None and kind != "Relative":
        schedule["startSchedule"] = iso(start)
    for name in ("duration", "minChargingRate", "startSchedule"):
        if name in more:
            schedule[name] = more.pop(name)
    return {
        "chargingProfileId": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule,
        **more,
    }


def _period(limit):
    start, value, *phases = limit if isinstance(limit, tuple) else (0, limit)
    period = {"startPeriod": start, "limit": value}
    if phases:
        period["numberPhases"] = phases[0]
    return period


async def set_profile(it, connector, *limits, **fields):
    """SetChargingProfile; returns the status."""
    answer = await it.call("SetChargingProfile", connectorId=connector, csChargingProfiles=profile(*limits, **fields))
    return answer["status"]


def power(it, evse_id=1):
    """What flows, in W."""
    return it.charger.snapshot()["evses"][evse_id - 1]["power_w"]


def energy(it, evse_id=1):
    """The register, in Wh."""
    return it.charger.snapshot()["evses"][evse_id - 1]["meter_wh"]
