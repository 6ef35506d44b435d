"""Monitoring of variables in OCPP 2.x: monitors that were set, and what has triggered them."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, Block, shown_by, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import Fact, put
from ocpplab_runner.vocabulary.versions import OcppVersion


class Monitoring(Block):
    """``monitor``, ``monitor_event``, ``stream_data``, ``customer_information``."""

    versions = V2

    @shown_by_answer("SetVariableMonitoring", by_csms=True)
    def was_set(self, _: Any, answer: Any) -> list[Fact]:
        """One for each result."""
        facts: list[Fact] = []
        for result in answer["setMonitoringResult"]:
            fields = {"is": result["status"], **_place(result), "type": result["type"], "severity": result["severity"]}
            put(fields, "monitor_id", result.get("id"))
            facts.append(("monitor", fields))
        return facts

    @shown_by_answer("ClearVariableMonitoring", by_csms=True)
    def cleared(self, _: Any, answer: Any) -> list[Fact]:
        """One for each monitor that shall go."""
        words = {"Accepted": "Cleared"}
        return [
            ("monitor", {"is": words.get(result["status"], result["status"]), "monitor_id": result["id"]})
            for result in answer["clearMonitoringResult"]
        ]

    @shown_by("NotifyMonitoringReport", "monitor")
    def reported(self, payload: Any) -> list[Fact]:
        """One for each monitor of the report."""
        return [
            (
                "monitor",
                {
                    "is": "Reported",
                    **_place(entry),
                    "type": one["type"],
                    "severity": one["severity"],
                    "monitor_id": one["id"],
                    "value": one["value"],
                },
            )
            for entry in payload.get("monitor", ())
            for one in entry["variableMonitoring"]
        ]

    @shown_by("NotifyEvent", "monitor_event")
    def happened(self, payload: Any) -> list[Fact]:
        """One for each event."""
        facts: list[Fact] = []
        for event in payload["eventData"]:
            fields = {"is": event["trigger"], **_place(event), "value": event["actualValue"]}
            put(fields, "monitor_id", event.get("variableMonitoringId"))
            put(fields, "cleared", event.get("cleared"))
            put(fields, "transaction_id", event.get("transactionId"))
            facts.append(("monitor_event", fields))
        return facts

    @shown_by("NotifyPeriodicEventStream", "stream_data", versions=frozenset({OcppVersion.V21}))
    def streamed(self, payload: Any) -> list[Fact]:
        """A bundle of values: how many, and the latest."""
        data = payload["data"]
        return [("stream_data", {"stream_id": payload["id"], "values": len(data), "value": data[-1]["v"]})]

    @shown_by("NotifyCustomerInformation", "customer_information")
    def told(self, payload: Any) -> list[Fact]:
        """What is known of a customer."""
        return [("customer_information", {"data": payload["data"], "request_id": payload["requestId"]})]


def _place(entry: Any) -> dict[str, Any]:
    component, variable = entry["component"], entry["variable"]
    name = f"{component['name']}.{variable['name']}"
    instance = variable.get("instance")
    fields: dict[str, Any] = {"variable": name + (f".{instance}" if instance else "")}
    evse = component.get("evse")
    if evse:
        fields["evse_id"] = evse["id"]
        put(fields, "connector_id", evse.get("connectorId"))
    return fields


MONITORING = (Monitoring,)
