"""Firmware: OCPP 1.6 sections 4.5 and 5.19 and its security whitepaper, L of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation
from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import request_id
from ocpplab_runner.csms.core.transfers import later, location, retries
from ocpplab_runner.ocppj.frames import Call


class FirmwareBlock(Block):
    """Hears how an update goes."""

    asks_for: ClassVar = {
        "PublishFirmware": "PublishFirmwareStatusNotification",
        "SignedUpdateFirmware": "SignedFirmwareStatusNotification",
        "UpdateFirmware": "FirmwareStatusNotification",
    }

    def signed(self, order: Order) -> Request:
        """The request of a signed update: L01."""
        fields = order.fields
        if "signing_certificate" in fields:
            if "signature" not in fields:
                raise ValueError("a `signing_certificate` belongs to a `signature`")
            signed = {"signingCertificate": fields["signing_certificate"], "signature": fields["signature"]}
            return self.numbered(order, **signed)
        if "sha256" not in order.fields:
            raise NothingToOperateOn("update_signed_firmware: only a file of `given.files` can be signed here")
        digest, how = bytes.fromhex(order.fields["sha256"]), order.fields.get("signature", "correctly")
        place = location(order, "update_signed_firmware")
        if how == "revoked" and not place.startswith("http"):
            raise ValueError("the list of revoked certificates is served by HTTP only")
        certificate, signature = self.station.shared.authorities.sign_firmware(digest, how, order.now, place)
        return self.numbered(order, signingCertificate=certificate, signature=signature)

    def numbered(self, order: Order, **signed: str) -> Request:
        """UpdateFirmware of 2.x, and under another name of the security whitepaper of 1.6."""
        firmware = given(
            location=location(order, "update_firmware"),
            retrieveDateTime=later(order, "retrieve_in"),
            installDateTime=later(order, "install_in") if "install_in" in order.fields else None,
            **signed,
        )
        number = request_id(self.station, order)
        return "UpdateFirmware", given(requestId=number, firmware=firmware, **retries(order))


class FirmwareV16(FirmwareBlock):
    """A plain request has neither a number nor an answer to speak of, a signed one has both."""

    versions = V16

    @answers("FirmwareStatusNotification", "SignedFirmwareStatusNotification")
    def reported(self, call: Call) -> Payload:
        """FirmwareStatusNotification.req; the security whitepaper's other one names its request."""
        return self.requested(call)

    @operation("update_firmware")
    def update_firmware(self, order: Order) -> Request:
        """UpdateFirmware.req."""
        return "UpdateFirmware", given(
            location=location(order, "update_firmware"), retrieveDate=later(order, "retrieve_in"), **retries(order)
        )

    @operation("update_signed_firmware")
    def update_signed_firmware(self, order: Order) -> Request:
        """SignedUpdateFirmware.req of the security whitepaper."""
        return "SignedUpdateFirmware", self.signed(order)[1]


class FirmwareV2(FirmwareBlock):
    """L01 to L04."""

    versions = V2

    @answers("FirmwareStatusNotification", "PublishFirmwareStatusNotification")
    def reported(self, call: Call) -> Payload:
        """L01, L03."""
        return self.requested(call)

    @operation("update_firmware")
    def update_firmware(self, order: Order) -> Request:
        """L02."""
        return self.numbered(order)

    @operation("update_signed_firmware")
    def update_signed_firmware(self, order: Order) -> Request:
        """L01."""
        return self.signed(order)


FIRMWARE = (FirmwareV16, FirmwareV2)
