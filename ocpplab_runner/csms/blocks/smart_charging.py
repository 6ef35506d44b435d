"""Smart charging: OCPP 1.6 sections 5.5, 5.7 and 5.16, K of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation, sent
from ocpplab_runner.csms.core.charging_profiles import ProfileIds, charging_profile, purpose_in
from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order, Payload, Request, given
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.durations import seconds_of


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


class SmartChargingV2(SmartChargingBlock):
    """Asks for profiles, and takes notice of limits."""

    versions = V2
    asks_for: ClassVar = {"GetChargingProfiles": "ReportChargingProfiles"}
    not_done = frozenset({"NotifyEVChargingNeeds", "NotifyEVChargingSchedule"})

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._reports = station.memory(ProfileReports)

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

    @answers("ClearedChargingLimit", "NotifyChargingLimit")
    def limited(self, _: Call) -> Payload:
        """K12, K13."""
        return {}


def _composite(place: str, order: Order) -> Payload:
    return given(duration=round(seconds_of(order.fields["duration"])), chargingRateUnit=order.fields.get("unit")) | {
        place: order.fields.get("evse_id", 0)
    }


SMART_CHARGING = (SmartChargingV16, SmartChargingV2)
