"""Transactions in OCPP 1.6: StartTransaction (section 4.8), MeterValues (4.7) and StopTransaction (4.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.transactions.block import Transactions
from ocpplab_runner.charger.core.block import V16
from ocpplab_runner.charger.core.datatypes_v16 import meter_value, meter_values, remote_id, validation_result
from ocpplab_runner.charger.core.model import (
    MessageKind,
    Reading,
    StopReason,
    Transaction,
    TransactionAnswer,
    TransactionMessage,
    UpdateKind,
)
from ocpplab_runner.vocabulary.statuses import WIRE_STOP_REASONS
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Reasons that only 2.x has; 1.6 says Other for them (section 7.36).
_OTHER_REASONS = WIRE_STOP_REASONS[OcppVersion.V201] - WIRE_STOP_REASONS[OcppVersion.V16]


class TransactionsV16(Transactions):
    """A transaction is what the station takes for one; the Central System gives it its id."""

    versions = V16
    sends = frozenset({"StartTransaction", "StopTransaction"})
    any_verdict_holds = False

    def started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """StartTransaction.req."""
        return (TransactionMessage("StartTransaction", lambda: start_transaction(transaction), transaction, "start"),)

    def changed(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """MeterValues.req for a reading; 1.6 has no other message within a transaction."""
        if kind is not UpdateKind.READINGS or reading is None:
            return ()
        evse_id = transaction.evse_id
        return (
            TransactionMessage(
                "MeterValues", lambda: meter_values(evse_id, (reading,), transaction), transaction, "update"
            ),
        )

    def ended(self, transaction: Transaction) -> Sequence[TransactionMessage]:
        """StopTransaction.req; the transaction's id may be known only when it is sent."""
        tells_local = self.context.config.local_reason == "sent"
        return (
            TransactionMessage(
                "StopTransaction", lambda: stop_transaction(transaction, tells_local=tells_local), transaction, "stop"
            ),
        )

    def answer(self, message: TransactionMessage, payload: Mapping[str, Any]) -> TransactionAnswer:
        """StartTransaction.conf and StopTransaction.conf; a stop without a card judges none (section 6.50)."""
        info = payload.get("idTagInfo")
        if message.kind == "stop" and message.transaction.stop_token is None:
            info = None
        return TransactionAnswer(
            None if info is None else validation_result(info),
            payload.get("transactionId") if message.kind == "start" else None,
        )

    def find(self, transaction_id: int | str) -> Transaction | None:
        """By the id that the Central System gave it; a number may be written as text."""
        wanted = str(transaction_id)
        return next((t for t in self.running() if t.remote_id is not None and str(t.remote_id) == wanted), None)

    def recall_message(
        self, action: str, kind: MessageKind, transaction: Transaction, payload: Mapping[str, Any]
    ) -> TransactionMessage:
        """The transaction's id may still be learned before the message goes."""
        if "transactionId" not in payload:
            return super().recall_message(action, kind, transaction, payload)
        return TransactionMessage(
            action, lambda: {**payload, "transactionId": remote_id(transaction)}, transaction, kind
        )


def start_transaction(transaction: Transaction) -> dict[str, Any]:
    """StartTransaction.req (section 6.45)."""
    payload: dict[str, Any] = {
        "connectorId": transaction.evse_id,
        "idTag": transaction.token.value,
        "meterStart": transaction.meter_start_wh,
        "timestamp": clock.timestamp(transaction.started_at),
    }
    if transaction.reservation_id is not None:
        payload["reservationId"] = transaction.reservation_id
    return payload


def stop_transaction(transaction: Transaction, *, tells_local: bool) -> dict[str, Any]:
    """StopTransaction.req (section 6.49).

    Args:
        transaction: that has ended.
        tells_local: whether the reason Local is said, which may be left out (section 4.10).
    """
    payload: dict[str, Any] = {
        "transactionId": remote_id(transaction),
        "meterStop": transaction.meter_stop_wh,
        "timestamp": clock.timestamp(transaction.stopped_at),
    }
    reason = _reason(transaction.stop_reason)
    if tells_local or reason != StopReason.LOCAL:
        payload["reason"] = reason
    if transaction.stop_token is not None:
        payload["idTag"] = transaction.stop_token.value
    if transaction.readings:
        payload["transactionData"] = [meter_value(reading) for reading in transaction.readings]
    return payload


def _reason(reason: str | None) -> str:
    if reason is None:
        return StopReason.LOCAL.value
    return StopReason.OTHER.value if reason in _OTHER_REASONS else str(reason)
