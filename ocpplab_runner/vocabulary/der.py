"""The words of OCPP 2.1 for what the grid asks of distributed energy resources (DER), and what may be wrong with it."""

from __future__ import annotations

#: DERControlEnumType.
CONTROL_TYPES: tuple[str, ...] = (
    "EnterService",
    "FixedPFAbsorb",
    "FixedPFInject",
    "FixedVar",
    "FreqDroop",
    "FreqWatt",
    "Gradients",
    "HFMayTrip",
    "HFMustTrip",
    "HVMayTrip",
    "HVMomCess",
    "HVMustTrip",
    "LFMustTrip",
    "LVMayTrip",
    "LVMomCess",
    "LVMustTrip",
    "LimitMaxDischarge",
    "PowerMonitoringMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattPF",
    "WattVar",
)
#: GridEventFaultEnumType.
GRID_FAULTS: tuple[str, ...] = (
    "CurrentImbalance",
    "LocalEmergency",
    "LowInputPower",
    "OverCurrent",
    "OverFrequency",
    "OverVoltage",
    "PhaseRotation",
    "RemoteEmergency",
    "UnderFrequency",
    "UnderVoltage",
    "VoltageImbalance",
)
