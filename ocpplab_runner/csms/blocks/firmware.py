"""Firmware: OCPP 1.6 section 4.5 and its security whitepaper, L of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, answers
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call


class Firmware(Block):
    """Hears how an update goes."""

    versions = V16 | V2
    asks_for: ClassVar = {
        "PublishFirmware": "PublishFirmwareStatusNotification",
        "UpdateFirmware": "FirmwareStatusNotification",
    }

    @answers("FirmwareStatusNotification", "PublishFirmwareStatusNotification", versions=V2)
    def reported(self, call: Call) -> Payload:
        """L01, L03."""
        return self.requested(call)

    @answers("FirmwareStatusNotification", "SignedFirmwareStatusNotification", versions=V16)
    def noted(self, _: Call) -> Payload:
        """FirmwareStatusNotification.req."""
        return {}


FIRMWARE = (Firmware,)
