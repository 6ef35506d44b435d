"""What SetVariables and GetVariables show (OCPP 2.x B05, B06): ``configuration``, in the settings' neutral names.

It speaks 1.6's words for what is not there: Unknown when read, NotSupported when set.
"""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.common import Fact, put
from ocpplab_runner.vocabulary.settings import SETTINGS

_NOT_THERE = frozenset({"UnknownComponent", "UnknownVariable"})
_SETTING_NAMES: dict[tuple[str, str, str], str] = {
    (s.v2.component.lower(), s.v2.name.lower(), (s.v2.instance or "").lower()): s.name
    for s in SETTINGS.values()
    if s.v2 is not None
}


def variables_set(request: Any, answer: Any) -> list[Fact]:
    """One ``configuration`` for each result of SetVariables, with the value that the request wanted."""
    wanted = {_place(entry): entry.get("attributeValue") for entry in request["setVariableData"]}
    facts: list[Fact] = []
    for result in answer["setVariableResult"]:
        status = result["attributeStatus"]
        missing = status in _NOT_THERE or status == "NotSupportedAttributeType"
        fields = _setting(result, "NotSupported" if missing else status)
        put(fields, "value", wanted.get(_place(result)))
        facts.append(("configuration", fields))
    return facts


def variables_read(_request: Any, answer: Any) -> list[Fact]:
    """One ``configuration`` for each result of GetVariables."""
    facts: list[Fact] = []
    for result in answer["getVariableResult"]:
        status = result["attributeStatus"]
        fields = _setting(result, "Unknown" if status in _NOT_THERE else status)
        put(fields, "value", result.get("attributeValue"))
        facts.append(("configuration", fields))
    return facts


def _place(entry: Any) -> tuple[Any, Any, Any, Any, Any]:
    component, variable = entry["component"], entry["variable"]
    return (
        component["name"],
        component.get("instance"),
        variable["name"],
        variable.get("instance"),
        entry.get("attributeType", "Actual"),
    )


def _setting(entry: Any, status: Any) -> dict[str, Any]:
    component, variable = entry["component"]["name"], entry["variable"]["name"]
    instance = entry["variable"].get("instance")
    fields: dict[str, Any] = {"is": status}
    fields["key"] = f"{component}.{variable}" + (f".{instance}" if instance else "")
    put(fields, "setting", _SETTING_NAMES.get((component.lower(), variable.lower(), (instance or "").lower())))
    return fields
