"""Firmware updates, and what they come to."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by
from ocpplab_runner.engine.interpreter.core.facts import Fact, put


class Firmware(Block):
    """``firmware_status``."""

    versions = V16 | V2

    @shown_by("FirmwareStatusNotification", "firmware_status")
    def reported(self, payload: Any) -> list[Fact]:
        """FirmwareStatusNotification."""
        return _status(payload)

    @shown_by("SignedFirmwareStatusNotification", "firmware_status", versions=V16)
    def reported_signed(self, payload: Any) -> list[Fact]:
        """SignedFirmwareStatusNotification.req of the security whitepaper."""
        return _status(payload)


def _status(payload: Any) -> list[Fact]:
    fields = {"is": payload["status"]}
    put(fields, "request_id", payload.get("requestId"))
    return [("firmware_status", fields)]


FIRMWARE = (Firmware,)
