"""Transactions in OCPP 1.6.

One has started when its answer arrives: only that gives it an id, and a start that is answered with a CALLERROR will be
sent again and is no second transaction. It has ended when StopTransaction is sent and answered; the same
StopTransaction sent again is the same end. 1.6 has no ``updated``. A start under the id of a running transaction, and
the end of one that has ended, are none; for the end of one that nobody has seen begin see :mod:`..core.starts`.
"""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V16, Block, lost, shown_by, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact, auth_status, moment, put, remember
from ocpplab_runner.engine.interpreter.core.readings import meter
from ocpplab_runner.engine.interpreter.core.traffic import Traffic

#: OCPP 1.6 section 7.36: what a missing stop reason means.
_DEFAULT_REASON = "Local"


class TransactionsV16(Block):
    """``transaction``, and ``auth_status`` of the answers."""

    versions = V16

    def __init__(self, traffic: Traffic) -> None:
        super().__init__(traffic)
        self._transactions: dict[Any, tuple[Any, Any]] = {}
        self._last_stop: dict[Any, Any] = {}
        self._running: set[Any] = set()
        self._may_have_lost_starts = False

    @lost("StartTransaction")
    def lost_start(self, _: Any) -> None:
        """The station has no id for that transaction; any number that it then gives is as good."""
        self._may_have_lost_starts = True

    @shown_by_answer("StartTransaction")
    def started(self, request: Any, answer: Any) -> list[Fact]:
        """``transaction`` started, then ``auth_status`` via StartTransaction."""
        transaction, connector, card = answer["transactionId"], request["connectorId"], request["idTag"]
        info = answer.get("idTagInfo")
        verdict = [] if info is None else [auth_status(info, card, "StartTransaction", connector)]
        if transaction in self._running:
            return verdict  # nobody could tell the two apart
        self._running.add(transaction)
        self.traffic.starts.started(connector)
        remember(self._transactions, transaction, (connector, card))
        # The id of a transaction that has ended may be given again: a stop with the same words is then no repetition.
        self._last_stop.pop(transaction, None)
        fields = {"is": "started", "transaction_id": transaction, "evse_id": connector, "id_tag": card}
        put(fields, "meter_wh", request.get("meterStart"))
        put(fields, "reservation_id", request.get("reservationId"))
        put(fields, "timestamp", moment(request.get("timestamp")))
        return [("transaction", fields), *verdict]

    @shown_by("StopTransaction", "transaction", "meter")
    def stop_requested(self, payload: Any) -> list[Fact]:
        """``transaction`` ended, and ``meter`` for each element of transactionData."""
        transaction, traffic = payload["transactionId"], self.traffic
        if self._last_stop.get(transaction) == payload:
            return NO_FACTS
        known = transaction in self._transactions
        if not known and self._is_none(transaction, None, payload.get("timestamp")):
            return NO_FACTS
        if known and transaction not in self._running:
            traffic.contradicts("transaction-already-ended", f"transaction {transaction} has ended before")
            return NO_FACTS
        remember(self._last_stop, transaction, payload)
        self._running.discard(transaction)
        connector, starter = self._transactions.get(transaction, (None, None))
        fields = {"is": "ended", "transaction_id": transaction}
        put(fields, "evse_id", connector)
        put(fields, "id_tag", payload.get("idTag", starter))
        fields["reason"] = payload.get("reason", _DEFAULT_REASON)
        put(fields, "meter_wh", payload.get("meterStop"))
        put(fields, "timestamp", moment(payload.get("timestamp")))
        put(fields, "unverified", not known or None)
        meters = [meter(element, connector, transaction) for element in payload.get("transactionData", ())]
        return [("transaction", fields), *meters]

    @shown_by("MeterValues")
    def metered(self, payload: Any) -> list[Fact]:
        """Whether they can be of the transaction that they name; what they read is a fact whosoever they are."""
        transaction, connector = payload.get("transactionId"), payload["connectorId"]
        known, contradicts = self._transactions.get(transaction), self.traffic.contradicts
        if transaction is None:
            return NO_FACTS
        if transaction in self._last_stop:
            contradicts("transaction-already-ended", f"transaction {transaction} has ended before")
        elif known is None:
            self._is_none(transaction, connector or None, *(one.get("timestamp") for one in payload["meterValue"]))
        # Connector 0 is the main power meter (1.6, 6.31), which reads for every transaction.
        elif connector not in (0, known[0]):
            text = f"transaction {transaction} is on connector {known[0]}, not {connector}"
            contradicts("wrong-transaction-id", text)
        return NO_FACTS

    def _is_none(self, transaction: Any, connector: Any, *timestamps: Any) -> bool:
        """Whether a transaction that nobody has seen begin cannot be one; it is a contradiction then."""
        traffic = self.traffic
        if not all(traffic.starts.rule_out(connector, timestamp) for timestamp in timestamps):
            return False
        if not self._may_have_lost_starts and not list(traffic.unanswered("StartTransaction")):
            traffic.contradicts("unknown-transaction-id", f"there is no transaction {transaction}")
        return True

    @shown_by_answer("StopTransaction")
    def stopped(self, request: Any, answer: Any) -> list[Fact]:
        """``auth_status`` via StopTransaction, when there is an idTagInfo."""
        if "idTagInfo" not in answer:
            return NO_FACTS
        connector, _ = self._transactions.get(request["transactionId"], (None, None))
        return [auth_status(answer["idTagInfo"], request.get("idTag"), "StopTransaction", connector)]
