"""What the CSMS minds of transactions in every version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ocpplab_runner.csms.core.block import Block
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.csms.core.transactions import TransactionId
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule


@dataclass(slots=True)
class LostTransactions:
    """Those of which a programmed answer has kept the CSMS from processing a message: it cannot know them.

    Attributes:
        ids: of the transactions; in 1.6 the connectorIds.
    """

    ids: set[TransactionId] = field(default_factory=set)


class TransactionsBlock(Block):
    """Keeps the book of transactions."""

    violations: ClassVar = {
        "duplicate-transaction-id": ViolationRule(
            "began a second transaction with the id of another; in 1.6 that is the CSMS, which gives the id",
            "1.6 StartTransaction.conf.transactionId, 2.0.1 TransactionType.transactionId",
        ),
        "transaction-already-ended": ViolationRule(
            "spoke of a transaction that has ended", "1.6 4.10 and its order of transaction-related messages, 2.0.1 E06"
        ),
        "transaction-already-running": ViolationRule(
            "began a transaction where another one runs", "1.6 4.8 and 4.9, 2.0.1 E01"
        ),
        "unknown-transaction-id": ViolationRule(
            "spoke of a transaction that the CSMS does not know", "1.6 4.7 and 4.10, 2.0.1 E02 and E06"
        ),
        "wrong-transaction-id": ViolationRule("spoke of a transaction of another EVSE", "1.6 4.7, 2.0.1 E02"),
    }
    #: How a version calls an EVSE.
    place: str

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self.book = station.shared.transactions
        self.lost = station.memory(LostTransactions).ids

    def end_others(self, call: Call, evse_id: int) -> None:
        """An EVSE has one transaction at a time."""
        for other in self.book.running(self.station.identity, evse_id):
            # One that the CSMS has not seen begin may have been over for long.
            if not other.unverified:
                text = f"transaction {other.transaction_id} is running on {self.place} {evse_id}"
                self.station.report(call, "transaction-already-running", text)
            self.book.end(other, {})
