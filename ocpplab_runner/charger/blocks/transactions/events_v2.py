"""TransactionEvents of OCPP 2.x: what is open on the wire, and the message that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.transactions.block import Transactions
from ocpplab_runner.charger.blocks.transactions.open_transactions import OpenTransactions
from ocpplab_runner.charger.blocks.transactions.wire_transaction import BAY, EventType, WireTransaction, stopped_reason
from ocpplab_runner.charger.core import public_keys
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import TransactionClosed, TransactionTold
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Reading, StopReason, Transaction, TransactionMessage

_KIND: dict[EventType, Literal["start", "update", "stop"]] = {"Started": "start", "Updated": "update", "Ended": "stop"}


class TransactionEvents(Transactions):
    """What every event has in common.

    Attributes:
        open: what has begun on the wire and not ended.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.open = OpenTransactions()

    # -- what is open on the wire -------------------------------------------------------------------------------------

    def find(self, transaction_id: int | str) -> Transaction | None:
        """The open transaction with that id on the wire."""
        return self.open.find(str(transaction_id))

    def id_at(self, evse_id: int) -> str | None:
        """The id of what is open at an EVSE."""
        return self.open.id_at(evse_id)

    def snapshot(self) -> Mapping[str, Any]:
        """Also where a transaction is open on the wire, though the station's own may not have begun, or be over."""
        evses = (evse.evse_id for evse in self.context.equipment.evses)
        return {**super().snapshot(), "open_at": [evse_id for evse_id in evses if self.id_at(evse_id) is not None]}

    def when_idle(self, action: Callable[[], None]) -> bool:
        """True when no transaction is open; else ``action`` is called once that is so (B12)."""
        return self.open.when_idle(action)

    def remember_transaction(self, transaction: Transaction) -> Mapping[str, Any]:
        """How the transaction stands on the wire."""
        return self.open.remember(transaction)

    def recall_transaction(self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]) -> None:
        """Put that back."""
        self.open.recall(transaction, memory, shared)

    # -- what a message says ------------------------------------------------------------------------------------------

    def _starts_with(self, point: str) -> bool:
        return point in self._points("TxStartPoint")

    def _points(self, name: str) -> Sequence[str]:
        return self.context.variables.items(f"TxCtrlr.{name}")

    def _until_it_leaves(self, evse: Evse) -> bool:
        """Whether nothing but the leaving of its EV ends a transaction (TxStopPoint ParkingBayOccupancy alone)."""
        return evse.occupied and self._points("TxStopPoint") == (BAY,)

    def _stopped(self, reason: str) -> str | None:
        """What an end says of its reason: Local may be left out (TransactionType.stoppedReason)."""
        told = reason != StopReason.LOCAL or self.context.config.local_reason == "sent"
        return stopped_reason(reason) if told else None

    def _message(
        self,
        wire: WireTransaction,
        transaction: Transaction,
        kind: EventType,
        trigger: str,
        *,
        state: str,
        at: datetime | None = None,
        readings: Sequence[Reading] = (),
        token: IdToken | None = None,
        stopped: str | None = None,
    ) -> TransactionMessage:
        # Made now, however late it is sent: time, sequence number and `offline` are those of this moment (E04).
        moment, role = at or self.context.time.now(), _KIND[kind]
        told = TransactionTold(transaction, role, trigger, moment, wire.tells_evse, {}, {})
        self.context.events.tell(told)
        payload = wire.event(
            kind,
            trigger,
            at=moment,
            offline=not self.context.online,
            charging_state=state,
            readings=readings,
            keys=self.context.variables.text(public_keys.VARIABLE),
            token=token,
            stopped=stopped,
            info_of_others=told.info,
            of_others=told.more,
        )
        if kind == "Ended":
            self.open.end(wire)
            self.context.events.tell(TransactionClosed(wire.evse_id))
        return TransactionMessage("TransactionEvent", lambda: payload, transaction, role)
