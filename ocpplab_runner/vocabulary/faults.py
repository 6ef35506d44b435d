"""The table of ``inject_fault`` values: scenario name, OCPP 1.6 ChargePointErrorCode, whether charging can go on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One injectable fault.

    Attributes:
        name: the ``fault_type`` of ``inject_fault``, compared without letter case, ``_`` or ``-``.
        error_code: OCPP 1.6 section 7.6 ChargePointErrorCode; OCPP 2.x carries it as NotifyEvent/techCode.
        inoperative: True when the connector becomes Faulted and a transaction on it ends; False for a warning
            that is reported while the connector keeps its status.
    """

    name: str
    error_code: str
    inoperative: bool = True


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("ConnectorLockFailure", "ConnectorLockFailure"),
        Fault("EVCommunicationError", "EVCommunicationError"),
        Fault("GroundFailure", "GroundFailure"),
        Fault("HighTemperature", "HighTemperature"),
        Fault("InternalError", "InternalError"),
        Fault("LocalListConflict", "LocalListConflict", inoperative=False),
        Fault("OtherError", "OtherError"),
        Fault("OverCurrent", "OverCurrentFailure"),
        Fault("OverCurrentFailure", "OverCurrentFailure"),
        Fault("OverVoltage", "OverVoltage"),
        Fault("PowerMeterFailure", "PowerMeterFailure", inoperative=False),
        Fault("PowerSwitchFailure", "PowerSwitchFailure"),
        Fault("ReaderFailure", "ReaderFailure", inoperative=False),
        Fault("ResetFailure", "ResetFailure"),
        Fault("UnderVoltage", "UnderVoltage"),
        Fault("WeakSignal", "WeakSignal", inoperative=False),
    )
}


def find_fault(name: str) -> Fault | None:
    """The fault of that name, without regard to letter case, ``_`` and ``-``; None when there is none."""
    wanted = name.replace("_", "").replace("-", "").lower()
    return next((fault for fault in FAULTS.values() if fault.name.lower() == wanted), None)
