"""Transactions in OCPP 2.x.

A TransactionEvent that is sent again (same transactionId, seqNo and eventType) is the same occurrence and shows nothing
new. A second start under one id and what follows the end are none; for a transaction that nobody has seen begin see
:mod:`..core.starts`, for the connector status that an event shows :mod:`..core.connectors`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, Block, lost, shown_by, shown_by_answer
from ocpplab_runner.engine.interpreter.core.connectors import Charge
from ocpplab_runner.engine.interpreter.core.facts import (
    NO_FACTS,
    Fact,
    auth_status,
    connector_status,
    is_boot,
    moment,
    put,
    remember,
)
from ocpplab_runner.engine.interpreter.core.readings import meter
from ocpplab_runner.engine.interpreter.core.traffic import Traffic

_PHASES = {"Started": "started", "Updated": "updated", "Ended": "ended"}
#: OCPP 2.0.1 TransactionType.stoppedReason: "MAY be omitted if Local".
_DEFAULT_REASON = "Local"
_REASONS = {"ImmediateReset": "HardReset"}


@dataclass(slots=True)
class _Transaction:
    evse_id: Any = None
    connector_id: Any = None
    id_tag: Any = None
    charge: Charge = field(default_factory=Charge)
    latest: tuple[Any, Any] | None = None
    ended: bool = False
    last: Any = None
    unverified: bool = False


class TransactionsV2(Block):
    """``transaction``, and of its events ``connector_status``, ``meter`` and ``auth_status``."""

    versions = V2

    def __init__(self, traffic: Traffic) -> None:
        super().__init__(traffic)
        self._transactions: dict[Any, _Transaction] = {}
        self._lost_starts: dict[Any, None] = {}

    @lost("TransactionEvent")
    def lost_event(self, payload: Any) -> None:
        """Nobody knows whether the CSMS has heard of that transaction."""
        if payload.get("eventType") == "Started":
            remember(self._lost_starts, payload["transactionInfo"]["transactionId"], None)

    @shown_by("BootNotification")
    def booting(self, payload: Any) -> list[Fact]:
        """What comes of older transactions may tell of the time before."""
        if is_boot(payload):
            for transaction in self._transactions.values():
                transaction.charge.before_boot = True
        return NO_FACTS

    @shown_by("TransactionEvent", "transaction", "connector_status", "meter")
    def transaction_event(self, payload: Any) -> list[Fact]:
        """TransactionEventRequest."""
        phase = _PHASES[payload["eventType"]]
        info = payload["transactionInfo"]
        transaction_id = info["transactionId"]
        transaction = self._occurred(payload, phase, transaction_id)
        if transaction is None:
            self.traffic.nothing_new = True
            return NO_FACTS
        fields: dict[str, Any] = {"is": phase, "transaction_id": transaction_id}
        put(fields, "evse_id", transaction.evse_id)
        token = payload.get("idToken")
        put(fields, "id_tag", token["idToken"] if token else transaction.id_tag)
        if phase == "ended":
            reason = info.get("stoppedReason", _DEFAULT_REASON)
            fields["reason"] = _REASONS.get(reason, reason)
        put(fields, "charging_state", info.get("chargingState"))
        put(fields, "trigger", payload.get("triggerReason"))
        put(fields, "seq_no", payload.get("seqNo"))
        fields["offline"] = payload.get("offline", False)
        put(fields, "reservation_id", payload.get("reservationId"))
        put(fields, "remote_start_id", info.get("remoteStartId"))
        meters = [meter(element, transaction.evse_id, transaction_id) for element in payload.get("meterValue", ())]
        energies = [reading["energy_wh"] for _, reading in meters if "energy_wh" in reading]
        if energies:
            fields["meter_wh"] = energies[-1]
        put(fields, "timestamp", moment(payload.get("timestamp")))
        put(fields, "unverified", transaction.unverified or None)
        return [("transaction", fields), *self._connector_shown_by(phase, transaction, payload), *meters]

    def _occurred(self, payload: Any, phase: str, transaction_id: Any) -> _Transaction | None:
        """Take an event in; None when it shows nothing new, or speaks of what cannot be."""
        traffic, transaction = self.traffic, self._transactions.get(transaction_id)
        if transaction is None:
            evse_id = payload["evse"]["id"] if "evse" in payload else None
            if phase == "started":
                traffic.starts.started(evse_id)
            elif traffic.starts.rule_out(evse_id, payload.get("timestamp")):
                if not self._may_have_been_lost(transaction_id):
                    traffic.contradicts("unknown-transaction-id", f"there is no transaction {transaction_id}")
                return None
            transaction = _Transaction(unverified=phase != "started")
            remember(self._transactions, transaction_id, transaction)
        occurrence = (payload.get("seqNo"), phase)
        if transaction.latest == occurrence:
            return None
        if phase == "started" and transaction.latest is not None:
            if not transaction.unverified:
                traffic.contradicts("duplicate-transaction-id", f"transaction {transaction_id} was started before")
            return None
        if transaction.ended and not _is_late(payload, transaction):
            traffic.contradicts("transaction-already-ended", f"transaction {transaction_id} has ended before")
            return None
        if phase == "ended":
            if transaction.ended:
                return None
            transaction.ended, transaction.last = True, payload.get("seqNo")
        transaction.latest = occurrence
        _learn(transaction, payload)
        return transaction

    def _may_have_been_lost(self, transaction_id: Any) -> bool:
        """Whether a Started of that transaction was sent, and nobody knows that the CSMS has taken it."""
        return transaction_id in self._lost_starts or any(
            one["eventType"] == "Started" and one["transactionInfo"]["transactionId"] == transaction_id
            for one in self.traffic.unanswered("TransactionEvent")
        )

    def _connector_shown_by(self, phase: str, transaction: _Transaction, payload: Any) -> list[Fact]:
        evse_id, connectors, info = transaction.evse_id, self.traffic.connectors, payload["transactionInfo"]
        if evse_id is None:
            return []
        connector_id = transaction.connector_id or connectors.likely(evse_id)
        connector, offline = connectors.at(evse_id, connector_id), payload.get("offline", False)
        if phase == "ended":
            cable_out = info.get("stoppedReason") == "EVDisconnected" or info.get("chargingState") == "Idle"
            shown = connector.charged(transaction.charge, offline, cable_out=cable_out)
        else:
            shown = connector.charges(transaction.charge, offline)
        return [] if shown is None else [connector_status(shown, evse_id, connector_id)]

    @shown_by_answer("TransactionEvent")
    def answered(self, request: Any, answer: Any) -> list[Fact]:
        """``auth_status`` via TransactionEvent, when there is an idTokenInfo."""
        if "idTokenInfo" not in answer:
            return NO_FACTS
        transaction = self._transactions.get(request["transactionInfo"]["transactionId"], _Transaction())
        token = request.get("idToken")
        card = token["idToken"] if token else transaction.id_tag
        return [auth_status(answer["idTokenInfo"], card, "TransactionEvent", transaction.evse_id)]


def _is_late(payload: Any, transaction: _Transaction) -> bool:
    """Whether an event was sent before the end that has overtaken it."""
    return isinstance(transaction.last, int) and payload["seqNo"] < transaction.last


def _learn(transaction: _Transaction, payload: Any) -> None:
    evse = payload.get("evse")
    if evse is not None:
        transaction.evse_id = evse["id"]
        transaction.connector_id = evse.get("connectorId", transaction.connector_id)
    token = payload.get("idToken")
    if token is not None and transaction.id_tag is None:
        transaction.id_tag = token["idToken"]
    transaction.charge.goes_on(payload["transactionInfo"].get("chargingState"))
