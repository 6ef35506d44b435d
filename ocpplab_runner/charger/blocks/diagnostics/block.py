"""Logs of the station, sent where the CSMS wants them: OCPP 1.6 sections 4.4 and 5.9, N01 of 2.x and the whitepaper.

What is sent is what the station has really lived through: its messages, facts and notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocpplab_runner import clock
from ocpplab_runner.charger.core.block import Payload, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Disconnected, WentDown
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.reporting import ReportingBlock
from ocpplab_runner.charger.core.services.security import SECURITY
from ocpplab_runner.charger.core.services.station import DIAGNOSTICS_LOG
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.transfer import DEFAULT_ATTEMPTS, DEFAULT_INTERVAL, Transfer
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.transfers.client import send
from ocpplab_runner.transfers.errors import TransferError, Why

LOG_IDLE = Outgoing("LogStatusNotification", {"status": "Idle"})
#: Why a log was not taken → UploadLogStatusEnumType: as exactly as can be said (N01.FR.10).
_FAILURES: dict[Why, str] = {
    "denied": "PermissionDenied",
    "bad": "BadMessage",
    "unsupported": "NotSupportedOperation",
    "failed": "UploadFailure",
}
_STRANGE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A log that the CSMS wants.

    Attributes:
        location: URL of the directory.
        name: of the file.
        content: of the file.
        attempts: to send it, before giving up.
        interval: seconds between them.
        request_id: of the request; None for 1.6 GetDiagnostics, which has none.
    """

    location: str
    name: str
    content: bytes
    attempts: int = DEFAULT_ATTEMPTS
    interval: float = DEFAULT_INTERVAL
    request_id: int | None = None


class Diagnostics(ReportingBlock):
    """Sends one log at a time."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._transfer = Transfer(context, "log")
        self._upload: Upload | None = None

    # -- one version's words --------------------------------------------------------------------------------------

    def status_notification(self, status: str, upload: Upload) -> Outgoing | None:
        """The message that reports a status; None where the version has no word for it."""
        raise NotImplementedError

    # -- logs -----------------------------------------------------------------------------------------------------

    def diagnostics(self, since: datetime | None, until: datetime | None) -> tuple[str, bytes] | None:
        """The name and the content of the diagnostics; None where nothing has happened within that time.

        Args:
            since: the oldest entry; None for all that is known.
            until: the latest.
        """
        return self._file("diagnostics", self.context.ask(DIAGNOSTICS_LOG).lines(self.context.time.now(), since, until))

    def _file(self, kind: str, lines: Sequence[str]) -> tuple[str, bytes] | None:
        if not lines:
            return None
        now = self.context.time.now()
        identity = _STRANGE.sub("-", self.context.config.identity)
        return f"{kind}-{identity}-{now:%Y%m%dT%H%M%SZ}.log", "".join(f"{line}\n" for line in lines).encode()

    def lines_of(self, kind: str, since: datetime | None, until: datetime | None) -> tuple[str, Sequence[str]] | None:
        """What a file is called after, and its lines within a time.

        Args:
            kind: LogEnumType.
            since: the oldest entry; None for all that is known.
            until: the latest.

        Returns:
            None for a log that the station has not.
        """
        if kind == "SecurityLog":
            return "security", self._security_log(since, until)
        if kind == "DiagnosticsLog":
            return "diagnostics", self.context.ask(DIAGNOSTICS_LOG).lines(self.context.time.now(), since, until)
        return None

    def _security_log(self, since: datetime | None, until: datetime | None) -> Sequence[str]:
        return [
            " ".join(filter(None, (clock.timestamp(entry.at), entry.event, entry.info)))
            for entry in self.context.ask(SECURITY).log
            if (since is None or entry.at >= since) and (until is None or entry.at <= until)
        ]

    def log_wanted(self, payload: Payload) -> HandlerResult:
        """GetLog, which is the same in 2.x (N01) and in the security whitepaper of 1.6."""
        log, kind = payload["log"], payload["logType"]
        since, until = (
            None if log.get(field) is None else moment(log[field]) for field in ("oldestTimestamp", "latestTimestamp")
        )
        found = self.lines_of(kind, since, until)
        file = None if found is None else self._file(*found)
        if file is None:  # 2.x N01.FR.05
            return {"status": "Rejected"}
        upload = Upload(
            location=log["remoteLocation"],
            name=file[0],
            content=file[1],
            # Here ``retries`` are further attempts; in GetDiagnostics of 1.6 they are all of them.
            attempts=1 + payload.get("retries", DEFAULT_ATTEMPTS - 1),
            interval=payload.get("retryInterval", DEFAULT_INTERVAL),
            request_id=payload["requestId"],
        )
        earlier = self._upload

        def begin() -> None:
            if self._upload is not None:  # also one that was asked for before this answer was sent
                self.cancelled()
            self.begin(upload)

        status = "Accepted" if earlier is None else "AcceptedCanceled"  # 2.x N01.FR.12, whitepaper N01.FR.11
        return Reply({"status": status, "filename": file[0]}, then=begin)

    def begin(self, upload: Upload) -> None:
        """Send a log, in the place of one that is on its way."""
        self._upload = upload
        self._report("Uploading")  # N01.FR.08
        self._transfer.start(
            lambda: send(upload.location, upload.name, upload.content),
            attempts=upload.attempts,
            interval=upload.interval,
            done=lambda _: self._over("Uploaded"),
            failed=self._failed,
        )

    def cancelled(self) -> None:
        """Another log takes the place of the one that is on its way (2.x N01.FR.20)."""
        self._transfer.stop()
        self._over("AcceptedCanceled")

    def _failed(self, error: TransferError) -> None:
        self._over(_FAILURES[error.why])

    def _over(self, status: str) -> None:
        self._report(status)
        self._upload = None

    # -- what the CSMS hears --------------------------------------------------------------------------------------

    def present_status(self, idle: Outgoing) -> Callable[[], None]:
        """What reports the present status, which the CSMS has asked for.

        Args:
            idle: the message for nothing being on its way.
        """
        present = idle if self._upload is None else self.status_notification("Uploading", self._upload)

        def tell() -> None:
            assert present is not None
            self.context.post(present)

        return tell

    def _report(self, status: str) -> None:
        assert self._upload is not None
        message = self.status_notification(status, self._upload)
        if message is not None:
            self.report_when_online(message)

    @hears(Disconnected)
    def disconnected(self, _: Disconnected) -> None:
        """Without a network no file gets away either."""
        self._transfer.network_lost()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """What was on its way is lost."""
        self._transfer.stop()
        if self._upload is not None:
            self._over("UploadFailure")

    def stop(self) -> None:
        """Send nothing more."""
        super().stop()
        self._transfer.stop()
