"""What a meter shows, in OCPP's measurands: OCPP 1.6 sections 7.31 and 7.43, 2.x MeasurandEnumType. Pure.

The load is resistive: reactive energy and power are 0, and what is apparent is active.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocpplab_runner.charger.core.model import Reading, SampledValue
from ocpplab_runner.vocabulary.versions import OcppVersion

#: In degrees Celsius: at rest, and more at full load. In revolutions per minute of the fan: at full load.
_AT_REST, _WARMER, _FASTEST = 20.0, 20.0, 3000.0


@dataclass(frozen=True, slots=True)
class MeterState:
    """The meter at one moment.

    Attributes:
        energy_wh: the register, whole Wh.
        interval_wh: energy since the reading before, in Wh.
        power_w, offered_w: what flows, below 0 back from the EV, and what could flow, in W.
        voltage_v: phase to neutral.
        lines: the grid's phases that the connector's own are, in its order.
        used: how many of them charging uses, equally loaded; the first ones.
        load: what flows, as a part of what the EVSE can give.
        soc_percent: of the EV's battery, where the EV tells.
        exported_wh, interval_exported_wh: of what was given back, as ``energy_wh`` and ``interval_wh``.
        frequency_hz: of the grid.
    """

    energy_wh: int
    interval_wh: float
    power_w: float
    offered_w: float
    voltage_v: float
    lines: tuple[int, ...]
    used: int
    load: float = 0.0
    soc_percent: float | None = None
    exported_wh: int = 0
    interval_exported_wh: float = 0.0
    frequency_hz: float = 50.0

    @property
    def drawn_w(self) -> float:
        """Power that the EV draws, in W."""
        return max(self.power_w, 0.0)

    @property
    def given_w(self) -> float:
        """Power that the EV gives back, in W."""
        return -self.power_w if self.power_w < 0 else 0.0

    def power_on(self, phase: int) -> float:
        """Power that is drawn on one phase of the grid, in W."""
        return self.drawn_w / self.used if phase in self.lines[: self.used] else 0.0

    def given_on(self, phase: int) -> float:
        """Power that is given back on one phase of the grid, in W."""
        return self.given_w / self.used if phase in self.lines[: self.used] else 0.0

    def offered_on(self, phase: int) -> float:
        """Power that one phase of the grid could give, in W."""
        return self.offered_w / self.used if phase in self.lines[: self.used] else 0.0


@dataclass(frozen=True, slots=True)
class _Measurand:
    """How one measurand is read.

    Attributes:
        unit: as 2.x has it; 1.6 has no word for some.
        whole: of all phases together; None where it is said of each phase only.
        on: of one phase; None where phases do not matter.
        suffix: of the phase's name.
        location: where it is measured; None for the outlet, OCPP's default.
    """

    unit: str
    whole: Callable[[MeterState], float | None] | None = None
    on: Callable[[MeterState, int], float] | None = None
    suffix: str = ""
    location: str | None = None


def _nothing(_: MeterState) -> float:
    return 0.0


def _nothing_on(_: MeterState, __: int) -> float:
    return 0.0


_BOTH: Mapping[str, _Measurand] = {
    "Current.Export": _Measurand("A", None, lambda m, phase: m.given_on(phase) / m.voltage_v),
    "Current.Import": _Measurand("A", None, lambda m, phase: m.power_on(phase) / m.voltage_v),
    "Current.Offered": _Measurand(
        "A", lambda m: m.offered_w / m.used / m.voltage_v, lambda m, phase: m.offered_on(phase) / m.voltage_v
    ),
    "Energy.Active.Export.Interval": _Measurand("Wh", lambda m: m.interval_exported_wh),
    "Energy.Active.Export.Register": _Measurand("Wh", lambda m: float(m.exported_wh)),
    "Energy.Active.Import.Interval": _Measurand("Wh", lambda m: m.interval_wh),
    "Energy.Active.Import.Register": _Measurand("Wh", lambda m: m.energy_wh),
    "Energy.Reactive.Export.Interval": _Measurand("varh", _nothing),
    "Energy.Reactive.Export.Register": _Measurand("varh", _nothing),
    "Energy.Reactive.Import.Interval": _Measurand("varh", _nothing),
    "Energy.Reactive.Import.Register": _Measurand("varh", _nothing),
    "Frequency": _Measurand("Hz", lambda m: m.frequency_hz),
    "Power.Active.Export": _Measurand("W", lambda m: m.given_w, lambda m, phase: m.given_on(phase)),
    "Power.Active.Import": _Measurand("W", lambda m: m.drawn_w, lambda m, phase: m.power_on(phase)),
    "Power.Factor": _Measurand("", lambda m: 1.0),
    "Power.Offered": _Measurand("W", lambda m: m.offered_w, lambda m, phase: m.offered_on(phase)),
    "Power.Reactive.Export": _Measurand("var", _nothing, _nothing_on),
    "Power.Reactive.Import": _Measurand("var", _nothing, _nothing_on),
    "SoC": _Measurand("Percent", lambda m: m.soc_percent, location="EV"),
    "Voltage": _Measurand("V", None, lambda m, phase: m.voltage_v, "-N"),
}
_ONLY_16: Mapping[str, _Measurand] = {
    "RPM": _Measurand("RPM", lambda m: _FASTEST * m.load, location="Body"),
    "Temperature": _Measurand("Celsius", lambda m: _AT_REST + _WARMER * m.load, location="Body"),
}
_ONLY_2X: Mapping[str, _Measurand] = {
    "Energy.Active.Net": _Measurand("Wh", lambda m: m.energy_wh - m.exported_wh),
    "Energy.Apparent.Export": _Measurand("VAh", lambda m: float(m.exported_wh)),
    "Energy.Apparent.Import": _Measurand("VAh", lambda m: m.energy_wh),
    "Energy.Apparent.Net": _Measurand("VAh", lambda m: m.energy_wh - m.exported_wh),
    "Energy.Reactive.Net": _Measurand("varh", _nothing),
}
_MEASURANDS = {**_BOTH, **_ONLY_16, **_ONLY_2X}


def measurands(version: OcppVersion) -> frozenset[str]:
    """The measurands that a version has; the simulated meter has all of them."""
    return frozenset(_BOTH) | frozenset(_ONLY_16 if version is OcppVersion.V16 else _ONLY_2X)


def is_measurand(name: str, phases: int) -> bool:
    """Whether OCPP 1.6 and the meter have it; ``Current.Import.L1`` names one phase (OCPP 1.6 section 9.1)."""
    base, phase = _split(name)
    if base not in measurands(OcppVersion.V16):
        return False
    return phase is None or (_MEASURANDS[base].on is not None and 1 <= phase <= phases)


def read(names: Iterable[str], meter: MeterState, at: datetime, context: str) -> Reading | None:
    """A reading of these measurands; None when there is nothing to say."""
    values: list[SampledValue] = []
    for name in names:
        values.extend(_values(name, meter))
    return Reading(at, context, tuple(values)) if values else None


def _values(name: str, meter: MeterState) -> Sequence[SampledValue]:
    base, phase = _split(name)
    measurand = _MEASURANDS.get(base)
    if measurand is None:
        return []
    if phase is None and measurand.whole is not None:
        value = measurand.whole(meter)
        if value is None:
            return []
        return [SampledValue(base, round(value, 3), measurand.unit, location=measurand.location)]
    if measurand.on is None:
        return []
    # By the grid's names and in their order, however the connector's own phases hang on them.
    wanted = [number for number in sorted(meter.lines) if phase in (None, number)]
    return [
        SampledValue(base, round(measurand.on(meter, number), 3), measurand.unit, f"L{number}{measurand.suffix}")
        for number in wanted
    ]


def _split(name: str) -> tuple[str, int | None]:
    base, dot, last = name.rpartition(".")
    if dot and last in ("L1", "L2", "L3"):
        return base, int(last[1])
    return name, None
