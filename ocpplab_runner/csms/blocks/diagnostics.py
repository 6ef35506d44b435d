"""Diagnostics: the security whitepaper of OCPP 1.6, N of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, answers
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call


class Diagnostics(Block):
    """Takes reports that were asked for, and events."""

    versions = V16 | V2
    asks_for: ClassVar = {
        "CustomerInformation": "NotifyCustomerInformation",
        "GetLog": "LogStatusNotification",
        "GetMonitoringReport": "NotifyMonitoringReport",
    }

    @answers("LogStatusNotification", "NotifyCustomerInformation", "NotifyMonitoringReport", versions=V2)
    def reported(self, call: Call) -> Payload:
        """N01 to N03, N09."""
        return self.requested(call)

    @answers("DiagnosticsStatusNotification", "LogStatusNotification", versions=V16)
    @answers("NotifyEvent", versions=V2)
    def noted(self, _: Call) -> Payload:
        """N07."""
        return {}


DIAGNOSTICS = (Diagnostics,)
