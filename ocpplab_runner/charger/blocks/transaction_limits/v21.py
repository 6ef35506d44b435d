"""Transactions with a fixed cost, energy, time or state of charge: E16 of OCPP 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.transaction_limits.limit import REACHED, Limits
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import (
    ClockSet,
    CostTold,
    PoweredUp,
    PowerFlows,
    Resumed,
    TransactionAnswered,
    TransactionOver,
    TransactionTold,
    WentDown,
)
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Refused, Transaction, UpdateKind
from ocpplab_runner.charger.core.services.payments import TARIFFS
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS, TRANSACTION_LIMITS, TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.vocabulary.versions import OcppVersion

_SUPPORTED = "TxCtrlr.SupportedLimits"
#: What the CSMS is told of a limit that was reached, and which limit that was.
_BY_KIND = {kind: name for name, kind in REACHED.items()}


@dataclass(slots=True)
class _Held:
    """A transaction that has limits.

    Attributes:
        transaction_id: the station's own.
        limits: of it.
        told: whether the CSMS has been told them.
        cost: what it costs as the CSMS has said last.
    """

    transaction_id: str
    limits: Limits
    told: bool = True
    cost: float = 0.0


@dataclass(slots=True)
class _Before:
    """What limits the transaction that a token will begin, and whether a draft of that has told the CSMS."""

    token: IdToken
    limits: Limits
    told: bool = False


class TransactionLimitsV21(Block):
    """No more energy flows in a transaction that has reached one of its limits, until that is raised (E16.FR.05)."""

    versions = frozenset({OcppVersion.V21})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._held: dict[int, _Held] = {}
        self._before: list[_Before] = []
        #: By the station's own id of a transaction: by how many seconds the clock was set since it began.
        self._set_by: dict[str, float] = {}
        context.offer(TRANSACTION_LIMITS, self)

    def variables(self) -> Iterable[Variable]:
        """Which limits there are."""
        yield of_2x("TxCtrlr", "SupportedLimits", "MemberList", ",".join(REACHED), choices=tuple(REACHED))

    # -- who sets them ------------------------------------------------------------------------------------------------

    @hears(TransactionAnswered)
    def answered(self, event: TransactionAnswered) -> None:
        """The CSMS may set limits, and says what the transaction costs (E16.FR.02)."""
        transaction = self._running(event.message.transaction)
        if transaction is None:
            self._answered_early(event)
            return
        evse, total = self.context.equipment.evses[transaction.evse_id - 1], event.payload.get("totalCost")
        if total is not None:
            self._costs(evse, total)
        wire = event.payload.get("transactionLimit")
        if wire is not None:
            self._set(evse, transaction, self._of(evse, transaction).limits.set_by_csms(wire, self._supported))

    def _answered_early(self, event: TransactionAnswered) -> None:
        """The transaction has begun on the wire only: limits hold for what follows."""
        wire, told = event.payload.get("transactionLimit"), event.message.transaction
        transaction_id = event.message.build()["transactionInfo"]["transactionId"]
        # Where it has ended meanwhile there is nothing left to limit.
        if wire is not None and self.context.ask(OPEN_TRANSACTIONS).find(transaction_id) is told:
            before = next((one for one in self._before if one.token.same_token(told.token)), None)
            limits = Limits({}, {}) if before is None else before.limits
            self.forget_before(told.token)
            self._before.append(_Before(told.token, limits.set_by_csms(wire, self._supported)))

    @hears(CostTold)
    def cost_told(self, event: CostTold) -> None:
        """CostUpdated says what a transaction costs (E16.FR.15)."""
        evse = self.context.equipment.find(event.transaction.evse_id)
        if evse is not None:
            self._costs(evse, event.amount)

    def set_by_driver(self, evse: Evse, wire: Mapping[str, float]) -> None:
        """The driver sets limits at the station (E16.FR.01)."""
        transaction = evse.transaction
        if transaction is None:
            raise Refused(f"no transaction runs on EVSE {evse.evse_id}")
        lacking = [name for name in wire if name not in self._supported]
        if lacking:
            raise Refused(f"this station has no limit {', '.join(lacking)}")
        self._set(evse, transaction, self._of(evse, transaction).limits.set_by_driver(wire, self._supported))

    def set_before(self, token: IdToken, wire: Mapping[str, float]) -> None:
        """A payment limits the transaction that it will begin (C18.FR.07)."""
        self.forget_before(token)
        self._before.append(_Before(token, Limits({}, {}).set_by_driver(wire, self._supported)))

    def forget_before(self, token: IdToken) -> None:
        """It will begin none."""
        self._before = [one for one in self._before if not one.token.same_token(token)]

    @property
    def _supported(self) -> tuple[str, ...]:
        return self.context.variables.items(_SUPPORTED)

    def _running(self, told: Transaction) -> Transaction | None:
        """The station's own transaction of a message, whose draft may have begun it."""
        evse = self.context.equipment.find(told.evse_id)
        transaction = None if evse is None else evse.transaction
        # A late answer may be of the transaction before this one: its cost and its limits are not of this one.
        return None if transaction is None or told.ended else transaction

    def _of(self, evse: Evse, transaction: Transaction) -> _Held:
        held = self._held.get(evse.evse_id)
        if held is None or held.transaction_id != transaction.local_id:
            held = self._held[evse.evse_id] = _Held(transaction.local_id, Limits({}, {}))
        return held

    def _set(self, evse: Evse, transaction: Transaction, limits: Limits) -> None:
        held = self._of(evse, transaction)
        # The CSMS's own limit is confirmed also where the driver's, which is lower, goes on to hold.
        if limits.all == held.limits.all and limits.by_csms == held.limits.by_csms:
            held.limits = limits
            return
        held.limits, held.told = limits, False
        self.context.ask(TRANSACTIONS).updated(transaction, UpdateKind.LIMIT_SET)
        reached = None if transaction.limit_reached is None else _BY_KIND[transaction.limit_reached]
        if reached is not None and not self._is_reached(evse, transaction, held, reached):  # E16.FR.14
            transaction.limit_reached = None
            self.context.ask(TRANSACTIONS).refresh(evse)
        self._watch(evse)

    def _costs(self, evse: Evse, amount: float) -> None:
        if evse.transaction is not None:
            self._of(evse, evse.transaction).cost = amount
            self._watch(evse)

    # -- what follows -------------------------------------------------------------------------------------------------

    @hears(TransactionTold)
    def told(self, event: TransactionTold) -> None:
        """Limits are told once (E16.FR.01, .03)."""
        self._begun(event)
        held = self._held.get(event.transaction.evse_id)
        if held is not None and not held.told and held.transaction_id == event.transaction.local_id:
            held.told = True
            event.info["transactionLimit"] = held.limits.all

    def _begun(self, event: TransactionTold) -> None:
        """A token has begun the transaction whose limits were set before, or one on the wire only."""
        begun = event.transaction
        before = next((one for one in self._before if one.token.same_token(begun.token)), None)
        if before is None:
            return
        if not before.told and before.limits.all:
            before.told = True
            event.info["transactionLimit"] = before.limits.all
        running = self.context.equipment.evses[begun.evse_id - 1].transaction
        if running is begun:
            self._before.remove(before)
            self._held[begun.evse_id] = _Held(begun.local_id, before.limits)
            # Not at once: the block that counts costs may hear of this begin after this one.
            self._timers.start(begun.evse_id, 0.0, lambda: self._watch(self.context.equipment.evses[begun.evse_id - 1]))
        elif event.kind == "stop":
            self._before.remove(before)

    @hears(PowerFlows)
    def flows(self, event: PowerFlows) -> None:
        """A limit of energy, cost or charge comes sooner or later."""
        self._watch(event.evse)

    @hears(TransactionOver)
    def over(self, event: TransactionOver) -> None:
        """It is limited no more."""
        self._set_by.pop(event.transaction.local_id, None)
        self._held.pop(event.evse.evse_id, None)
        self._timers.stop(event.evse.evse_id)

    @hears(ClockSet)
    def clock_set(self, event: ClockSet) -> None:
        """A transaction has lasted as long as before."""
        for transaction in self.context.ask(TRANSACTIONS).running():
            key = transaction.local_id
            self._set_by[key] = self._set_by.get(key, 0.0) + event.by / timedelta(seconds=1)

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing is looked at without power."""
        self.stop()
        # A card without a cable has to be presented again after a loss of power.
        self._before.clear()

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """Limits of what goes on hold on."""
        running = {one.local_id for one in self.context.ask(TRANSACTIONS).running()}
        self._held = {number: one for number, one in self._held.items() if one.transaction_id in running}
        self._watch_all()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """Limits hold on."""
        self._watch_all()

    def _watch_all(self) -> None:
        for evse in self.context.equipment.evses:
            self._watch(evse)

    def _watch(self, evse: Evse) -> None:
        """Look again when the first limit will be reached, now if one has been."""
        self._timers.stop(evse.evse_id)
        transaction, held = evse.transaction, self._held.get(evse.evse_id)
        if transaction is None or held is None or transaction.limit_reached is not None:
            return
        left = {name: self._left(evse, transaction, held, name) for name in held.limits.all}
        reached = next((name for name, seconds in left.items() if seconds == 0.0), None)
        if reached is not None:
            transaction.limit_reached = REACHED[reached]
            self.context.ask(TRANSACTIONS).updated(transaction, REACHED[reached])
            self.context.ask(TRANSACTIONS).refresh(evse)
            return
        moments = [seconds for seconds in left.values() if seconds is not None]
        if moments:
            self._timers.start(evse.evse_id, min(moments), lambda: self._watch(evse))

    def _is_reached(self, evse: Evse, transaction: Transaction, held: _Held, name: str) -> bool:
        return self._left(evse, transaction, held, name) == 0.0

    def _left(self, evse: Evse, transaction: Transaction, held: _Held, name: str) -> float | None:
        """Seconds until a limit is reached; 0 when it has been, None when it never will be as things stand."""
        now, most = clock.now(), held.limits.all[name]
        match name:
            case "maxCost":
                # Where the CSMS counts nobody knows when a cost will be reached, only what has been told last.
                counted = self.context.ask(TARIFFS).seconds_until_cost(evse.evse_id, most)
                return counted.seconds if counted is not None else 0.0 if held.cost >= most else None
            case "maxEnergy":
                return evse.meter.seconds_until(transaction.meter_start_wh + most, now)
            case "maxTime":
                lasted = (self.context.time.now() - transaction.started_at).total_seconds()
                # What the clock was set by since is no time that has passed.
                return max(0.0, most - lasted + self._set_by.get(transaction.local_id, 0.0))
        ev = evse.ev
        if ev is None or ev.battery_wh is None:
            return None
        # maxSoC: ev.soc_percent is the state in which the EV came; what it has drawn since is on top of that.
        left = (most - ev.soc_percent) / 100 * ev.battery_wh - evse.drawn_wh(now)
        return evse.meter.seconds_until(evse.meter.energy_wh(now) + left, now)

    # -- memory -------------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """The limits of what runs."""
        return {
            "transaction_limits": [
                [number, one.transaction_id, dict(one.limits.by_csms), dict(one.limits.by_driver), one.told, one.cost]
                for number, one in self._held.items()
            ],
            "clock_set_by": dict(self._set_by),
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        for number, transaction_id, by_csms, by_driver, told, cost in memory.get("transaction_limits", ()):
            self._held[number] = _Held(transaction_id, Limits(by_csms, by_driver), told, cost)
        self._set_by = dict(memory.get("clock_set_by", {}))
