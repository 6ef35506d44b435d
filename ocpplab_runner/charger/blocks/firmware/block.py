"""Firmware updates: OCPP 1.6 sections 4.5 and 5.19 and the security whitepaper's L01; L01 and L02 of OCPP 2.x.

Fetch, verify, wait for what runs, install, boot: each is reported, and what a loss of power interrupts goes on after
the boot where it can. The file is really fetched, and its signature really verified.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.blocks.firmware.update import Update, update_in
from ocpplab_runner.charger.core.block import Fields, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import (
    Disconnected,
    Registered,
    TransactionOver,
    UsabilityChanged,
    WentDown,
)
from ocpplab_runner.charger.core.model import BootReason, Outgoing
from ocpplab_runner.charger.core.reporting import ReportingBlock
from ocpplab_runner.charger.core.services.security import CERTIFICATES, SECURITY
from ocpplab_runner.charger.core.services.station import FIRMWARE, STATUS, SUPPLY
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.transfer import Transfer
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.transfers.client import fetch
from ocpplab_runner.transfers.errors import TransferError
from ocpplab_runner.transfers.firmware_image import version_of
from ocpplab_runner.vocabulary.durations import seconds_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

#: Characters of firmwareVersion in BootNotification (1.6 section 6.3).
_LONGEST_VERSION = 50
#: Seconds in which a list of revoked certificates must come: the CSMS waits for an answer.
_LIST_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Workings:
    """How updates go at a station, as ``given.charger.firmware`` and the verb ``firmware`` say.

    Attributes:
        install: whether an installation succeeds.
        verification: whether what was installed passes the station's own test of it.
        install_takes: seconds.
        unsigned: whether firmware that is not signed is taken.
        while_charging: whether it is fetched while an EV is charged, or waits with that, too.
    """

    install: str = "works"
    verification: str = "works"
    install_takes: float = 10.0
    unsigned: str = "taken"
    while_charging: str = "fetches"

    def changed(self, fields: Fields) -> Workings:
        """The same but for some fields."""
        takes = fields.get("install_takes")
        return replace(
            self,
            install=fields.get("install", self.install),
            verification=fields.get("verification", self.verification),
            unsigned=fields.get("unsigned", self.unsigned),
            while_charging=fields.get("while_charging", self.while_charging),
            install_takes=self.install_takes if takes is None else seconds_of(takes),
        )


class Firmware(ReportingBlock):
    """Carries one update out at a time.

    Attributes:
        workings: how updates go from now on.
        update: the latest; None before the first.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.workings = Workings().changed(context.config.firmware)
        self.update: Update | None = None
        self._transfer = Transfer(context, "firmware")
        context.offer(FIRMWARE, self)

    def change_workings(self, fields: Fields) -> None:
        """Let updates go otherwise from now on."""
        self.workings = self.workings.changed(fields)

    # -- one version's words --------------------------------------------------------------------------------------

    def status_notification(self, status: str, update: Update | None) -> Outgoing | None:
        """The message that reports a status; None where the version has no word for it."""
        raise NotImplementedError

    def allows_new_sessions(self) -> bool:
        """Whether somebody may begin to charge while an update waits for those who do."""
        return False

    # -- from the request to the boot -----------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether an update is on its way."""
        return self.update is not None and self.update.phase != "over"

    @property
    def cancellable(self) -> bool:
        """Whether what is on its way can still be given up: not once it is being installed."""
        return self.update is None or self.update.phase not in ("installing", "rebooting")

    def begin(self, update: Update) -> None:
        """Carry an update out, in the place of one that is on its way."""
        self._give_up()
        self.update = update
        self._go_on()

    def _give_up(self) -> None:
        if self.update is not None:
            self.update.phase = "over"
        self._halt()
        self._keep_free(False)

    def _halt(self) -> None:
        self._timers.stop_all()
        self._transfer.stop()

    def _go_on(self) -> None:
        """Do what comes next in the phase that the update is in."""
        update = self.update
        assert update is not None
        if update.phase == "scheduled":
            self._at(update.retrieve_at, "DownloadScheduled", self._download_when_possible)  # L01.FR.13
        elif update.phase == "downloading":
            self._download()
        elif update.phase == "downloaded":
            self._at(update.install_at, "InstallScheduled", self._install_when_idle)  # L01.FR.16
        elif update.phase == "installing":  # nobody knows what it has left behind
            self._end("InstallationFailed")
        elif update.phase == "rebooting":
            # Only the boot shows that what was installed runs (2.x L01.FR.28, .31).
            self.context.ask(SECURITY).happened("FirmwareUpdated", self.context.equipment.firmware_version)
            self._end("Installed")

    def _at(self, moment: datetime | None, meanwhile: str, then: Callable[[], None]) -> None:
        seconds = 0.0 if moment is None else (moment - self.context.time.now()) / timedelta(seconds=1)
        if seconds <= 0:
            then()
            return
        self._report(meanwhile)
        self._timers.start("due", seconds, then)

    def _download_when_possible(self) -> None:
        if self.workings.while_charging == "waits":
            if self._waits("DownloadScheduled"):
                return
            # It cannot both charge and fetch: nobody begins meanwhile, whatever AllowNewSessions… says of the wait.
            self._keep_free(True)
        self._download()

    def _waits(self, status: str) -> bool:
        """Whether somebody charges, for whose end the update waits then (L01.FR.06)."""
        if not self.context.ask(TRANSACTIONS).running():
            return False
        self._report(status)
        self._keep_free(not self.allows_new_sessions())
        return True

    def _download(self) -> None:
        update = self.update
        assert update is not None
        update.phase = "downloading"
        self._report("Downloading")
        self._transfer.start(
            lambda: fetch(update.location),
            attempts=update.attempts,
            interval=update.interval,
            done=self._fetched,
            failed=lambda _: self._end("DownloadFailed"),
        )

    def _fetched(self, image: bytes) -> None:
        update = self.update
        assert update is not None
        update.phase, update.image = "downloaded", image
        self._report("Downloaded")
        if self._verified(update):
            self._go_on()
        else:
            self._end("InvalidSignature")

    def judge(self, update: Update) -> HandlerResult | Awaitable[HandlerResult]:
        """Answer a request that can be refused, by UpdateFirmwareStatusEnumType; the update begins unless it is.

        Where the certificate says where its CA lists what it has revoked, that is looked up before.
        """
        status = self._judged(update)
        if status.startswith("Accepted") and update.signed:
            from ocpplab_runner.certificates.reading import chain_in
            from ocpplab_runner.certificates.revocation import lists_for

            chain = chain_in(update.certificate or "")
            if lists := lists_for(chain[0]):
                return self._judge_by(lists, chain, update)
        return self._answer(status, update)

    async def _judge_by(self, lists: Sequence[str], chain: Sequence[Certificate], update: Update) -> HandlerResult:
        wrong = await self._revoked(lists, chain)
        if wrong is None:
            # Judged anew: while the list came another request may have begun an update.
            return self._answer(self._judged(update), update)
        status, why = wrong
        self._refuse_certificate(why)
        return {"status": status}

    async def _revoked(self, lists: Sequence[str], chain: Sequence[Certificate]) -> tuple[str, str] | None:
        """The status that a certificate has by the lists of its CA, and why; None where nothing is wrong."""
        from ocpplab_runner.certificates.reading import issuer_among
        from ocpplab_runner.certificates.revocation import is_revoked

        roots = self.context.ask(CERTIFICATES).roots("ManufacturerRootCertificate")
        issuer = issuer_among(chain[0], [*chain[1:], *roots])
        # The chain has been judged already, and so leads to a root.
        assert issuer is not None
        for url in lists:
            try:
                async with asyncio.timeout(_LIST_TIMEOUT):
                    told = await fetch(url)
                if is_revoked(told, chain[0], issuer, self.context.time.now()):
                    return "RevokedCertificate", "has been revoked"
            except (TransferError, TimeoutError):
                return "InvalidCertificate", f"names a list of revoked certificates that cannot be had: {url}"
            except ValueError as error:
                return "InvalidCertificate", f"names a list of revoked certificates that {error}: {url}"
        return None

    def _refuse_certificate(self, wrong: str) -> None:
        self.context.note(f"firmware: the certificate that signs it {wrong}")
        self.context.ask(SECURITY).happened("InvalidFirmwareSigningCertificate", wrong)

    def _answer(self, status: str, update: Update) -> HandlerResult:
        if not status.startswith("Accepted"):
            return {"status": status}
        return Reply({"status": status}, then=lambda: self.begin(update))

    def _judged(self, update: Update) -> str:
        if not self.cancellable:  # L01.FR.27
            return "Rejected"
        if update.signed and (wrong := self._wrong_certificate(update)) is not None:
            self._refuse_certificate(wrong)
            return "InvalidCertificate"
        return "AcceptedCanceled" if self.running else "Accepted"  # 2.x L01.FR.24, whitepaper L01.FR.26

    def _wrong_certificate(self, update: Update) -> str | None:
        from ocpplab_runner.certificates.judging import wrong_chain
        from ocpplab_runner.certificates.reading import chain_in

        try:
            chain = chain_in(update.certificate or "")
        except ValueError:
            return "cannot be read"
        roots = self.context.ask(CERTIFICATES).roots("ManufacturerRootCertificate")
        return wrong_chain(chain, roots, self.context.time.now())

    def _verified(self, update: Update) -> bool:
        """Whether its signature is that of the file; what is not signed needs none."""
        if update.certificate is None:
            return True
        from ocpplab_runner.certificates.reading import chain_in
        from ocpplab_runner.certificates.signing import fits

        # The certificate itself was judged before the request was accepted (2.x L01.FR.21, whitepaper L01.FR.23).
        if not fits(chain_in(update.certificate)[0], update.signature, update.image):
            self.context.ask(SECURITY).happened("InvalidFirmwareSignature", update.location)
            return False
        self._report("SignatureVerified")
        return True

    def _install_when_idle(self) -> None:
        if not self._waits("InstallScheduled"):
            self._install()

    @hears(TransactionOver)
    def transaction_over(self, _: TransactionOver) -> None:
        """What waits for the last of them may be fetched, or installed."""
        update = self.update
        if update is not None and self._waiting(update):
            asyncio.get_running_loop().call_soon(self._go_on_if_waiting, update)

    def _waiting(self, update: Update) -> bool:
        return update.phase in ("scheduled", "downloaded") and not self._timers.running("due")

    def _go_on_if_waiting(self, update: Update) -> None:
        if self.update is not update or not self._waiting(update) or not self.context.powered:
            return
        if update.phase == "scheduled":
            self._download_when_possible()
        else:
            self._install_when_idle()

    def _install(self) -> None:
        assert self.update is not None
        self.update.phase = "installing"
        self._keep_free(True)
        self._report("Installing")
        self._timers.start("due", self.workings.install_takes, self._installed)

    def _installed(self) -> None:
        update = self.update
        assert update is not None
        if self.workings.install == "fails" or not update.image:
            self._end("InstallationFailed")
            return
        if self.workings.verification == "fails":
            self._end("InstallVerificationFailed")  # 2.x L01.FR.29
            return
        # A CSMS may serve any file: one that names no version is known by its own name.
        version = version_of(update.image) or update.location.rstrip("/").rpartition("/")[2]
        self.context.equipment.firmware_version = version[:_LONGEST_VERSION]
        update.phase = "rebooting"
        self._report("InstallRebooting", then=self._reboot)

    def _reboot(self) -> None:
        # No reset: those fail as often as ``failed_resets`` says, this one never.
        self.context.ask(SUPPLY).restart(hard=False, reason=BootReason.FIRMWARE_UPDATE)

    def _end(self, status: str) -> None:
        assert self.update is not None
        self.update.phase, self.update.image = "over", b""
        self._keep_free(False)
        self._report(status)

    def _keep_free(self, keeps: bool) -> None:
        """Take what nobody uses out of service while an update waits, or is installed (L01.FR.07); or put it back."""
        equipment = self.context.equipment
        if equipment.updating == keeps:
            return
        equipment.updating = keeps
        for evse in equipment.evses:
            self.context.events.tell(UsabilityChanged(evse))
        self.context.ask(STATUS).refresh()

    # -- what the CSMS hears --------------------------------------------------------------------------------------

    def _report(self, status: str, then: Callable[[], None] | None = None) -> None:
        """Tell the CSMS a status; ``then`` follows once it has answered, or at once where it hears of nothing."""
        update = self.update
        assert update is not None
        message = self.status_notification(status, update)
        if message is not None and update.status != status:
            update.status = status
            if then is not None and self.context.online:
                # Whatever becomes of it: a CSMS that does not take the status must not keep the station from booting.
                self.context.post_raw(message, lambda _: then())
                return
            self.report_when_online(message)
        if then is not None:
            then()

    def tell_again(self, status: str) -> Callable[[], None]:
        """What reports a status that the CSMS has asked for; Idle is no update's."""
        message = self.status_notification(status, None if status == "Idle" else self.update)
        assert message is not None

        def tell() -> None:
            self.context.post(message)

        return tell

    @hears(Registered)
    def registered(self, event: Registered) -> None:
        """Go on where the power was lost, and report what could not be."""
        super().registered(event)
        if self.update is not None and not self._transfer.running and not self._timers.running("due"):
            self._go_on()

    @hears(Disconnected)
    def disconnected(self, _: Disconnected) -> None:
        """Without a network no file comes either."""
        self._transfer.network_lost()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing is fetched, and nothing installed, without power."""
        self._halt()
        self.context.equipment.updating = False
        if self.update is not None and self.update.phase == "downloading":
            self.update.status = ""  # it begins anew, and is told anew

    def stop(self) -> None:
        """Begin nothing more, and fetch nothing more."""
        self._halt()

    def remember(self) -> Mapping[str, Any]:
        """The firmware, and what is on its way."""
        update = None if self.update is None else self.update.out()
        return {"firmware": {"version": self.context.equipment.firmware_version, "update": update}}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take it over; an update goes on after the boot."""
        known = memory.get("firmware")
        if known is not None:
            self.context.equipment.firmware_version = known["version"]
            self.update = None if known["update"] is None else update_in(known["update"])
