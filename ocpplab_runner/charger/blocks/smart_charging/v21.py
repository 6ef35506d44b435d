"""Smart charging in OCPP 2.1: priority charging (K21, K22), local generation (K23), dynamic profiles (K28)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.charger.blocks.smart_charging.block import Refusal
from ocpplab_runner.charger.blocks.smart_charging.profiles import Kind, Profile, Purpose, read_schedule
from ocpplab_runner.charger.blocks.smart_charging.v2 import FEATURE, SmartChargingV2
from ocpplab_runner.charger.core.block import Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import PoweredUp, Reconnected, Resumed, TransactionOver
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing, Refused
from ocpplab_runner.charger.core.services.smart_charging import PRIORITY_CHARGING
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, constant
from ocpplab_runner.clock import timestamp
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.versions import OcppVersion

_CONTROLLER = "SmartChargingCtrlr"
#: Of a profile and of its schedules, what this station could not keep to.
_NOT_FOLLOWED = (
    "limitAtSoC",
    "randomizedDelay",
    "useLocalTime",
)
#: Of what an update may say, what this station follows.
_FOLLOWED = frozenset({"limit", "dischargeLimit", "setpoint", "customData"})


class SmartChargingV21(SmartChargingV2):
    """Knows who is charged first, and asks for the values of dynamic profiles."""

    versions = frozenset({OcppVersion.V21})
    sends = SmartChargingV2.sends | {"NotifyPriorityCharging", "PullDynamicScheduleUpdate"}

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        #: The station's own ids of transactions that are charged first.
        self._first: set[str] = set()
        context.offer(PRIORITY_CHARGING, self)

    def variables(self) -> Iterable[Variable]:
        """SmartChargingCtrlr, with what 2.1 adds."""
        yield from super().variables()
        yield constant(_CONTROLLER, "SupportsDynamicProfiles", "boolean", "true", feature=FEATURE)
        purposes = "PriorityCharging,LocalGeneration"
        yield constant(_CONTROLLER, "SupportedAdditionalPurposes", "MemberList", purposes, feature=FEATURE)

    def check(self, profile: Profile) -> None:
        """What 2.1 asks for besides (K28.FR.01 and its kind)."""
        super().check(profile)
        if profile.purpose is Purpose.LOCAL_GENERATION and profile.evse_id != 0:
            raise Refusal("InvalidProfile", "what is generated on the spot is the station's")
        wire = profile.wire or {}
        wanted = [name for one in (wire, *wire.get("chargingSchedule", ())) for name in _NOT_FOLLOWED if one.get(name)]
        if wanted:
            raise Refusal("UnsupportedParam", f"this station does not follow {', '.join(wanted)}")
        # Which schedule an EV takes can change, and an update names none: there must be no other.
        if profile.kind is Kind.DYNAMIC and (
            len(wire.get("chargingSchedule", ())) > 1 or len(profile.schedule.periods) != 1
        ):
            raise Refusal("InvalidSchedule", "a dynamic profile has one schedule of one period")

    def install(self, profile: Profile) -> None:
        """A dynamic one is asked for by and by."""
        super().install(profile)
        self._pull_later(profile.profile_id)

    # -- who is charged first -----------------------------------------------------------------------------------------

    def charges_first(self, evse: Evse) -> bool:
        """Whether its transaction has been chosen for that."""
        return evse.transaction is not None and evse.transaction.local_id in self._first

    @answers("UsePriorityCharging", feature=FEATURE)
    def use_priority_charging(self, payload: Payload) -> HandlerResult:
        """K22: the CSMS chooses."""
        evse = self._evse_of(payload["transactionId"])
        if evse is None:
            return rejected("TxNotFound")
        if payload["activate"] and not self._has_priority_profile(evse):
            return {"status": "NoProfile"}

        def choose() -> None:
            self._choose(evse, payload["activate"])

        return Reply({"status": "Accepted"}, then=choose)

    def priority_by_driver(self, evse: Evse, active: bool) -> None:
        """K21: the driver chooses at the station, and the CSMS is told."""
        if evse.transaction is None:
            raise Refused(f"no transaction runs on EVSE {evse.evse_id}")
        if active and not self._has_priority_profile(evse):
            raise Refused("there is no profile for whoever is charged first")
        if self._choose(evse, active):
            self._tell_priority(evse, active)

    def _choose(self, evse: Evse, active: bool) -> bool:
        """Charge it first, or like all others; whether that is new."""
        transaction = evse.transaction
        if transaction is None or active is (transaction.local_id in self._first):
            return False
        (self._first.add if active else self._first.discard)(transaction.local_id)
        self.review()
        return True

    def _tell_priority(self, evse: Evse, active: bool) -> None:
        transaction_id = self.context.ask(OPEN_TRANSACTIONS).id_at(evse.evse_id)
        if transaction_id is not None and self.context.online:
            self.context.post(
                Outgoing("NotifyPriorityCharging", {"transactionId": transaction_id, "activated": active})
            )

    def _has_priority_profile(self, evse: Evse) -> bool:
        return any(one.purpose is Purpose.PRIORITY and one.evse_id in (0, evse.evse_id) for one in self.installed)

    def _evse_of(self, transaction_id: str) -> Evse | None:
        transaction = self.context.ask(OPEN_TRANSACTIONS).find(transaction_id)
        if transaction is None:
            return None
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        # What is open on the wire only does not charge yet, or no longer.
        return evse if evse.transaction is not None else None

    @hears(TransactionOver)
    def transaction_over(self, event: TransactionOver) -> None:
        """The next one is like all others."""
        super().transaction_over(event)
        self._first.discard(event.transaction.local_id)

    # -- dynamic profiles ---------------------------------------------------------------------------------------------

    @answers("UpdateDynamicSchedule", feature=FEATURE)
    def update_dynamic_schedule(self, payload: Payload) -> HandlerResult:
        """K28: the CSMS sends new values."""
        try:
            profile = self._updated(int(payload["chargingProfileId"]), payload["scheduleUpdate"])
        except Refusal as refusal:
            return rejected(refusal.code, str(refusal))
        self.installed.put(profile)
        self._pull_later(profile.profile_id)
        return Reply({"status": "Accepted"}, then=self.review)

    def _updated(self, profile_id: int, update: Mapping[str, Any]) -> Profile:
        """A dynamic profile with other values from now on."""
        profile = next((one for one in self.installed if one.profile_id == profile_id), None)
        if profile is None or profile.kind is not Kind.DYNAMIC or profile.wire is None:
            raise Refusal("InvalidProfile", f"there is no dynamic profile {profile_id}")
        if not set(update) <= _FOLLOWED or update.get("limit", 0) < 0:
            raise Refusal("InvalidSchedule", "this station follows limits and setpoints of all phases only")
        (schedule,) = profile.wire["chargingSchedule"]
        (period,) = schedule["chargingSchedulePeriod"]
        now = self.context.time.now()
        changed = {**schedule, "chargingSchedulePeriod": [{**period, **update}]}
        self.refuse_periods(profile.wire, changed)
        wire = {**profile.wire, "chargingSchedule": [changed], "dynUpdateTime": timestamp(now)}
        return replace(profile, schedule=replace(read_schedule(changed), start=now), wire=wire)

    def _pull_later(self, profile_id: int) -> None:
        """Ask for the next values after the interval that the profile has."""
        profile = next((one for one in self.installed if one.profile_id == profile_id), None)
        interval = 0 if profile is None or profile.wire is None else profile.wire.get("dynUpdateInterval", 0)
        if profile is not None and profile.kind is Kind.DYNAMIC and interval > 0:
            self._timers.start(("pull", profile_id), interval, lambda: self._pull(profile_id))
        else:
            self._timers.stop(("pull", profile_id))

    def _pull(self, profile_id: int) -> None:
        if not any(one.profile_id == profile_id for one in self.installed):
            return
        call = Outgoing("PullDynamicScheduleUpdate", {"chargingProfileId": profile_id})
        if self.context.online:
            self.context.post(
                call, lambda answer: self._pulled(profile_id, answer), lambda: self._pull_later(profile_id)
            )
        else:
            self._pull_later(profile_id)

    def _pulled(self, profile_id: int, answer: Mapping[str, Any]) -> None:
        try:
            if answer["status"] == "Accepted":
                self.installed.put(self._updated(profile_id, answer.get("scheduleUpdate", {})))
                self.review()
            else:
                self.context.note(f"the CSMS has no values for profile {profile_id}")
        except Refusal as refusal:
            self.context.note(f"the values for profile {profile_id} are not followed: {refusal}")
        self._pull_later(profile_id)

    @hears(PoweredUp)
    def powered_up(self, event: PoweredUp) -> None:
        """What must be asked for is asked for again."""
        super().powered_up(event)
        self._pull_all()

    @hears(Resumed)
    def resumed(self, event: Resumed) -> None:
        """As before."""
        super().resumed(event)
        self._pull_all()

    @hears(Reconnected)
    def reconnected(self, event: Reconnected) -> None:
        """What was asked for when the connection was lost has no answer, and is asked for again."""
        super().reconnected(event)
        self._pull_all()

    def _pull_all(self) -> None:
        for profile in self.installed:
            if not self._timers.running(("pull", profile.profile_id)):
                self._pull_later(profile.profile_id)

    # -- memory -------------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Also who is charged first."""
        return {**super().remember(), "charged_first": sorted(self._first)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put it back."""
        super().recall(memory)
        self._first = set(memory.get("charged_first", ()))
