"""Smart charging: K of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, Block, answers
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call


class SmartCharging(Block):
    """Takes notice of limits."""

    versions = V2
    asks_for: ClassVar = {"GetChargingProfiles": "ReportChargingProfiles"}
    not_done = frozenset({"NotifyEVChargingNeeds", "NotifyEVChargingSchedule"})

    @answers("ReportChargingProfiles")
    def reported(self, call: Call) -> Payload:
        """K09."""
        return self.requested(call)

    @answers("ClearedChargingLimit", "NotifyChargingLimit")
    def noted(self, _: Call) -> Payload:
        """K12, K13."""
        return {}


SMART_CHARGING = (SmartCharging,)
