"""What the interpreters of all OCPP versions share: binding answers to calls, and reading meter values.

An answer means something only together with its call. A call is forgotten once it is answered, so a second answer
with the same message id shows no fact. A repetition of a call that is still unanswered (same action, same payload)
takes its place: the sender has given up on the older one, and a late answer to it shows no fact either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

#: A fact's name and its fields.
Fact = tuple[str, dict[str, Any]]
CallReader = Callable[[Any], list[Fact]]
AnswerReader = Callable[[Any, Any], list[Fact]]

NO_FACTS: list[Fact] = []
#: A charger that leaves more calls unanswered than this gets no facts from the oldest.
_MOST_PENDING = 256
_MOST_REMEMBERED = 256


class Interpreter:
    """Dispatches frames to the readers of one OCPP version.

    Args:
        calls: (direction, action) → reader of the CALL's payload.
        answers: (direction of the call, action) → reader of the call's and the CALLRESULT's payload.
    """

    def __init__(
        self,
        calls: Mapping[tuple[str, str], CallReader],
        answers: Mapping[tuple[str, str], AnswerReader],
    ) -> None:
        self._calls = calls
        self._answers = answers
        self._pending: dict[tuple[str, str], tuple[str, Any]] = {}

    def read(self, action: str, fields: Mapping[str, Any]) -> list[Fact]:
        """The facts that a frame shows, in the order in which they come about.

        A payload that breaks its schema shows no fact; this never raises.

        Args:
            action: the frame event's name; not used for answers, which are bound by message id.
            fields: the frame event's fields (see :class:`ocpplab_runner.plugin.events.Observation`).
        """
        try:
            kind = fields["type"]
            if kind == "call":
                return self._read_call(action, fields)
            if kind == "result":
                return self._read_result(fields)
            if kind == "error":
                self._pending.pop((_OTHER_WAY[fields["direction"]], fields["message_id"]), None)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            pass
        return NO_FACTS

    def _read_call(self, action: str, fields: Mapping[str, Any]) -> list[Fact]:
        place = (fields["direction"], action)
        payload = fields["payload"]
        if place in self._answers:
            pending = self._pending
            if pending:
                self._supersede(fields["direction"], action, payload)
            pending[fields["direction"], fields["message_id"]] = (action, payload)
        reader = self._calls.get(place)
        return reader(payload) if reader is not None else NO_FACTS

    def _supersede(self, direction: str, action: str, payload: Any) -> None:
        pending = self._pending
        for key, (older, its_payload) in list(pending.items()):
            if older == action and key[0] == direction and its_payload == payload:
                del pending[key]
        while len(pending) >= _MOST_PENDING:
            del pending[next(iter(pending))]

    def _read_result(self, fields: Mapping[str, Any]) -> list[Fact]:
        direction = _OTHER_WAY[fields["direction"]]
        call = self._pending.pop((direction, fields["message_id"]), None)
        if call is None:
            return NO_FACTS
        action, request = call
        return self._answers[direction, action](request, fields["payload"])


_OTHER_WAY = {"to_csms": "to_charger", "to_charger": "to_csms"}


def put(fields: dict[str, Any], name: str, value: Any) -> None:
    """Set a field unless its value is None: a fact has no empty fields."""
    if value is not None:
        fields[name] = value


def remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    """Set an entry of a memory that keeps only the latest ones: a charger may live for years."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > _MOST_REMEMBERED:
        del memory[next(iter(memory))]


_TO_BASE_UNIT = {"kWh": 1000.0, "kW": 1000.0, "kvarh": 1000.0, "kVAh": 1000.0, "kvar": 1000.0, "kVA": 1000.0}
_MEASURANDS = {
    "Energy.Active.Import.Register": "energy_wh",
    "Power.Active.Import": "power_w",
    "Current.Import": "current_a",
    "Voltage": "voltage_v",
    "SoC": "soc_percent",
}
#: A three-phase total is the sum of its phases; of a current or a voltage the first phase stands for all.
_ADDITIVE = frozenset({"energy_wh", "power_w"})
_PHASES = ("L1", "L2", "L3")
_DEFAULT_MEASURAND = "Energy.Active.Import.Register"
_DEFAULT_CONTEXT = "Sample.Periodic"


def number(value: float) -> float | int:
    """A reading as an int where it is whole, so that 2.5 kWh reads 2500."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def read_samples(samples: Iterable[Mapping[str, Any]], unit_of: Callable[[Mapping[str, Any]], float]) -> dict[str, Any]:
    """The fields of a ``meter`` fact from the sampled values of one meterValue element.

    Values at the outlet count (OCPP's default location); the value without a phase is taken, else the sum of the
    phases for energy and power, else the first.

    Args:
        samples: the ``sampledValue`` list; OCPP 1.6 section 7.43, OCPP 2.0.1 SampledValueType.
        unit_of: sampled value → factor that brings its value to Wh, W, A, V or percent.
    """
    fields: dict[str, Any] = {}
    phases: dict[str, dict[str, float]] = {}
    for sample in samples:
        if "context" not in fields:
            fields["context"] = sample.get("context", _DEFAULT_CONTEXT)
        name = _MEASURANDS.get(sample.get("measurand", _DEFAULT_MEASURAND))
        if name is None or sample.get("location", "Outlet") not in ("Outlet", "EV"):
            continue
        try:
            value = float(sample["value"]) * unit_of(sample)
        except (KeyError, ValueError, TypeError, OverflowError):
            continue
        if not isfinite(value):
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
    return fields


def unit_factor(unit: str | None, exponent: int = 0) -> float:
    """The factor from ``unit`` × 10^exponent to the base unit."""
    factor = _TO_BASE_UNIT.get(unit or "", 1.0)
    return factor if not exponent else factor * 10.0**exponent
