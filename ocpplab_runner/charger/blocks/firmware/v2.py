"""Firmware updates in OCPP 2.x: use cases L01 and L02; L03 and L04, of local controllers, are refused."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from ocpplab_runner.charger.blocks.firmware.block import Firmware
from ocpplab_runner.charger.blocks.firmware.update import Update, numbered_update
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply

_ALLOW = "AllowNewSessionsPendingFirmwareUpdate"


class FirmwareV2(Firmware):
    """Every update has a number, which its statuses carry."""

    versions = V2
    sends = frozenset({"FirmwareStatusNotification"})

    def variables(self) -> Iterable[Variable]:
        """Whether somebody may begin to charge while an update waits (L01.FR.07)."""
        yield of_2x("ChargingStation", _ALLOW, "boolean", "false", mutability="ReadWrite", feature="FirmwareManagement")

    def allows_new_sessions(self) -> bool:
        """L01.FR.07."""
        return self.context.variables.boolean(f"ChargingStation.{_ALLOW}")

    def status_notification(self, status: str, update: Update | None) -> Outgoing | None:
        """FirmwareStatusNotification; Idle has no number (L01.FR.20)."""
        if update is None:
            return Outgoing("FirmwareStatusNotification", {"status": status})
        return Outgoing("FirmwareStatusNotification", {"status": status, "requestId": update.request_id})

    @answers("UpdateFirmware", feature="FirmwareManagement")
    def update_firmware(self, payload: Payload) -> HandlerResult | Awaitable[HandlerResult]:
        """L01 with a certificate and a signature, L02 with neither."""
        update = numbered_update(payload)
        if ("signingCertificate" in payload["firmware"]) is not ("signature" in payload["firmware"]):
            return rejected("MissingParam", "a signature and the certificate for it belong together")
        if update.certificate is None and self.workings.unsigned == "refused":
            return {"status": "InvalidCertificate"}
        return self.judge(update)

    @answers("PublishFirmware", feature="FirmwareManagement")
    def publish_firmware(self, _: Payload) -> HandlerResult:
        """L03 is for a local controller, which this station is not."""
        return rejected("UnsupportedRequest", "this station is no local controller")

    @answers("UnpublishFirmware", feature="FirmwareManagement")
    def unpublish_firmware(self, _: Payload) -> HandlerResult:
        """L04: nothing has been published."""
        return {"status": "NoFirmware"}

    @triggered("FirmwareStatusNotification")
    def trigger_status(self, _: Place) -> HandlerResult:
        """The last status that was sent, and Idle after Installed or before the first (L01.FR.25, L01.FR.26)."""
        update = self.update
        status = "Idle" if update is None or update.status in ("", "Installed") else update.status
        return Reply({"status": "Accepted"}, then=self.tell_again(status))
