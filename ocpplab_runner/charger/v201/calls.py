"""The CSMS's calls in OCPP 2.0.1, answered from the station's state and operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.local_list import ListEntry, UpdateType
from ocpplab_runner.charger.evse import Connector, Evse
from ocpplab_runner.charger.model import BootReason, Outgoing, UpdateKind
from ocpplab_runner.charger.moments import moment
from ocpplab_runner.charger.operations import UnlockOutcome
from ocpplab_runner.charger.v201.device_model import DeviceModel
from ocpplab_runner.charger.v201.open_transactions import wire_of
from ocpplab_runner.charger.v201.tx_events import TransactionEvents
from ocpplab_runner.charger.v201.words import reason, token_of, verdict_of
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerError, HandlerResult, Reply

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: ReportDataType items in one NotifyReport.
REPORT_ITEMS = 40


class IncomingCalls:
    """Answers calls.

    Args:
        station: whose.
        model: its device model.
        transactions: knows which transactions are open on the wire.
    """

    def __init__(self, station: SimulatedCharger, model: DeviceModel, transactions: TransactionEvents) -> None:
        self._station = station
        self._model = model
        self._transactions = transactions

    def handle(self, call: Call) -> HandlerResult:
        """Answer a valid call.

        Raises:
            HandlerError: NotSupported for an action that OCPP has and the station has not (part 4 section 4.3; a
                NotImplemented is for what OCPP itself does not know, and the session has given it).
        """
        answer = _ANSWERS.get(call.action)
        if answer is None:
            raise HandlerError("NotSupported", f"this station does not do {call.action}")
        feature = _FEATURES.get(call.action)
        if feature is not None and feature not in self._station.config.features:
            raise HandlerError("NotSupported", f"this station does not have {feature}")
        return answer(self, call.payload)

    # -- device model (B05 to B07) ----------------------------------------------------------------------------------

    def _get_variables(self, payload: Mapping[str, Any]) -> HandlerResult:
        items = self._items(payload["getVariableData"], "GetVariables")
        return {"getVariableResult": [self._model.get(item) for item in items]}

    def _set_variables(self, payload: Mapping[str, Any]) -> HandlerResult:
        items = self._items(payload["setVariableData"], "SetVariables")
        return {"setVariableResult": [self._model.set(item) for item in items]}

    def _items(self, items: Sequence[Mapping[str, Any]], action: str) -> Sequence[Mapping[str, Any]]:
        most = int(self._model.value("DeviceDataCtrlr", "ItemsPerMessage", action))
        if len(items) > most:  # B05.FR.11, B06.FR.16
            raise HandlerError("OccurrenceConstraintViolation", f"{action} takes at most {most} items")
        return items

    def _get_base_report(self, payload: Mapping[str, Any]) -> HandlerResult:
        base = payload["reportBase"]
        if base == "SummaryInventory":  # B07.FR.02: optional
            return {"status": "NotSupported"}
        wanted = [
            self._model.report(spec) for spec in self._model if base == "FullInventory" or spec.mutability != "ReadOnly"
        ]
        parts = [wanted[start : start + REPORT_ITEMS] for start in range(0, len(wanted), REPORT_ITEMS)]

        def send() -> None:
            for number, part in enumerate(parts):
                report: dict[str, Any] = {
                    "requestId": payload["requestId"],
                    "generatedAt": clock.timestamp(self._station.time.now()),
                    "seqNo": number,
                    "reportData": part,
                }
                if number + 1 < len(parts):
                    report["tbc"] = True
                self._station.post(Outgoing("NotifyReport", report))

        return Reply({"status": "Accepted"}, then=send)

    # -- transactions (F01 to F03, E14) -----------------------------------------------------------------------------

    def _request_start(self, payload: Mapping[str, Any]) -> HandlerResult:
        if not self._station.registrar.accepted:  # B02.FR.05
            return _rejected("NotEnabled", "the boot of this station has not been accepted")
        if "chargingProfile" in payload:
            return _rejected("UnsupportedParam", "this station does not do smart charging")
        evse = None
        if "evseId" in payload:
            evse = self._evse(payload["evseId"])
            if evse is None:
                return _rejected("UnknownEvse")
        group = payload.get("groupIdToken")
        start = self._station.operations.remote_start(
            token_of(payload["idToken"]),
            evse,
            authorize=self._station.settings.boolean("authorize_remote_start"),
            group=None if group is None else token_of(group),
            remote_start_id=payload["remoteStartId"],
        )
        if start is None:
            return _rejected("NoEvseAvailable")
        answer = {"status": "Accepted"}
        known = None if evse is None else self._transactions.open.id_at(evse.evse_id)
        if known is not None:  # F01.FR.13: the cable has opened a transaction already
            answer["transactionId"] = known
        return Reply(answer, then=start)

    def _request_stop(self, payload: Mapping[str, Any]) -> HandlerResult:
        if not self._station.registrar.accepted:  # B02.FR.05
            return _rejected("NotEnabled", "the boot of this station has not been accepted")
        transaction = self._transactions.open.find(payload["transactionId"])
        if transaction is None:
            return _rejected("TxNotFound")
        evse = self._station.evses[transaction.evse_id - 1]
        if evse.transaction is not transaction:
            return Reply({"status": "Accepted"}, then=lambda: self._transactions.stop_remotely(evse))
        return Reply({"status": "Accepted"}, then=self._station.operations.remote_stop(transaction))

    def _get_transaction_status(self, payload: Mapping[str, Any]) -> HandlerResult:
        wanted = payload.get("transactionId")
        if wanted is None:  # E14.FR.06 to 08
            return {"messagesInQueue": len(self._station.outbox) > 0}
        queued = any(wire_of(m.transaction).transaction_id == wanted for m in self._station.outbox)
        return {"ongoingIndicator": self._transactions.open.find(wanted) is not None, "messagesInQueue": queued}

    # -- the station (B11, B12, G03, F05, F06) ----------------------------------------------------------------------

    def _reset(self, payload: Mapping[str, Any]) -> HandlerResult:
        if "evseId" in payload:  # B11.FR.09: EVSE.AllowReset is not there
            return _rejected("UnsupportedParam", "a single EVSE of this station cannot be reset")
        if payload["type"] == "Immediate":
            reset = self._station.operations.reset(hard=True, deliver_first=True)
            return Reply({"status": "Accepted"}, then=reset)
        later = self._station.operations.reset(hard=False, reason=BootReason.SCHEDULED_RESET)
        if self._transactions.open.when_idle(later):
            return Reply({"status": "Accepted"}, then=self._station.operations.reset(hard=False))
        return {"status": "Scheduled"}  # B12.FR.01

    def _change_availability(self, payload: Mapping[str, Any]) -> HandlerResult:
        evse: Evse | None = None
        connector: Connector | None = None
        place = payload.get("evse")
        if place is not None:
            evse = self._evse(place["id"])
            if evse is None:
                return _rejected("UnknownEvse")
            if "connectorId" in place:
                connector = evse.connector(place["connectorId"])
                if connector is None:
                    return _rejected("UnknownConnectorId")
        operative = payload["operationalStatus"] == "Operative"
        scheduled, change = self._station.availability.change(evse, connector, operative=operative)
        return Reply({"status": "Scheduled" if scheduled else "Accepted"}, then=change)

    def _unlock_connector(self, payload: Mapping[str, Any]) -> HandlerResult:
        evse = self._evse(payload["evseId"])
        connector = None if evse is None else evse.connector(payload["connectorId"])
        if evse is None or connector is None:  # F05.FR.03
            return {"status": "UnknownConnector"}
        running = evse.transaction
        if running is not None and running.connector_id == connector.connector_id:  # F05.FR.02
            return {"status": "OngoingAuthorizedTransaction"}
        outcome, effect = self._station.operations.unlock(evse, connector)
        if outcome is UnlockOutcome.NOT_SUPPORTED:
            return {"status": "UnlockFailed", "statusInfo": reason("UnsupportedRequest", "this connector has no lock")}
        return Reply({"status": outcome.value}, then=effect)

    def _trigger_message(self, payload: Mapping[str, Any]) -> HandlerResult:
        place = payload.get("evse") or {}
        evse: Evse | None = None
        if place:
            evse = self._evse(place["id"])
            if evse is None:
                return _rejected("UnknownEvse")
        trigger = _TRIGGERS.get(payload["requestedMessage"])
        if trigger is None:
            return {"status": "NotImplemented"}  # F06.FR.08
        return trigger(self, evse, place.get("connectorId"))

    def _trigger_boot(self, evse: Evse | None, connector_id: int | None) -> HandlerResult:
        if self._station.registrar.accepted:  # F06.FR.17
            return _rejected("NotEnabled", "the boot has been accepted already")
        return Reply({"status": "Accepted"}, then=self._station.registrar.trigger_boot)

    def _trigger_heartbeat(self, evse: Evse | None, connector_id: int | None) -> HandlerResult:
        return Reply({"status": "Accepted"}, then=self._station.registrar.send_heartbeat)

    def _trigger_meter_values(self, evse: Evse | None, connector_id: int | None) -> HandlerResult:
        return Reply({"status": "Accepted"}, then=lambda: self._send_meter_values(evse))

    def _trigger_transactions(self, evse: Evse | None, connector_id: int | None) -> HandlerResult:
        running = [e for e in self._station.evses if e.transaction is not None and evse in (None, e)]
        if not running:
            return _rejected("TxNotFound")
        return Reply({"status": "Accepted"}, then=lambda: self._send_transactions(running))

    def _trigger_status(self, evse: Evse | None, connector_id: int | None) -> HandlerResult:
        connector = None if evse is None or connector_id is None else evse.connector(connector_id)
        if evse is None or connector is None:  # F06.FR.12: it needs one connector
            return _rejected("MissingParam" if connector_id is None else "UnknownConnectorId")
        statuses = self._station.statuses
        return Reply({"status": "Accepted"}, then=lambda: statuses.send(statuses.report(evse, connector)))

    def _send_meter_values(self, evse: Evse | None) -> None:
        station = self._station
        for each in station.evses if evse is None else (evse,):
            reading = station.metering.reading(each, "aligned", "Trigger")  # F06.FR.06
            if reading is not None:
                station.post(station.dialect.meter_values(each.evse_id, (reading,)))

    def _send_transactions(self, evses: Sequence[Evse]) -> None:
        for evse in evses:
            if evse.transaction is not None:
                reading = self._station.metering.reading(evse, "sampled", "Trigger")  # F06.FR.07
                self._station.transactions.updated(evse.transaction, UpdateKind.READINGS, reading)

    # -- cards (C11, D01, D02) --------------------------------------------------------------------------------------

    def _clear_cache(self, _: Mapping[str, Any]) -> HandlerResult:
        if not self._station.settings.boolean("cache_enabled"):  # C11.FR.04
            return _rejected("NotEnabled")
        self._station.cache.clear()
        return {"status": "Accepted"}

    def _get_local_list_version(self, _: Mapping[str, Any]) -> HandlerResult:
        if not self._station.settings.boolean("local_list_enabled"):  # D02.FR.03
            return {"versionNumber": 0}
        return {"versionNumber": self._station.local_list.version}

    def _send_local_list(self, payload: Mapping[str, Any]) -> HandlerResult:
        if not self._station.settings.boolean("local_list_enabled"):
            return {"status": "Failed", "statusInfo": reason("NotEnabled")}
        given = payload.get("localAuthorizationList", ())
        most = self._station.config.local_list_max
        if len(given) > most:
            return {"status": "Failed", "statusInfo": reason("TooManyElements", f"at most {most} in one message")}
        entries = [
            ListEntry(token_of(item["idToken"]), verdict_of(item["idTokenInfo"]) if "idTokenInfo" in item else None)
            for item in given
        ]
        version, kind = payload["versionNumber"], UpdateType(payload["updateType"])
        return {"status": self._station.local_list.update(version, kind, entries).value}

    # -- reservations (H01 to H03) ----------------------------------------------------------------------------------

    def _reserve_now(self, payload: Mapping[str, Any]) -> HandlerResult:
        if not self._model.boolean("ReservationCtrlr", "Enabled"):  # H01.FR.01
            return _rejected("NotEnabled")
        evse = None
        if "evseId" in payload:
            evse = self._evse(payload["evseId"])
            if evse is None:
                return _rejected("UnknownEvse")
        elif not self._model.boolean("ReservationCtrlr", "NonEvseSpecific"):  # H01.FR.19
            return _rejected("UnsupportedRequest", "this station reserves a named EVSE only")
        group = payload.get("groupIdToken")
        status, change = self._station.reservations.reserve(
            evse,
            payload["id"],
            token_of(payload["idToken"]),
            moment(payload["expiryDateTime"]),
            None if group is None else token_of(group),
            payload.get("connectorType"),
        )
        return Reply({"status": status}, then=change)

    def _cancel_reservation(self, payload: Mapping[str, Any]) -> HandlerResult:
        reservations, reservation_id = self._station.reservations, payload["reservationId"]
        if not reservations.exists(reservation_id):
            return _rejected("UnknownReservation")
        return Reply({"status": "Accepted"}, then=lambda: reservations.cancel(reservation_id))

    # -- the rest ---------------------------------------------------------------------------------------------------

    def _data_transfer(self, _: Mapping[str, Any]) -> HandlerResult:
        return {"status": "UnknownVendorId"}  # P01.FR.06

    def _evse(self, evse_id: int) -> Evse | None:
        evses = self._station.evses
        return evses[int(evse_id) - 1] if 1 <= evse_id <= len(evses) else None


def _rejected(code: str, info: str = "") -> dict[str, Any]:
    return {"status": "Rejected", "statusInfo": reason(code, info)}


_ANSWERS: Mapping[str, Callable[[IncomingCalls, Mapping[str, Any]], HandlerResult]] = {
    "CancelReservation": IncomingCalls._cancel_reservation,
    "ChangeAvailability": IncomingCalls._change_availability,
    "ClearCache": IncomingCalls._clear_cache,
    "DataTransfer": IncomingCalls._data_transfer,
    "GetBaseReport": IncomingCalls._get_base_report,
    "GetLocalListVersion": IncomingCalls._get_local_list_version,
    "GetTransactionStatus": IncomingCalls._get_transaction_status,
    "GetVariables": IncomingCalls._get_variables,
    "RequestStartTransaction": IncomingCalls._request_start,
    "RequestStopTransaction": IncomingCalls._request_stop,
    "ReserveNow": IncomingCalls._reserve_now,
    "Reset": IncomingCalls._reset,
    "SendLocalList": IncomingCalls._send_local_list,
    "SetVariables": IncomingCalls._set_variables,
    "TriggerMessage": IncomingCalls._trigger_message,
    "UnlockConnector": IncomingCalls._unlock_connector,
}
#: What a station that is given fewer `features` does not answer.
_FEATURES = {
    "CancelReservation": "Reservation",
    "GetLocalListVersion": "LocalAuthListManagement",
    "ReserveNow": "Reservation",
    "SendLocalList": "LocalAuthListManagement",
    "TriggerMessage": "RemoteTrigger",
}
#: The actions that this station answers, whatever features it is given.
ANSWERED = frozenset(_ANSWERS)
_TRIGGERS: Mapping[str, Callable[[IncomingCalls, Evse | None, int | None], HandlerResult]] = {
    "BootNotification": IncomingCalls._trigger_boot,
    "Heartbeat": IncomingCalls._trigger_heartbeat,
    "MeterValues": IncomingCalls._trigger_meter_values,
    "StatusNotification": IncomingCalls._trigger_status,
    "TransactionEvent": IncomingCalls._trigger_transactions,
}
#: The messages that a TriggerMessage can ask it for.
TRIGGERED = frozenset(_TRIGGERS)
