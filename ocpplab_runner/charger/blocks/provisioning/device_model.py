"""The station's variables as OCPP 2.x's device model: use cases B05 and B06.

A variable has its actual value; the lengths of time have two attributes more, MinSet and MaxSet, which say between what
they may be set, and which the CSMS may narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

from ocpplab_runner.charger.blocks.provisioning.written_values import WrongValue, checked
from ocpplab_runner.charger.core.datatypes_v2 import reason
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.variables import Component, Variable, Variables
from ocpplab_runner.charger.core.wire_values import MAX_INTEGER, whole_number
from ocpplab_runner.vocabulary.settings import SETTINGS

_ACTUAL, _LEAST, _MOST = "Actual", "MinSet", "MaxSet"
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
        self._features = features | {"Core"}
        #: What MinSet and MaxSet were set to, by variable and attribute.
        self._bounds: dict[tuple[str, str], int] = {}

    # Most cases never ask for a variable, and to order a hundred of them takes a quarter of making a charger.
    @cached_property
    def _known(self) -> Mapping[tuple[_PlaceKey, _NameKey], Variable]:
        there = [one for one in self._values if one.component is not None and one.feature in self._features]
        return {(_place(one), _name(one)): one for one in sorted(there, key=_order)}

    @cached_property
    def _places(self) -> Set[_PlaceKey]:
        return {place for place, _ in self._known}

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._known.values())

    def get(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """GetVariableResultType for a GetVariableDataType (B06)."""
        known, status = self.find(item)
        if known is None:
            return self._result(item, status)
        attribute = item.get("attributeType", _ACTUAL)
        if attribute not in self.attributes(known):
            return self._result(item, "NotSupportedAttributeType")
        if known.mutability == "WriteOnly":  # B06.FR.09
            return self._result(item, "Rejected", reason("WriteOnly"))
        return {**self._result(item, "Accepted"), "attributeValue": self.value(known, attribute)}

    def set(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """SetVariableResultType for a SetVariableDataType (B05); an accepted value works at once, or after a reboot."""
        known, status = self.find(item)
        if known is None:
            return self._result(item, status)
        attribute = item.get("attributeType", _ACTUAL)
        if attribute not in self.attributes(known):
            return self._result(item, "NotSupportedAttributeType")
        if known.mutability == "ReadOnly":
            return self._result(item, "Rejected", reason("ReadOnly"))
        before = self._values.text(known.name)
        try:
            if attribute == _ACTUAL:
                self._write(known, item["attributeValue"])
            else:
                self._bound(known, attribute, item["attributeValue"])
        except ValueError as error:
            code = error.code if isinstance(error, WrongValue) else "InvalidValue"
            # 2.0.1 has room for 512 characters of additionalInfo.
            return self._result(item, "Rejected", reason(code, str(error)[:512]))
        # Writing what stands there already changes nothing that would need a reboot.
        late = known.reboot and before != self._values.text(known.name)
        return self._result(item, "RebootRequired" if late else "Accepted")

    def attributes(self, known: Variable) -> Sequence[str]:
        """AttributeEnumType of what a variable has."""
        return (_ACTUAL, _LEAST, _MOST) if known.bounded else (_ACTUAL,)

    def value(self, known: Variable, attribute: str = _ACTUAL) -> str:
        """The present value of an attribute that it has."""
        if attribute != _ACTUAL:
            return str(self._limit(known, attribute))
        return self._values.text(known.name)[: self._values.integer("DeviceDataCtrlr.ReportingValueSize")]

    def _limit(self, known: Variable, attribute: str) -> int:
        made = (known.minimum or 0) if attribute == _LEAST else known.maximum
        return self._bounds.get((known.name, attribute), MAX_INTEGER if made is None else made)

    def _bound(self, known: Variable, attribute: str, text: str) -> None:
        """Set MinSet or MaxSet, within the limits that the variable has and so that its value stays right."""
        value, least = self._values.integer(known.name), known.minimum or 0
        number = whole_number(text)
        if number is None:
            raise WrongValue(f"{attribute} of {known.variable} takes a whole number")
        most = MAX_INTEGER if known.maximum is None else known.maximum
        least, most = (least, min(value, most)) if attribute == _LEAST else (max(value, least), most)
        if number < least:
            raise WrongValue(f"{attribute} of {known.variable} takes {least} at least", "ValueTooLow")
        if number > most:
            raise WrongValue(f"{attribute} of {known.variable} takes {most} at most", "ValueTooHigh")
        self._bounds[known.name, attribute] = number

    def set_raw(self, key: str, value: str) -> None:
        """Set ``Component.Variable`` (an instance as ``Component.Variable.Instance``), read-only or not.

        Where each EVSE, or each connector, has that component it is set at all of them.

        Raises:
            Refused: there is no such variable, or it cannot have that value.
        """
        component, dot, rest = key.partition(".")
        # An instance may also be written in brackets: Variable[Instance].
        name, _, instance = rest.removesuffix("]").replace("[", ".").partition(".")
        place = (component.casefold(), None, None, None)
        named = (name.casefold(), _folded(instance or None))
        found = [one for (where, what), one in self._known.items() if (where[0], what) == (place[0], named)]
        exact = [one for one in found if _place(one) == place]
        known = next(iter(exact or found), None) if dot else None
        if known is None:
            raise Refused(
                f"the station has no variable {key!r}; write Component.Variable or Component.Variable.Instance"
            )
        if not isinstance(known.default, str):
            raise Refused(f"{key} follows from the station's state and cannot be set")
        if not known.settable:
            raise Refused(f"{key} says what the station does, in one way only, and cannot be set")
        try:
            for one in exact or found:
                self._write(one, value)
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

    def remember_bounds(self) -> list[list[Any]]:
        """What MinSet and MaxSet were set to: variable, attribute and number of each."""
        return [[name, attribute, number] for (name, attribute), number in self._bounds.items()]

    def recall_bounds(self, bounds: Iterable[Sequence[Any]]) -> None:
        """Put that back."""
        self._bounds = {(name, attribute): number for name, attribute, number in bounds}

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
        most = self._values.integer("DeviceDataCtrlr.ConfigurationValueSize")
        if len(value) > most:
            raise WrongValue(f"a value has at most {most} characters", "TooLargeElement")
        bounds = (self._limit(known, _LEAST), self._limit(known, _MOST)) if known.bounded else (None, None)
        self._values.set(known.name, checked(known, value, *bounds))

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
