"""The station's variables as OCPP 2.x's device model: use cases B05, B06 and B07."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from ocpplab_runner.charger.core.datatypes_v2 import reason
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.variables import Component, Variable, Variables
from ocpplab_runner.charger.core.wire_values import MAX_INTEGER, members, whole_number
from ocpplab_runner.vocabulary.settings import SETTINGS

_ACTUAL = "Actual"
#: Components, and variables, in the form in which they are compared: identifiers have no letter case.
_PlaceKey = tuple[str, str | None, int | None, int | None]
_NameKey = tuple[str, str | None]


class DeviceModel:
    """Components and variables, and what may be done with them; in the order of their names.

    Args:
        variables: of the station; every block must have declared its own.
        features: that it has.
    """

    def __init__(self, variables: Variables, features: Set[str]) -> None:
        self._values = variables
        features = features | {"Core"}
        there = [one for one in variables if one.component is not None and one.feature in features]
        self._known = {(_place(one), _name(one)): one for one in sorted(there, key=_order)}
        self._places = {place for place, _ in self._known}

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._known.values())

    def get(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """GetVariableResultType for a GetVariableDataType (B06)."""
        known, status = self.find(item)
        if known is None:
            return self._result(item, status)
        if item.get("attributeType", _ACTUAL) != _ACTUAL:
            return self._result(item, "NotSupportedAttributeType")
        if known.mutability == "WriteOnly":  # B06.FR.09
            return self._result(item, "Rejected", reason("WriteOnly"))
        return {**self._result(item, "Accepted"), "attributeValue": self._values.text(known.name)}

    def set(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """SetVariableResultType for a SetVariableDataType (B05); an accepted value works at once."""
        known, status = self.find(item)
        if known is None:
            return self._result(item, status)
        if item.get("attributeType", _ACTUAL) != _ACTUAL:
            return self._result(item, "NotSupportedAttributeType")
        if known.mutability == "ReadOnly":
            return self._result(item, "Rejected", reason("ReadOnly"))
        try:
            self._write(known, item["attributeValue"])
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
        place = (component.casefold(), None, None, None)
        known = self._known.get((place, (name.casefold(), _folded(instance or None)))) if dot else None
        if known is None:
            raise Refused(
                f"the station has no variable {key!r}; write Component.Variable or Component.Variable.Instance"
            )
        if not isinstance(known.default, str):
            raise Refused(f"{key} follows from the station's state and cannot be set")
        if not known.settable:
            raise Refused(f"{key} says what the station does, in one way only, and cannot be set")
        try:
            self._write(known, value)
        except ValueError as error:
            raise Refused(str(error)) from None

    def remember(self) -> list[list[Any]]:
        """Values that were set and are no neutral settings: place, name and value of each."""
        kept = [(key, self._values.kept(one.name)) for key, one in self._known.items() if one.name not in SETTINGS]
        return [[list(place), list(name), value] for (place, name), value in kept if value is not None]

    def recall(self, values: Iterable[Sequence[Any]]) -> None:
        """Put them back."""
        for place, name, value in values:
            self._values.set(self._known[(tuple(place), tuple(name))].name, value)

    def report(self, known: Variable) -> dict[str, Any]:
        """ReportDataType of a variable (B07)."""
        attribute: dict[str, Any] = {"type": _ACTUAL, "mutability": known.mutability}
        if known.mutability != "WriteOnly":
            attribute["value"] = self._values.text(known.name)
        characteristics: dict[str, Any] = {
            "dataType": known.type,
            "supportsMonitoring": known.mutability != "WriteOnly",
        }
        for key, value in (("unit", known.unit), ("minLimit", known.minimum), ("maxLimit", known.maximum)):
            if value is not None:
                characteristics[key] = value
        if known.choices:
            characteristics["valuesList"] = ",".join(known.choices)
        place = known.component
        assert place is not None
        component: dict[str, Any] = {"name": place.name}
        if place.evse_id is not None:
            component["evse"] = {"id": place.evse_id}
            if place.connector_id is not None:
                component["evse"]["connectorId"] = place.connector_id
        variable: dict[str, Any] = {"name": known.variable}
        if known.instance is not None:
            variable["instance"] = known.instance
        return {
            "component": component,
            "variable": variable,
            "variableAttribute": [attribute],
            "variableCharacteristics": characteristics,
        }

    def matching(self, item: Mapping[str, Any]) -> Iterator[Variable]:
        """Every variable of a ComponentVariableType, which may leave instance, EVSE, connector and variable open."""
        component, variable = item["component"], item.get("variable") or {}
        evse = component.get("evse") or {}
        place = (
            component["name"].casefold(),
            _folded(component.get("instance")),
            evse.get("id"),
            evse.get("connectorId"),
        )
        name = (_folded(variable.get("name")), _folded(variable.get("instance")))
        for (known_place, known_name), known in self._known.items():
            pairs = zip((*place, *name), (*known_place, *known_name), strict=True)
            if all(wanted is None or wanted == there for wanted, there in pairs):
                yield known

    def find(self, item: Mapping[str, Any]) -> tuple[Variable | None, str]:
        """The variable that ``component`` and ``variable`` name, or why there is none: Unknown…"""
        component, variable = item["component"], item["variable"]
        evse = component.get("evse") or {}
        instance = _folded(component.get("instance"))
        place = (component["name"].casefold(), instance, evse.get("id"), evse.get("connectorId"))
        if place not in self._places:
            return None, "UnknownComponent"
        known = self._known.get((place, (variable["name"].casefold(), _folded(variable.get("instance")))))
        return known, "UnknownVariable"

    def _write(self, known: Variable, value: str) -> None:
        self._values.set(known.name, _checked(known, value))

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


def _checked(known: Variable, value: str) -> str:
    """The value in its canonical spelling; raises ValueError with what it should have been."""
    if known.wrong is not None and (wrong := known.wrong(value)) is not None:
        raise ValueError(f"{known.variable} {wrong}")
    name = f"{'' if known.component is None else known.component.name}.{known.variable}"
    if known.type == "boolean":
        if value not in ("true", "false"):
            raise ValueError(f"{name} takes true or false")
        return value
    if known.type == "integer":
        least, most = known.minimum or 0, known.maximum if known.maximum is not None else MAX_INTEGER
        number = whole_number(value, least, most)
        if number is None:
            raise ValueError(f"{name} takes a whole number from {least} to {most}")
        return str(number)
    if known.type in ("MemberList", "SequenceList", "OptionList"):
        try:
            chosen = members(value)
        except ValueError as error:
            raise ValueError(f"{name} has {error}") from None
        strange = [member for member in chosen if known.choices and member not in known.choices]
        if strange:
            raise ValueError(f"{name} has no {', '.join(strange)}: choose from {', '.join(known.choices)}")
        if known.type == "OptionList" and len(chosen) != 1:
            raise ValueError(f"{name} takes one of {', '.join(known.choices)}")
        return ",".join(chosen)
    return value


def _place(variable: Variable) -> _PlaceKey:
    component = variable.component
    assert component is not None
    return component.name.casefold(), _folded(component.instance), component.evse_id, component.connector_id


def _name(variable: Variable) -> _NameKey:
    return variable.variable.casefold(), _folded(variable.instance)


def _order(variable: Variable) -> tuple[Any, ...]:
    component = variable.component or Component("")
    where = (component.instance or "", component.evse_id or 0, component.connector_id or 0)
    return component.name, *where, variable.variable, variable.instance or ""


def _folded(text: str | None) -> str | None:
    return None if text is None else text.casefold()
