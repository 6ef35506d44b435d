"""An update of a station's firmware: what the CSMS wants, and how far it has come. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ocpplab_runner.charger.core.json_values import moment_in, moment_out
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.transfer import DEFAULT_ATTEMPTS, DEFAULT_INTERVAL

#: ``rebooting``: installed, but for the boot with which it begins to run.
Phase = Literal["scheduled", "downloading", "downloaded", "installing", "rebooting", "over"]


@dataclass(slots=True, kw_only=True)
class Update:
    """One update.

    Attributes:
        location: URL of the file.
        retrieve_at: when to fetch it.
        install_at: when to install it; None for as soon as it is there.
        attempts: to fetch it, before giving up.
        interval: seconds between them.
        request_id: of the request, where it has one.
        certificate: the PEM text of the certificate that has signed it; None for firmware that is not signed.
        signature: of the file, in base64.
        phase: how far it has come.
        status: that was reported last; empty before the first.
        image: the file, once it is there.
    """

    location: str
    retrieve_at: datetime
    install_at: datetime | None = None
    attempts: int = 1
    interval: float = 60.0
    request_id: int | None = None
    certificate: str | None = None
    signature: str = ""
    phase: Phase = "scheduled"
    status: str = ""
    image: bytes = b""

    @property
    def signed(self) -> bool:
        """Whether its signature must be verified."""
        return self.certificate is not None

    def out(self) -> dict[str, Any]:
        """As JSON data; the file itself is fetched anew."""
        return {
            "location": self.location,
            "retrieve_at": moment_out(self.retrieve_at),
            "install_at": moment_out(self.install_at),
            "attempts": self.attempts,
            "interval": self.interval,
            "request_id": self.request_id,
            "certificate": self.certificate,
            "signature": self.signature,
            "phase": self.phase,
            "status": self.status,
        }


def update_in(data: Mapping[str, Any]) -> Update:
    """The update of :meth:`Update.out`."""
    retrieve_at = moment_in(data["retrieve_at"])
    assert retrieve_at is not None
    update = Update(**{**data, "retrieve_at": retrieve_at, "install_at": moment_in(data["install_at"])})
    # The file was not kept: it is fetched once more.
    if update.phase == "downloaded":
        update.phase = "downloading"
    return update


def numbered_update(payload: Mapping[str, Any]) -> Update:
    """What a request asks for that has a number: SignedUpdateFirmware of 1.6, UpdateFirmware of 2.x."""
    firmware, install = payload["firmware"], payload["firmware"].get("installDateTime")
    return Update(
        location=firmware["location"],
        retrieve_at=moment(firmware["retrieveDateTime"]),
        install_at=None if install is None else moment(install),
        # ``retries`` are further attempts here; in UpdateFirmware of 1.6 they are all of them.
        attempts=1 + payload.get("retries", DEFAULT_ATTEMPTS - 1),
        interval=payload.get("retryInterval", DEFAULT_INTERVAL),
        request_id=payload["requestId"],
        certificate=firmware.get("signingCertificate"),
        signature=firmware.get("signature", ""),
    )
