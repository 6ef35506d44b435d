"""Monitors of variables, and when they trigger: N04, N07 and N08 of OCPP 2.x. Pure; values and times are arguments.

A threshold triggers when the value goes beyond it (N07.FR.16, .17), and again, as cleared, when it is back (N07.FR.02).
A delta triggers when the value has changed by more than it since it last did, or since the monitor was set (N07.FR.18);
of what is no number by any change (N07.FR.19).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ocpplab_runner.charger.core.variables import Variable

Trigger = Literal["Alerting", "Delta", "Periodic"]
THRESHOLDS = ("UpperThreshold", "LowerThreshold")
PERIODIC = ("Periodic", "PeriodicClockAligned")
#: A deviation from a target, which is the value when the monitor was set, in units or in percent (2.1).
TARGETS = ("TargetDelta", "TargetDeltaRelative")
_NUMBERS = frozenset({"integer", "decimal"})
#: MonitoringCriterionEnumType → the monitors that it means (N02.FR.12 to .14).
CRITERIA: Mapping[str, tuple[str, ...]] = {
    "ThresholdMonitoring": THRESHOLDS,
    "DeltaMonitoring": ("Delta", *TARGETS),
    "PeriodicMonitoring": PERIODIC,
}


class Happened(NamedTuple):
    """A monitor has triggered; ``cleared`` says that its threshold is no longer passed."""

    trigger: Trigger
    value: str
    cleared: bool | None = None


@dataclass(slots=True, eq=False)
class Monitor:
    """One monitor.

    Attributes:
        number: its id.
        variable: that it looks at.
        component, name: of the variable, as the CSMS has written them.
        kind: MonitorEnumType.
        value: of its threshold or delta, or its interval in seconds.
        severity: of its events, 0 to 9.
        in_transaction: whether it looks only while a transaction runs there.
        passed: whether its threshold is passed, and that was told.
        reference: what its delta counts from; None before the first look.
    """

    number: int
    variable: Variable
    component: Mapping[str, Any]
    name: Mapping[str, Any]
    kind: str
    value: float
    severity: int
    in_transaction: bool = False
    passed: bool = False
    reference: str | None = None

    @property
    def numeric(self) -> bool:
        """Whether its variable is a number."""
        return self.variable.type in _NUMBERS

    def look(self, text: str) -> Happened | None:
        """The variable has that value now: what that triggers."""
        if self.kind in THRESHOLDS:
            return self._threshold(text)
        if self.kind == "Delta" or self.kind in TARGETS:
            return self._delta(text)
        return None

    def _threshold(self, text: str) -> Happened | None:
        number = float(text)
        passed = number > self.value if self.kind == "UpperThreshold" else number < self.value
        if passed == self.passed:
            return None
        self.passed = passed
        return Happened("Alerting", text, cleared=not passed)

    def _delta(self, text: str) -> Happened | None:
        # The first look has nothing to compare with: a delta counts from when the monitor was set (N07.FR.18).
        if self.reference is None:
            self.reference = text
            return None
        if self.numeric:
            base, number = float(self.reference), float(text)
            allowed = self.value * abs(base) / 100 if self.kind == "TargetDeltaRelative" else self.value
            far = abs(number - base) > allowed
        else:
            far = text != self.reference
        if self.kind in TARGETS:  # the target stays: beyond it is told once, and so is the way back
            if far == self.passed:
                return None
            self.passed = far
            return Happened("Delta", text, cleared=not far)
        if not far:
            return None
        self.reference = text
        return Happened("Delta", text)


def problem(kind: str, value: float, severity: int, variable: Variable) -> tuple[str, str] | None:
    """Why there can be no such monitor: the status that it is refused with, and why; None where there can."""
    numeric = variable.type in _NUMBERS
    if (kind in THRESHOLDS or kind in TARGETS) and not numeric:  # N04.FR.05
        return "UnsupportedMonitorType", f"{variable.variable} is no number"
    if not 0 <= severity <= 9:
        return "Rejected", "a severity is 0 to 9"
    if kind in THRESHOLDS and not _within(value, variable):  # N04.FR.06
        return "Rejected", f"{variable.variable} never has that value"
    if kind not in THRESHOLDS and value < 0:  # N04.FR.14
        return "Rejected", "it takes no number below 0"
    if kind in PERIODIC and value < 1:
        return "Rejected", "an interval is 1 s or more"
    return None


def _within(value: float, variable: Variable) -> bool:
    least = variable.minimum if variable.minimum is not None else 0 if variable.type == "integer" else None
    return (least is None or value >= least) and (variable.maximum is None or value <= variable.maximum)


class Monitors:
    """All monitors of a station, by id."""

    def __init__(self) -> None:
        self._kept: dict[int, Monitor] = {}
        self._latest = 0

    def __iter__(self) -> Iterator[Monitor]:
        return iter(list(self._kept.values()))

    def find(self, number: int) -> Monitor | None:
        """The monitor of that id."""
        return self._kept.get(number)

    def like(self, variable: Variable, kind: str, severity: int) -> Monitor | None:
        """The monitor of a variable that has that kind and severity (N04.FR.10)."""
        same = (one for one in self._kept.values() if one.variable is variable)
        return next((one for one in same if (one.kind, one.severity) == (kind, severity)), None)

    def next_number(self) -> int:
        """An id that no monitor has ever had (N04.FR.11)."""
        self._latest += 1
        return self._latest

    def put(self, monitor: Monitor) -> None:
        """Keep it, in the place of the one of its id."""
        self._latest = max(self._latest, monitor.number)
        self._kept[monitor.number] = monitor

    def remove(self, number: int) -> Monitor | None:
        """Give it up; None where there is none."""
        return self._kept.pop(number, None)

    def clear(self) -> None:
        """Give all up."""
        self._kept.clear()

    def wanted(self, criteria: Iterable[str], variables: list[Variable] | None) -> list[Monitor]:
        """Those of some criteria (any where there are none), and of some variables (of all unless given)."""
        kinds = {kind for criterion in criteria for kind in CRITERIA[criterion]}
        return [
            one
            for one in self
            if (not kinds or one.kind in kinds) and (variables is None or any(one.variable is v for v in variables))
        ]
