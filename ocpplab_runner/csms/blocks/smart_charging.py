"""Smart charging: OCPP 1.6 sections 5.5, 5.7 and 5.16, K of OCPP 2.x."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ocpplab_runner.clock import utcnow
from ocpplab_runner.csms.core.block import V2, V16, Block, answered, answers, operation, replied, sent
from ocpplab_runner.csms.core.charging_profiles import ProfileIds, charging_profile, purpose_in
from ocpplab_runner.csms.core.ev_schedules import gives_back, is_within, profile_for
from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import transaction_meant
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.csms.core.transactions import TransactionRecord
from ocpplab_runner.csms.core.tx_profiles import TxProfiles
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Of a period, what another value can be sent of.
_UPDATED = ("limit", "dischargeLimit", "setpoint")
ONLY_2_1 = frozenset({OcppVersion.V21})


class SmartChargingBlock(Block):
    """Makes profiles, and counts them."""

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._ids = station.memory(ProfileIds)

    def profile(self, order: Order) -> tuple[int, Payload]:
        """A profile, and where it goes: to the EVSE that is named, a TxProfile to that of its transaction, or to all.

        A TxProfile is for the transaction that is named, else for the latest there.
        """
        fields = order.fields
        place, named = fields.get("evse_id"), fields.get("transaction_id")
        if fields.get("purpose") == "TxProfile" and "profile" not in fields:
            # At place 0, too, where stations refuse a TxProfile: scenarios send one there to see that.
            here = [one for one in self.station.running if place in (None, 0, one.evse_id)]
            found = [one for one in here if named is None or str(one.transaction_id) == str(named)]
            if named is None:
                if not found:
                    raise NothingToOperateOn("no transaction is running there; name one with `transaction_id`")
                named = found[-1].transaction_id
            if place is None:
                place = found[-1].evse_id if found and found[-1].evse_id is not None else 1
        return 0 if place is None else place, charging_profile(self.station, fields, order.now, named)

    def purpose(self, order: Order) -> str | None:
        """The purpose that is named, in the words of the version."""
        wanted: str | None = order.fields.get("purpose")
        assert self.station.version is not None
        return None if wanted is None else purpose_in(self.station.version, wanted)

    @sent("SetChargingProfile", "RequestStartTransaction", "RemoteStartTransaction")
    def profile_sent(self, payload: Mapping[str, Any]) -> None:
        """It may have been sent a profile."""
        self._ids.note(payload.get("csChargingProfiles", payload.get("chargingProfile")))


class SmartChargingV16(SmartChargingBlock):
    """An EVSE is a connector, and 0 the charge point."""

    versions = V16

    @operation("set_charging_profile")
    def set_charging_profile(self, order: Order) -> Request:
        """SetChargingProfile.req."""
        connector, profile = self.profile(order)
        return "SetChargingProfile", {"connectorId": connector, "csChargingProfiles": profile}

    @operation("clear_charging_profile")
    def clear_charging_profile(self, order: Order) -> Request:
        """ClearChargingProfile.req; everything unless something is named."""
        return "ClearChargingProfile", given(
            id=order.fields.get("profile_id"),
            connectorId=order.fields.get("evse_id"),
            chargingProfilePurpose=self.purpose(order),
            stackLevel=order.fields.get("stack_level"),
        )

    @operation("get_composite_schedule")
    def get_composite_schedule(self, order: Order) -> Request:
        """GetCompositeSchedule.req; of the charge point unless a connector is named."""
        return "GetCompositeSchedule", _composite("connectorId", order)


@dataclass(slots=True)
class ProfileReports:
    """How many reports of profiles a station was asked for."""

    asked: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A TxProfile, of whose schedules an EV may choose one."""

    profile_id: int
    stack_level: int
    schedules: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Offers:
    """What a station was sent that it comes back to.

    Attributes:
        by_evse: EVSE → what it was offered with TxProfiles, the latest last.
        dynamic: dynamic profile → the values of it that the station has taken last (2.1).
        allowed, allowed_to: transaction, or card → how energy may be transferred (2.1).
    """

    by_evse: dict[int, list[Offer]] = field(default_factory=dict)
    dynamic: dict[int, dict[str, Any]] = field(default_factory=dict)
    allowed: dict[str, Sequence[str]] = field(default_factory=dict)
    allowed_to: dict[str, Sequence[str]] = field(default_factory=dict)


