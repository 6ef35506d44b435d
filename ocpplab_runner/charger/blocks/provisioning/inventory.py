"""Reports of the device model of OCPP 2.x: which variables, and how each is told; use cases B07 and B08."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ocpplab_runner.charger.blocks.provisioning.device_model import DeviceModel
from ocpplab_runner.charger.core.variables import Component, Variable

#: What a summary tells of whatever has it, and what it tells where it is so.
_STATE, _PROBLEM = "AvailabilityState", "Problem"


def base_report(model: DeviceModel, base: str) -> list[Variable]:
    """The variables of a ReportBaseEnumType."""
    match base:
        case "FullInventory":
            return list(model)
        case "ConfigurationInventory":
            return [one for one in model if one.mutability != "ReadOnly"]
    return [one for one in model if one.variable == _STATE or (one.variable == _PROBLEM and model.value(one) == "true")]


def custom_report(
    model: DeviceModel, criteria: Sequence[str], wanted: Sequence[Mapping[str, Any]]
) -> Sequence[Variable]:
    """The variables of components that meet one of the criteria, of which those that are wanted; B08.

    Args:
        model: of the station.
        criteria: ComponentCriterionEnumType; none of them for every component.
        wanted: ComponentVariableType; none of them for every variable.
    """
    found: Iterable[Variable] = model
    if wanted:
        named = {id(one) for item in wanted for one in model.matching(item)}
        found = [one for one in found if id(one) in named]
    if criteria:
        found = [one for one in found if any(_meets(model, one.component, criterion) for criterion in criteria)]
    return list(found)


def _meets(model: DeviceModel, component: Component | None, criterion: str) -> bool:
    """A component that says nothing of it is active, available and enabled, and has no problem (B08.FR.07 to FR.10)."""
    said = next((one for one in model if one.component == component and one.variable == criterion), None)
    return criterion != _PROBLEM if said is None else model.value(said) == "true"


def report_data(model: DeviceModel, known: Variable) -> dict[str, Any]:
    """ReportDataType of a variable, with every attribute that it has."""
    characteristics: dict[str, Any] = {"dataType": known.type, "supportsMonitoring": True}
    for key, value in (("unit", known.unit), ("minLimit", known.minimum), ("maxLimit", known.maximum)):
        if value is not None:
            characteristics[key] = value
    if known.choices:
        characteristics["valuesList"] = ",".join(known.choices)
    return {
        **place_of(known),
        "variableAttribute": [_attribute(model, known, attribute) for attribute in model.attributes(known)],
        "variableCharacteristics": characteristics,
    }


def _attribute(model: DeviceModel, known: Variable, attribute: str) -> dict[str, Any]:
    told: dict[str, Any] = {"type": attribute, "mutability": known.mutability}
    if known.mutability != "WriteOnly":  # B08.FR.03
        told["value"] = model.value(known, attribute)
    return told


def place_of(known: Variable) -> dict[str, Any]:
    """The ``component`` and the ``variable`` that name it."""
    place = known.component
    assert place is not None
    component: dict[str, Any] = {"name": place.name}
    if place.instance is not None:
        component["instance"] = place.instance
    if place.evse_id is not None:
        component["evse"] = {"id": place.evse_id}
        if place.connector_id is not None:
            component["evse"]["connectorId"] = place.connector_id
    variable: dict[str, Any] = {"name": known.variable}
    if known.instance is not None:
        variable["instance"] = known.instance
    return {"component": component, "variable": variable}
