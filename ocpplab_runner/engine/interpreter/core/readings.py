"""Sampled values, which every OCPP version sends alike, to ``meter`` facts in base units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from ocpplab_runner.certificates.ocmf import judge_signed_value
from ocpplab_runner.engine.interpreter.core.facts import Fact, moment, put
from ocpplab_runner.vocabulary.texts import shortened

#: What a 1.6 sampled value may look like: no blanks, no underscores, no digits but 0 to 9.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TO_BASE_UNIT = {"kWh": 1000.0, "kW": 1000.0, "kvarh": 1000.0, "kVAh": 1000.0, "kvar": 1000.0, "kVA": 1000.0}
#: The units of what is read (OCPP 1.6 UnitOfMeasure, OCPP 2.x appendix 2); a sample without one has the usual unit.
_UNITS = {
    "energy_wh": frozenset({"Wh", "kWh"}),
    "power_w": frozenset({"W", "kW"}),
    "current_a": frozenset({"A"}),
    "voltage_v": frozenset({"V"}),
    "soc_percent": frozenset({"Percent"}),
}
#: What the EV gives back, which is power below 0.
_GIVEN = "given_w"
_MEASURANDS = {
    "Energy.Active.Import.Register": "energy_wh",
    "Power.Active.Export": _GIVEN,
    "Power.Active.Import": "power_w",
    "Current.Import": "current_a",
    "Voltage": "voltage_v",
    "SoC": "soc_percent",
}
#: A three-phase total is the sum of its phases; of a current or a voltage the first phase stands for all.
_ADDITIVE = frozenset({"energy_wh", "power_w", _GIVEN})
_PHASES = ("L1", "L2", "L3")
_DEFAULT_MEASURAND = "Energy.Active.Import.Register"
_DEFAULT_CONTEXT = "Sample.Periodic"


def number(value: float) -> float | int:
    """A reading as an int where it is whole, so that 2.5 kWh reads 2500."""
    # 2.01 kWh times 1000 is 2009.9999999999998 in binary.
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def meter(element: Any, evse_id: Any, transaction: Any = None) -> Fact:
    """What one meterValue element shows."""
    fields: dict[str, Any] = {}
    put(fields, "evse_id", evse_id)
    put(fields, "transaction_id", transaction)
    fields.update(read_samples(element["sampledValue"]))
    put(fields, "timestamp", moment(element.get("timestamp")))
    return "meter", fields


def read_samples(samples: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of a ``meter`` fact from the sampled values of one meterValue element.

    Values at the outlet count (OCPP's default location); the value without a phase is taken, else the sum of the
    phases for energy and power, else the first.

    Args:
        samples: the ``sampledValue`` list; OCPP 1.6 section 7.43, OCPP 2.0.1 SampledValueType.

    Returns:
        The fields; ``left_out`` says which samples are none, and why: their text is no number, or their unit is not
        one of their measurand's.
    """
    fields: dict[str, Any] = {}
    phases: dict[str, dict[str, float]] = {}
    left_out: list[str] = []
    for sample in samples:
        if "context" not in fields:
            fields["context"] = sample.get("context", _DEFAULT_CONTEXT)
        if sample.get("format") == "SignedData":
            _put_signed(fields, sample.get("value"))
            continue
        if "signedMeterValue" in sample:
            _put_signed(fields, sample["signedMeterValue"])
        name = _MEASURANDS.get(sample.get("measurand", _DEFAULT_MEASURAND))
        # EV: there the state of charge is measured.
        if name is None or sample.get("location", "Outlet") not in ("Outlet", "EV"):
            continue
        value = _value("power_w" if name == _GIVEN else name, sample)
        if isinstance(value, str):
            left_out.append(value)
            continue
        phase = sample.get("phase")
        if phase is None:
            fields.setdefault(name, number(value))
        else:
            phases.setdefault(name, {}).setdefault(phase, value)
    for name, values in phases.items():
        if name in fields:
            continue
        lines = [values[phase] for phase in _PHASES if phase in values]
        if name in _ADDITIVE and lines:
            fields[name] = number(sum(lines))
        else:
            fields[name] = number(next(iter(values.values())))
    if given := fields.pop(_GIVEN, 0):
        fields["power_w"] = number(fields.get("power_w", 0) - given)
    put(fields, "left_out", left_out or None)
    return fields


def _put_signed(fields: dict[str, Any], value: Any) -> None:
    judged, register = judge_signed_value(value)
    fields["signed"] = judged
    put(fields, "signed_wh", None if register is None else number(register))


def _value(name: str, sample: Mapping[str, Any]) -> float | str:
    """A sample in its base unit; or why it is none, for people."""
    raw, (unit, exponent) = sample.get("value"), _unit(sample)
    if unit is not None and unit not in _UNITS[name]:
        return f"{name}: {unit} is no unit of it"
    # By its type: True is an int for isinstance, and no reading.
    is_number = _NUMBER.fullmatch(raw) if isinstance(raw, str) else type(raw) in (int, float)
    if not is_number:
        return f"{name}: {shortened(str(raw))!r} is no number"
    try:
        value = float(raw) * (_TO_BASE_UNIT.get(unit or "", 1.0) * 10.0**exponent)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return f"{name}: {shortened(str(raw))!r} has no size"
    return value if isfinite(value) else f"{name}: {shortened(str(raw))!r} has no size"


def _unit(sample: Mapping[str, Any]) -> tuple[Any, Any]:
    """A sample's unit, and the power of ten that its value is multiplied by (2.x)."""
    measure = sample.get("unitOfMeasure")
    return (
        (measure.get("unit"), measure.get("multiplier", 0)) if isinstance(measure, Mapping) else (sample.get("unit"), 0)
    )
