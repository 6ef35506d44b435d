"""Transactions in OCPP 2.x, whose events the station numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ocpplab_runner.csms.blocks.transactions.block import TransactionsBlock
from ocpplab_runner.csms.core.block import V2, answers, unprocessed
from ocpplab_runner.csms.core.central_cost import moment, registers, total_cost
from ocpplab_runner.csms.core.datatypes_v2 import judged
from ocpplab_runner.csms.core.events import TransactionBegun
from ocpplab_runner.csms.core.operations import Payload, given
from ocpplab_runner.csms.core.sequences import Sequence, Step
from ocpplab_runner.csms.core.transactions import TransactionRecord
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.versions import OcppVersion


class TransactionsV2(TransactionsBlock):
    """TransactionEvent."""

    versions = V2
    place = "EVSE"
    violations: ClassVar = {
        **TransactionsBlock.violations,
        "sequence-number-repeated": ViolationRule(
            "2.0.1: used a sequence number of a transaction for different events", "2.0.1 TransactionEventRequest.seqNo"
        ),
    }

    @answers("TransactionEvent")
    def transaction_event(self, call: Call) -> Payload:
        """E01 to E06."""
        payload, station = call.payload, self.station
        station.check_evse(call, payload.get("evse", {}).get("id"))
        record = self.book.find(station.identity, payload["transactionInfo"]["transactionId"])
        # Before this event: a card pays once, however often the end is sent.
        over = record is not None and not record.running
        if record is None:
            record = self._new_transaction(call)
        elif record.last != payload:  # the very same message is one that the station had to send again
            self._check_sequence(call, record)
            self._take_over(call, record)
        id_token = payload.get("idToken")
        answer = {} if id_token is None else {"idTokenInfo": judged(station, id_token, record)}
        cost = self._cost(record, payload)
        if not record.running and not over:
            self._spend(record, payload, cost)
        return {**answer, **cost, **self._limit(record)}

    def _spend(self, record: TransactionRecord, payload: Mapping[str, Any], cost: Payload) -> None:
        """A prepaid card has paid for it, whoever has counted (2.1 C17)."""
        details = payload.get("costDetails")
        amount = cost.get("totalCost") if details is None else details["totalCost"]["total"].get("inclTax")
        if amount is not None and record.id_token is not None:
            self.station.shared.credits.spend(record.id_token, amount)

    def _cost(self, record: TransactionRecord, payload: Mapping[str, Any]) -> Payload:
        """What it costs so far, or in all, where the CSMS counts and the station does not (I02, I03)."""
        tariff = self.station.shared.config.tariff
        # A station that counts has the word; and what was drawn before this CSMS saw it nobody knows.
        if tariff is None or record.unverified or "costDetails" in payload:
            return {}
        try:
            record.registers += registers(payload)
            begun, now = moment(record.started["timestamp"]), moment(payload["timestamp"])
        except ValueError:
            return {}  # nothing can be counted from when nobody knows when
        return given(totalCost=total_cost(tariff, begun, record.registers, now))

    def _limit(self, record: TransactionRecord) -> Payload:
        """The limit of a card's transaction, which is told once (2.1 E16.FR.02); a prepaid card's is what it has."""
        card = record.id_token or ""
        limit = dict(self.station.shared.config.transaction_limits.get(card.casefold(), {}))
        left = self.station.shared.credits.left(card)
        if left is not None and left > 0:  # C17.FR.03
            limit["maxCost"] = min(left, limit.get("maxCost", left))
        if not limit or record.limit_told or not record.running or self.station.version is not OcppVersion.V21:
            return {}
        record.limit_told = True
        return {"transactionLimit": limit}

    @unprocessed("TransactionEvent")
    def lost_event(self, call: Call) -> None:
        """What the station tells of it from now on may have a gap."""
        self.lost.add(call.payload["transactionInfo"]["transactionId"])

    def _new_transaction(self, call: Call) -> TransactionRecord:
        payload, station = call.payload, self.station
        info, evse_id = payload["transactionInfo"], payload.get("evse", {}).get("id")
        transaction_id, unverified = info["transactionId"], payload["eventType"] != "Started"
        if unverified:
            # Its Started may be one that a programmed answer has kept from being processed.
            if not station.may_be_older(payload["timestamp"]) and transaction_id not in self.lost:
                text = f"{payload['eventType']} without a Started: there is no transaction {transaction_id}"
                station.report(call, "unknown-transaction-id", text)
        else:
            self.lost.discard(transaction_id)
            if evse_id is not None:
                self.end_others(call, evse_id)
            station.tell(TransactionBegun(call, payload.get("reservationId"), info.get("remoteStartId")))
        record = self.book.start(
            station.identity,
            evse_id=evse_id,
            id_token=None,
            payload=payload,
            transaction_id=transaction_id,
            unverified=unverified,
        )
        record.sequence = Sequence(payload["seqNo"], earlier=unverified)
        self._take_over(call, record)
        return record

    def _check_sequence(self, call: Call, record: TransactionRecord) -> None:
        payload, transaction_id, station = call.payload, record.transaction_id, self.station
        assert record.sequence is not None
        seq_no, last = payload["seqNo"], record.sequence.last
        step = record.sequence.take(seq_no)
        # Of one whose begin the CSMS has missed the Started may still come, late.
        if payload["eventType"] == "Started" and not (record.unverified and step is Step.LATE):
            station.report(call, "duplicate-transaction-id", f"transaction {transaction_id} was started before")
        elif step is Step.LATE:
            pass  # sent before what has overtaken it
        elif not record.running:
            station.report(call, "transaction-already-ended", f"transaction {transaction_id} has ended before")
        elif step is Step.REPEATED:
            station.report(call, "sequence-number-repeated", f"seqNo {seq_no} follows {last}")
        elif step is Step.GAP and transaction_id not in self.lost:
            self._await_missing(call, record, last + 1, seq_no - 1)
        evse_id = payload.get("evse", {}).get("id", record.evse_id)
        if record.evse_id is not None and evse_id != record.evse_id:
            text = f"transaction {transaction_id} is on EVSE {record.evse_id}, not {evse_id}"
            station.report(call, "wrong-transaction-id", text)

    def _await_missing(self, call: Call, record: TransactionRecord, low: int, high: int) -> None:
        """Report the events that were left out, unless they come late."""
        sequence = record.sequence
        assert sequence is not None

        def judge() -> None:
            if sequence.lacks(low, high):
                missing = f"{low} has" if low == high else f"{low} to {high} have"
                text = f"seqNo {high + 1} follows {low - 1}, and {missing} not come since"
                self.station.report(call, "sequence-number-gap", text)

        self.station.shared.patience.judge(judge, at_the_end=lambda: not record.running)

    def _take_over(self, call: Call, record: TransactionRecord) -> None:
        payload, evse_id = call.payload, call.payload.get("evse", {}).get("id")
        if record.evse_id is None and evse_id is not None:
            # It has begun before its EVSE was known; a message that begins one has been looked at already.
            if record.running and record.started is not payload:
                self.end_others(call, evse_id)
            record.evse_id = evse_id
        record.last = payload
        id_token = payload.get("idToken")
        # NoAuthorization comes with an empty idToken, which is no card.
        if record.running and record.id_token is None and id_token is not None and id_token["idToken"]:
            self.book.identify(record, id_token["idToken"])
        if payload["eventType"] == "Ended":
            self.book.end(record, payload)
