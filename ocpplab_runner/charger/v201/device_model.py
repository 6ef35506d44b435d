"""The station's device model: OCPP 2.0.1 use cases B05, B06 and B07. Pure but for the settings behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ocpplab_runner.charger.model import Refused
from ocpplab_runner.charger.settings import Settings
from ocpplab_runner.charger.v201.variables import Name, NameKey, Place, PlaceKey, VariableSpec
from ocpplab_runner.charger.v201.words import reason
from ocpplab_runner.charger.wire_values import MAX_INTEGER, members, whole_number

_ACTUAL = "Actual"


class DeviceModel:
    """Components and variables, and what may be done with them.

    Args:
        settings: where the values of settings live.
        variables: every variable of the station.
        computed: values that follow from the station's state, by the variable's key; asked each time.
    """

    def __init__(
        self,
        settings: Settings,
        variables: Iterable[VariableSpec],
        computed: Mapping[tuple[PlaceKey, NameKey], Callable[[], str]],
    ) -> None:
        self._settings = settings
        self._specs = {spec.key: spec for spec in variables}
        self._places = {place for place, _ in self._specs}
        self._values: dict[tuple[PlaceKey, NameKey], str] = {}
        self._computed = computed

    def __iter__(self) -> Iterator[VariableSpec]:
        return iter(self._specs.values())

    def value(self, component: str, variable: str, instance: str | None = None) -> str:
        """The actual value of a variable that the station is sure to have."""
        return self._read(self._specs[(Place(component).key, Name(variable, instance).key)])

    def boolean(self, component: str, variable: str) -> bool:
        """The same of a boolean variable."""
        return self.value(component, variable) == "true"

    def members(self, component: str, variable: str) -> tuple[str, ...]:
        """The same of a list."""
        return tuple(item for item in self.value(component, variable).split(",") if item)

    def get(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """GetVariableResultType for a GetVariableDataType (B06)."""
        spec, status = self._find(item)
        if spec is None:
            return self._result(item, status)
        if item.get("attributeType", _ACTUAL) != _ACTUAL:
            return self._result(item, "NotSupportedAttributeType")
        if spec.mutability == "WriteOnly":  # B06.FR.09
            return self._result(item, "Rejected", reason("WriteOnly"))
        return {**self._result(item, "Accepted"), "attributeValue": self._read(spec)}

    def set(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """SetVariableResultType for a SetVariableDataType (B05); an accepted value works at once."""
        spec, status = self._find(item)
        if spec is None:
            return self._result(item, status)
        if item.get("attributeType", _ACTUAL) != _ACTUAL:
            return self._result(item, "NotSupportedAttributeType")
        if spec.mutability == "ReadOnly":
            return self._result(item, "Rejected", reason("ReadOnly"))
        try:
            self._write(spec, item["attributeValue"])
        except ValueError as error:
            return self._result(item, "Rejected", reason("InvalidValue", str(error)[:512]))
        return self._result(item, "Accepted")

    def set_raw(self, key: str, value: str) -> None:
        """Set ``Component.Variable`` (an instance as ``Component.Variable.Instance``), read-only or not.

        Raises:
            Refused: there is no such variable, or it cannot have that value.
        """
        component, dot, rest = key.partition(".")
        name, _, instance = rest.removesuffix("]").replace("[", ".").partition(".")
        spec = self._specs.get((Place(component).key, Name(name, instance or None).key)) if dot else None
        if spec is None:
            raise Refused(
                f"the station has no variable {key!r}; write Component.Variable or Component.Variable.Instance"
            )
        if spec.key in self._computed:
            raise Refused(f"{key} follows from the station's state and cannot be set")
        if not spec.settable:
            raise Refused(f"{key} says what the station does, in one way only, and cannot be set")
        try:
            self._write(spec, value)
        except ValueError as error:
            raise Refused(str(error)) from None

    def remember(self) -> list[list[Any]]:
        """Values that were set and are no neutral settings: place, name and value of each."""
        return [[list(place), list(name), value] for (place, name), value in self._values.items()]

    def recall(self, values: Iterable[Sequence[Any]]) -> None:
        """Put them back."""
        for place, name, value in values:
            self._values[(tuple(place), tuple(name))] = value

    def report(self, spec: VariableSpec) -> dict[str, Any]:
        """ReportDataType of a variable (B07)."""
        attribute: dict[str, Any] = {"type": _ACTUAL, "mutability": spec.mutability}
        if spec.mutability != "WriteOnly":
            attribute["value"] = self._read(spec)
        characteristics: dict[str, Any] = {"dataType": spec.type, "supportsMonitoring": False}
        for key, value in (("unit", spec.unit), ("minLimit", spec.minimum), ("maxLimit", spec.maximum)):
            if value is not None:
                characteristics[key] = value
        if spec.choices:
            characteristics["valuesList"] = ",".join(spec.choices)
        component: dict[str, Any] = {"name": spec.place.name}
        if spec.place.evse_id is not None:
            component["evse"] = {"id": spec.place.evse_id}
            if spec.place.connector_id is not None:
                component["evse"]["connectorId"] = spec.place.connector_id
        variable: dict[str, Any] = {"name": spec.name.name}
        if spec.name.instance is not None:
            variable["instance"] = spec.name.instance
        return {
            "component": component,
            "variable": variable,
            "variableAttribute": [attribute],
            "variableCharacteristics": characteristics,
        }

    def _find(self, item: Mapping[str, Any]) -> tuple[VariableSpec | None, str]:
        component, variable = item["component"], item["variable"]
        evse = component.get("evse") or {}
        place = Place(component["name"], component.get("instance"), evse.get("id"), evse.get("connectorId")).key
        if place not in self._places:
            return None, "UnknownComponent"
        spec = self._specs.get((place, Name(variable["name"], variable.get("instance")).key))
        return spec, "UnknownVariable"

    def _read(self, spec: VariableSpec) -> str:
        if spec.key in self._computed:
            return self._computed[spec.key]()
        if spec.setting is not None:
            return self._settings.text(spec.setting)
        return self._values.get(spec.key, spec.value or "")

    def _write(self, spec: VariableSpec, value: str) -> None:
        text = _checked(spec, value)
        if spec.setting is not None:
            self._settings.set(spec.setting, text)
        else:
            self._values[spec.key] = text

    def _result(
        self, item: Mapping[str, Any], status: str, status_info: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        result: dict[str, Any] = {
            "attributeStatus": status,
            "component": item["component"],
            "variable": item["variable"],
        }
        if "attributeType" in item:
            result["attributeType"] = item["attributeType"]
        if status_info is not None:
            result["attributeStatusInfo"] = status_info
        return result


def _checked(spec: VariableSpec, value: str) -> str:
    """The value in its canonical spelling; raises ValueError with what it should have been."""
    name = f"{spec.place.name}.{spec.name.name}"
    if spec.type == "boolean":
        if value not in ("true", "false"):
            raise ValueError(f"{name} takes true or false")
        return value
    if spec.type == "integer":
        least, most = spec.minimum or 0, spec.maximum if spec.maximum is not None else MAX_INTEGER
        number = whole_number(value, least, most)
        if number is None:
            raise ValueError(f"{name} takes a whole number from {least} to {most}")
        return str(number)
    if spec.type in ("MemberList", "SequenceList", "OptionList"):
        try:
            chosen = members(value)
        except ValueError as error:
            raise ValueError(f"{name} has {error}") from None
        strange = [member for member in chosen if spec.choices and member not in spec.choices]
        if strange:
            raise ValueError(f"{name} has no {', '.join(strange)}: choose from {', '.join(spec.choices)}")
        if spec.type == "OptionList" and len(chosen) != 1:
            raise ValueError(f"{name} takes one of {', '.join(spec.choices)}")
        return ",".join(chosen)
    return value
