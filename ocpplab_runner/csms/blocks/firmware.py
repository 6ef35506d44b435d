"""Firmware: OCPP 1.6 sections 4.5 and 6.19 and its security whitepaper, L of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.csms.core.transfers import later, location, request_id, retries
from ocpplab_runner.ocppj.frames import Call


class FirmwareBlock(Block):
    """Hears how an update goes."""

    asks_for: ClassVar = {
        "PublishFirmware": "PublishFirmwareStatusNotification",
        "UpdateFirmware": "FirmwareStatusNotification",
    }


class FirmwareV16(FirmwareBlock):
    """The request has neither a number nor an answer to speak of."""

    versions = V16

    @answers("FirmwareStatusNotification", "SignedFirmwareStatusNotification")
    def noted(self, _: Call) -> Payload:
        """FirmwareStatusNotification.req."""
        return {}

    @operation("update_firmware")
    def update_firmware(self, order: Order) -> Request:
        """UpdateFirmware.req."""
        return "UpdateFirmware", given(
            location=location(order, "update_firmware"), retrieveDate=later(order, "retrieve_in"), **retries(order)
        )


class FirmwareV2(FirmwareBlock):
    """L01 to L04."""

    versions = V2

    @answers("FirmwareStatusNotification", "PublishFirmwareStatusNotification")
    def reported(self, call: Call) -> Payload:
        """L01, L03."""
        return self.requested(call)

    @operation("update_firmware")
    def update_firmware(self, order: Order) -> Request:
        """L01, L02."""
        firmware = given(
            location=location(order, "update_firmware"),
            retrieveDateTime=later(order, "retrieve_in"),
            installDateTime=later(order, "install_in") if "install_in" in order.fields else None,
        )
        return "UpdateFirmware", given(requestId=request_id(self.station, order), firmware=firmware, **retries(order))


FIRMWARE = (FirmwareV16, FirmwareV2)
