"""The life of transactions: begin, what happens in between, end, and what the CSMS says of them afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken, ValidationResult
from ocpplab_runner.charger.evse import Evse, Grant
from ocpplab_runner.charger.model import Reading, StopReason, Transaction, TransactionMessage, UpdateKind
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


class Transactions:
    """Begins and ends transactions, and keeps power and charging state in step with what is the case."""

    __slots__ = ("_interrupted", "_station", "_timers")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self._interrupted: list[Transaction] = []

    def running(self) -> list[Transaction]:
        """Every running transaction."""
        return [evse.transaction for evse in self._station.evses if evse.transaction is not None]

    def begin(self, evse: Evse, grant: Grant) -> Transaction:
        """The granted card and the cable are both there: a transaction begins."""
        station = self._station
        now = clock.now()
        connector = evse.plugged_connector or evse.connectors[0]
        transaction = Transaction(
            local_id=station.next_id(),
            evse_id=evse.evse_id,
            connector_id=connector.connector_id,
            token=grant.token,
            started_at=self._station.time.now(),
            meter_start_wh=evse.meter.register_wh(now),
            trigger=grant.trigger,
            group=grant.group,
            remote_start_id=grant.remote_start_id,
            reservation_id=grant.reservation_id,
            offline=not station.online,
        )
        evse.grant = None
        evse.transaction = transaction
        station.availability.prepared(evse)
        transaction.charging_state = evse.charging_state(now)
        self._set_goal(evse, transaction)
        self._flow(evse)
        kept = station.metering.reading(evse, "tx_ended", "Transaction.Begin")
        if kept is not None:
            transaction.readings.append(kept)
        started = station.metering.reading(evse, "tx_started", "Transaction.Begin")
        station.metering.transaction_began(evse)
        station.outbox.put(station.dialect.transaction_started(transaction, started))
        station.statuses.refresh(evse)
        return transaction

    def updated(self, transaction: Transaction, kind: UpdateKind, reading: Reading | None = None) -> None:
        """Something happened in a running transaction that its CSMS may want to hear of."""
        messages = self._station.dialect.transaction_updated(transaction, kind, reading)
        if messages:
            self._station.outbox.put(messages)

    def refresh(self, evse: Evse) -> None:
        """Power, charging state and status follow from what is the case now."""
        transaction = evse.transaction
        if transaction is not None:
            state = evse.charging_state(clock.now())
            changed = state is not transaction.charging_state
            transaction.charging_state = state
            self._flow(evse)
            if changed:
                self.updated(transaction, UpdateKind.CHARGING_STATE)
        self._station.statuses.refresh(evse)

    def ev_disconnected(self, evse: Evse) -> None:
        """The EV has left a transaction that goes on without it (``StopTransactionOnEVSideDisconnect`` false)."""
        assert evse.transaction is not None
        self.updated(evse.transaction, UpdateKind.EV_DISCONNECTED)
        self.refresh(evse)

    def ev_connected(self, evse: Evse) -> None:
        """An EV has come back to a running transaction."""
        assert evse.transaction is not None
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
        station = self._station
        station.outbox.put(station.dialect.transaction_ended(transaction))
        station.cards.transaction_over(evse)
        # The last transaction may have kept the whole station from going out of service.
        station.statuses.refresh(evse if station.operative else None)

    @property
    def interrupted(self) -> int:
        """How many a loss of power has interrupted, to be ended when it is back."""
        return len(self._interrupted)

    @property
    def interrupted_ones(self) -> tuple[Transaction, ...]:
        """Those themselves."""
        return tuple(self._interrupted)

    def restore_interrupted(self, transactions: Iterable[Transaction]) -> None:
        """Take over what an earlier process has interrupted."""
        self._interrupted.extend(transactions)

    def duration_left(self, evse: Evse) -> float | None:
        """Seconds until the session of an EVSE ends by itself; None when it has no such goal."""
        return self._timers.left(("duration", evse.evse_id))

    def resume(self, evse: Evse, duration_left: float | None) -> None:
        """Go on with a transaction that an earlier process has begun; nobody is told of it."""
        if duration_left is not None:
            self._end_after(evse, duration_left)
        self._flow(evse)

    def power_lost(self) -> None:
        """The power is gone: what ran stands still, and will be ended when the power is back."""
        for evse in self._station.evses:
            if evse.transaction is not None:
                self._interrupted.append(self._close(evse))
        self._timers.stop_all()

    def power_restored(self) -> None:
        """Queue the end of what the loss of power has interrupted (OCPP 1.6 section 4.10)."""
        interrupted, self._interrupted = self._interrupted, []
        for transaction in interrupted:
            transaction.stop_reason = StopReason.POWER_LOSS
            self._station.outbox.put(self._station.dialect.transaction_ended(transaction))

    def answered(self, message: TransactionMessage, payload: Mapping[str, Any]) -> None:
        """The CSMS has processed a queued message."""
        station = self._station
        transaction = message.transaction
        answer = station.dialect.transaction_answered(message, payload)
        if answer.remote_id is not None:
            transaction.remote_id = answer.remote_id
        if answer.result is None:
            return
        token = transaction.token
        if message.kind == "stop" and transaction.stop_token is not None:
            token = transaction.stop_token
        station.cards.learn(token, answer.result)
        if message.kind != "stop" and not transaction.ended:
            self._verdict(transaction, answer.result)

    def stop_timers(self) -> None:
        """No transaction ends or changes by itself any more."""
        self._timers.stop_all()

    def _verdict(self, transaction: Transaction, result: ValidationResult) -> None:
        """A verdict on a card whose transaction runs (1.6 section 4.8, 2.0.1 E05)."""
        station = self._station
        evse = station.evses[transaction.evse_id - 1]
        if result.parent_id_token is not None:
            transaction.group = result.parent_id_token
        if result.parent_id_token is not None or station.version is not OcppVersion.V16:
            station.cards.later_verdict(evse, result)  # rule 18: in 1.6 only what names a group
        if result.accepted or transaction.refused:
            return
        if station.settings.boolean("stop_transaction_on_invalid_id"):
            self.end(evse, StopReason.DE_AUTHORIZED)
            return
        transaction.refused = True
        limit = station.settings.integer("max_energy_on_invalid_id")
        transaction.refused_limit_wh = transaction.meter_start_wh + limit
        self.updated(transaction, UpdateKind.DEAUTHORIZED)
        self.refresh(evse)

    def _set_goal(self, evse: Evse, transaction: Transaction) -> None:
        goal, evse.goal = evse.goal, None
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
        name = ("energy", evse.evse_id)
        moments = [
            seconds
            for target in self._energy_marks(evse, now)
            if (seconds := evse.meter.seconds_until(target, now)) is not None
        ]
        if moments:
            self._timers.start(name, min(moments), lambda: self._energy_mark(evse))
        else:
            self._timers.stop(name)

    def energy_marks(self, evse: Evse) -> list[float]:
        """Register values at which something changes by itself, in Wh."""
        return self._energy_marks(evse, clock.now())

    def _energy_marks(self, evse: Evse, now: float) -> list[float]:
        transaction = evse.transaction
        if transaction is None:
            return []
        energy = evse.meter.energy_wh(now)
        left = [evse.needed_wh(now), evse.allowed_wh(now)]
        marks = [energy + wh for wh in left if wh]
        if transaction.energy_limit_wh is not None:
            marks.append(transaction.energy_limit_wh)
        return marks

    def _energy_mark(self, evse: Evse) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        limit = transaction.energy_limit_wh
        if limit is not None and evse.meter.seconds_until(limit, clock.now()) == 0.0:
            self.end(evse, StopReason.ENERGY_LIMIT_REACHED)
        else:
            self.refresh(evse)

    def _close(self, evse: Evse) -> Transaction:
        """What every end has in common: the last reading, no more power, no more timers."""
        transaction = evse.transaction
        assert transaction is not None
        station = self._station
        now = clock.now()
        transaction.stopped_at = self._station.time.now()
        transaction.meter_stop_wh = evse.meter.register_wh(now)
        last = station.metering.reading(evse, "tx_ended", "Transaction.End")
        if last is not None:
            transaction.readings.append(last)
        evse.transaction = None
        evse.meter.set_power(0.0, now)
        station.metering.transaction_over(evse)
        self._timers.stop(("energy", evse.evse_id))
        self._timers.stop(("duration", evse.evse_id))
        return transaction
