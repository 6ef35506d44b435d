"""How the CSMS answers an OCPP 1.6 station (section 4), and what it minds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.id_tokens import Verdict
from ocpplab_runner.csms.state import StationState
from ocpplab_runner.csms.transactions import TransactionRecord
from ocpplab_runner.ocppj.frames import Call

Payload = dict[str, Any]


def _boot_notification(station: StationState, _: Call) -> Payload:
    status, interval = station.boot_answer()
    return {"status": status, "currentTime": timestamp(), "interval": interval}


def _heartbeat(_: StationState, __: Call) -> Payload:
    return {"currentTime": timestamp()}


def _authorize(station: StationState, call: Call) -> Payload:
    return {"idTagInfo": id_tag_info(station.verdict(call.payload["idTag"]))}


def _start_transaction(station: StationState, call: Call) -> Payload:
    payload, book = call.payload, station.shared.transactions
    evse_id, id_tag = payload["connectorId"], payload["idTag"]
    station.check_evse(call, evse_id)
    record = _sent_before(station, payload)
    if record is None:
        for other in book.running(station.identity, evse_id):
            if not other.unverified:
                station.breach(
                    call,
                    "transaction-already-running",
                    f"transaction {other.transaction_id} is running on connector {evse_id}",
                )
            book.end(other, {})
        station.check_references(call, reservation_id=payload.get("reservationId"))
        record = book.start(station.identity, evse_id=evse_id, id_token=id_tag, payload=payload)
        station.lost_transactions.discard(evse_id)
    verdict = station.verdict(id_tag, charging_elsewhere=book.charging_elsewhere(id_tag, record))
    return {"transactionId": record.transaction_id, "idTagInfo": id_tag_info(verdict)}


def _sent_before(station: StationState, payload: Mapping[str, Any]) -> TransactionRecord | None:
    """The running transaction that this very message began: a station sends it again until it is answered."""
    running = station.shared.transactions.running(station.identity, payload["connectorId"])
    return next((record for record in running if record.started == payload), None)


def _stop_transaction(station: StationState, call: Call) -> Payload:
    payload, book = call.payload, station.shared.transactions
    transaction_id = payload["transactionId"]
    record = book.find(station.identity, transaction_id)
    if record is None:
        record = _unknown_transaction(station, call, transaction_id, None, payload["timestamp"])
        if record is not None:
            book.end(record, payload)
    elif record.running:
        book.end(record, payload)
    elif record.ended != payload:
        station.breach(call, "transaction-already-ended", f"transaction {transaction_id} has ended before")
    if "idTag" in payload:
        return {"idTagInfo": id_tag_info(station.verdict(payload["idTag"]))}
    return {}


def _meter_values(station: StationState, call: Call) -> Payload:
    transaction_id, evse_id = call.payload.get("transactionId"), call.payload["connectorId"]
    station.check_evse(call, evse_id)
    if transaction_id is None:
        return {}
    record = station.shared.transactions.find(station.identity, transaction_id)
    if record is None:
        _unknown_transaction(station, call, transaction_id, evse_id, call.payload["meterValue"][0]["timestamp"])
    elif not record.running:
        station.breach(call, "transaction-already-ended", f"transaction {transaction_id} has ended before")
    elif evse_id not in (0, record.evse_id) and not record.unverified:
        station.breach(
            call,
            "wrong-transaction-id",
            f"transaction {transaction_id} is on connector {record.evse_id}, not {evse_id}",
        )
    return {}


def _unknown_transaction(
    station: StationState, call: Call, transaction_id: int, evse_id: int | None, moment: str
) -> TransactionRecord | None:
    """Take over a transaction that may be older than the CSMS; report any other that was never begun."""
    book = station.shared.transactions
    busy = evse_id and any(not other.unverified for other in book.running(station.identity, evse_id))
    if station.may_be_older(moment) and not busy:
        return book.start(
            station.identity,
            evse_id=evse_id,
            id_token=None,
            payload=call.payload,
            transaction_id=transaction_id,
            unverified=True,
        )
    # A station whose StartTransaction the CSMS refused to process has no id to give; any number is as good.
    if not station.lost_transactions:
        station.breach(call, "unknown-transaction-id", f"there is no transaction {transaction_id}")
    return None


def _status_notification(station: StationState, call: Call) -> Payload:
    station.check_evse(call, call.payload["connectorId"])
    station.reported(call.payload["connectorId"], 1, call.payload["status"])
    return {}


def _data_transfer(_: StationState, __: Call) -> Payload:
    return {"status": "UnknownVendorId"}


def _noted(_: StationState, __: Call) -> Payload:
    return {}


#: Action → how it is answered. The last three are from the 1.6 security whitepaper.
HANDLERS: dict[str, Callable[[StationState, Call], Payload]] = {
    "Authorize": _authorize,
    "BootNotification": _boot_notification,
    "DataTransfer": _data_transfer,
    "DiagnosticsStatusNotification": _noted,
    "FirmwareStatusNotification": _noted,
    "Heartbeat": _heartbeat,
    "MeterValues": _meter_values,
    "StartTransaction": _start_transaction,
    "StatusNotification": _status_notification,
    "StopTransaction": _stop_transaction,
    "LogStatusNotification": _noted,
    "SecurityEventNotification": _noted,
    "SignedFirmwareStatusNotification": _noted,
}
#: What a station may send and this CSMS does not do yet.
NOT_DONE = frozenset({"SignCertificate"})


def check_judged(call: Call, answer: Mapping[str, Any]) -> None:
    """Every call of 1.6 that is answered has been read whole."""


def answered(station: StationState, call: Call, answer: Mapping[str, Any]) -> None:
    """Take over what the answer that was really given says, programmed or not."""
    if call.action == "BootNotification":
        station.register(answer)
    elif call.action == "StartTransaction":
        record, transaction_id = _sent_before(station, call.payload), answer.get("transactionId")
        if record is not None and isinstance(transaction_id, int) and transaction_id != record.transaction_id:
            station.shared.transactions.renumber(record, transaction_id)


def not_processed(station: StationState, call: Call) -> None:
    """Remember that a programmed answer kept the CSMS from processing a call."""
    if call.action == "StartTransaction":
        station.lost_transactions.add(call.payload["connectorId"])


def id_tag_info(verdict: Verdict) -> Payload:
    """OCPP 1.6 section 7.27 IdTagInfo."""
    info: Payload = {"status": verdict.status.value}
    if verdict.expiry is not None:
        info["expiryDate"] = timestamp(verdict.expiry)
    if verdict.parent_id_token is not None:
        info["parentIdTag"] = verdict.parent_id_token
    return info