class SmartChargingV2(SmartChargingBlock):
    """Asks for profiles, and takes notice of limits."""

    versions = V2
    asks_for: ClassVar = {"GetChargingProfiles": "ReportChargingProfiles"}

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._reports = station.memory(ProfileReports)
        self._offers = station.memory(Offers)
        self._tx_profiles = station.memory(TxProfiles)

    @operation("set_charging_profile")
    def set_charging_profile(self, order: Order) -> Request:
        """K01 to K04."""
        evse_id, profile = self.profile(order)
        return "SetChargingProfile", {"evseId": evse_id, "chargingProfile": profile}

    @operation("clear_charging_profile")
    def clear_charging_profile(self, order: Order) -> Request:
        """K10; everything unless something is named."""
        criteria = given(
            evseId=order.fields.get("evse_id"),
            chargingProfilePurpose=self.purpose(order),
            stackLevel=order.fields.get("stack_level"),
        )
        return "ClearChargingProfile", given(
            chargingProfileId=order.fields.get("profile_id"), chargingProfileCriteria=criteria or None
        )

    @operation("get_composite_schedule")
    def get_composite_schedule(self, order: Order) -> Request:
        """K08; of the station unless an EVSE is named."""
        return "GetCompositeSchedule", _composite("evseId", order)

    @operation("get_charging_profiles")
    def get_charging_profiles(self, order: Order) -> Request:
        """K09; all of them unless something is named."""
        fields = order.fields
        return "GetChargingProfiles", given(
            requestId=fields.get("request_id", self._reports.asked + 1),
            evseId=fields.get("evse_id"),
            chargingProfile=given(
                chargingProfileId=fields.get("profile_ids"),
                chargingProfilePurpose=self.purpose(order),
                stackLevel=fields.get("stack_level"),
                chargingLimitSource=fields.get("sources"),
            ),
        )

    @sent("GetChargingProfiles")
    def profiles_asked(self, payload: Mapping[str, Any]) -> None:
        """It has been asked for a report."""
        if isinstance(number := payload.get("requestId"), int):
            self._reports.asked = max(self._reports.asked, number)

    @answers("ReportChargingProfiles")
    def reported(self, call: Call) -> Payload:
        """K09."""
        return self.requested(call)

    # -- ISO 15118 ------------------------------------------------------------------------------------------------

    @answers("NotifyEVChargingNeeds")
    def ev_needs(self, call: Call) -> Payload:
        """K15, K17: there is a schedule for what runs."""
        self.station.check_evse(call, call.payload["evseId"])
        running = self._running_at(call.payload["evseId"])
        wanted = call.payload["chargingNeeds"]["requestedEnergyTransfer"]
        if running is None or (gives_back(call.payload["chargingNeeds"]) and wanted not in self._allowed(running)):
            return {"status": "Rejected"}
        return {"status": "Accepted"}

    def _allowed(self, running: TransactionRecord) -> Sequence[str]:
        """How energy may be transferred, as it was told with the card of a transaction, or later (Q01, Q02)."""
        told = self._offers.allowed.get(str(running.transaction_id))
        # What was said later of the transaction goes before what was said with its card.
        return told if told is not None else self._offers.allowed_to.get(running.id_token or "", ())

    @answered("Authorize")
    def allowed_with_card(self, call: Call, answer: Mapping[str, Any], _: bool) -> None:
        """Whose EV may give energy back (Q01)."""
        if isinstance(modes := answer.get("allowedEnergyTransfer"), list):
            self._offers.allowed_to[call.payload["idToken"]["idToken"]] = modes

    @sent("NotifyAllowedEnergyTransfer")
    def allowed_later(self, payload: Mapping[str, Any]) -> None:
        """And of which transaction (Q02)."""
        if isinstance(modes := payload.get("allowedEnergyTransfer"), list):
            self._offers.allowed[str(payload.get("transactionId"))] = modes

    @answered("NotifyEVChargingNeeds")
    def ev_schedule(self, call: Call, answer: Mapping[str, Any], programmed: bool) -> None:
        """It follows the answer, unless a scenario has given that."""
        evse_id = call.payload["evseId"]
        transaction_id = self._transaction_at(evse_id)
        if programmed or answer.get("status") != "Accepted" or transaction_id is None:
            return
        # It takes the place of the profile before: another one of its stack level would be refused.
        earlier = self._offers.by_evse.get(evse_id)
        place = {"profile_id": earlier[-1].profile_id, "stack_level": earlier[-1].stack_level} if earlier else {}
        fields = {"purpose": "TxProfile", "stack_level": 1, **place, **profile_for(call.payload["chargingNeeds"])}
        profile = charging_profile(self.station, fields, utcnow(), transaction_id)
        payload = {"evseId": evse_id, "chargingProfile": profile}
        asyncio.get_running_loop().call_soon(self.station.send, "SetChargingProfile", payload)

    @answers("NotifyEVChargingSchedule")
    def ev_chose(self, call: Call) -> Payload:
        """K15.FR.10: within what it was offered."""
        evse_id, wanted = call.payload["evseId"], call.payload["chargingSchedule"]
        self.station.check_evse(call, evse_id)
        offered = self._offers.by_evse.get(evse_id)
        if offered and not any(is_within(wanted, one) for one in offered[-1].schedules):
            return {"status": "Rejected"}
        return {"status": "Accepted"}

    def _transaction_at(self, evse_id: int) -> int | str | None:
        running = self._running_at(evse_id)
        return None if running is None else running.transaction_id

    def _running_at(self, evse_id: int) -> TransactionRecord | None:
        return next((one for one in reversed(self.station.running) if one.evse_id == evse_id), None)

    # -- 2.1 --------------------------------------------------------------------------------------------------------

    @operation("use_priority_charging", versions=ONLY_2_1)
    def use_priority_charging(self, order: Order) -> Request:
        """K22."""
        return "UsePriorityCharging", {
            "transactionId": str(transaction_meant(self.station, order)),
            "activate": order.fields.get("active", True),
        }

    @answers("NotifyPriorityCharging", versions=ONLY_2_1)
    def priority_told(self, _: Call) -> Payload:
        """K21."""
        return {}

    @operation("update_dynamic_schedule", versions=ONLY_2_1)
    def update_dynamic_schedule(self, order: Order) -> Request:
        """K28; the latest dynamic profile unless one is named."""
        number = order.fields.get("profile_id", max(self._offers.dynamic, default=None))
        if number is None:
            raise NothingToOperateOn("no dynamic profile was set; name one with `profile_id`")
        update = {"limit": order.fields["limit"]}
        return "UpdateDynamicSchedule", {"chargingProfileId": number, "scheduleUpdate": update}

    @answers("PullDynamicScheduleUpdate", versions=ONLY_2_1)
    def pulled(self, call: Call) -> Payload:
        """K28: the values that it has taken last."""
        update = self._offers.dynamic.get(call.payload["chargingProfileId"])
        return {"status": "Rejected"} if update is None else {"status": "Accepted", "scheduleUpdate": dict(update)}

    def profile_sent(self, payload: Mapping[str, Any]) -> None:
        """An EV may choose one of the schedules of a profile, also before the station has answered."""
        super().profile_sent(payload)
        offer = _offer_in(payload)
        if offer is not None:
            self._offers.by_evse.setdefault(payload["evseId"], []).append(offer)

    @replied("SetChargingProfile")
    def profile_answered(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """A TxProfile that the station has taken may be needed again."""
        self.offer_answered(payload, answer)
        if answer.get("status") == "Accepted":
            with suppress(KeyError, TypeError):  # what is no profile has no use later
                self._tx_profiles.take(payload)

    @replied("RequestStartTransaction")
    def offer_answered(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """What the station has not taken was no offer; of a dynamic profile it may ask for the values."""
        if answer.get("status") == "Accepted":
            with suppress(KeyError, TypeError, IndexError, AttributeError):  # what is no profile has no values
                profile = payload["chargingProfile"]
                if profile["chargingProfileKind"] == "Dynamic":
                    period = profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]
                    self._offers.dynamic[profile["id"]] = {name: period[name] for name in _UPDATED if name in period}
            return
        offer = _offer_in(payload)
        if offer is not None and offer in (offers := self._offers.by_evse.get(payload["evseId"], [])):
            del offers[len(offers) - 1 - offers[::-1].index(offer)]

    @replied("UpdateDynamicSchedule")
    def update_answered(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """What is asked for later is what the station has taken last."""
        update, number = payload.get("scheduleUpdate"), payload.get("chargingProfileId")
        if answer.get("status") == "Accepted" and isinstance(update, Mapping) and isinstance(number, int):
            self._offers.dynamic[number] = dict(update)

    @replied("ClearChargingProfile")
    def profiles_cleared(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """They are not sent again."""
        if answer.get("status") == "Accepted":
            self._tx_profiles.clear(payload)

    @answered("TransactionEvent")
    def transaction_told(self, call: Call, _: Mapping[str, Any], programmed: bool) -> None:
        """A transaction that goes on has its profiles again, unless a scenario has given the answer (2.1 E17.FR.15)."""
        transaction_id = call.payload["transactionInfo"]["transactionId"]
        if call.payload["eventType"] == "Ended":
            self._tx_profiles.over(transaction_id)
        elif call.payload["triggerReason"] == "TxResumed" and not programmed:
            for profile in self._tx_profiles.of(transaction_id):
                asyncio.get_running_loop().call_soon(self.station.send, "SetChargingProfile", profile)

    @answers("ClearedChargingLimit", "NotifyChargingLimit")
    def limited(self, _: Call) -> Payload:
        """K12, K13."""
        return {}


def _offer_in(payload: Mapping[str, Any]) -> Offer | None:
    """The TxProfile that a call of the CSMS brings to an EVSE; None where it brings none that can be read."""
    try:
        profile = payload["chargingProfile"]
        if profile["chargingProfilePurpose"] != "TxProfile" or not isinstance(payload["evseId"], int):
            return None
        return Offer(profile["id"], profile["stackLevel"], tuple(profile["chargingSchedule"]))
    except (KeyError, TypeError):
        return None


def _composite(place: str, order: Order) -> Payload:
    return given(duration=round(seconds_of(order.fields["duration"])), chargingRateUnit=order.fields.get("unit")) | {
        place: order.fields.get("evse_id", 0)
    }


SMART_CHARGING = (SmartChargingV16, SmartChargingV2)
