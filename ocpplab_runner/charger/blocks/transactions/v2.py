"""Transactions in OCPP 2.x: when a TransactionEvent is due, by TxStartPoint and TxStopPoint (use cases E01 to E15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.transactions.drafts import Drafts
from ocpplab_runner.charger.blocks.transactions.open_transactions import is_draft, on_wire, wire_of
from ocpplab_runner.charger.blocks.transactions.wire_transaction import (
    BAY,
    CABLE_ONLY,
    CHARGING_STATE,
    ENERGY,
    LIMITS,
    NO_CABLE,
    SIGNED,
    WireTransaction,
    end_trigger,
    suspended_reason,
    update_trigger,
)
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import languages_of, rejected, verdict_of
from ocpplab_runner.charger.core.events import DriverSpeaks
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import (
    Reading,
    StopReason,
    Transaction,
    TransactionAnswer,
    TransactionMessage,
    UpdateKind,
)
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.services.transactions import METERING, OPEN_TRANSACTIONS
from ocpplab_runner.charger.core.variables import Component, Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

#: Ends that leave no cable session behind, whatever TxStopPoint says.
_FINAL = frozenset(
    {
        StopReason.EV_DISCONNECTED,
        StopReason.POWER_LOSS,
        StopReason.HARD_RESET,
        StopReason.SOFT_RESET,
        StopReason.REBOOT,
    }
)


_FLOWS = CHARGING_STATE[ConnectorStatus.CHARGING]
#: Where a transaction may begin and end (Part 2 section 2.5, TxStartPoint and TxStopPoint) at this station.
TX_STOP_POINTS = (BAY, "EVConnected", "Authorized", "PowerPathClosed", ENERGY)
TX_START_POINTS = (BAY, "EVConnected", "Authorized", SIGNED, "PowerPathClosed", ENERGY)


class TransactionsV2(Drafts):
    """Turns what happens at EVSEs into TransactionEvents."""

    versions = V2

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        context.offer(OPEN_TRANSACTIONS, self)

    def variables(self) -> Iterable[Variable]:
        """TxCtrlr, and what sees whether an EV stands in a bay."""
        closed = "PowerPathClosed"
        sensors = (
            of_2x(Component("BayOccupancySensor", None, evse.evse_id), "Active", "boolean", partial(_occupied, evse))
            for evse in self.context.equipment.evses
        )
        return (
            *super().variables(),
            *sensors,
            constant("TxCtrlr", "TxBeforeAcceptedEnabled", "boolean", "false"),
            of_2x("TxCtrlr", "TxStartPoint", "MemberList", closed, mutability="ReadWrite", choices=TX_START_POINTS),
            of_2x("TxCtrlr", "TxStopPoint", "MemberList", closed, mutability="ReadWrite", choices=TX_STOP_POINTS),
        )

    # -- what the CSMS asks -------------------------------------------------------------------------------------------

    @answers("GetTransactionStatus")
    def get_transaction_status(self, payload: Payload) -> HandlerResult:
        """E14."""
        wanted = payload.get("transactionId")
        if wanted is None:  # E14.FR.06 to 08
            return {"messagesInQueue": len(self.context.queue) > 0}
        queued = any(wire_of(m.transaction).transaction_id == wanted for m in self.context.queue)
        return {"ongoingIndicator": self.open.find(wanted) is not None, "messagesInQueue": queued}

    @triggered("TransactionEvent")
    def trigger_transactions(self, place: Place) -> HandlerResult:
        """F06.FR.07."""
        evses = [evse for evse in self.context.equipment.evses if place.evse in (None, evse)]
        running = [evse for evse in evses if evse.transaction is not None and on_wire(evse.transaction)]
        if not running:
            return rejected("TxNotFound")
        return Reply({"status": "Accepted"}, then=lambda: self._send(running))

    def _send(self, evses: Sequence[Evse]) -> None:
        for evse in evses:
            if evse.transaction is not None:
                reading = self.context.ask(METERING).reading(evse, "sampled", "Trigger")
                self.updated(evse.transaction, UpdateKind.READINGS, reading)

    @property
    def resumes(self) -> bool:
        """Whether what is interrupted may go on."""
        return False

    # -- the station's own transaction ------------------------------------------------------------------------------

    def ev_disconnected(self, evse: Evse) -> None:
        """At a cable that is attached to the station the EV has its time to come back (E10.FR.02)."""
        super().ev_disconnected(evse)
        # A cable that is attached to the station has no lock there to open.
        if self.context.config.unlock == "not_supported":
            wait = self.context.variables.integer("connection_timeout")
            self._timers.start(("away", evse.evse_id), wait, lambda: self.end(evse, "Timeout"))

    def ev_connected(self, evse: Evse) -> None:
        """It has come back."""
        self._timers.stop(("away", evse.evse_id))
        super().ev_connected(evse)

    def started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """Card and cable are both there (TxStartPoint PowerPathClosed)."""
        state = CHARGING_STATE[transaction.charging_state]
        entry = self.open.place(transaction.token, transaction.evse_id)
        if entry is None:
            points = frozenset(self._points("TxStartPoint"))
            if SIGNED in points and reading is not None and reading.signed is not None:
                # The event that begins it has the reading; only then energy flows.
                first = self._first(transaction, "SignedDataReceived", CABLE_ONLY, reading)
                return [
                    first,
                    self._message(wire_of(transaction), transaction, "Updated", "ChargingStateChanged", state=state),
                ]
            # Neither card nor cable begins it: it waits for energy.
            if points <= {SIGNED, ENERGY}:
                return self._energy_flows(transaction, state, reading)
            return [self._first(transaction, transaction.trigger.value, state, reading)]
        wire, draft = entry
        begin: list[Reading] = []
        if wire.tells_evse:  # now there is a meter, too (E03.FR.11)
            begin, wire.reservation_id = _one(reading), transaction.reservation_id
        else:
            # Of the two readings of a begin the CSMS has been told the draft's.
            later = [reading for reading in transaction.readings if reading.context != "Transaction.Begin"]
            transaction.readings[:] = [*draft.readings, *later]
        self.open.begin(wire, transaction)
        if wire.authorized:
            first = self._message(wire, transaction, "Updated", "CablePluggedIn", state=CABLE_ONLY, readings=begin)
        else:
            wire.authorized = True
            wire.remote_start_id = transaction.remote_start_id
            wire.reservation_id = transaction.reservation_id
            trigger = "RemoteStart" if transaction.remote_start_id is not None else "Authorized"
            first = self._message(wire, transaction, "Updated", trigger, state=CABLE_ONLY, token=transaction.token)
        return [first, self._message(wire, transaction, "Updated", "ChargingStateChanged", state=state)]

    def changed(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """Something happened while it runs."""
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        state = NO_CABLE
        if evse.plugged_connector is not None:
            state = CHARGING_STATE[evse.charging_state(clock.now())]
        if not on_wire(transaction):
            begin = self.context.ask(METERING).reading(evse, "tx_started", "Transaction.Begin")
            return self._energy_flows(transaction, state, begin)
        wire = wire_of(transaction)
        # What has happened at the same time has told it already.
        if kind is UpdateKind.CHARGING_STATE and state == wire.charging_state:
            return ()
        trigger = update_trigger(kind, reading)
        return [self._message(wire, transaction, "Updated", trigger, state=state, readings=_one(reading))]

    def ended(self, transaction: Transaction) -> Sequence[TransactionMessage]:
        """The station's transaction is over; on the wire too, if it has begun there and not only the cable ends it."""
        if not on_wire(transaction):
            return ()
        wire = wire_of(transaction)
        reason = transaction.stop_reason or StopReason.LOCAL
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        left = reason == StopReason.EV_DISCONNECTED and not evse.occupied
        trigger = "EVDeparted" if left else end_trigger(reason)
        plugged = evse.plugged_connector is not None
        state = CABLE_ONLY if plugged else NO_CABLE
        token = transaction.stop_token
        if self._goes_on(evse, reason):
            wire.authorized = False
            return [self._message(wire, transaction, "Updated", trigger, state=state, token=token)]
        return [
            self._message(
                wire,
                transaction,
                "Ended",
                trigger,
                # After a loss of power that was long ago.
                at=transaction.stopped_at,
                state=state,
                readings=transaction.readings,
                token=token,
                stopped=self._stopped(reason),
            )
        ]

    def _goes_on(self, evse: Evse, reason: str) -> bool:
        """Whether only the cable, or the leaving of the EV, ends on the wire what has ended at the station."""
        if self._until_it_leaves(evse):
            # Who is unplugged still stands in the bay.
            return reason not in _FINAL - {StopReason.EV_DISCONNECTED}
        points = frozenset(self._points("TxStopPoint"))
        with_cable = points <= {CABLE_ONLY, BAY} and CABLE_ONLY in points
        return evse.plugged_connector is not None and reason not in _FINAL and with_cable

    def answer(self, message: TransactionMessage, payload: Mapping[str, Any]) -> TransactionAnswer:
        """The CSMS's verdict on the card, where it gives one (E05, C10.FR.05)."""
        info = payload.get("idTokenInfo")
        if info is None:
            return TransactionAnswer()
        result = verdict_of(info)
        if result.accepted and (languages := languages_of(info)):
            self.context.events.tell(DriverSpeaks(languages))
        transaction = message.transaction
        if not is_draft(transaction):
            return TransactionAnswer(result)
        # The transaction began with its card; the cable may have come since, or the card has gone again.
        self.context.ask(AUTHORIZATION).learn(transaction.token, result)
        evse = self.context.equipment.find(transaction.evse_id)
        entry = self.open.at(transaction.evse_id)
        if evse is not None and evse.transaction is not None and entry is not None and entry[0] is wire_of(transaction):
            message.transaction = evse.transaction
            return TransactionAnswer(result)
        if not result.accepted:
            self._end_draft(transaction, "Deauthorized", StopReason.DE_AUTHORIZED)
        return TransactionAnswer()

    def updated(self, transaction: Transaction, kind: UpdateKind, reading: Reading | None = None) -> None:
        """No more energy may be an end (TxStopPoint EnergyTransfer), whoever suspends it (E06.FR.07, E16.FR.06)."""
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        state = evse.charging_state(clock.now())
        suspended = kind is UpdateKind.CHARGING_STATE and CHARGING_STATE[state] != _FLOWS
        if (suspended or kind in LIMITS) and on_wire(transaction) and ENERGY in self._points("TxStopPoint"):
            self.end(evse, kind if kind in LIMITS else suspended_reason(state))
        else:
            super().updated(transaction, kind, reading)

    def _energy_flows(
        self, transaction: Transaction, state: str, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """Energy flows, or not yet (TxStartPoint EnergyTransfer alone, or with what is never signed)."""
        if state != _FLOWS or self._points("TxStartPoint") == (SIGNED,):
            return ()
        return [self._first(transaction, "ChargingStateChanged", state, reading)]

    def _first(self, transaction: Transaction, trigger: str, state: str, reading: Reading | None) -> TransactionMessage:
        wire = WireTransaction(
            transaction.local_id,
            transaction.evse_id,
            transaction.connector_id,
            transaction.remote_start_id,
            transaction.reservation_id,
            authorized=True,
        )
        self.open.begin(wire, transaction)
        readings = _one(reading)
        return self._message(
            wire, transaction, "Started", trigger, state=state, readings=readings, token=transaction.token
        )


def _occupied(evse: Evse) -> str:
    return str(evse.occupied).lower()


def _one(reading: Reading | None) -> list[Reading]:
    return [] if reading is None else [reading]
