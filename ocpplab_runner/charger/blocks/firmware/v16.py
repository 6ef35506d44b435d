"""Firmware updates in OCPP 1.6: sections 4.5 and 5.19, and L01 of the security whitepaper."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from ocpplab_runner.charger.blocks.firmware.block import Firmware
from ocpplab_runner.charger.blocks.firmware.update import Update, numbered_update
from ocpplab_runner.charger.config import SECURITY
from ocpplab_runner.charger.core.block import V16, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.transfer import DEFAULT_ATTEMPTS, DEFAULT_INTERVAL
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerError, HandlerResult, Reply
from ocpplab_runner.transfers.client import PROTOCOLS

#: Section 7.25, FirmwareStatus; what else happens is not told, or by another word.
_WORDS = frozenset({"Downloaded", "DownloadFailed", "Downloading", "InstallationFailed", "Installing", "Installed"})
_OTHER_WORDS = {"InstallVerificationFailed": "InstallationFailed"}


class FirmwareV16(Firmware):
    """A plain request has no status to refuse it with. What is signed has messages of its own."""

    versions = V16
    sends = frozenset({"FirmwareStatusNotification", "SignedFirmwareStatusNotification"})

    def variables(self) -> Iterable[Variable]:
        """How files can be transferred (security whitepaper, section 2.5)."""
        yield Variable(
            name="SupportedFileTransferProtocols",
            type="MemberList",
            default=",".join(PROTOCOLS).upper(),
            key="SupportedFileTransferProtocols",
            feature="FirmwareManagement",
            settable=False,
        )

    def status_notification(self, status: str, update: Update | None) -> Outgoing | None:
        """FirmwareStatusNotification.req, or SignedFirmwareStatusNotification.req."""
        if update is not None and update.signed:
            return Outgoing("SignedFirmwareStatusNotification", {"status": status, "requestId": update.request_id})
        word = _OTHER_WORDS.get(status, status)
        return Outgoing("FirmwareStatusNotification", {"status": word}) if word in _WORDS or word == "Idle" else None

    @answers("UpdateFirmware", feature="FirmwareManagement")
    def update_firmware(self, payload: Payload) -> HandlerResult:
        """UpdateFirmware.req; ``retries`` says how often it must be tried, so 0 is once, too.

        A station that takes signed firmware alone does not support it (whitepaper, L01.FR.20).
        """
        if self.workings.unsigned == "refused" and SECURITY in self.context.config.features:
            raise HandlerError("NotSupported", "firmware must be signed (SignedUpdateFirmware)")
        update = Update(
            location=payload["location"],
            retrieve_at=moment(payload["retrieveDate"]),
            attempts=max(1, payload.get("retries", DEFAULT_ATTEMPTS)),
            interval=payload.get("retryInterval", DEFAULT_INTERVAL),
        )
        if not self.cancellable:
            self.context.note("UpdateFirmware: other firmware is being installed, and nothing comes of this request")
            return {}
        return Reply({}, then=lambda: self.begin(update))

    @answers("SignedUpdateFirmware", feature=SECURITY)
    def signed_update_firmware(self, payload: Payload) -> HandlerResult | Awaitable[HandlerResult]:
        """SignedUpdateFirmware.req of the security whitepaper."""
        return self.judge(numbered_update(payload))

    @triggered("FirmwareStatusNotification")
    def trigger_status(self, _: Place) -> HandlerResult:
        """The present status, which is Idle where nothing is on its way (sections 5.17 and 7.25)."""
        update = self.update
        status = update.status if update is not None and self.running and update.status else "Idle"
        return Reply({"status": "Accepted"}, then=self.tell_again(status))
