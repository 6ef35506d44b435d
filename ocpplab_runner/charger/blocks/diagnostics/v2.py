"""Diagnostics in OCPP 2.x: use case N01."""

from __future__ import annotations

from ocpplab_runner.charger.blocks.diagnostics.block import LOG_IDLE, Diagnostics, Upload
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services import Place
from ocpplab_runner.ocppj.records import HandlerResult, Reply


class DiagnosticsV2(Diagnostics):
    """Every log has a number."""

    versions = V2
    sends = frozenset({"LogStatusNotification"})

    def status_notification(self, status: str, upload: Upload) -> Outgoing | None:
        """LogStatusNotification."""
        return Outgoing("LogStatusNotification", {"status": status, "requestId": upload.request_id})

    @answers("GetLog", feature="FirmwareManagement")
    def get_log(self, payload: Payload) -> HandlerResult:
        """N01."""
        return self.log_wanted(payload)

    @triggered("LogStatusNotification")
    def trigger_status(self, _: Place) -> HandlerResult:
        """Uploading while one is on its way, else Idle (N01.FR.14)."""
        return Reply({"status": "Accepted"}, then=self.present_status(LOG_IDLE))
