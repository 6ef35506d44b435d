"""Certificates and security profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.services.service import Service
from ocpplab_runner.charger.core.services.station import LogEntry

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ocpplab_runner.certificates.mint import Key


@dataclass(frozen=True, slots=True)
class Own:
    """A certificate of a station's own.

    Attributes:
        chain: the certificate, and those between it and its CA.
        key: its private key.
    """

    chain: tuple[Certificate, ...]
    key: Key = field(repr=False)


class Certificates(Protocol):
    """The certificates that a station holds: roots that it trusts, and its own.

    Kinds are 2.x's GetCertificateIdUseEnumType and CertificateSigningUseEnumType, whatever the version.
    """

    def roots(self, kind: str) -> Sequence[Certificate]:
        """Those of the CAs that it trusts for something."""

    def csms_roots(self) -> Sequence[Certificate]:
        """Those that the next connection's CSMS must lead to."""

    def own(self, kind: str) -> Own | None:
        """Its own for something; None where it has none."""

    def pass_on(self, fields: Mapping[str, Any]) -> bool:
        """Ask the CSMS for the contract certificate that an EV wants; whether that could be done."""

    def keep(self, kind: str, own: Own) -> None:
        """It has a new one of its own for that."""

    def ocsp_data(self, chain: Sequence[Certificate]) -> list[dict[str, str]]:
        """OCSPRequestDataType of each certificate of a chain that names a responder."""


class Security(Protocol):
    """What a station does for its security."""

    @property
    def log(self) -> Sequence[LogEntry]:
        """The security log, the oldest entry first."""

    def happened(self, event: str, info: str = "") -> None:
        """Something has happened that belongs into the security log; the CSMS is told where OCPP wants that.

        Args:
            event: as 2.x calls it (2.x appendix 1; ``InvalidCsmsCertificate``), whatever the version.
            info: what there is to say of it.
        """

    @property
    def profile(self) -> int:
        """The security profile that it uses; 0 where it has none."""

    def dial(self) -> Dial:
        """What the next connection is opened with."""

    def clear_log(self) -> None:
        """Empty the security log, and say so."""


SECURITY: Service[Security] = Service("security")

CERTIFICATES: Service[Certificates] = Service("certificates")
