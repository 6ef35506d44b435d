"""How the CSMS answers an OCPP 2.0.1 or 2.1 station, and what it minds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.id_tokens import Verdict
from ocpplab_runner.csms.sequences import Sequence, Step
from ocpplab_runner.csms.state import StationState
from ocpplab_runner.csms.transactions import TransactionRecord
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerError
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus

Payload = dict[str, Any]


def _boot_notification(station: StationState, _: Call) -> Payload:
    status, interval = station.boot_answer()
    return {"status": status, "currentTime": timestamp(), "interval": interval}


def _heartbeat(_: StationState, __: Call) -> Payload:
    return {"currentTime": timestamp()}


def _authorize(station: StationState, call: Call) -> Payload:
    return {"idTokenInfo": _judge(station, call.payload["idToken"], None)}


def _transaction_event(station: StationState, call: Call) -> Payload:
    payload, book = call.payload, station.shared.transactions
    transaction_id = payload["transactionInfo"]["transactionId"]
    station.check_evse(call, payload.get("evse", {}).get("id"))
    record = book.find(station.identity, transaction_id)
    if record is None:
        record = _new_transaction(station, call)
    elif record.last != payload:  # the very same message is one that the station had to send again
        _check_sequence(station, call, record)
        _take_over(station, call, record)
    id_token = payload.get("idToken")
    return {} if id_token is None else {"idTokenInfo": _judge(station, id_token, record)}


def _new_transaction(station: StationState, call: Call) -> TransactionRecord:
    payload, book = call.payload, station.shared.transactions
    info, evse_id = payload["transactionInfo"], payload.get("evse", {}).get("id")
    older = payload["eventType"] != "Started" and station.may_be_older(payload["timestamp"])
    if payload["eventType"] != "Started":
        if not older and info["transactionId"] not in station.lost_transactions:
            text = f"{payload['eventType']} without a Started: there is no transaction {info['transactionId']}"
            station.breach(call, "unknown-transaction-id", text)
    else:
        station.lost_transactions.discard(info["transactionId"])
        if evse_id is not None:
            _end_others(station, call, evse_id)
        station.check_references(
            call, reservation_id=payload.get("reservationId"), remote_start_id=info.get("remoteStartId")
        )
    record = book.start(
        station.identity,
        evse_id=evse_id,
        id_token=None,
        payload=payload,
        transaction_id=info["transactionId"],
        unverified=payload["eventType"] != "Started",
    )
    record.sequence = Sequence(payload["seqNo"], earlier=record.unverified)
    _take_over(station, call, record)
    return record


def _end_others(station: StationState, call: Call, evse_id: int) -> None:
    """An EVSE has one transaction at a time."""
    for other in station.shared.transactions.running(station.identity, evse_id):
        if not other.unverified:
            text = f"transaction {other.transaction_id} is running on EVSE {evse_id}"
            station.breach(call, "transaction-already-running", text)
        station.shared.transactions.end(other, {})


def _check_sequence(station: StationState, call: Call, record: TransactionRecord) -> None:
    payload, transaction_id = call.payload, record.transaction_id
    assert record.sequence is not None
    seq_no, last = payload["seqNo"], record.sequence.last
    step = record.sequence.take(seq_no)
    if payload["eventType"] == "Started" and not (record.unverified and step is Step.LATE):
        station.breach(call, "duplicate-transaction-id", f"transaction {transaction_id} was started before")
    elif step is Step.LATE:
        pass  # sent before what has overtaken it
    elif not record.running:
        station.breach(call, "transaction-already-ended", f"transaction {transaction_id} has ended before")
    elif step is Step.REPEATED:
        station.breach(call, "sequence-number-repeated", f"seqNo {seq_no} follows {last}")
    elif step is Step.GAP and transaction_id not in station.lost_transactions:
        _await_missing(station, call, record, last + 1, seq_no - 1)
    evse_id = payload.get("evse", {}).get("id", record.evse_id)
    if record.evse_id is not None and evse_id != record.evse_id:
        text = f"transaction {transaction_id} is on EVSE {record.evse_id}, not {evse_id}"
        station.breach(call, "wrong-transaction-id", text)


def _await_missing(station: StationState, call: Call, record: TransactionRecord, low: int, high: int) -> None:
    """Report the events that were left out, unless they come late."""
    sequence = record.sequence
    assert sequence is not None

    def judge() -> None:
        if sequence.lacks(low, high):
            missing = f"{low} has" if low == high else f"{low} to {high} have"
            text = f"seqNo {high + 1} follows {low - 1}, and {missing} not come since"
            station.breach(call, "sequence-number-gap", text)

    station.shared.patience.judge(judge, at_the_end=lambda: not record.running)


def _take_over(station: StationState, call: Call, record: TransactionRecord) -> None:
    payload, book = call.payload, station.shared.transactions
    evse_id = payload.get("evse", {}).get("id")
    if record.evse_id is None and evse_id is not None:
        if record.running and record.started is not payload:
            _end_others(station, call, evse_id)
        record.evse_id = evse_id
    record.last = payload
    id_token = payload.get("idToken")
    if record.running and record.id_token is None and id_token is not None and id_token["idToken"]:
        book.identify(record, id_token["idToken"])
    if payload["eventType"] == "Ended":
        book.end(record, payload)


def _judge(station: StationState, id_token: Mapping[str, Any], record: TransactionRecord | None) -> Payload:
    """The verdict on a card; ConcurrentTx only where it is the card that a running transaction is on."""
    token = id_token["idToken"]
    if id_token["type"] == "NoAuthorization":
        return id_token_info(Verdict(AuthorizationStatus.ACCEPTED))  # C02: a start button needs no card
    starts = record is not None and record.running and (record.id_token or "").casefold() == token.casefold()
    elsewhere = starts and station.shared.transactions.charging_elsewhere(token, record)
    return id_token_info(station.verdict(token, charging_elsewhere=elsewhere))


def _status_notification(station: StationState, call: Call) -> Payload:
    payload = call.payload
    station.check_evse(call, payload["evseId"])
    station.reported(payload["evseId"], payload["connectorId"], payload["connectorStatus"])
    return {}


def _requested(station: StationState, call: Call) -> Payload:
    station.check_request(call)
    return {}


def _meter_values(station: StationState, call: Call) -> Payload:
    station.check_evse(call, call.payload["evseId"])
    return {}


def _data_transfer(_: StationState, __: Call) -> Payload:
    return {"status": "UnknownVendorId"}


def _noted(_: StationState, __: Call) -> Payload:
    return {}


_CERTIFICATES = frozenset({"certificate", "iso15118CertificateHashData"})

#: Action → how it is answered.
HANDLERS: dict[str, Callable[[StationState, Call], Payload]] = {
    "Authorize": _authorize,
    "BootNotification": _boot_notification,
    "ClearedChargingLimit": _noted,
    "DataTransfer": _data_transfer,
    "FirmwareStatusNotification": _requested,
    "Heartbeat": _heartbeat,
    "LogStatusNotification": _requested,
    "MeterValues": _meter_values,
    "NotifyChargingLimit": _noted,
    "NotifyCustomerInformation": _requested,
    "NotifyDisplayMessages": _requested,
    "NotifyEvent": _noted,
    "NotifyMonitoringReport": _requested,
    "NotifyReport": _requested,
    "PublishFirmwareStatusNotification": _requested,
    "ReportChargingProfiles": _requested,
    "ReservationStatusUpdate": _noted,
    "SecurityEventNotification": _noted,
    "StatusNotification": _status_notification,
    "TransactionEvent": _transaction_event,
}
#: What a station may send and this CSMS does not do yet.
NOT_DONE = frozenset(
    {
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "NotifyEVChargingNeeds",
        "NotifyEVChargingSchedule",
        "SignCertificate",
    }
)


def check_judged(call: Call, answer: Mapping[str, Any]) -> None:
    """Refuse to answer for a contract certificate that nobody has looked at (C07).

    This CSMS validates none: only a scenario that programmes a ``certificateStatus`` says what it is worth.

    Raises:
        HandlerError: NotImplemented.
    """
    if call.action == "Authorize" and _CERTIFICATES & call.payload.keys() and "certificateStatus" not in answer:
        raise HandlerError("NotImplemented", "this CSMS validates no certificates; programme a certificateStatus")


def answered(station: StationState, call: Call, answer: Mapping[str, Any]) -> None:
    """Take over what the answer that was really given says, programmed or not."""
    if call.action == "BootNotification":
        station.register(answer)


def not_processed(station: StationState, call: Call) -> None:
    """Remember that a programmed answer kept the CSMS from processing a call."""
    if call.action == "TransactionEvent":
        station.lost_transactions.add(call.payload["transactionInfo"]["transactionId"])


def id_token_info(verdict: Verdict) -> Payload:
    """OCPP 2.x IdTokenInfoType."""
    info: Payload = {"status": verdict.status.value}
    if verdict.expiry is not None:
        info["cacheExpiryDateTime"] = timestamp(verdict.expiry)
    if verdict.parent_id_token is not None:
        info["groupIdToken"] = {"idToken": verdict.parent_id_token, "type": "Central"}
    return info
