"""Provisioning in OCPP 2.x: use cases B01 to B03, B05 to B08, B11 and B12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.provisioning.block import Provisioning
from ocpplab_runner.charger.blocks.provisioning.device_model import DeviceModel
from ocpplab_runner.charger.blocks.provisioning.evse_reset import restart
from ocpplab_runner.charger.blocks.provisioning.inventory import base_report, custom_report, report_data
from ocpplab_runner.charger.core.backoff import DOUBLINGS, RANDOM_RANGE, REPEAT_TIMES, WAIT_MINIMUM
from ocpplab_runner.charger.core.block import V2, Payload, answers, hears, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import TransactionClosed, WentDown
from ocpplab_runner.charger.core.evse import CONNECTOR_TYPE
from ocpplab_runner.charger.core.model import BootReason, Outgoing, StopReason
from ocpplab_runner.charger.core.services.station import MODEL, SUPPLY, Place
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS
from ocpplab_runner.charger.core.variables import Component, Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerError, HandlerResult, Reply
from ocpplab_runner.transfers.client import PROTOCOLS
from ocpplab_runner.vocabulary.versions import OcppVersion

#: ReportDataType items in one NotifyReport.
REPORT_ITEMS = 40
#: The reset of 2.1 after which transactions go on.
_RESUMES = "ImmediateAndResume"


class ProvisioningV2(Provisioning):
    """Variables are a device model.

    A variable is writable only when writing it has an effect here; what the station does in one way only is read-only
    and says so.
    """

    versions = V2
    sends = frozenset({"NotifyReport"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        #: EVSEs that are reset once nothing runs there.
        self._due: set[int] = set()

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
        yield of_2x(
            "ClockCtrlr",
            "TimeSource",
            "SequenceList",
            source,
            choices=("Heartbeat", "RealTimeClock"),
            settable=False,
        )
        yield of_2x("ClockCtrlr", "DateTime", "dateTime", lambda: clock.timestamp(time.now()))
        for action in ("GetReport", "GetVariables", "SetVariables"):
            yield constant("DeviceDataCtrlr", "BytesPerMessage", "integer", "65536", instance=action)
        for action in ("GetReport", "GetVariables", "SetVariables"):
            yield of_2x("DeviceDataCtrlr", "ItemsPerMessage", "integer", "100", instance=action)
        yield of_2x("DeviceDataCtrlr", "ConfigurationValueSize", "integer", "1000", maximum=1000)
        yield of_2x("DeviceDataCtrlr", "ReportingValueSize", "integer", "2500", maximum=2500)
        protocols = tuple(one.upper() for one in PROTOCOLS)
        yield of_2x(
            "OCPPCommCtrlr",
            "FileTransferProtocols",
            "MemberList",
            ",".join(protocols),
            choices=protocols,
            settable=False,
        )
        for name, value, unit in (
            (WAIT_MINIMUM, str(round(config.reconnect)), "s"),
            (REPEAT_TIMES, str(DOUBLINGS), None),
            (RANDOM_RANGE, "0", "s"),
        ):
            variable = name.partition(".")[2]
            yield of_2x(
                "OCPPCommCtrlr", variable, "integer", value, mutability="ReadWrite", minimum=0, maximum=86400, unit=unit
            )
        yield constant("CHAdeMOCtrlr", "Available", "boolean", "false")
        connection = self.context.connection
        yield of_2x(
            "OCPPCommCtrlr",
            "MessageTimeout",
            "integer",
            lambda: str(round(connection.call_timeout)),
            instance="Default",
            unit="s",
        )
        yield constant("OCPPCommCtrlr", "QueueAllMessages", "boolean", "false")
        if self.context.version is OcppVersion.V201:  # in 2.1 security has it, since it may be written
            yield of_2x("SecurityCtrlr", "Identity", "string", lambda: config.identity)
        yield of_2x("ChargingStation", "Model", "string", lambda: config.model)
        yield of_2x("ChargingStation", "SerialNumber", "string", lambda: config.serial_number)
        yield of_2x("ChargingStation", "VendorName", "string", lambda: config.vendor)
        places = [Component("ChargingStation")]
        for evse in equipment.evses:
            place = Component("EVSE", None, evse.evse_id)
            places.append(place)
            yield of_2x(place, "AllowReset", "boolean", "true")
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
        if len(orjson.dumps(items)) > self.context.variables.integer(f"DeviceDataCtrlr.BytesPerMessage.{action}"):
            raise HandlerError("FormatViolation", f"{action} is too long")  # B05.FR.12, B06.FR.17, B08.FR.18
        # What is too much at once is not done in part, either.
        most = self.context.variables.integer(f"DeviceDataCtrlr.ItemsPerMessage.{action}")
        if len(items) > most:  # B05.FR.11, B06.FR.16, B08.FR.17
            raise HandlerError("OccurrenceConstraintViolation", f"{action} takes at most {most} items")
        return items

    @answers("GetBaseReport", while_pending=True)
    def get_base_report(self, payload: Payload) -> HandlerResult:
        """B07."""
        return self._report(payload["requestId"], base_report(self._model, payload["reportBase"]))

    @answers("GetReport", while_pending=True)
    def get_report(self, payload: Payload) -> HandlerResult:
        """B08."""
        wanted = self._items(payload.get("componentVariable", ()), "GetReport")
        return self._report(
            payload["requestId"], custom_report(self._model, payload.get("componentCriteria", ()), wanted)
        )

    def _report(self, request_id: int, wanted: Sequence[Variable]) -> HandlerResult:
        if not wanted:  # B08.FR.15
            return {"status": "EmptyResultSet"}
        told = [report_data(self._model, one) for one in wanted]
        return Reply({"status": "Accepted"}, then=lambda: self._send_report(request_id, told))

    def _send_report(self, request_id: int, told: Sequence[Mapping[str, Any]]) -> None:
        parts = [told[start : start + REPORT_ITEMS] for start in range(0, len(told), REPORT_ITEMS)]
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
        kind = payload["type"]
        if kind == _RESUMES and not self.context.ask(OPEN_TRANSACTIONS).resumes:  # 2.1 B12
            return rejected("NotEnabled", "transactions of this station do not go on: TxCtrlr.ResumptionTimeout is 0")
        if "evseId" in payload:
            return self._reset_evse(payload["evseId"], kind)
        supply = self.context.ask(SUPPLY)
        if kind == _RESUMES:
            return Reply({"status": "Accepted"}, then=lambda: supply.reset(hard=False, goes_on=True))
        if kind == "Immediate":
            # The ends of transactions are told before the reboot (B12), as no hard reset of 1.6 does.
            return Reply({"status": "Accepted"}, then=lambda: supply.reset(hard=True, deliver_first=True))
        # After a reset that has waited the boot says so (BootReasonEnumType ScheduledReset).
        later = BootReason.SCHEDULED_RESET
        if self.context.ask(OPEN_TRANSACTIONS).when_idle(lambda: supply.reset(hard=False, reason=later)):
            return Reply({"status": "Accepted"}, then=lambda: supply.reset(hard=False))
        return {"status": "Scheduled"}  # B12.FR.01

    def _reset_evse(self, evse_id: int, kind: str) -> HandlerResult:
        """Reset one EVSE: B11.FR.08 to FR.10, B12.FR.07 to FR.09."""
        evse = self.context.equipment.find(evse_id)
        if evse is None:
            return rejected("UnknownEvse")
        if not self.context.variables.boolean(f"EVSE.{evse.evse_id}.AllowReset"):
            return rejected("NotEnabled", "this EVSE cannot be reset by itself")
        # What counts is what is open on the wire, which may begin before the station's transaction and outlast it.
        if kind == "OnIdle" and self.context.ask(OPEN_TRANSACTIONS).id_at(evse.evse_id) is not None:
            self._due.add(evse.evse_id)
            return {"status": "Scheduled"}
        reason = StopReason.SOFT_RESET if kind == "OnIdle" else StopReason.HARD_RESET
        goes_on = kind == _RESUMES
        return Reply({"status": "Accepted"}, then=lambda: restart(self.context, evse, reason, goes_on=goes_on))

    @hears(TransactionClosed)
    def transaction_closed(self, event: TransactionClosed) -> None:
        """An EVSE that was to be reset once idle is idle."""
        if event.evse_id in self._due:
            self._due.discard(event.evse_id)
            evse = self.context.equipment.evses[event.evse_id - 1]
            # Not before the station has finished with this end.
            self._timers.start(("reset", evse.evse_id), 0.0, lambda: restart(self.context, evse, StopReason.SOFT_RESET))

    def went_down(self, event: WentDown) -> None:
        """What was to be reset has been."""
        super().went_down(event)
        self._due.clear()

    def set_raw(self, key: str, value: str) -> None:
        """Set ``Component.Variable`` or ``Component.Variable.Instance`` from inside; raises Refused."""
        self._model.set_raw(key, value)

    def remember_variables(self) -> Mapping[str, Any]:
        """Variables that were set."""
        return {"variables": self._model.remember(), "bounds": self._model.remember_bounds()}

    def recall_variables(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        self._model.recall(memory["variables"])
        self._model.recall_bounds(memory.get("bounds", ()))
