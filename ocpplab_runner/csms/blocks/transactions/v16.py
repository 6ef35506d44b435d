"""Transactions in OCPP 1.6, where the CSMS gives them their ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms.blocks.transactions.block import TransactionsBlock
from ocpplab_runner.csms.core.block import V16, answered, answers, hears, unprocessed
from ocpplab_runner.csms.core.datatypes_v16 import id_tag_info
from ocpplab_runner.csms.core.events import TransactionBegun, TransactionMetered
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.csms.core.transactions import TransactionRecord
from ocpplab_runner.ocppj.frames import Call


class TransactionsV16(TransactionsBlock):
    """StartTransaction and StopTransaction."""

    versions = V16
    place = "connector"

    @answers("StartTransaction")
    def start_transaction(self, call: Call) -> Payload:
        """Section 4.8."""
        payload, station = call.payload, self.station
        evse_id, id_tag = payload["connectorId"], payload["idTag"]
        station.check_evse(call, evse_id)
        record = self._sent_before(payload)
        if record is None:
            self.end_others(call, evse_id)
            station.tell(TransactionBegun(call, payload.get("reservationId")))
            record = self.book.start(station.identity, evse_id=evse_id, id_token=id_tag, payload=payload)
            # What runs there now has an id.
            self.lost.discard(evse_id)
        verdict = station.verdict(id_tag, charging_elsewhere=self.book.charging_elsewhere(id_tag, record))
        return {"transactionId": record.transaction_id, "idTagInfo": id_tag_info(verdict)}

    @answered("StartTransaction")
    def started(self, call: Call, answer: Mapping[str, Any], _: bool) -> None:
        """Take over the id that was really given."""
        record, transaction_id = self._sent_before(call.payload), answer.get("transactionId")
        # A programmed answer may have none: then the number that would have been given stands.
        if record is not None and isinstance(transaction_id, int) and transaction_id != record.transaction_id:
            self.book.renumber(record, transaction_id)

    @unprocessed("StartTransaction")
    def not_started(self, call: Call) -> None:
        """The station has no id for that transaction."""
        self.lost.add(call.payload["connectorId"])

    @answers("StopTransaction")
    def stop_transaction(self, call: Call) -> Payload:
        """Section 4.10."""
        payload, transaction_id = call.payload, call.payload["transactionId"]
        record = self.book.find(self.station.identity, transaction_id)
        if record is None:
            record = self._unknown(call, transaction_id, None, payload["timestamp"])
            if record is not None:
                self.book.end(record, payload)
        elif record.running:
            self.book.end(record, payload)
        # The very same message is one that the station had to send again.
        elif record.ended != payload:
            self._has_ended(call, transaction_id)
        if "idTag" in payload:
            return {"idTagInfo": id_tag_info(self.station.verdict(payload["idTag"]))}
        return {}

    @hears(TransactionMetered)
    def metered(self, metered: TransactionMetered) -> None:
        """Section 4.7: a meter value is of a running transaction of its connector; connector 0 may mean any."""
        call, transaction_id, evse_id = metered.call, metered.transaction_id, metered.evse_id
        record = self.book.find(self.station.identity, transaction_id)
        if record is None:
            self._unknown(call, transaction_id, evse_id, metered.moment)
        elif not record.running:
            self._has_ended(call, transaction_id)
        # Of one that the CSMS has not seen begin nobody knows the connector for sure.
        elif evse_id not in (0, record.evse_id) and not record.unverified:
            text = f"transaction {transaction_id} is on connector {record.evse_id}, not {evse_id}"
            self.station.report(call, "wrong-transaction-id", text)

    def _sent_before(self, payload: Mapping[str, Any]) -> TransactionRecord | None:
        """The running transaction that this very message began: a station sends it again until it is answered."""
        running = self.book.running(self.station.identity, payload["connectorId"])
        return next((record for record in running if record.started == payload), None)

    def _has_ended(self, call: Call, transaction_id: int) -> None:
        self.station.report(call, "transaction-already-ended", f"transaction {transaction_id} has ended before")

    def _unknown(self, call: Call, transaction_id: int, evse_id: int | None, moment: str) -> TransactionRecord | None:
        """Take over a transaction that may be older than the CSMS; report any other that was never begun."""
        station = self.station
        busy = evse_id and any(not other.unverified for other in self.book.running(station.identity, evse_id))
        if station.may_be_older(moment) and not busy:
            return self.book.start(
                station.identity,
                evse_id=evse_id,
                id_token=None,
                payload=call.payload,
                transaction_id=transaction_id,
                unverified=True,
            )
        # A station whose StartTransaction the CSMS refused to process has no id to give; any number is as good.
        if not self.lost:
            station.report(call, "unknown-transaction-id", f"there is no transaction {transaction_id}")
        return None
