"""Smart charging in OCPP 1.6: sections 5.5, 5.7 and 5.16."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ocpplab_runner.charger.blocks.smart_charging.block import Refusal, SmartCharging
from ocpplab_runner.charger.blocks.smart_charging.installed import Criteria
from ocpplab_runner.charger.blocks.smart_charging.profiles import Profile, Purpose, Unit, purpose_of, read_profile
from ocpplab_runner.charger.blocks.smart_charging.wire import schedule_out
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.clock import timestamp
from ocpplab_runner.ocppj.records import HandlerResult, Reply

_REJECTED = {"status": "Rejected"}
_UNITS: Mapping[str, Unit] = {"Current": "A", "Power": "W"}


class SmartChargingV16(SmartCharging):
    """Connector 0 is the charge point as a whole."""

    versions = V16

    def variables(self) -> Iterable[Variable]:
        """Section 9.4."""
        yield from super().variables()
        yield Variable(
            name="ChargingScheduleAllowedChargingRateUnit",
            type="MemberList",
            default="Current,Power",
            key="ChargingScheduleAllowedChargingRateUnit",
            problem=_unit_problem,
            feature="SmartCharging",
        )

    def units(self) -> Sequence[Unit]:
        """ChargingScheduleAllowedChargingRateUnit."""
        named = self.context.variables.items("ChargingScheduleAllowedChargingRateUnit")
        return [_UNITS[name] for name in named]

    def read(self, wire: Mapping[str, Any], evse_id: int) -> Profile:
        """A ChargingProfile (section 7.8)."""
        return read_profile(wire, evse_id, wire["chargingSchedule"])

    @answers("SetChargingProfile", feature="SmartCharging")
    def set_charging_profile(self, payload: Payload) -> HandlerResult:
        """SetChargingProfile.req."""
        connector, wire = int(payload["connectorId"]), payload["csChargingProfiles"]
        if connector != 0 and self.context.equipment.find(connector) is None:
            return _REJECTED
        profile = self.read(wire, connector)
        if profile.purpose is Purpose.TX:
            transaction_id = self._transaction(connector, wire.get("transactionId"))
            if transaction_id is None:
                return self._refused("a TxProfile is set at a connector for the transaction that runs there")
            profile = replace(profile, transaction_id=transaction_id)
        try:
            self.install(profile)
        except Refusal as refusal:
            return self._refused(str(refusal))
        return Reply({"status": "Accepted"}, then=self.review)

    @answers("ClearChargingProfile", feature="SmartCharging")
    def clear_charging_profile(self, payload: Payload) -> HandlerResult:
        """ClearChargingProfile.req; what is not named does not matter."""
        wanted, purpose = payload.get("id"), payload.get("chargingProfilePurpose")
        criteria = Criteria(
            profile_ids=None if wanted is None else frozenset({wanted}),
            evse_id=payload.get("connectorId"),
            purpose=None if purpose is None else purpose_of(purpose),
            stack_level=payload.get("stackLevel"),
        )
        if not self.clear(criteria):
            return {"status": "Unknown"}
        return Reply({"status": "Accepted"}, then=self.review)

    @answers("GetCompositeSchedule", feature="SmartCharging")
    def get_composite_schedule(self, payload: Payload) -> HandlerResult:
        """GetCompositeSchedule.req."""
        connector = int(payload["connectorId"])
        evse = self.context.equipment.find(connector)
        if (evse is None and connector != 0) or payload["duration"] <= 0:
            return _REJECTED
        try:
            schedule = self.composite(evse, payload["duration"], payload.get("chargingRateUnit"))
        except Refusal as refusal:
            return self._refused(str(refusal))
        return {
            "status": "Accepted",
            "connectorId": connector,
            "scheduleStart": timestamp(schedule.start),
            "chargingSchedule": schedule_out(schedule),
        }

    def _transaction(self, connector: int, named: int | None) -> str | None:
        """The station's own id of the transaction that a TxProfile is for."""
        evse = self.context.equipment.find(connector)
        if evse is None or evse.transaction is None:
            return None
        if named is not None and self.context.ask(TRANSACTIONS).find(named) is not evse.transaction:
            return None
        return evse.transaction.local_id

    def _refused(self, why: str) -> HandlerResult:
        # 1.6 has no word for a reason: the trace has it.
        self.context.note(f"refused: {why}")
        return _REJECTED


def _unit_problem(entries: Sequence[str]) -> str | None:
    return None if entries and set(entries) <= set(_UNITS) else "takes Current and Power"
