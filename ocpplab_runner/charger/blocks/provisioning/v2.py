"""Provisioning in OCPP 2.x: use cases B01 to B03, B05 to B07, B11 and B12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.provisioning.block import Provisioning
from ocpplab_runner.charger.blocks.provisioning.device_model import DeviceModel
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.evse import CONNECTOR_TYPE
from ocpplab_runner.charger.core.model import BootReason, Outgoing
from ocpplab_runner.charger.core.services import MODEL, OPEN_TRANSACTIONS, SUPPLY, Place
from ocpplab_runner.charger.core.variables import Component, Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerError, HandlerResult, Reply
from ocpplab_runner.transfers.client import PROTOCOLS

#: ReportDataType items in one NotifyReport.
REPORT_ITEMS = 40


class ProvisioningV2(Provisioning):
    """Variables are a device model.

    A variable is writable only when writing it has an effect here; what the station does in one way only is read-only
    and says so.
    """

    versions = V2
    sends = frozenset({"NotifyReport"})
    #: Of the table of required variables.
    absent = frozenset(f"OCPPCommCtrlr.RetryBackOff{what}" for what in ("RandomRange", "RepeatTimes", "WaitMinimum"))

    def assembled(self) -> None:
        """Every block has declared its variables."""
        super().assembled()
        self._model = DeviceModel(self.context.variables, self.context.config.features)
        self.context.offer(MODEL, self._model)

    def variables(self) -> Iterable[Variable]:
        """Part 2, Referenced Components and Variables: the station's own, and what it is made of."""
        yield from super().variables()
        config, equipment, time = self.context.config, self.context.equipment, self.context.time
        source = "Heartbeat" if config.clock.follows else "RealTimeClock"
        yield constant("ClockCtrlr", "TimeSource", "SequenceList", source)
        yield of_2x("ClockCtrlr", "DateTime", "dateTime", lambda: clock.timestamp(time.now()))
        for action in ("GetReport", "GetVariables", "SetVariables"):
            yield constant("DeviceDataCtrlr", "BytesPerMessage", "integer", "65536", instance=action)
        yield constant("DeviceDataCtrlr", "ItemsPerMessage", "integer", "100", instance="GetReport")
        for action in ("GetVariables", "SetVariables"):
            yield of_2x("DeviceDataCtrlr", "ItemsPerMessage", "integer", "100", instance=action)
        yield constant("OCPPCommCtrlr", "FileTransferProtocols", "MemberList", ",".join(PROTOCOLS).upper())
        yield constant("OCPPCommCtrlr", "MessageTimeout", "integer", "30", instance="Default")
        yield constant("OCPPCommCtrlr", "QueueAllMessages", "boolean", "false")
        yield of_2x("SecurityCtrlr", "Identity", "string", lambda: config.identity)
        yield of_2x("ChargingStation", "Model", "string", lambda: config.model)
        yield of_2x("ChargingStation", "SerialNumber", "string", lambda: config.serial_number)
        yield of_2x("ChargingStation", "VendorName", "string", lambda: config.vendor)
        places = [Component("ChargingStation")]
        for evse in equipment.evses:
            places.append(Component("EVSE", None, evse.evse_id))
            for connector in evse.connectors:
                place = Component("Connector", None, evse.evse_id, connector.connector_id)
                places.append(place)
                yield of_2x(place, "ConnectorType", "string", lambda: CONNECTOR_TYPE)
        for place in places:
            yield of_2x(place, "Available", "boolean", lambda: "true")
            yield of_2x(place, "SupplyPhases", "integer", lambda: str(config.phases))

    def boot_notification(self, reason: BootReason) -> Outgoing:
        """B01."""
        config = self.context.config
        station: dict[str, Any] = {"model": config.model[:20], "vendorName": config.vendor[:50]}
        if config.serial_number:
            station["serialNumber"] = config.serial_number[:25]
        firmware = self.context.equipment.firmware_version
        if firmware:
            station["firmwareVersion"] = firmware[:50]
        return Outgoing("BootNotification", {"chargingStation": station, "reason": reason.value})

    @triggered("BootNotification")
    def trigger_boot_notification(self, _: Place) -> HandlerResult:
        """Not once the boot has been accepted (F06.FR.17)."""
        if self.accepted:
            return rejected("NotEnabled", "the boot has been accepted already")
        return Reply({"status": "Accepted"}, then=self.trigger_boot)

    @answers("GetVariables", while_pending=True)
    def get_variables(self, payload: Payload) -> HandlerResult:
        """B06."""
        items = self._items(payload["getVariableData"], "GetVariables")
        return {"getVariableResult": [self._model.get(item) for item in items]}

    @answers("SetVariables", while_pending=True)
    def set_variables(self, payload: Payload) -> HandlerResult:
        """B05."""
        items = self._items(payload["setVariableData"], "SetVariables")
        return {"setVariableResult": [self._model.set(item) for item in items]}

    def _items(self, items: Sequence[Mapping[str, Any]], action: str) -> Sequence[Mapping[str, Any]]:
        most = self.context.variables.integer(f"DeviceDataCtrlr.ItemsPerMessage.{action}")
        if len(items) > most:  # B05.FR.11, B06.FR.16
            raise HandlerError("OccurrenceConstraintViolation", f"{action} takes at most {most} items")
        return items

    @answers("GetBaseReport", while_pending=True)
    def get_base_report(self, payload: Payload) -> HandlerResult:
        """B07."""
        base = payload["reportBase"]
        if base == "SummaryInventory":  # B07.FR.02: optional
            return {"status": "NotSupported"}
        wanted = [
            self._model.report(one) for one in self._model if base == "FullInventory" or one.mutability != "ReadOnly"
        ]
        return Reply({"status": "Accepted"}, then=lambda: self._send_report(payload["requestId"], wanted))

    def _send_report(self, request_id: int, wanted: Sequence[Mapping[str, Any]]) -> None:
        parts = [wanted[start : start + REPORT_ITEMS] for start in range(0, len(wanted), REPORT_ITEMS)]
        for number, part in enumerate(parts):
            report: dict[str, Any] = {
                "requestId": request_id,
                "generatedAt": clock.timestamp(self.context.time.now()),
                "seqNo": number,
                "reportData": part,
            }
            if number + 1 < len(parts):
                report["tbc"] = True
            self.context.post(Outgoing("NotifyReport", report))

    @answers("Reset", while_pending=True)
    def reset(self, payload: Payload) -> HandlerResult:
        """B11 and B12."""
        if "evseId" in payload:  # B11.FR.09: EVSE.AllowReset is not there
            return rejected("UnsupportedParam", "a single EVSE of this station cannot be reset")
        supply = self.context.ask(SUPPLY)
        if payload["type"] == "Immediate":
            return Reply({"status": "Accepted"}, then=lambda: supply.reset(hard=True, deliver_first=True))
        later = BootReason.SCHEDULED_RESET
        if self.context.ask(OPEN_TRANSACTIONS).when_idle(lambda: supply.reset(hard=False, reason=later)):
            return Reply({"status": "Accepted"}, then=lambda: supply.reset(hard=False))
        return {"status": "Scheduled"}  # B12.FR.01

    def set_raw(self, key: str, value: str) -> None:
        """Set ``Component.Variable`` or ``Component.Variable.Instance`` from inside; raises Refused."""
        self._model.set_raw(key, value)

    def remember_variables(self) -> Mapping[str, Any]:
        """Variables that were set."""
        return {"variables": self._model.remember()}

    def recall_variables(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        self._model.recall(memory["variables"])
