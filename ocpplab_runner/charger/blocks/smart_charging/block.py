"""Smart charging: OCPP 1.6 section 3.13, K of 2.x. Profiles come in, and every EVSE gives what they allow.

What they allow is computed by the pure modules beside this one; here are the station's profiles, its time, and the
effect on what flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import isinf
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.smart_charging.allowances import Place, allowances
from ocpplab_runner.charger.blocks.smart_charging.composite import composite
from ocpplab_runner.charger.blocks.smart_charging.installed import Criteria, InstalledProfiles
from ocpplab_runner.charger.blocks.smart_charging.limits import Horizon, Supply
from ocpplab_runner.charger.blocks.smart_charging.operation import Mode, Operation
from ocpplab_runner.charger.blocks.smart_charging.profiles import (
    Kind,
    Period,
    Profile,
    Purpose,
    Schedule,
    Unit,
    anchored,
    moved,
    problem_of,
    profile_in,
    profile_out,
)
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import ClockSet, DemandChanged, PoweredUp, Resumed, WentDown
from ocpplab_runner.charger.core.evse import Allowance, Evse
from ocpplab_runner.charger.core.model import Transaction
from ocpplab_runner.charger.core.services.smart_charging import SMART_CHARGING
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Component, Variable
from ocpplab_runner.vocabulary.versions import OcppVersion

#: A float clock may round a moment down: what begins at it has begun a microsecond later.
_ROUNDING = timedelta(microseconds=1)
#: Remote starts whose profiles wait for their transactions, the latest.
_MOST_EXPECTED = 16
#: With the number of its EVSE the id of a limit that comes from elsewhere: a CSMS counts its profiles from below.
_OUTSIDE = 900_000_000


class Refusal(Exception):
    """A profile that this station does not install: the 2.x reason code, and a sentence."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class SmartCharging(Block):
    """Keeps profiles, and lets each EVSE give what they allow at every moment."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.installed = InstalledProfiles(one_a_place=context.version is OcppVersion.V16)
        self._expected: dict[int, Profile] = {}
        #: By the station's own id of a transaction: when its charging began, on the run's clock.
        self._begun: dict[str, float] = {}
        self._reviewing = False
        context.offer(SMART_CHARGING, self)

    def variables(self) -> Iterable[Variable]:
        """How much the station can keep; the names are those of 1.6 section 9.4 and 2.x SmartChargingCtrlr."""
        controller = Component("SmartChargingCtrlr")
        feature = "SmartCharging"
        return (
            Variable(
                name="max_stack_level",
                type="integer",
                default="10",
                key="ChargeProfileMaxStackLevel",
                component=controller,
                variable="ProfileStackLevel",
                feature=feature,
            ),
            Variable(
                name="max_schedule_periods",
                type="integer",
                default="48",
                key="ChargingScheduleMaxPeriods",
                component=controller,
                variable="PeriodsPerSchedule",
                feature=feature,
            ),
            Variable(
                name="max_charging_profiles",
                type="integer",
                default="20",
                key="MaxChargingProfilesInstalled",
                feature=feature,
            ),
            Variable(
                name="phase_switching",
                type="boolean",
                default="false",
                key="ConnectorSwitch3to1PhaseSupported",
                component=controller,
                variable="ACPhaseSwitchingSupported",
                feature=feature,
                changed=self.review,
            ),
        )

    # -- one version's words --------------------------------------------------------------------------------------

    def units(self) -> Sequence[Unit]:
        """Units that limits may be in."""
        raise NotImplementedError

    def read(self, wire: Mapping[str, Any], evse_id: int) -> Profile:
        """A profile off the wire; raises Refusal."""
        raise NotImplementedError

    def key_at(self, evse: Evse) -> str | None:
        """What a TxProfile for the transaction at an EVSE is kept by."""
        return None if evse.transaction is None else evse.transaction.local_id

    def charges_first(self, evse: Evse) -> bool:
        """Whether an EVSE is charged first."""
        return False

    @property
    def heeds_others(self) -> bool:
        """Whether it follows limits that are not the CSMS's."""
        return True

    def eligible(self, at: datetime, horizon: Horizon) -> Sequence[Profile]:
        """The profiles that may say something; ``horizon`` is told until when."""
        return self.installed.everything

    def steer(self, evse: Evse, allowance: Allowance, at: datetime, horizon: Horizon) -> Allowance:
        """What is allowed at an EVSE, with what is wanted of it."""
        return allowance

    def reviewed(self, but: Evse | None) -> None:
        """Every EVSE gives what is allowed now; ``but`` sees to itself."""

    def adopted(self, transaction: Transaction) -> None:
        """A transaction has begun."""

    def limit_told(self, profile: Profile, before: Profile | None) -> None:
        """Let the CSMS know of a limit that is not its own, where the version does; ``before`` was its predecessor."""

    def limit_gone(self, profile: Profile) -> None:
        """Let the CSMS know that it is over, where the version does."""

    # -- profiles -------------------------------------------------------------------------------------------------

    def install(self, profile: Profile) -> None:
        """Install one; :meth:`review` lets it have its effect.

        Raises:
            Refusal: it makes no sense, or not at this station, or there is no room for it.
        """
        self.check(profile)
        # What takes the place of another needs no room.
        replaced = self.installed.replaced_by(profile)
        room = self.context.variables.integer("max_charging_profiles")
        if len(self.installed) - len(replaced) >= room:
            raise Refusal("NoProfile", f"{room} profiles are installed, and more it cannot keep")
        self.installed.put(anchored(profile, self.context.time.now()))

    def check(self, profile: Profile) -> None:
        """Whether this station could follow a profile.

        Raises:
            Refusal: it could not.
        """
        variables = self.context.variables
        why = problem_of(profile, self.context.time.now())
        if why is not None:
            raise Refusal("InvalidProfile", why)
        if profile.purpose is Purpose.STATION_MAX and profile.evse_id != 0:
            raise Refusal("InvalidProfile", "a limit of the station is set at the station")
        if profile.stack_level > (most := variables.integer("max_stack_level")):
            raise Refusal("InvalidStackLevel", f"the highest stack level is {most}")
        if profile.schedule.unit not in self.units():
            raise Refusal("UnsupportedRateUnit", f"limits are in {' or '.join(self.units())}")
        if len(profile.schedule.periods) > (most := variables.integer("max_schedule_periods")):
            raise Refusal("InvalidSchedule", f"a schedule has at most {most} periods")

    def clear(self, criteria: Criteria) -> list[Profile]:
        """Take out what they mean; :meth:`review` lets that have its effect."""
        return self.installed.remove(criteria.meet)

    def for_remote_start(self, remote_start_id: int, profile: Mapping[str, Any], evse: Evse | None) -> str | None:
        """Keep a TxProfile for the transaction that a remote start will begin; or why that cannot be (5.11, K05)."""
        try:
            read = self.read(profile, 0 if evse is None else evse.evse_id)
            if read.purpose is not Purpose.TX or profile.get("transactionId") is not None:
                return "only a TxProfile without a transaction goes with a remote start"
            self.check(read)
        except Refusal as refusal:
            return str(refusal)
        self._expected[remote_start_id] = read
        for old in list(self._expected)[:-_MOST_EXPECTED]:
            del self._expected[old]
        return None

    @property
    def switches(self) -> bool:
        """Whether unused phases can be switched off."""
        return self.context.variables.boolean("phase_switching")

    def limit_from_outside(
        self,
        evse_id: int,
        limit: float,
        unit: Unit,
        seconds: float | None,
        source: str,
        *,
        setpoint: float | None = None,
        discharge: float | None = None,
    ) -> None:
        """Somebody else than the CSMS limits an EVSE, or the station (K12), or says what is to flow there (2.1 Q)."""
        if not self.heeds_others:
            self.context.note(f"{source} wants a limit, and this station heeds the CSMS only")
            return
        number = _OUTSIDE + evse_id
        before = next((one for one in self.installed if one.profile_id == number), None)
        operation = None
        if setpoint is not None or discharge is not None:
            mode = Mode.EXTERNAL_LIMITS if setpoint is None else Mode.EXTERNAL_SETPOINT
            operation = Operation(mode, setpoint, None if discharge is None else -discharge)
        schedule = Schedule(unit, (Period(0, limit, None, operation),), None, seconds, schedule_id=number)
        wanted = Profile(number, 0, Purpose.EXTERNAL, Kind.ABSOLUTE, evse_id, schedule, source=source)
        profile = anchored(wanted, self.context.time.now())
        self.installed.put(profile)
        self.review()
        self.limit_told(profile, before)
        self._let_go_later(profile)

    def _let_go_later(self, profile: Profile) -> None:
        """A limit from outside ends by itself where it has an end; the one that was there before does not end it."""
        name, lasts = ("outside", profile.evse_id), profile.schedule.duration
        if lasts is None or profile.schedule.start is None:
            self._timers.stop(name)
            return
        end = profile.schedule.start + timedelta(seconds=lasts)
        left = max(0.0, (end - self.context.time.now()) / timedelta(seconds=1))
        self._timers.start(name, left, lambda: self._outside_is_over(profile.evse_id))

    def _let_go_all_later(self) -> None:
        for profile in self.installed:
            if profile.purpose is Purpose.EXTERNAL:
                self._let_go_later(profile)

    def release_from_outside(self, evse_id: int) -> bool:
        """That is over (2.x K14); False when there was none."""
        self._timers.stop(("outside", evse_id))
        gone = self.installed.remove(lambda one: one.purpose is Purpose.EXTERNAL and one.evse_id == evse_id)
        self.review()
        for profile in gone:
            self.limit_gone(profile)
        return bool(gone)

    def _outside_is_over(self, evse_id: int) -> None:
        self.release_from_outside(evse_id)

    # -- what follows ---------------------------------------------------------------------------------------------

    def review(self) -> None:
        """Let every EVSE give what is allowed now."""
        self._review()

    def _review(self, but: Evse | None = None) -> None:
        """The same; ``but`` sees to itself."""
        # A refresh of an EVSE tells DemandChanged, which asks for a review.
        if self._reviewing or not self.context.powered:
            return
        self._reviewing = True
        try:
            for evse in self._allow():
                # Its own refresh has asked for the review, and goes on with what is allowed now.
                if evse is not but:
                    self.context.ask(TRANSACTIONS).refresh(evse)
            self.reviewed(but)
        finally:
            self._reviewing = False

    @hears(DemandChanged)
    def demand_changed(self, event: DemandChanged) -> None:
        """A transaction has begun or ended, or an EV wants more or less: the others may have another share."""
        transaction = event.evse.transaction
        if transaction is not None:
            self._adopt(transaction)
        self._review(but=event.evse)

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """What was kept holds again."""
        self._let_go_all_later()
        self.review()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """What an earlier process was told holds, and counts from when its transactions have begun."""
        for evse in self.context.equipment.evses:
            if evse.transaction is not None:
                self._adopt(evse.transaction)
        self._let_go_all_later()
        self.review()

    @hears(ClockSet)
    def clock_set(self, event: ClockSet) -> None:
        """Other periods hold at another time."""
        self.installed.recall([moved(profile, event.by) for profile in self.installed])
        self.review()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """No period begins any more, no remote start waits, and profiles of transactions are not kept (K01.FR.27)."""
        self.stop()
        self._expected.clear()
        self.installed.remove(lambda one: one.purpose is Purpose.TX)

    def _allow(self) -> list[Evse]:
        """Find out what each EVSE may give; returns those for which that is something else now."""
        evses = self.context.equipment.evses
        running = {evse.transaction.local_id for evse in evses if evse.transaction is not None}
        self._begun = {one: begun for one, begun in self._begun.items() if one in running}
        # A TxProfile of 2.x is kept by an id on the wire, open also before the station's transaction and after it.
        running |= {key for evse in evses if (key := self.key_at(evse)) is not None}
        now = self.context.time.now() + _ROUNDING
        self.installed.remove(lambda one: _is_over(one, running) or (one.valid_to is not None and one.valid_to <= now))
        horizon = Horizon()
        places = [self._place(evse) for evse in self.context.equipment.evses]
        given = allowances(self.eligible(now, horizon), places, now, horizon)
        found = {evse.evse_id: self.steer(evse, given[evse.evse_id], now, horizon) for evse in evses}
        if horizon.until is None:
            self._timers.stop("period")
        else:
            self._timers.start("period", (horizon.until - now + _ROUNDING) / timedelta(seconds=1), self.review)
        changed = [evse for evse in self.context.equipment.evses if evse.allowance != found[evse.evse_id]]
        for evse in changed:
            before, evse.allowance = evse.allowance, found[evse.evse_id]
            # A setpoint is no limit: what flows by it the meter shows.
            if (before.power_w, before.phases) == (evse.allowance.power_w, evse.allowance.phases):
                continue
            fields: dict[str, Any] = {"evse_id": evse.evse_id}
            if not isinf(evse.allowance.power_w):
                fields["limit_w"] = round(evse.allowance.power_w)
            self.context.fact("charging_limit", fields)
        return changed

    def _adopt(self, transaction: Transaction) -> None:
        """A transaction has begun: its schedules count from now, and the profile of its remote start is its own."""
        if transaction.local_id in self._begun:
            return
        # On the run's clock, which nobody sets. An earlier process may have begun it, and the station's clock may stand
        # before that again.
        self._begun[transaction.local_id] = clock.now() - max(
            0.0, (self.context.time.now() - transaction.started_at) / timedelta(seconds=1)
        )
        self.adopted(transaction)
        wanted = transaction.remote_start_id
        profile = None if wanted is None else self._expected.pop(wanted, None)
        if profile is None:
            return
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        try:
            # Only now it is known to which EVSE the card was led.
            self.install(replace(profile, evse_id=transaction.evse_id, transaction_id=self.key_at(evse)))
        except Refusal as refusal:
            self.context.note(f"the profile of the remote start is not followed: {refusal}")

    def _place(self, evse: Evse) -> Place:
        config, now = self.context.config, clock.now()
        return Place(
            evse.evse_id,
            Supply(config.voltage_v, evse.usable_phases, self.switches),
            evse.offer_w / evse.phases,
            evse.wanted_phase_w if evse.wants(now) else 0.0,
            self.key_at(evse),
            self.session_start(evse),
            self.charges_first(evse),
        )

    def session_start(self, evse: Evse) -> datetime | None:
        """When the transaction at an EVSE has begun, by the station's clock."""
        begun = None if evse.transaction is None else self._begun.get(evse.transaction.local_id)
        return None if begun is None else self.context.time.now() - timedelta(seconds=clock.now() - begun)

    def composite(self, evse: Evse | None, seconds: int, unit: Unit | None) -> Schedule:
        """What will be allowed from now on, at an EVSE or at the station as a whole (1.6 section 5.7, 2.x K08).

        Raises:
            Refusal: limits are not in that unit.
        """
        unit = unit or self.units()[0]
        if unit not in self.units():
            raise Refusal("UnsupportedRateUnit", f"limits are in {' or '.join(self.units())}")
        evses = self.context.equipment.evses if evse is None else (evse,)
        places = [self._place(one) for one in evses]
        start = self.context.time.now()
        return composite(self.eligible(start, Horizon()), places, evse is None, start, seconds, unit)

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """What is installed."""
        return {"charging_profiles": [profile_out(one) for one in self.installed]}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put it back."""
        self.installed.recall(profile_in(one) for one in memory.get("charging_profiles", ()))


def _is_over(profile: Profile, running: Iterable[str]) -> bool:
    return profile.transaction_id is not None and profile.transaction_id not in running
