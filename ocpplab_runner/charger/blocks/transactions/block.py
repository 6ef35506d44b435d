"""The life of transactions: begin, what happens in between, end, and what the CSMS says of them afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken, ValidationResult
from ocpplab_runner.charger.blocks.transactions import persistence
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import (
    DemandChanged,
    Interrupted,
    PoweredUp,
    PowerFlows,
    Restarting,
    TransactionAnswered,
    TransactionOver,
    UsabilityChanged,
)
from ocpplab_runner.charger.core.evse import Evse, Grant
from ocpplab_runner.charger.core.model import (
    MessageKind,
    Reading,
    SessionEvent,
    StopReason,
    Transaction,
    TransactionAnswer,
    TransactionMessage,
    UpdateKind,
)
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import METERING, TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, setting


class Transactions(Block):
    """Begins and ends transactions, and keeps power and charging state in step with what is the case."""

    #: Whether a later verdict holds although it names no group (rule 18); in 1.6 only what names one does.
    any_verdict_holds = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._interrupted: list[Transaction] = []
        context.queue.answered = self._answered
        context.offer(TRANSACTIONS, self)

    def variables(self) -> Iterable[Variable]:
        """What ends a transaction, and how its messages are delivered."""
        return (
            setting("stop_transaction_on_invalid_id"),
            setting("max_energy_on_invalid_id"),
            setting("stop_transaction_on_ev_disconnect"),
            setting("transaction_message_attempts", minimum=1),
            setting("transaction_message_retry_interval"),
        )

    # -- one version's words --------------------------------------------------------------------------------------

    def started(self, transaction: Transaction, reading: Reading | None) -> Sequence[TransactionMessage]:
        """What tells of a transaction that has begun; ``reading`` was taken for ``tx_started``."""
        raise NotImplementedError

    def changed(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """What tells of something in a running transaction; ``reading`` goes with ``READINGS``."""
        raise NotImplementedError

    def ended(self, transaction: Transaction) -> Sequence[TransactionMessage]:
        """What tells of a transaction that has ended; its stop fields are filled."""
        raise NotImplementedError

    def answer(self, message: TransactionMessage, payload: Mapping[str, Any]) -> TransactionAnswer:
        """Read the CSMS's answer to a queued message, which has passed the schema."""
        raise NotImplementedError

    def find(self, transaction_id: int | str) -> Transaction | None:
        """The running transaction with that id on the wire."""
        raise NotImplementedError

    def happened(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """What tells of something at an EVSE outside the station's own transactions (2.x TxStartPoint, TxStopPoint)."""
        return ()

    def may_go_on(self, evse: Evse, transaction: Transaction) -> bool:
        """Whether an interrupted transaction goes on."""
        return False

    def taken_back(self, transaction: Transaction) -> None:
        """It goes on: what the version has to say to that."""

    def remember_transaction(self, transaction: Transaction) -> Mapping[str, Any]:
        """What only this version knows of a transaction, as JSON data."""
        return {}

    def recall_transaction(self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]) -> None:
        """Put that back; ``shared`` holds what several transactions of one station have in common."""

    def recall_message(
        self, action: str, kind: MessageKind, transaction: Transaction, payload: Mapping[str, Any]
    ) -> TransactionMessage:
        """A queued message again, from the payload that it had last."""
        return TransactionMessage(action, lambda: payload, transaction, kind)

    # -- the life of a transaction --------------------------------------------------------------------------------

    def running(self) -> list[Transaction]:
        """Every running transaction."""
        return [evse.transaction for evse in self.context.equipment.evses if evse.transaction is not None]

    def begin(self, evse: Evse, grant: Grant) -> Transaction:
        """The granted card and the cable are both there: a transaction begins."""
        context = self.context
        now = clock.now()
        connector = evse.plugged_connector or evse.connectors[0]
        transaction = Transaction(
            local_id=context.next_id(),
            evse_id=evse.evse_id,
            connector_id=connector.connector_id,
            token=grant.token,
            started_at=context.time.now(),
            meter_start_wh=evse.meter.register_wh(now),
            trigger=grant.trigger,
            group=grant.group,
            remote_start_id=grant.remote_start_id,
            reservation_id=grant.reservation_id,
            offline=not context.online,
        )
        evse.grant = None
        evse.transaction = transaction
        context.ask(STATUS).prepared(evse)
        # First what profiles allow now that there is one car more: the charging state follows from that.
        context.events.tell(DemandChanged(evse))
        transaction.charging_state = evse.charging_state(now)
        self._set_goal(evse, transaction)
        self._flow(evse)
        metering = context.ask(METERING)
        # Taken twice: the last message tells of the begin, too, by measurands of its own (TxEndedMeasurands).
        kept = metering.reading(evse, "tx_ended", "Transaction.Begin")
        if kept is not None:
            transaction.readings.append(kept)
        started = metering.reading(evse, "tx_started", "Transaction.Begin")
        metering.transaction_began(evse)
        # The transaction is told before the status that comes of it.
        context.queue.put(self.started(transaction, started))
        context.ask(STATUS).refresh(evse)
        return transaction

    def updated(self, transaction: Transaction, kind: UpdateKind, reading: Reading | None = None) -> None:
        """Something happened in a running transaction that its CSMS may want to hear of."""
        messages = self.changed(transaction, kind, reading)
        if messages:
            self.context.queue.put(messages)

    def session(self, evse: Evse, event: SessionEvent) -> None:
        """Something happened at an EVSE that the version may count to a transaction."""
        messages = self.happened(evse, event)
        if messages:
            self.context.queue.put(messages)

    def refresh(self, evse: Evse) -> None:
        """Power, charging state and status follow from what is the case now."""
        self.context.events.tell(DemandChanged(evse))
        transaction = evse.transaction
        if transaction is not None:
            state = evse.charging_state(clock.now())
            changed = state is not transaction.charging_state
            transaction.charging_state = state
            self._flow(evse)
            if changed:
                self.updated(transaction, UpdateKind.CHARGING_STATE)
        self.context.ask(STATUS).refresh(evse)

    def ev_disconnected(self, evse: Evse) -> None:
        """The EV has left a transaction that goes on without it (``StopTransactionOnEVSideDisconnect`` false)."""
        assert evse.transaction is not None
        self.updated(evse.transaction, UpdateKind.EV_DISCONNECTED)
        self.refresh(evse)

    def ev_connected(self, evse: Evse) -> None:
        """An EV has come back to a running transaction."""
        assert evse.transaction is not None
        # What may not flow after an interruption does when the EV is plugged in anew.
        evse.transaction.held_back = False
        self.updated(evse.transaction, UpdateKind.EV_CONNECTED)
        self.refresh(evse)

    def end(self, evse: Evse, reason: str, token: IdToken | None = None) -> None:
        """The running transaction of an EVSE ends, and its last message is queued.

        Args:
            evse: where.
            reason: OCPP stop reason.
            token: the card that stopped it, where one did.
        """
        transaction = self._close(evse)
        transaction.stop_reason = reason
        transaction.stop_token = token
        connector = evse.connectors[transaction.connector_id - 1]
        connector.finished = connector.plugged
        # The end of a transaction releases the cable (1.6 section 4.10); whether its loss does is a setting.
        connector.cable_left = connector.cable_left and reason == StopReason.EV_DISCONNECTED
        context = self.context
        context.queue.put(self.ended(transaction))
        context.ask(AUTHORIZATION).transaction_over(evse)
        context.events.tell(DemandChanged(evse))
        # The last transaction may have kept the whole station from going out of service.
        context.ask(STATUS).refresh(evse if context.equipment.operative else None)
        context.events.tell(TransactionOver(evse, transaction))

    def duration_left(self, evse: Evse) -> float | None:
        """Seconds until the session of an EVSE ends by itself; None when it has no such goal."""
        return self._timers.left(("duration", evse.evse_id))

    def resume(self, evse: Evse, duration_left: float | None) -> None:
        """Go on with a transaction that an earlier process has begun; nobody is told of it."""
        if duration_left is not None:
            self._end_after(evse, duration_left)
        self._flow(evse)

    @hears(UsabilityChanged)
    def usability_changed(self, event: UsabilityChanged) -> None:
        """What may flow there follows."""
        self.refresh(event.evse)

    @hears(Restarting)
    def restarting(self, event: Restarting) -> None:
        """What runs ends."""
        if event.evse.transaction is not None:
            self.end(event.evse, event.reason)
        self.session(event.evse, SessionEvent.RESETTING)

    def interrupt(self, evse: Evse, reason: StopReason) -> None:
        """What runs at an EVSE stands still until :meth:`go_on`.

        Args:
            evse: where; something runs there.
            reason: why it ends, if it does not go on.
        """
        assert evse.transaction is not None
        # Before _close, which stops the timer: the time without power is no part of the duration.
        evse.transaction.seconds_left = self.duration_left(evse)
        evse.connectors[evse.transaction.connector_id - 1].cable_left = False
        transaction = self._close(evse)
        transaction.stop_reason = reason
        self._interrupted.append(transaction)

    @hears(Interrupted)
    def interrupted(self, event: Interrupted) -> None:
        """What ran stands still."""
        for evse in self.context.equipment.evses:
            if evse.transaction is not None:
                self.interrupt(evse, event.reason)

    def go_on(self) -> None:
        """What was interrupted goes on where it may, else it has ended then (OCPP 1.6 section 4.10, 2.1 E17)."""
        interrupted, self._interrupted = self._interrupted, []
        for transaction in interrupted:
            evse = self.context.equipment.evses[transaction.evse_id - 1]
            if self.may_go_on(evse, transaction):
                self._reopen(evse, transaction)
            else:
                self.context.queue.put(self.ended(transaction))

    def _reopen(self, evse: Evse, transaction: Transaction) -> None:
        """Take back its end, which nobody has been told of."""
        transaction.stopped_at = transaction.meter_stop_wh = transaction.stop_reason = None
        # Else the end would later tell of two.
        if transaction.readings and transaction.readings[-1].context == "Transaction.End":
            transaction.readings.pop()
        evse.transaction = transaction
        self.taken_back(transaction)
        self.context.ask(AUTHORIZATION).transaction_goes_on(evse)
        self.context.events.tell(DemandChanged(evse))
        transaction.charging_state = evse.charging_state(clock.now())
        left, transaction.seconds_left = transaction.seconds_left, None
        if left is not None:
            self._end_after(evse, left)
        self._flow(evse)
        self.context.ask(METERING).transaction_began(evse)
        self.updated(transaction, UpdateKind.RESUMED)
        self.context.ask(STATUS).refresh(evse)

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """What was interrupted goes on or has ended, and a cable may begin something."""
        self.go_on()
        for evse in self.context.equipment.evses:
            self.session(evse, SessionEvent.POWERED_UP)

    def _answered(self, message: TransactionMessage, payload: Mapping[str, Any]) -> None:
        """The CSMS has processed a queued message."""
        self.context.events.tell(TransactionAnswered(message, payload))
        transaction = message.transaction
        answer = self.answer(message, payload)
        if answer.remote_id is not None:
            transaction.remote_id = answer.remote_id
        if answer.result is None:
            return
        token = transaction.token
        # The answer to a stop judges the card that has stopped it.
        if message.kind == "stop" and transaction.stop_token is not None:
            token = transaction.stop_token
        self.context.ask(AUTHORIZATION).learn(token, answer.result)
        # A late verdict on a transaction that has ended since is remembered, and ends nothing.
        if message.kind != "stop" and not transaction.ended:
            self._verdict(transaction, answer.result)

    def _verdict(self, transaction: Transaction, result: ValidationResult) -> None:
        """A verdict on a card whose transaction runs (1.6 section 4.8, 2.0.1 E05)."""
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        if result.parent_id_token is not None:
            transaction.group = result.parent_id_token
        if result.parent_id_token is not None or self.any_verdict_holds:
            self.context.ask(AUTHORIZATION).later_verdict(evse, result)
        if result.accepted or transaction.refused:
            return
        if self.context.variables.boolean("stop_transaction_on_invalid_id"):
            self.end(evse, StopReason.DE_AUTHORIZED)
            return
        transaction.refused = True
        limit = self.context.variables.integer("max_energy_on_invalid_id")
        transaction.refused_limit_wh = transaction.meter_start_wh + limit
        self.updated(transaction, UpdateKind.DEAUTHORIZED)
        self.refresh(evse)

    def _set_goal(self, evse: Evse, transaction: Transaction) -> None:
        goal, evse.goal = evse.goal, None
        # The session that was to end so was another card's.
        if goal is None or not goal.token.same_token(transaction.token):
            return
        if goal.energy_wh is not None:
            transaction.energy_limit_wh = evse.meter.energy_wh(clock.now()) + goal.energy_wh
        if goal.duration is not None:
            self._end_after(evse, goal.duration)

    def _end_after(self, evse: Evse, seconds: float) -> None:
        self._timers.start(("duration", evse.evse_id), seconds, lambda: self.end(evse, StopReason.TIME_LIMIT_REACHED))

    def _flow(self, evse: Evse) -> None:
        """Let the power flow that may flow, and look again when that will change by itself."""
        now = clock.now()
        evse.meter.set_power(evse.power_w(now), now)
        self.context.events.tell(PowerFlows(evse))
        name = ("energy", evse.evse_id)
        moments = [
            seconds
            for target in self.energy_marks(evse)
            if (seconds := evse.meter.seconds_until(target, now)) is not None
        ]
        stored = evse.stored_wh(now)
        # Who gives energy back stops when the battery is empty.
        if stored is not None and evse.meter.power_w < 0:
            empty = evse.meter.seconds_until_exported(evse.meter.exported_wh(now) + stored, now)
            moments += [] if empty is None else [empty]
        if moments:
            self._timers.start(name, min(moments), lambda: self._energy_mark(evse))
        else:
            self._timers.stop(name)

    def energy_marks(self, evse: Evse) -> list[float]:
        """Register values at which something changes by itself in the transaction of an EVSE, in Wh."""
        transaction = evse.transaction
        assert transaction is not None
        now = clock.now()
        energy = evse.meter.energy_wh(now)
        left = [evse.needed_wh(now), evse.allowed_wh(now)]
        # None is never, and at 0 it has changed already.
        marks = [energy + wh for wh in left if wh]
        if transaction.energy_limit_wh is not None:
            marks.append(transaction.energy_limit_wh)
        return marks

    def _energy_mark(self, evse: Evse) -> None:
        assert evse.transaction is not None
        limit = evse.transaction.energy_limit_wh
        if limit is not None and evse.meter.seconds_until(limit, clock.now()) == 0.0:
            self.end(evse, StopReason.ENERGY_LIMIT_REACHED)
        else:
            self.refresh(evse)

    def _close(self, evse: Evse) -> Transaction:
        """What every end has in common: the last reading, no more power, no more timers."""
        transaction = evse.transaction
        assert transaction is not None
        now = clock.now()
        transaction.stopped_at = self.context.time.now()
        transaction.meter_stop_wh = evse.meter.register_wh(now)
        metering = self.context.ask(METERING)
        last = metering.reading(evse, "tx_ended", "Transaction.End")
        if last is not None:
            transaction.readings.append(last)
        evse.transaction = None
        evse.meter.set_power(0.0, now)
        self.context.events.tell(PowerFlows(evse))
        metering.transaction_over(evse)
        self._timers.stop(("energy", evse.evse_id))
        self._timers.stop(("duration", evse.evse_id))
        self._timers.stop(("away", evse.evse_id))
        return transaction

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """EVSEs with what runs at them, what was interrupted, and the messages that wait."""
        return persistence.remember(self.context, self, self._interrupted)

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back; what ran has drawn energy meanwhile, as it would have behind a broken network."""
        self._interrupted.extend(persistence.recall(self.context, self, memory))

    def snapshot(self) -> Mapping[str, Any]:
        """How many messages wait, and how many transactions a loss of power has interrupted."""
        return {"queued_messages": len(self.context.queue), "interrupted_transactions": len(self._interrupted)}
