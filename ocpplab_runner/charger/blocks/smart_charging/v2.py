"""Smart charging in OCPP 2.x: K01 to K05 and K08 to K14."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isinf
from typing import Any, cast

from ocpplab_runner.charger.blocks.smart_charging.block import Refusal, SmartCharging
from ocpplab_runner.charger.blocks.smart_charging.installed import Criteria
from ocpplab_runner.charger.blocks.smart_charging.iso15118 import Iso15118
from ocpplab_runner.charger.blocks.smart_charging.profiles import (
    Kind,
    Period,
    Profile,
    Purpose,
    Schedule,
    Unit,
    overlap,
    purpose_of,
    read_profile,
)
from ocpplab_runner.charger.blocks.smart_charging.wire import schedule_out
from ocpplab_runner.charger.core.block import V2, Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import Reconnected, Registered, TransactionOver
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing, Refused, UpdateKind
from ocpplab_runner.charger.core.services.smart_charging import EV_NEEDS
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS, TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.clock import timestamp
from ocpplab_runner.ocppj.records import HandlerResult, Reply

FEATURE = "SmartCharging"
_CONTROLLER = "SmartChargingCtrlr"


class SmartChargingV2(SmartCharging):
    """A refusal says why, and limits of others are told."""

    versions = V2
    sends = frozenset(
        {
            "ReportChargingProfiles",
            "NotifyChargingLimit",
            "ClearedChargingLimit",
            "NotifyEVChargingNeeds",
            "NotifyEVChargingSchedule",
        }
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._iso15118 = Iso15118(context, lambda evse, transfer: self.needs_rejected(evse, transfer))
        context.offer(EV_NEEDS, self)

    def variables(self) -> Iterable[Variable]:
        """SmartChargingCtrlr."""
        there = FEATURE in self.context.config.features
        yield from super().variables()
        yield of_2x(_CONTROLLER, "Available", "boolean", str(there).lower())
        yield of_2x(_CONTROLLER, "Enabled", "boolean", "true", mutability="ReadWrite", feature=FEATURE)
        yield of_2x(_CONTROLLER, "RateUnit", "MemberList", "A,W", choices=("A", "W"), feature=FEATURE)
        yield of_2x(
            _CONTROLLER,
            "Entries",
            "integer",
            lambda: str(len(self.installed)),
            instance="ChargingProfiles",
            feature=FEATURE,
        )
        for name, value in (
            ("ExternalControlSignalsEnabled", "true"),
            ("NotifyChargingLimitWithSchedules", "true"),
        ):
            yield of_2x(_CONTROLLER, name, "boolean", value, mutability="ReadWrite", feature=FEATURE)
        yield of_2x(_CONTROLLER, "Phases3to1", "boolean", lambda: str(self.switches).lower(), feature=FEATURE)
        yield of_2x(
            _CONTROLLER,
            "LimitChangeSignificance",
            "decimal",
            "0",
            mutability="ReadWrite",
            minimum=0,
            unit="Percent",
            feature=FEATURE,
        )

    def units(self) -> Sequence[Unit]:
        """RateUnit."""
        return [cast("Unit", name) for name in self.context.variables.items(f"{_CONTROLLER}.RateUnit")]

    def key_at(self, evse: Evse) -> str | None:
        """The id on the wire, which may be open before the station charges and after it has."""
        return self.context.ask(OPEN_TRANSACTIONS).id_at(evse.evse_id) or super().key_at(evse)

    def read(self, wire: Mapping[str, Any], evse_id: int) -> Profile:
        """A ChargingProfileType; of its schedules the one counts that the EV has chosen by ISO 15118, or the first."""
        purpose = purpose_of(wire["chargingProfilePurpose"])
        if purpose is None or purpose is Purpose.EXTERNAL:  # K01.FR.22
            raise Refusal("InvalidProfile", f"this station takes no {wire['chargingProfilePurpose']} from a CSMS")
        schedules = wire["chargingSchedule"]
        schedule = schedules[self._iso15118.choice(evse_id, len(schedules))]
        self.refuse_periods(wire, schedule)
        return read_profile(wire, evse_id, schedule)

    def refuse_periods(self, wire: Mapping[str, Any], schedule: Mapping[str, Any]) -> None:
        """Raise Refusal for a schedule with periods that this station cannot follow."""

    def check(self, profile: Profile) -> None:
        """What 2.x asks for besides."""
        super().check(profile)
        starts = profile.schedule.start is not None
        if starts is (profile.kind in (Kind.RELATIVE, Kind.DYNAMIC)):  # K01.FR.40, K01.FR.41
            raise Refusal("InvalidSchedule", "a begin goes with Absolute and Recurring, and only with them")
        schedule = (profile.wire or {})["chargingSchedule"][0]
        if any("phaseToUse" in period for period in schedule["chargingSchedulePeriod"]) and not self.switches:
            raise Refusal("InvalidSchedule", "a phase cannot be chosen here")  # K01.FR.20
        if any(_clash(one, profile) for one in self.installed):  # K01.FR.06, .39, .52, .53
            raise Refusal("DuplicateProfile", "another profile has that stack level and purpose")

    @answers("SetChargingProfile", feature=FEATURE)
    def set_charging_profile(self, payload: Payload) -> HandlerResult:
        """K01 to K04."""
        evse_id, wire = int(payload["evseId"]), payload["chargingProfile"]
        if not self.context.variables.boolean(f"{_CONTROLLER}.Enabled"):
            return rejected("NotEnabled")
        evse = self.context.equipment.find(evse_id)
        if evse is None and evse_id != 0:  # K01.FR.28
            return rejected("UnknownEvse")
        try:
            profile = self.read(wire, evse_id)
            if profile.purpose is Purpose.TX:
                profile = replace(profile, transaction_id=self._transaction(evse, wire.get("transactionId")))
            self.install(profile)
        except Refusal as refusal:
            return rejected(refusal.code, str(refusal))

        def follow() -> None:
            self.review()
            if evse is not None and profile.purpose is Purpose.TX:
                self._iso15118.takes(evse, profile)

        return Reply({"status": "Accepted"}, then=follow)

    @answers("ClearChargingProfile", feature=FEATURE)
    def clear_charging_profile(self, payload: Payload) -> HandlerResult:
        """K10; limits of others are not cleared."""
        wanted, named = payload.get("chargingProfileId"), payload.get("chargingProfileCriteria", {})
        purpose = named.get("chargingProfilePurpose")
        criteria = Criteria(
            profile_ids=None if wanted is None else frozenset({wanted}),
            evse_id=named.get("evseId"),
            purpose=None if purpose is None else purpose_of(purpose),
            stack_level=named.get("stackLevel"),
        )
        # Criteria without a purpose mean any; but no profile has one that this station does not do.
        unknown = purpose is not None and criteria.purpose is None
        if unknown or not self.installed.remove(lambda one: one.purpose is not Purpose.EXTERNAL and criteria.meet(one)):
            return {"status": "Unknown"}
        return Reply({"status": "Accepted"}, then=self.review)

    @answers("GetChargingProfiles", feature=FEATURE)
    def get_charging_profiles(self, payload: Payload) -> HandlerResult:
        """K09."""
        named = payload["chargingProfile"]
        numbers, purpose = named.get("chargingProfileId"), named.get("chargingProfilePurpose")
        sources = named.get("chargingLimitSource")
        criteria = Criteria(
            profile_ids=None if numbers is None else frozenset(numbers),
            evse_id=payload.get("evseId"),
            purpose=None if purpose is None else purpose_of(purpose),
            stack_level=named.get("stackLevel"),
            sources=None if sources is None else frozenset([sources] if isinstance(sources, str) else sources),
        )
        # What is over since the last review goes first, and is not reported.
        self.review()
        found = [one for one in self.installed if criteria.meet(one)]
        if not found or (purpose is not None and criteria.purpose is None):
            return {"status": "NoProfiles"}
        request_id = payload["requestId"]
        return Reply({"status": "Accepted"}, then=lambda: self._report(request_id, found))

    @answers("GetCompositeSchedule", feature=FEATURE)
    def get_composite_schedule(self, payload: Payload) -> HandlerResult:
        """K08."""
        evse_id = int(payload["evseId"])
        evse = self.context.equipment.find(evse_id)
        if evse is None and evse_id != 0:  # K08.FR.05
            return rejected("UnknownEvse")
        if payload["duration"] <= 0:
            return rejected("InvalidValue", "a schedule must last")
        try:
            schedule = self.composite(evse, payload["duration"], payload.get("chargingRateUnit"))
        except Refusal as refusal:  # K08.FR.07
            return rejected(refusal.code, str(refusal))
        wire = schedule_out(schedule)
        wire["scheduleStart"] = wire.pop("startSchedule")
        return {"status": "Accepted", "schedule": {"evseId": evse_id, **wire}}

    def ev_needs(self, evse: Evse, fields: Mapping[str, Any]) -> None:
        """An EV says by ISO 15118 what it needs (K15, K17)."""
        if evse.ev is None:
            raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
        self._iso15118.needs(evse, fields)

    def needs_rejected(self, evse: Evse, transfer: str) -> None:
        """The CSMS does not let an EV have what it wants."""
        self.context.note("the CSMS answers the EV Rejected: what holds without a schedule holds on")

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """What an EV has said meanwhile is told."""
        self._iso15118.send()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """What an EV has said without a connection is told."""
        self._iso15118.send()

    @hears(TransactionOver)
    def transaction_over(self, event: TransactionOver) -> None:
        """What an EV has said goes with its transaction."""
        self._iso15118.gone(event.evse)

    @property
    def heeds_others(self) -> bool:
        """ExternalControlSignalsEnabled, from the next limit on."""
        return self.context.variables.boolean(f"{_CONTROLLER}.ExternalControlSignalsEnabled")

    def limit_told(self, profile: Profile, before: Profile | None) -> None:
        """K12, K13: somebody else limits the station, by so much more or less that it matters."""
        if before is not None and not self._matters(profile.schedule, before.schedule):
            return
        limit: dict[str, Any] = {"chargingLimit": {"chargingLimitSource": profile.source}}
        if profile.evse_id:
            limit["evseId"] = profile.evse_id
        if self.context.variables.boolean(f"{_CONTROLLER}.NotifyChargingLimitWithSchedules"):
            number = profile.schedule.schedule_id or 0
            limit["chargingSchedule"] = [{"id": number, **schedule_out(profile.schedule)}]
        self._tell(Outgoing("NotifyChargingLimit", limit), profile)

    def limit_gone(self, profile: Profile) -> None:
        """K14: nobody else does any more."""
        payload: dict[str, Any] = {"chargingLimitSource": profile.source}
        if profile.evse_id:
            payload["evseId"] = profile.evse_id
        self._tell(Outgoing("ClearedChargingLimit", payload), profile)

    def _matters(self, now: Schedule, before: Schedule) -> bool:
        """Whether a limit has changed by LimitChangeSignificance, in per cent, or more."""
        (limit,), (earlier,) = now.periods, before.periods
        # Amperes and watts do not compare, and there is no percentage of nothing.
        if now.unit != before.unit or earlier.limit == 0:
            return True
        significance = float(self.context.variables.text(f"{_CONTROLLER}.LimitChangeSignificance"))
        pairs = zip(_amounts(limit), _amounts(earlier), strict=True)
        return any(_has_changed(one, other, significance) for one, other in pairs)

    def _tell(self, call: Outgoing, profile: Profile) -> None:
        # Not told later: what the limit does to transactions is told by their events, which are queued.
        if self.context.online:
            self.context.post(call)
        for evse in self.context.equipment.evses:  # K12.FR.03, K14.FR.03
            if evse.transaction is not None and profile.evse_id in (0, evse.evse_id):
                self.context.ask(TRANSACTIONS).updated(evse.transaction, UpdateKind.CHARGING_RATE)

    def _transaction(self, evse: Evse | None, named: str | None) -> str:
        """The transaction that a TxProfile is for (K01.FR.03, .16, .33)."""
        if evse is None:
            raise Refusal("InvalidValue", "a TxProfile is set at the EVSE of its transaction")
        if named is None:
            raise Refusal("MissingParam", "a TxProfile names its transaction")
        if self.context.ask(OPEN_TRANSACTIONS).id_at(evse.evse_id) != named:
            raise Refusal("TxNotFound", "that transaction does not run there")
        return named

    def _report(self, request_id: int, found: Sequence[Profile]) -> None:
        # A ReportChargingProfiles names one source and one EVSE.
        groups: dict[tuple[str, int], list[Profile]] = {}
        for profile in found:
            groups.setdefault((profile.source, profile.evse_id), []).append(profile)
        left = len(groups)
        for (source, evse_id), profiles in groups.items():
            left -= 1
            payload: dict[str, Any] = {
                "requestId": request_id,
                "chargingLimitSource": source,
                "evseId": evse_id,
                "chargingProfile": [_profile_out(one) for one in profiles],
            }
            if left:
                payload["tbc"] = True
            self.context.post(Outgoing("ReportChargingProfiles", payload))


def _profile_out(profile: Profile) -> dict[str, Any]:
    if profile.wire is not None:
        return dict(profile.wire)
    wire: dict[str, Any] = {
        "id": profile.profile_id,
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": profile.purpose.value,
        "chargingProfileKind": profile.kind.value,
        "chargingSchedule": [{"id": profile.schedule.schedule_id or 0, **schedule_out(profile.schedule)}],
    }
    if profile.valid_to is not None:
        wire["validTo"] = timestamp(profile.valid_to)
    return wire


def _amounts(period: Period) -> tuple[float | None, ...]:
    """What somebody else than the CSMS may say of an EVSE."""
    operation = period.operation
    if operation is None:
        return period.limit, None, None
    return period.limit, operation.setpoint, operation.discharge_limit


def _has_changed(now: float | None, before: float | None, significance: float) -> bool:
    """Whether an amount differs by so many per cent of what it was, or more."""
    if now is None or before is None or isinf(now) or isinf(before) or before == 0:
        return now != before
    return 100 * abs(now - before) / abs(before) >= significance


def _clash(one: Profile, other: Profile) -> bool:
    """Whether two profiles would be for the same place at the same time; the same id takes the other's place."""
    if one.profile_id == other.profile_id or (one.stack_level, one.purpose) != (other.stack_level, other.purpose):
        return False
    # A default of the station stands at each EVSE, too (K01.FR.52, .53).
    everywhere = one.purpose is Purpose.TX_DEFAULT and 0 in (one.evse_id, other.evse_id)
    same = one.evse_id == other.evse_id or everywhere
    return same and one.transaction_id == other.transaction_id and overlap(one, other)
