"""What YetiSimulator can raise, for the faults of the language. Pure."""

from __future__ import annotations

from collections.abc import Mapping

#: ``fault_type`` of ``inject_fault`` → YetiSimulator's name. What it builds and never forwards (its ``lock_…`` and
#: ``ac_rcd_…``) is not here: nothing would follow.
ERRORS: Mapping[str, str] = {
    "GroundFailure": "MREC2GroundFailure",
    "HighTemperature": "MREC3HighTemperature",
    "OverCurrent": "MREC4OverCurrentFailure",
    "OverCurrentFailure": "MREC4OverCurrentFailure",
    "OverVoltage": "MREC5OverVoltage",
    "UnderVoltage": "MREC6UnderVoltage",
    "PowerSwitchFailure": "MREC17EVSEContactorFault",
    "PowerMeterFailure": "powermeter/CommunicationFault",
    "EVCommunicationError": "MREC14PilotFault",
    "InternalError": "PermanentFault",
}


def payload(error: str, *, raised: bool) -> dict[str, str]:
    """What ``carsim/error`` takes: texts only."""
    return {"error_type": error, "raise": "true" if raised else "false"}
