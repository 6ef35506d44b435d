"""Logs on their way to where the CSMS wants them; 1.6's UploadFailed is UploadFailure here, as everywhere else."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by
from ocpplab_runner.engine.interpreter.core.facts import Fact, put


class Diagnostics(Block):
    """``log_status``."""

    versions = V16 | V2

    @shown_by("DiagnosticsStatusNotification", "log_status", versions=V16)
    def reported(self, payload: Any) -> list[Fact]:
        """DiagnosticsStatusNotification.req."""
        status = payload["status"]
        return [("log_status", {"is": "UploadFailure" if status == "UploadFailed" else status})]

    @shown_by("LogStatusNotification", "log_status")
    def reported_log(self, payload: Any) -> list[Fact]:
        """LogStatusNotification."""
        fields = {"is": payload["status"]}
        put(fields, "request_id", payload.get("requestId"))
        return [("log_status", fields)]


DIAGNOSTICS = (Diagnostics,)
