"""Provisioning: boot, heartbeat, and settings by their neutral names.

A setting of 2.x that is not there speaks 1.6's words: Unknown when read, NotSupported when set.
"""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact, is_boot, put
from ocpplab_runner.vocabulary.settings import SETTINGS, setting_of_key

_NOT_THERE = frozenset({"UnknownComponent", "UnknownVariable"})
#: In lower case: OCPP 2.x tells names of components and variables apart without it (ComponentType, VariableType).
_SETTING_NAMES: dict[tuple[str, str, str], str] = {
    (s.v2.component.lower(), s.v2.name.lower(), (s.v2.instance or "").lower()): s.name
    for s in SETTINGS.values()
    if s.v2 is not None
}


class ProvisioningBlock(Block):
    """``boot`` and ``heartbeat``."""

    @shown_by("Heartbeat", "heartbeat")
    def heartbeat(self, _: Any) -> list[Fact]:
        """A Heartbeat has come."""
        return [("heartbeat", {})]

    @shown_by("BootNotification")
    def booting(self, payload: Any) -> list[Fact]:
        """The charger has booted, whatever comes of it."""
        if is_boot(payload):
            self.traffic.starts.booted()
        return NO_FACTS

    @shown_by_answer("BootNotification")
    def booted(self, request: Any, answer: Any) -> list[Fact]:
        """With the status that the CSMS gives, and the reason that a 2.x charger gave."""
        if is_boot(request):
            self.traffic.starts.booted_at(answer.get("currentTime"))
        fields = {"is": answer["status"]}
        put(fields, "interval", answer.get("interval"))
        put(fields, "reason", request.get("reason"))
        return [("boot", fields)]


class ProvisioningV16(ProvisioningBlock):
    """``configuration`` of keys."""

    versions = V16

    @shown_by_answer("ChangeConfiguration", by_csms=True)
    def changed(self, request: Any, answer: Any) -> list[Fact]:
        """ChangeConfiguration.conf."""
        fields = _of_key(request["key"], answer["status"])
        put(fields, "value", request.get("value"))
        return [("configuration", fields)]

    @shown_by_answer("GetConfiguration", by_csms=True)
    def read(self, _: Any, answer: Any) -> list[Fact]:
        """One for each key, with ``is: Unknown`` for each unknownKey."""
        facts: list[Fact] = []
        for entry in answer.get("configurationKey", ()):
            fields = _of_key(entry["key"], "Accepted")
            put(fields, "value", entry.get("value"))
            put(fields, "readonly", entry.get("readonly"))
            facts.append(("configuration", fields))
        facts.extend(("configuration", _of_key(key, "Unknown")) for key in answer.get("unknownKey", ()))
        return facts


class ProvisioningV2(ProvisioningBlock):
    """``configuration`` of variables: B05, B06."""

    versions = V2

    @shown_by_answer("SetVariables", by_csms=True)
    def changed(self, request: Any, answer: Any) -> list[Fact]:
        """One for each result of SetVariables, with the value that the request wanted."""
        wanted = {_place(entry): entry.get("attributeValue") for entry in request["setVariableData"]}
        facts: list[Fact] = []
        for result in answer["setVariableResult"]:
            status = result["attributeStatus"]
            missing = status in _NOT_THERE or status == "NotSupportedAttributeType"
            fields = _of_variable(result, "NotSupported" if missing else status)
            put(fields, "value", wanted.get(_place(result)))
            facts.append(("configuration", fields))
        return facts

    @shown_by_answer("GetVariables", by_csms=True)
    def read(self, _: Any, answer: Any) -> list[Fact]:
        """One for each result of GetVariables."""
        facts: list[Fact] = []
        for result in answer["getVariableResult"]:
            status = result["attributeStatus"]
            fields = _of_variable(result, "Unknown" if status in _NOT_THERE else status)
            put(fields, "value", result.get("attributeValue"))
            facts.append(("configuration", fields))
        return facts

    @shown_by("NotifyReport", "variable")
    def reported(self, payload: Any) -> list[Fact]:
        """One for each attribute of each variable of the report: B07, B08."""
        return [
            ("variable", {**_reported(entry, one), "request_id": payload["requestId"]})
            for entry in payload.get("reportData", ())
            for one in entry["variableAttribute"]
        ]


#: VariableCharacteristicsType → the fact's field.
_CHARACTERISTICS = {
    "dataType": "type",
    "unit": "unit",
    "minLimit": "minimum",
    "maxLimit": "maximum",
    "valuesList": "choices",
}


def _reported(entry: Any, attribute: Any) -> dict[str, Any]:
    component, variable = entry["component"], entry["variable"]
    instance = variable.get("instance")
    fields = {
        "variable": f"{component['name']}.{variable['name']}" + (f".{instance}" if instance else ""),
        "attribute": attribute.get("type", "Actual"),
        "mutability": attribute.get("mutability", "ReadWrite"),
    }
    evse = component.get("evse", {})
    put(fields, "evse_id", evse.get("id"))
    put(fields, "connector_id", evse.get("connectorId"))
    put(fields, "value", attribute.get("value"))
    for name, field in _CHARACTERISTICS.items():
        put(fields, field, entry.get("variableCharacteristics", {}).get(name))
    return fields


def _of_key(key: str, status: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"is": status, "key": key}
    setting = setting_of_key(key)
    put(fields, "setting", None if setting is None else setting.name)
    return fields


def _place(entry: Any) -> tuple[Any, Any, Any, Any, Any]:
    component, variable = entry["component"], entry["variable"]
    return (
        component["name"],
        component.get("instance"),
        variable["name"],
        variable.get("instance"),
        # Left out it is Actual (SetVariableDataType): an answer may name what the call has left out.
        entry.get("attributeType", "Actual"),
    )


def _of_variable(entry: Any, status: Any) -> dict[str, Any]:
    component, variable = entry["component"]["name"], entry["variable"]["name"]
    instance = entry["variable"].get("instance")
    fields: dict[str, Any] = {"is": status}
    fields["key"] = f"{component}.{variable}" + (f".{instance}" if instance else "")
    put(fields, "setting", _SETTING_NAMES.get((component.lower(), variable.lower(), (instance or "").lower())))
    return fields


PROVISIONING = (ProvisioningV16, ProvisioningV2)
