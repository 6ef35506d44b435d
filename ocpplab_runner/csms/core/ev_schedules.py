"""Schedules for EVs that speak ISO 15118 (OCPP 2.x K15 to K17). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Phases of a transfer by AC; of any other, three.
_PHASES = {"AC_single_phase": 1, "AC_two_phase": 2}


def profile_for(needs: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a profile that gives an EV all that it can take, and takes nothing back: ChargingNeedsType.

    An EV that leaves it to the station gets a dynamic one (2.1 K19).
    """
    kind = {"kind": "Dynamic"} if needs.get("controlMode") == "DynamicControl" else {}
    return {**_limit(needs), **kind}


def _limit(needs: Mapping[str, Any]) -> dict[str, Any]:
    alternating, direct = needs.get("acChargingParameters"), needs.get("dcChargingParameters")
    if alternating is not None:
        phases = _PHASES.get(needs["requestedEnergyTransfer"], 3)
        return {"limit": alternating["evMaxCurrent"], "unit": "A", "phases": phases}
    if direct is not None:
        power = direct.get("evMaxPower", direct["evMaxCurrent"] * direct["evMaxVoltage"])
        return {"limit": power, "unit": "W"}
    both = needs.get("v2xChargingParameters", {})
    if "maxChargePower" in both:
        return {"limit": both["maxChargePower"], "unit": "W"}
    # The EV has said nothing of what it can take.
    return {"limit": 16, "unit": "A"}


def gives_back(needs: Mapping[str, Any]) -> bool:
    """Whether an EV wants an energy transfer in both directions (2.1)."""
    return "BPT" in needs["requestedEnergyTransfer"]


def is_within(wanted: Mapping[str, Any], offered: Mapping[str, Any]) -> bool:
    """Whether a ChargingSchedule never allows more than another one, from the same begin on and in the same unit."""
    if wanted["chargingRateUnit"] != offered.get("chargingRateUnit"):
        return True  # what cannot be compared is not held against it
    mine, theirs = wanted["chargingSchedulePeriod"], offered.get("chargingSchedulePeriod", ())
    moments = sorted({one["startPeriod"] for one in (*mine, *theirs)})
    return all(_at(mine, moment) <= _at(theirs, moment) for moment in moments)


def _at(periods: Any, moment: float) -> float:
    limit: float = 0.0
    for period in periods:
        if period["startPeriod"] <= moment:
            limit = period.get("limit", limit)
    return limit
