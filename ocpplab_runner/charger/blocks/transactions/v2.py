"""Transactions in OCPP 2.x: when a TransactionEvent is due, by TxStartPoint and TxStopPoint (use cases E01 to E15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken, IdTokenType, TokenHandlingResult
from ocpplab_runner.charger.blocks.transactions.block import Transactions
from ocpplab_runner.charger.blocks.transactions.open_transactions import OpenTransactions, is_draft, on_wire, wire_of
from ocpplab_runner.charger.blocks.transactions.wire_transaction import (
    BAY,
    CABLE_ONLY,
    CHARGING_STATE,
    ENERGY,
    LIMITS,
    NO_CABLE,
    SIGNED,
    EventType,
    WireTransaction,
    end_trigger,
    stopped_reason,
    suspended_reason,
    update_trigger,
)
from ocpplab_runner.charger.core import public_keys
from ocpplab_runner.charger.core.block import V2, Payload, answers, hears, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import languages_of, rejected, verdict_of
from ocpplab_runner.charger.core.events import (
    DriverSpeaks,
    PoweredUp,
    TokenHandled,
    TokenWaits,
    TransactionClosed,
    TransactionTold,
)
from ocpplab_runner.charger.core.evse import Evse, Grant
from ocpplab_runner.charger.core.model import (
    BootReason,
    Reading,
    SessionEvent,
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

_KIND: dict[EventType, Literal["start", "update", "stop"]] = {"Started": "start", "Updated": "update", "Ended": "stop"}
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


class TransactionsV2(Transactions):
    """Turns what happens at EVSEs into TransactionEvents.

    Attributes:
        open: what has begun on the wire and not ended.
    """

    versions = V2

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.open = OpenTransactions()
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

    # -- before and after the station's own transaction ---------------------------------------------------------------

    def happened(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """What happens without a running transaction of the station may begin or end one on the wire."""
        match event:
            case SessionEvent.BAY_TAKEN:
                return self._bay_taken(evse)
            case SessionEvent.BAY_LEFT:
                return self._bay_left(evse)
            case SessionEvent.CABLE_PLUGGED:
                return self._cable_plugged(evse)
            case SessionEvent.GRANTED:
                return self._granted(evse)
            case SessionEvent.WITHDRAWN:
                return self._withdrawn(evse)
            case SessionEvent.DEAUTHORIZED:
                return self._deauthorized(evse)
            case SessionEvent.CABLE_UNPLUGGED:
                if not self.context.powered:
                    return ()  # what the loss of power has interrupted is judged when it is back
                return self._cable_unplugged(evse)
            case SessionEvent.RESETTING:
                return self._end_open(evse, "ResetCommand", StopReason.HARD_RESET)
            case SessionEvent.POWERED_UP:
                self.open.no_longer_wait()  # a scheduled reset has become pointless
                ended = self._end_open(evse, "AbnormalCondition", StopReason.POWER_LOSS)
                came = self._bay_taken(evse) if evse.occupied else ()
                return [*ended, *came, *(self._cable_plugged(evse) if evse.plugged_connector is not None else ())]

    @property
    def resumes(self) -> bool:
        """Whether what is interrupted may go on."""
        return False

    def stop_remotely(self, transaction: Transaction) -> None:
        """End a transaction that is open on the wire only: its card, or its car, is still missing (F03)."""
        self._end_draft(transaction, "RemoteStop", StopReason.REMOTE)

    # -- a card that has no EVSE yet ----------------------------------------------------------------------------------

    @hears(TokenWaits)
    def token_waits(self, event: TokenWaits) -> None:
        """The EVSE is told when it is known (E03); not where a cable may begin a transaction, too."""
        points = self._points("TxStartPoint")
        if "Authorized" not in points or CABLE_ONLY in points:
            return
        token, remote_start_id = event.token.id_token, event.token.request_id
        wire, draft = self._open_draft(token, 0, 0, 0)
        wire.authorized, wire.remote_start_id = True, remote_start_id
        trigger = "Authorized" if remote_start_id is None else "RemoteStart"
        self.context.queue.put([self._message(wire, draft, "Started", trigger, state=NO_CABLE, token=token)])

    @hears(TokenHandled)
    def token_handled(self, event: TokenHandled) -> None:
        """It waits no longer, and was led to no EVSE (E03.FR.05)."""
        taken_back = event.outcome is TokenHandlingResult.WITHDRAWN
        how = ("Deauthorized", StopReason.DE_AUTHORIZED) if taken_back else ("EVConnectTimeout", "Timeout")
        for _, draft in self.open.unplaced:
            if draft.token.same_token(event.token.id_token):
                self._end_unplaced(draft, *how)

    def powered_up(self, event: PoweredUp) -> None:
        """Also the end of what waited for an EVSE when the power went, or the station was reset."""
        super().powered_up(event)
        by_power = event.reason is BootReason.POWER_UP
        how = ("AbnormalCondition", StopReason.POWER_LOSS) if by_power else ("ResetCommand", StopReason.HARD_RESET)
        for _, draft in self.open.unplaced:
            self._end_unplaced(draft, *how)

    def _end_unplaced(self, draft: Transaction, trigger: str, reason: str) -> None:
        stopped = self._stopped(reason)
        self.context.queue.put(
            [self._message(wire_of(draft), draft, "Ended", trigger, state=NO_CABLE, stopped=stopped)]
        )

    def _end_draft(self, draft: Transaction, trigger: str, reason: StopReason) -> None:
        """End what is open on the wire only, and take back what its card was granted."""
        evse = self.context.equipment.find(draft.evse_id)
        if evse is None:
            if self.open.find(wire_of(draft).transaction_id) is None:
                return
            self._end_unplaced(draft, trigger, reason)
            self.context.ask(AUTHORIZATION).give_up(draft.token)
        else:
            self.context.queue.put(self._end_open(evse, trigger, reason))
            self.context.ask(AUTHORIZATION).withdraw(evse)

    def stop_locally(self, evse: Evse) -> None:
        """The driver ends such a one at the station (2.1 C20)."""
        self.context.queue.put(self._end_open(evse, "StopAuthorized", StopReason.LOCAL))
        self.context.ask(AUTHORIZATION).withdraw(evse)

    def ev_disconnected(self, evse: Evse) -> None:
        """At a cable that is attached to the station the EV has its time to come back (E10.FR.02)."""
        super().ev_disconnected(evse)
        if self.context.config.unlock == "not_supported":
            wait = self.context.variables.integer("connection_timeout")
            self._timers.start(("away", evse.evse_id), wait, lambda: self.end(evse, "Timeout"))

    def ev_connected(self, evse: Evse) -> None:
        """It has come back."""
        self._timers.stop(("away", evse.evse_id))
        super().ev_connected(evse)

    def _bay_taken(self, evse: Evse) -> Sequence[TransactionMessage]:
        """An EV stands in the bay; that may be where a transaction starts (E01, TxStartPoint ParkingBayOccupancy)."""
        if self.open.at(evse.evse_id) is not None or not self._starts_with(BAY):
            return ()
        wire, draft = self._draft(evse)
        readings = self._begin_reading(evse, draft)
        return [self._message(wire, draft, "Started", "EVDetected", state=NO_CABLE, readings=readings)]

    def _bay_left(self, evse: Evse) -> Sequence[TransactionMessage]:
        """The EV has left the bay, and with it what its coming began, or what nothing else ends (E06)."""
        entry, ends = self.open.at(evse.evse_id), BAY in self._points("TxStopPoint")
        if evse.transaction is not None and ends:
            self.end(evse, StopReason.EV_DISCONNECTED)
        elif entry is not None and (ends or not entry[0].authorized):
            return self._end_open(evse, "EVDeparted", StopReason.LOCAL)
        return ()

    def _cable_unplugged(self, evse: Evse) -> Sequence[TransactionMessage]:
        """The EV is not connected any more, and may still stand in its bay."""
        entry = self.open.at(evse.evse_id)
        if entry is None or evse.transaction is not None or not self._until_it_leaves(evse):
            return self._end_open(evse, "EVCommunicationLost", StopReason.EV_DISCONNECTED)
        return [self._message(*entry, "Updated", "EVCommunicationLost", state=NO_CABLE)]

    def _until_it_leaves(self, evse: Evse) -> bool:
        """Whether nothing but the leaving of its EV ends a transaction (TxStopPoint ParkingBayOccupancy alone)."""
        return evse.occupied and self._points("TxStopPoint") == (BAY,)

    def _cable_plugged(self, evse: Evse) -> Sequence[TransactionMessage]:
        """An EV was plugged in; that may be where a transaction starts (E02, TxStartPoint EVConnected)."""
        entry = self.open.at(evse.evse_id)
        if entry is not None and not entry[0].authorized and entry[0].charging_state == NO_CABLE:
            return [self._message(*entry, "Updated", "CablePluggedIn", state=CABLE_ONLY)]
        if entry is not None or not self._starts_with(CABLE_ONLY):
            return ()
        wire, draft = self._draft(evse)
        readings = self._begin_reading(evse, draft)
        return [self._message(wire, draft, "Started", "CablePluggedIn", state=CABLE_ONLY, readings=readings)]

    def _granted(self, evse: Evse) -> Sequence[TransactionMessage]:
        """A card may charge and there is no cable yet; that may be a start (E03, TxStartPoint Authorized)."""
        grant = evse.grant
        if grant is None:
            return ()
        entry = self.open.place(grant.token, evse.evse_id)
        if entry is not None and not entry[0].authorized:
            wire, draft = entry
            wire.authorized, draft.token = True, grant.token
            wire.remote_start_id, wire.reservation_id = grant.remote_start_id, grant.reservation_id
            return [self._message(wire, draft, "Updated", grant.trigger.value, state=NO_CABLE, token=grant.token)]
        if entry is not None:
            return ()
        if not self._starts_with("Authorized"):
            return ()
        wire, draft = self._draft(evse, grant)
        wire.authorized = True
        readings = self._begin_reading(evse, draft)
        trigger = grant.trigger.value
        return [self._message(wire, draft, "Started", trigger, state=NO_CABLE, readings=readings, token=grant.token)]

    def _withdrawn(self, evse: Evse) -> Sequence[TransactionMessage]:
        """The card has waited in vain for a cable (E03.FR.05), or has been refused."""
        entry = self.open.at(evse.evse_id)
        if entry is None or not entry[0].authorized:
            return ()
        if not self.context.equipment.usable(evse):
            return self._end_open(evse, "AbnormalCondition", StopReason.OTHER)
        return self._end_unless_it_stays(evse, "EVConnectTimeout", "Timeout")

    def _deauthorized(self, evse: Evse) -> Sequence[TransactionMessage]:
        """What the card was granted has been taken back before there was a cable."""
        entry = self.open.at(evse.evse_id)
        if entry is None or not entry[0].authorized:
            return ()
        return self._end_unless_it_stays(evse, "Deauthorized", StopReason.DE_AUTHORIZED)

    def _end_unless_it_stays(self, evse: Evse, trigger: str, reason: str) -> Sequence[TransactionMessage]:
        entry = self.open.at(evse.evse_id)
        if entry is None or evse.transaction is not None or not self._until_it_leaves(evse):
            return self._end_open(evse, trigger, reason)
        entry[0].authorized = False
        return [self._message(*entry, "Updated", trigger, state=NO_CABLE)]

    def _end_open(self, evse: Evse, trigger: str, reason: str) -> Sequence[TransactionMessage]:
        """End what is open on the wire and not, or no longer, the station's own transaction."""
        entry = self.open.at(evse.evse_id)
        if entry is None or evse.transaction is not None:
            return ()
        wire, known = entry
        if known.ended and known.stop_reason is not None and trigger in ("EVCommunicationLost", "EVDeparted"):
            reason = known.stop_reason  # its card has stopped it, the cable or the EV only ends it (E07)
        last = self.context.ask(METERING).reading(evse, "tx_ended", "Transaction.End")
        if last is not None and not known.ended:
            known.readings.append(last)
        state = CABLE_ONLY if evse.plugged_connector is not None else NO_CABLE
        stopped = self._stopped(reason)
        return [self._message(wire, known, "Ended", trigger, state=state, readings=known.readings, stopped=stopped)]

    def _stopped(self, reason: str) -> str | None:
        """What an end says of its reason: Local may be left out (TransactionType.stoppedReason)."""
        told = reason != StopReason.LOCAL or self.context.config.local_reason == "sent"
        return stopped_reason(reason) if told else None

    def _begin_reading(self, evse: Evse, draft: Transaction) -> list[Reading]:
        kept = self.context.ask(METERING).reading(evse, "tx_ended", "Transaction.Begin")
        if kept is not None:
            draft.readings.append(kept)
        started = self.context.ask(METERING).reading(evse, "tx_started", "Transaction.Begin")
        return [] if started is None else [started]

    # -- the station's own transaction ------------------------------------------------------------------------------

    def started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """Card and cable are both there (TxStartPoint PowerPathClosed)."""
        state = CHARGING_STATE[transaction.charging_state]
        entry = self.open.place(transaction.token, transaction.evse_id)
        if entry is None:
            points = frozenset(self._points("TxStartPoint"))
            if SIGNED in points and reading is not None and reading.signed is not None:
                first = self._first(transaction, "SignedDataReceived", CABLE_ONLY, reading)
                return [
                    first,
                    self._message(wire_of(transaction), transaction, "Updated", "ChargingStateChanged", state=state),
                ]
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

    def _starts_with(self, point: str) -> bool:
        return point in self._points("TxStartPoint")

    def _points(self, name: str) -> Sequence[str]:
        return self.context.variables.items(f"TxCtrlr.{name}")

    # -- helpers ----------------------------------------------------------------------------------------------------

    def _draft(self, evse: Evse, grant: Grant | None = None) -> tuple[WireTransaction, Transaction]:
        """A transaction that is open on the wire before the station's own has begun."""
        connector = evse.plugged_connector or evse.connectors[0]
        token = IdToken("", IdTokenType.NO_AUTHORIZATION) if grant is None else grant.token
        register = evse.meter.register_wh(clock.now())
        wire, draft = self._open_draft(token, evse.evse_id, connector.connector_id, register)
        if grant is not None:
            wire.remote_start_id, wire.reservation_id = grant.remote_start_id, grant.reservation_id
        return wire, draft

    def _open_draft(
        self, token: IdToken, evse_id: int, connector_id: int, register_wh: int
    ) -> tuple[WireTransaction, Transaction]:
        draft = Transaction(
            local_id=self.context.next_id(),
            evse_id=evse_id,
            connector_id=connector_id,
            token=token,
            started_at=self.context.time.now(),
            meter_start_wh=register_wh,
            offline=not self.context.online,
        )
        wire = WireTransaction(draft.local_id, evse_id, connector_id)
        self.open.begin(wire, draft, draft=True)
        return wire, draft

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


def _occupied(evse: Evse) -> str:
    return str(evse.occupied).lower()


def _one(reading: Reading | None) -> list[Reading]:
    return [] if reading is None else [reading]
