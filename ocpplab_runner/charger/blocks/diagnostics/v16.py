"""Diagnostics in OCPP 1.6: sections 4.4 and 5.9, and GetLog of the security whitepaper."""

from __future__ import annotations

from ocpplab_runner.charger.blocks.diagnostics.block import (
    LOG_IDLE,
    Diagnostics,
    Upload,
)
from ocpplab_runner.charger.config import SECURITY
from ocpplab_runner.charger.core.block import V16, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.transfer import DEFAULT_ATTEMPTS, DEFAULT_INTERVAL
from ocpplab_runner.ocppj.records import HandlerResult, Reply

#: Section 7.24, DiagnosticsStatus.
_WORDS = frozenset({"Idle", "Uploaded", "UploadFailed", "Uploading"})

_IDLE = Outgoing("DiagnosticsStatusNotification", {"status": "Idle"})


class DiagnosticsV16(Diagnostics):
    """A request that finds nothing to send is answered without a file's name."""

    versions = V16
    sends = frozenset({"DiagnosticsStatusNotification", "LogStatusNotification"})

    def status_notification(self, status: str, upload: Upload) -> Outgoing | None:
        """DiagnosticsStatusNotification.req; what was asked for with a number is told of with it."""
        # UploadLogStatusEnumType of the whitepaper has no word for a log that another one has displaced; 2.x has.
        if status == "AcceptedCanceled":
            return None
        if upload.request_id is not None:
            return Outgoing("LogStatusNotification", {"status": status, "requestId": upload.request_id})
        word = status if status in _WORDS else "UploadFailed"
        return Outgoing("DiagnosticsStatusNotification", {"status": word})

    @answers("GetDiagnostics", feature="FirmwareManagement")
    def get_diagnostics(self, payload: Payload) -> HandlerResult:
        """GetDiagnostics.req; ``retries`` says how often it must be tried, so 0 is once, too."""
        since, until = payload.get("startTime"), payload.get("stopTime")
        file = self.diagnostics(None if since is None else moment(since), None if until is None else moment(until))
        if file is None:
            return {}
        upload = Upload(
            location=payload["location"],
            name=file[0],
            content=file[1],
            attempts=max(1, payload.get("retries", DEFAULT_ATTEMPTS)),
            interval=payload.get("retryInterval", DEFAULT_INTERVAL),
        )
        return Reply({"fileName": file[0]}, then=lambda: self.begin(upload))

    @triggered("DiagnosticsStatusNotification")
    def trigger_status(self, _: Place) -> HandlerResult:
        """The present status, which is Idle where nothing is on its way (sections 5.17 and 7.24)."""
        return Reply({"status": "Accepted"}, then=self.present_status(_IDLE))

    @answers("GetLog", feature=SECURITY)
    def get_log(self, payload: Payload) -> HandlerResult:
        """GetLog.req of the security whitepaper."""
        return self.log_wanted(payload)

    @triggered("LogStatusNotification")
    def trigger_log_status(self, _: Place) -> HandlerResult:
        """The same of logs with a number; Idle where nothing is on its way."""
        return Reply({"status": "Accepted"}, then=self.present_status(LOG_IDLE))
