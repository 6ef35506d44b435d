"""What a meter shows, in OCPP's measurands: OCPP 1.6 sections 7.31 and 7.43; 2.x has the same names. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocpplab_runner.charger.core.model import Reading, SampledValue


@dataclass(frozen=True, slots=True)
class MeterState:
    """The meter at one moment.

    Attributes:
        energy_wh: the register, whole Wh.
        interval_wh: energy since the reading before, in Wh.
        power_w, offered_w: what flows, what could flow, in W.
        voltage_v: phase to neutral.
        phases: 1 or 3, equally loaded.
    """

    energy_wh: int
    interval_wh: float
    power_w: float
    offered_w: float
    voltage_v: float
    phases: int

    @property
    def current_a(self) -> float:
        """Current in each phase, in A."""
        return self.power_w / self.phases / self.voltage_v

    @property
    def offered_a(self) -> float:
        """Current that each phase could carry, in A."""
        return self.offered_w / self.phases / self.voltage_v


_Measure = Callable[[MeterState], float]
_WHOLE: dict[str, tuple[str, _Measure]] = {
    "Energy.Active.Import.Register": ("Wh", lambda m: m.energy_wh),
    "Energy.Active.Import.Interval": ("Wh", lambda m: m.interval_wh),
    "Power.Active.Import": ("W", lambda m: m.power_w),
    "Power.Offered": ("W", lambda m: m.offered_w),
    "Power.Factor": ("", lambda m: 1.0),
    "Current.Offered": ("A", lambda m: m.offered_a),
    "Frequency": ("", lambda m: 50.0),
}
_PER_PHASE: dict[str, tuple[str, _Measure]] = {
    "Current.Import": ("A", lambda m: m.current_a),
    "Voltage": ("V", lambda m: m.voltage_v),
}
#: The measurands that the simulated meter has.
MEASURANDS = frozenset(_WHOLE) | frozenset(_PER_PHASE)


def is_measurand(name: str, phases: int) -> bool:
    """Whether the meter has it; ``Current.Import.L1`` names one phase (OCPP 1.6 section 9.1)."""
    base, phase = _split(name)
    if phase is None:
        return base in MEASURANDS
    return base in _PER_PHASE and 1 <= phase <= phases


def read(names: Iterable[str], meter: MeterState, at: datetime, context: str) -> Reading | None:
    """A reading of these measurands; None when none is asked for."""
    values: list[SampledValue] = []
    for name in names:
        values.extend(_values(name, meter))
    return Reading(at, context, tuple(values)) if values else None


def _values(name: str, meter: MeterState) -> Sequence[SampledValue]:
    base, phase = _split(name)
    if base in _WHOLE:
        unit, measure = _WHOLE[base]
        return [SampledValue(base, round(measure(meter), 3), unit)]
    if base not in _PER_PHASE:
        return []
    unit, measure = _PER_PHASE[base]
    suffix = "-N" if base == "Voltage" else ""
    wanted = range(1, meter.phases + 1) if phase is None else (phase,)
    value = round(measure(meter), 3)
    return [SampledValue(base, value, unit, f"L{number}{suffix}") for number in wanted]


def _split(name: str) -> tuple[str, int | None]:
    base, dot, last = name.rpartition(".")
    if dot and last in ("L1", "L2", "L3"):
        return base, int(last[1])
    return name, None
