"""How a schedule period of OCPP 2.1 has an EV charge, or give energy back: operationMode, Q of 2.1. Pure.

What flows is a setpoint, in W of all phases together and below 0 back from the EV; None is what the EV wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import inf
from typing import Any


class Mode(StrEnum):
    """OperationModeEnumType."""

    IDLE = "Idle"
    CHARGING_ONLY = "ChargingOnly"
    CENTRAL_SETPOINT = "CentralSetpoint"
    EXTERNAL_SETPOINT = "ExternalSetpoint"
    EXTERNAL_LIMITS = "ExternalLimits"
    CENTRAL_FREQUENCY = "CentralFrequency"
    LOCAL_FREQUENCY = "LocalFrequency"
    LOCAL_LOAD_BALANCING = "LocalLoadBalancing"


MODES = tuple(mode.value for mode in Mode)
_BOUNDS = frozenset({"limit", "dischargeLimit"})
#: Of limits and setpoints, what a period in a mode must have, and what it may have besides (Q, section 2.2).
_NEEDS: Mapping[Mode, tuple[frozenset[str], frozenset[str]]] = {
    Mode.IDLE: (frozenset(), frozenset()),
    Mode.CHARGING_ONLY: (frozenset({"limit"}), frozenset()),
    Mode.CENTRAL_SETPOINT: (frozenset({"setpoint"}), _BOUNDS),
    Mode.EXTERNAL_SETPOINT: (frozenset(), _BOUNDS),
    Mode.EXTERNAL_LIMITS: (frozenset(), frozenset()),
    Mode.CENTRAL_FREQUENCY: (frozenset({"setpoint"}), _BOUNDS),
    Mode.LOCAL_FREQUENCY: (frozenset(), frozenset()),
    Mode.LOCAL_LOAD_BALANCING: (frozenset(), frozenset()),
}
_AMOUNTS = _BOUNDS | {"setpoint"}
_CURVES = frozenset({"v2xFreqWattCurve", "v2xSignalWattCurve", "v2xBaseline"})
_SLEEPS = frozenset({"evseSleep", "preconditioningRequest"})
#: What this station cannot follow: single phases, and reactive power.
_NEVER = tuple(
    f"{name}{phase}"
    for name in ("limit", "dischargeLimit", "setpoint", "setpointReactive")
    for phase in ("", "_L2", "_L3")
    if phase or name == "setpointReactive"
)
#: Whose profiles may have another mode than ChargingOnly, and which (K01, table 95).
_OF_TRANSACTIONS = frozenset({"TxProfile", "TxDefaultProfile"})
_OF_OTHERS: Mapping[str, frozenset[Mode]] = {"LocalGeneration": frozenset({Mode.EXTERNAL_LIMITS})}

Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a period says besides its limit, in the unit of its schedule.

    Attributes:
        mode: who says what flows.
        setpoint: what is to flow; below 0 back from the EV.
        discharge_limit: what may be given back at most, 0 or less; None for what the EV can.
        baseline: what the curves are added to, in W.
        by_frequency, by_signal: points of Hz, or of a signal, and W; between two of them as on a line.
        sleeps: whether the EVSE may switch off what it needs for charging only.
    """

    mode: Mode
    setpoint: float | None = None
    discharge_limit: float | None = None
    baseline: float = 0.0
    by_frequency: Curve = ()
    by_signal: Curve = ()
    sleeps: bool = False

    @classmethod
    def of(cls, period: Mapping[str, Any]) -> Operation | None:
        """Of a ChargingSchedulePeriodType; None where it names no mode, and limits charging."""
        if "operationMode" not in period:
            return None
        return cls(
            Mode(period["operationMode"]),
            period.get("setpoint"),
            period.get("dischargeLimit"),
            period.get("v2xBaseline", 0.0),
            tuple((point["frequency"], point["power"]) for point in period.get("v2xFreqWattCurve", ())),
            tuple((point["signal"], point["power"]) for point in period.get("v2xSignalWattCurve", ())),
            period.get("evseSleep", False),
        )

    def scaled(self, factor: float) -> Operation:
        """The same with setpoint and limit in another unit."""
        setpoint, limit = (
            None if one is None else round(one * factor, 1) for one in (self.setpoint, self.discharge_limit)
        )
        return replace(self, setpoint=setpoint, discharge_limit=limit)

    def as_data(self) -> list[Any]:
        """As JSON data."""
        curves = [[list(point) for point in curve] for curve in (self.by_frequency, self.by_signal)]
        return [self.mode.value, self.setpoint, self.discharge_limit, self.baseline, *curves, self.sleeps]

    @classmethod
    def from_data(cls, data: Sequence[Any]) -> Operation:
        """The opposite of :meth:`as_data`."""
        mode, setpoint, limit, baseline, by_frequency, by_signal, sleeps = data
        frequency, signal = (tuple((x, y) for x, y in curve) for curve in (by_frequency, by_signal))
        return cls(Mode(mode), setpoint, limit, baseline, frequency, signal, sleeps)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a station measures, and is told by others than a profile.

    Attributes:
        frequency_hz: of the grid.
        load_w: what the house draws without the station; below 0 it feeds in.
        signal: of the grid's operator (AFRRSignal), where there was one.
        least_w, most_w: between which the house's load is kept, and what it is brought back to (LocalLoadBalancing).
    """

    frequency_hz: float = 50.0
    load_w: float = 0.0
    signal: int | None = None
    least_w: tuple[float, float] = (-inf, -inf)
    most_w: tuple[float, float] = (inf, inf)


def problem_of_period(period: Mapping[str, Any], purpose: str, kind: str, unit: str) -> str | None:
    """What is wrong with a period's way of charging, as a sentence; None when nothing is.

    Args:
        period: ChargingSchedulePeriodType.
        purpose, kind: of its profile.
        unit: of its schedule.
    """
    mode = Mode(period.get("operationMode", Mode.CHARGING_ONLY))
    never = [name for name in _NEVER if name in period]
    if never:
        return f"this station does not follow {', '.join(never)}"
    if mode is not Mode.CHARGING_ONLY and purpose not in _OF_TRANSACTIONS and mode not in _OF_OTHERS.get(purpose, ()):
        return f"a {purpose} has no {mode}"
    needed, possible = _NEEDS[mode]
    there = {name for name in _AMOUNTS if name in period}
    if not needed <= there <= needed | possible:
        wanted = " and ".join(sorted(needed)) or "no limit and no setpoint"
        return f"{mode} has {wanted}"
    least, most, setpoint = (period.get(name) for name in ("dischargeLimit", "limit", "setpoint"))
    if setpoint is not None and not (-inf if least is None else least) <= setpoint <= (inf if most is None else most):
        return "the setpoint is not within its limits"
    if mode is Mode.CENTRAL_FREQUENCY and kind != "Dynamic":  # Q07.FR.02
        return f"{mode} is of a dynamic profile"
    if mode is not Mode.LOCAL_FREQUENCY:
        return _misplaced(period, mode)
    if unit != "W":
        return f"{mode} is in W"
    if "v2xBaseline" not in period or len(period.get("v2xFreqWattCurve", ())) < 2:  # Q08.FR.02
        return f"{mode} has a v2xBaseline, and two points of v2xFreqWattCurve or more"
    # There need be no curve for signals.
    if len(period.get("v2xSignalWattCurve", (None, None))) < 2:
        return "v2xSignalWattCurve has two points or more"
    operation = Operation.of(period)
    assert operation is not None
    curves = (operation.by_frequency, operation.by_signal)
    if any(right <= left for curve in curves for (left, _), (right, _) in pairwise(curve)):
        return "the points of a curve go from left to right"
    return _misplaced({name: value for name, value in period.items() if name not in _CURVES}, mode)


def _misplaced(period: Mapping[str, Any], mode: Mode) -> str | None:
    fields = _CURVES if mode is Mode.IDLE else _CURVES | _SLEEPS
    misplaced = sorted(name for name in fields if period.get(name))
    return f"{mode} has no {' and no '.join(misplaced)}" if misplaced else None


def setpoint_of(operation: Operation, watts: float, around: Surroundings, external_w: float | None) -> float | None:
    """What is to flow in W, before limits; None for what the EV wants.

    Args:
        operation: of the period that leads.
        watts: of 1 of the unit of its schedule.
        around: what the station measures.
        external_w: what somebody else than the CSMS wants to flow, where somebody does.
    """
    match operation.mode:
        case Mode.IDLE:
            return 0.0
        case Mode.EXTERNAL_SETPOINT:
            # Nothing flows until somebody says how much.
            return external_w or 0.0
        case Mode.CENTRAL_SETPOINT | Mode.CENTRAL_FREQUENCY:
            return (operation.setpoint or 0.0) * watts
        case Mode.LOCAL_FREQUENCY:
            more = 0.0 if around.signal is None else _along(operation.by_signal, around.signal)
            return operation.baseline + _along(operation.by_frequency, around.frequency_hz) + more
        case Mode.LOCAL_LOAD_BALANCING:
            if around.load_w > around.most_w[0]:
                return around.most_w[1] - around.load_w
            return max(around.least_w[1] - around.load_w, 0.0) if around.load_w < around.least_w[0] else 0.0
    return None


def _along(curve: Curve, at: float) -> float:
    """The value of a curve; beyond its ends that of its end, and 0 without points."""
    if not curve:
        return 0.0
    for (left, low), (right, high) in pairwise(curve):
        if at <= right:
            return low + (high - low) * max(0.0, (at - left) / (right - left))
    return curve[-1][1]
