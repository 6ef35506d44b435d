"""Bidirectional charging in OCPP 2.1: Q01 to Q12, and what profiles say of it in K."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from ocpplab_runner.charger.blocks.smart_charging.block import Refusal
from ocpplab_runner.charger.blocks.smart_charging.iso15118 import TWO_WAYS, plain_transfer
from ocpplab_runner.charger.blocks.smart_charging.limits import (
    Ceiling,
    Horizon,
    Leading,
    Moment,
    Supply,
    external_period,
    leading_period,
)
from ocpplab_runner.charger.blocks.smart_charging.operation import (
    MODES,
    Mode,
    Operation,
    Surroundings,
    problem_of_period,
    setpoint_of,
)
from ocpplab_runner.charger.blocks.smart_charging.profiles import Profile, Schedule, Unit
from ocpplab_runner.charger.blocks.smart_charging.v2 import FEATURE
from ocpplab_runner.charger.blocks.smart_charging.v21 import SmartChargingV21
from ocpplab_runner.charger.core.block import Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import (
    ClockSet,
    Disconnected,
    EnergyTransferAllowed,
    GridChanged,
    Reconnected,
    Registered,
    TransactionOver,
    TransactionTold,
)
from ocpplab_runner.charger.core.evse import Allowance, Evse
from ocpplab_runner.charger.core.model import Transaction, UpdateKind
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.timestamps import later, moment
from ocpplab_runner.charger.core.variables import Component, Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.versions import OcppVersion

_V2X, _SMART, _ISO15118 = "V2XChargingCtrlr", "SmartChargingCtrlr", "ISO15118Ctrlr"
_RENEGOTIATES = f"{_ISO15118}.ServiceRenegotiationSupport"
_SLEEPS = f"{_SMART}.SupportsEvseSleep"
#: Why a transaction ends whose EV wanted to give energy back and must not (Q01).
_REFUSED = "ReqEnergyTransferRejected"
#: Of LocalLoadBalancing: what the house's load is kept below, and what is added to where it is brought back to.
_THRESHOLDS = ("UpperThreshold", "UpperOffset", "LowerThreshold", "LowerOffset")
#: More than a house draws, or feeds in.
_MOST_W = 1_000_000
#: A float clock may round a moment down.
_ROUNDING = timedelta(microseconds=1)


class BidirectionalV21(SmartChargingV21):
    """Lets EVs give energy back, as profiles, the grid and others want it."""

    versions = frozenset({OcppVersion.V21})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        #: EVSE → how its EV is charged now, where a period says so.
        self._operations: dict[int, Operation] = {}
        #: EVSE → what was told of that last.
        self._told: dict[int, Mode] = {}
        #: Card → how energy may be transferred, as the CSMS has said with it last.
        self._cards: dict[str, Sequence[str]] = {}
        #: The station's own ids of transactions whose EVs may give energy back.
        self._both_ways: set[str] = set()
        self._signal: int | None = None
        self._offline_since: datetime | None = None

    def variables(self) -> Iterable[Variable]:
        """V2XChargingCtrlr of each EVSE, and what else says what the station can."""
        yield from super().variables()
        yield of_2x(_SMART, "SupportsEvseSleep", "boolean", "true", feature=FEATURE)
        yield of_2x(_ISO15118, "ServiceRenegotiationSupport", "boolean", "false", feature=FEATURE)
        transfers = ",".join(("AC_single_phase", "AC_two_phase", "AC_three_phase")[: self.context.config.phases])
        for evse in self.context.equipment.evses:
            place = Component(_V2X, None, evse.evse_id)
            yield of_2x(place, "Available", "boolean", "true", settable=False)
            yield of_2x(place, "Enabled", "boolean", "true", mutability="ReadWrite", changed=self.review)
            yield of_2x(place, "SupportedOperationModes", "MemberList", ",".join(MODES), choices=MODES)
            yield of_2x(place, "SupportedEnergyTransferModes", "MemberList", f"{transfers},AC_BPT", settable=False)
            for name in _THRESHOLDS:
                yield of_2x(
                    place,
                    "LocalLoadBalancing",
                    "decimal",
                    "0",
                    instance=name,
                    mutability="ReadWrite",
                    unit="W",
                    minimum=-_MOST_W,
                    maximum=_MOST_W,
                    changed=self.review,
                )

    def _of(self, evse: Evse, name: str) -> str:
        return self.context.variables.text(f"{_V2X}.{evse.evse_id}.{name}")

    def _threshold(self, evse: Evse, name: str) -> float:
        return float(self._of(evse, f"LocalLoadBalancing.{name}"))

    # -- profiles -------------------------------------------------------------------------------------------------

    def refuse_periods(self, wire: Mapping[str, Any], schedule: Mapping[str, Any]) -> None:
        """A period has what its operationMode asks for, and nothing else (Q08.FR.04, Q10.FR.01)."""
        for period in schedule["chargingSchedulePeriod"]:
            purpose, kind = wire["chargingProfilePurpose"], wire["chargingProfileKind"]
            why = problem_of_period(period, purpose, kind, schedule["chargingRateUnit"])
            if why is not None:
                raise Refusal("InvalidSchedule", why)

    def check(self, profile: Profile) -> None:
        """The EVSE has the modes (Q09.FR.01), and knows what to keep the house's load to."""
        super().check(profile)
        for period in profile.schedule.periods:
            mode = None if period.operation is None else period.operation.mode
            # Charging only is what every EVSE can.
            if mode in (None, Mode.CHARGING_ONLY):
                continue
            for evse in self.context.equipment.evses:
                if profile.evse_id in (0, evse.evse_id):
                    self._check_mode(evse, str(mode))

    def _check_mode(self, evse: Evse, mode: str) -> None:
        if self._of(evse, "Enabled") != "true" or mode not in self._of(evse, "SupportedOperationModes").split(","):
            raise Refusal("InvalidSchedule", f"EVSE {evse.evse_id} has no {mode}")
        upper, lower = self._threshold(evse, "UpperThreshold"), self._threshold(evse, "LowerThreshold")
        if mode == Mode.LOCAL_LOAD_BALANCING and upper <= lower:
            raise Refusal("InvalidSchedule", f"UpperThreshold of EVSE {evse.evse_id} is not above LowerThreshold")

    # -- what flows -----------------------------------------------------------------------------------------------

    def eligible(self, at: datetime, horizon: Horizon) -> Sequence[Profile]:
        """Those that hold although there is no connection, for so long (Q11, Q12)."""
        since = self._offline_since
        if since is None:
            return self.installed.everything
        found = []
        for profile in self.installed.everything:
            if profile.max_offline is not None:
                end = later(since, profile.max_offline)
                if end <= at:
                    continue
                horizon.see(end)
            found.append(profile)
        return found

    def steer(self, evse: Evse, allowance: Allowance, at: datetime, horizon: Horizon) -> Allowance:
        """What the leading period wants to flow there, in either direction."""
        profiles = self.eligible(at, horizon)
        instant = Moment(at, self.session_start(evse))
        leading = leading_period(profiles, evse.evse_id, self.key_at(evse), instant, horizon)
        operation = self._operation(evse, leading)
        if operation is None:
            self._operations.pop(evse.evse_id, None)
        else:
            self._operations[evse.evse_id] = operation
        mode = Mode.CHARGING_ONLY if operation is None else operation.mode
        external = external_period(profiles, evse.evse_id, instant, horizon)
        wanted, most_back = self._external(evse, external)
        if mode in (Mode.CHARGING_ONLY, Mode.IDLE):
            # Without a mode in which energy flows back a setpoint below 0 is one of 0.
            setpoint = None if wanted is None else max(wanted, 0.0)
            return replace(allowance, setpoint_w=0.0 if mode is Mode.IDLE else setpoint)
        assert operation is not None and leading is not None
        watts = self._watts(evse, leading.schedule.unit)
        setpoint = setpoint_of(operation, watts, self._around(evse), wanted)
        if mode is Mode.EXTERNAL_LIMITS:
            setpoint = wanted
        bounds = [inf if operation.discharge_limit is None else -operation.discharge_limit * watts, most_back]
        return replace(allowance, setpoint_w=setpoint, discharge_w=min(bounds))

    def _operation(self, evse: Evse, leading: Leading | None) -> Operation | None:
        # A PriorityCharging profile has no other mode than ChargingOnly (K01, table 95).
        if leading is None or self.charges_first(evse) or self._of(evse, "Enabled") != "true":
            return None
        return leading.period.operation

    def _external(self, evse: Evse, external: Leading | None) -> tuple[float | None, float]:
        """What somebody else than the CSMS wants to flow, if that, and what may be given back at most, in W."""
        operation = None if external is None else external.period.operation
        if operation is None or external is None:
            return None, inf
        watts = self._watts(evse, external.schedule.unit)
        back = inf if operation.discharge_limit is None else -operation.discharge_limit * watts
        return None if operation.setpoint is None else operation.setpoint * watts, back

    def _watts(self, evse: Evse, unit: Unit) -> float:
        supply = Supply(self.context.config.voltage_v, evse.usable_phases, self.switches)
        return supply.watts(Ceiling(1.0, unit), evse.used_phases)

    def _around(self, evse: Evse) -> Surroundings:
        grid = self.context.grid
        upper, above, lower, below = (self._threshold(evse, name) for name in _THRESHOLDS)
        return Surroundings(
            grid.frequency_hz, grid.load_w, self._signal, (lower, lower + below), (upper, upper + above)
        )

    def reviewed(self, but: Evse | None) -> None:
        """Tell where an EV is charged in another way than before; ``but`` has just begun, and tells by itself."""
        for evse in self.context.equipment.evses:
            operation = self._operations.get(evse.evse_id)
            mode = Mode.CHARGING_ONLY if operation is None else operation.mode
            if mode is self._told.get(evse.evse_id, Mode.CHARGING_ONLY):
                continue
            self._told[evse.evse_id] = mode
            if evse is not but and evse.transaction is not None:
                self.context.ask(TRANSACTIONS).updated(evse.transaction, UpdateKind.OPERATION_MODE)

    @hears(TransactionTold)
    def transaction_told(self, event: TransactionTold) -> None:
        """How its EV is charged goes with it, where a period says so or no longer does, and whether the EVSE sleeps."""
        evse = self.context.equipment.evses[event.transaction.evse_id - 1]
        operation = self._operations.get(evse.evse_id)
        if evse.transaction is None or (operation is None and event.trigger != "OperationModeChanged"):
            return
        mode = Mode.CHARGING_ONLY if operation is None else operation.mode
        event.info["operationMode"] = mode.value
        if operation is not None and mode is Mode.IDLE:
            event.more["evseSleep"] = operation.sleeps and self.context.variables.boolean(_SLEEPS)

    def composite(self, evse: Evse | None, seconds: int, unit: Unit | None) -> Schedule:
        """An EVSE sleeps only where it can."""
        schedule = super().composite(evse, seconds, unit)
        if self.context.variables.boolean(_SLEEPS):
            return schedule
        awake = (
            one if one.operation is None else replace(one, operation=replace(one.operation, sleeps=False))
            for one in schedule.periods
        )
        return replace(schedule, periods=tuple(awake))

    @hears(GridChanged)
    def grid_changed(self, _: GridChanged) -> None:
        """Other powers follow from frequency and load."""
        self.review()

    @answers("AFRRSignal", feature=FEATURE)
    def afrr_signal(self, payload: Payload) -> HandlerResult:
        """Q08: a signal of the grid's operator, from its time on."""
        if not any(one.by_signal for one in self._operations.values()):
            return rejected("InvalidValue", "no profile says what to do by a signal")
        wait = (moment(payload["timestamp"]) - self.context.time.now()) / timedelta(seconds=1)

        def follow() -> None:
            self._signal = int(payload["signal"])
            self.review()

        def begin() -> None:
            if wait <= 0:
                follow()
            else:
                self._timers.start("signal", wait, follow)

        return Reply({"status": "Accepted"}, then=begin)

    # -- offline --------------------------------------------------------------------------------------------------

    @hears(Disconnected)
    def disconnected(self, _: Disconnected) -> None:
        """Profiles hold for so long."""
        if self._offline_since is None:
            self._offline_since = self.context.time.now()
            self.review()

    @hears(Registered)
    def registered(self, event: Registered) -> None:
        """They hold again, but for those that do not."""
        super().registered(event)
        self._online()

    @hears(Reconnected)
    def reconnected(self, event: Reconnected) -> None:
        """As before."""
        super().reconnected(event)
        self._online()

    @hears(ClockSet)
    def clock_set(self, event: ClockSet) -> None:
        """It is not longer without a connection for that."""
        if self._offline_since is not None:
            self._offline_since += event.by
        super().clock_set(event)

    def _online(self) -> None:
        since, self._offline_since = self._offline_since, None
        if since is None:
            return
        now = self.context.time.now() + _ROUNDING

        def is_out(one: Profile) -> bool:
            gone = bool((one.wire or {}).get("invalidAfterOfflineDuration"))
            return gone and one.max_offline is not None and later(since, one.max_offline) <= now

        self.installed.remove(is_out)
        self.review()

    # -- who may give energy back ---------------------------------------------------------------------------------

    @hears(EnergyTransferAllowed)
    def allowed_with_card(self, event: EnergyTransferAllowed) -> None:
        """Q01: the CSMS has said so when it was asked about a card."""
        self._cards[event.token.value] = event.modes
        for evse in self.context.equipment.evses:
            if evse.transaction is not None and evse.transaction.token.value == event.token.value:
                self._allow_ways(evse, event.modes)

    def adopted(self, transaction: Transaction) -> None:
        """A transaction has begun: what was said with its card holds for it."""
        # Said with a card it is for the transaction that begins with it next, and for none after that.
        if _both_ways(self._cards.pop(transaction.token.value, ())):
            self._both_ways.add(transaction.local_id)
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        evse.bidirectional = transaction.local_id in self._both_ways

    @answers("NotifyAllowedEnergyTransfer", feature=FEATURE)
    def allowed_energy_transfer(self, payload: Payload) -> HandlerResult:
        """Q02: the CSMS says it while the transaction runs; the EV is asked again where that can be done."""
        evse = self._evse_of(payload["transactionId"])
        if evse is None:
            return rejected("TxNotFound")
        modes = payload["allowedEnergyTransfer"]
        return Reply({"status": "Accepted"}, then=lambda: self._allow_ways(evse, modes))

    def _allow_ways(self, evse: Evse, modes: Sequence[str]) -> None:
        both = _both_ways(modes)
        if both is evse.bidirectional:
            return
        self._let(evse, both)
        wants_both = evse.ev is not None and evse.ev.discharge_w > 0
        # Only an EV that could give energy back has something else to say than before.
        if wants_both and self.context.variables.boolean(_RENEGOTIATES):
            self._iso15118.again(evse, "AC_BPT" if both else plain_transfer(evse))

    def _let(self, evse: Evse, both: bool) -> None:
        """Let the EV of a running transaction give energy back, or no longer."""
        assert evse.transaction is not None
        (self._both_ways.add if both else self._both_ways.discard)(evse.transaction.local_id)
        evse.bidirectional = both
        self.context.ask(TRANSACTIONS).refresh(evse)

    def needs_rejected(self, evse: Evse, transfer: str) -> None:
        """Q01: what an EV wanted in both directions it must not have; it is charged only, or not at all."""
        if transfer not in TWO_WAYS or evse.transaction is None:
            super().needs_rejected(evse, transfer)
            return
        if self.context.variables.boolean(_RENEGOTIATES):
            self._let(evse, False)
            self._iso15118.again(evse, plain_transfer(evse))
        else:
            self.context.ask(TRANSACTIONS).end(evse, _REFUSED)

    @hears(TransactionOver)
    def transaction_over(self, event: TransactionOver) -> None:
        """The next EV is asked about anew."""
        super().transaction_over(event)
        self._both_ways.discard(event.transaction.local_id)
        event.evse.bidirectional = False
        self._told.pop(event.evse.evse_id, None)

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Also who may give energy back, and the signal of the grid's operator."""
        return {**super().remember(), "bidirectional": sorted(self._both_ways), "afrr_signal": self._signal}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put it back."""
        super().recall(memory)
        self._both_ways = set(memory.get("bidirectional", ()))
        self._signal = memory.get("afrr_signal")


def _both_ways(modes: Iterable[str]) -> bool:
    return not TWO_WAYS.isdisjoint(modes)
