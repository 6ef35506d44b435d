"""Certificates at the station: M03 to M05 of the security whitepaper of OCPP 1.6 and of OCPP 2.x."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ocpplab_runner.clock import timestamp, utcnow
from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation, replied
from ocpplab_runner.csms.core.operations import NothingToOperateOn, OperationNotAvailable, Order, Payload, Request
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.certificates import ROOT_TYPES, ROOTS
from ocpplab_runner.vocabulary.versions import OcppVersion

_KINDS_V16 = {"csms_root": "CentralSystemRootCertificate", "manufacturer_root": "ManufacturerRootCertificate"}
_PEM = "-----BEGIN"
_STATUS_LASTS = timedelta(days=7)


@dataclass(slots=True)
class Installed:
    """The certificates that a station has taken, in PEM, the latest last."""

    taken: list[str] = field(default_factory=list)


class CertificatesBlock(Block):
    """Installs, deletes and lists."""

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._installed = station.memory(Installed)

    def kind(self, name: str) -> str:
        """What the version calls a kind."""
        raise NotImplementedError

    @operation("install_certificate")
    def install_certificate(self, order: Order) -> Request:
        """M05; of a CSMS its own root unless said, of others a new one."""
        kind = order.fields["type"]
        certificate = self._pem(order.fields.get("certificate", "own" if kind == "csms_root" else "another"))
        return "InstallCertificate", {"certificateType": self.kind(kind), "certificate": certificate}

    @replied("InstallCertificate")
    def installed(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """It may have taken it."""
        if answer.get("status") == "Accepted":
            self._installed.taken = [one for one in self._installed.taken if one != payload.get("certificate")]
            self._installed.taken.append(str(payload.get("certificate")))

    @operation("delete_certificate")
    def delete_certificate(self, order: Order) -> Request:
        """M04; the one that was installed last unless said."""
        wanted = order.fields.get("certificate")
        if isinstance(wanted, Mapping):
            return "DeleteCertificate", {"certificateHashData": dict(wanted)}
        if wanted is None and not self._installed.taken:
            raise NothingToOperateOn("no certificate was installed; name one with `certificate`")
        pem = self._installed.taken[-1] if wanted is None else self._pem(wanted)
        return "DeleteCertificate", {"certificateHashData": self._name(pem, order.fields.get("hash", "SHA256"))}

    def _name(self, pem: str, algorithm: Any) -> dict[str, str]:
        from ocpplab_runner.certificates.reading import chain_in, hash_data, issuer_among

        chain = chain_in(pem)
        certificate, own = chain[0], self.station.shared.authorities.pair("own", utcnow()).certificate
        issuer = issuer_among(certificate, [certificate, *chain[1:], own])
        return hash_data(certificate, certificate if issuer is None else issuer, algorithm)

    def _pem(self, certificate: str) -> str:
        if certificate.startswith(_PEM):
            return certificate
        for root in ROOTS:
            if root == certificate:
                return self.station.shared.authorities.root(root, utcnow())
        raise ValueError(f"`certificate` is PEM, or one of {', '.join(ROOTS)}")


class CertificatesV16(CertificatesBlock):
    """Two kinds, asked for one at a time."""

    versions = V16

    def kind(self, name: str) -> str:
        """CertificateUseEnumType."""
        if name not in _KINDS_V16:
            raise OperationNotAvailable(f"OCPP 1.6 has no {name}, only {' and '.join(_KINDS_V16)}")
        return _KINDS_V16[name]

    @operation("get_certificates")
    def get_certificates(self, order: Order) -> Request:
        """GetInstalledCertificateIds.req; the roots of the CSMS unless said."""
        kinds = _kinds(order, "csms_root")
        if len(kinds) != 1:
            raise OperationNotAvailable("OCPP 1.6 lists the certificates of one type at a time")
        return "GetInstalledCertificateIds", {"certificateType": self.kind(kinds[0])}


class CertificatesV2(CertificatesBlock):
    """Any number of kinds."""

    versions = V2

    def kind(self, name: str) -> str:
        """InstallCertificateUseEnumType."""
        return ROOT_TYPES[name]

    @answers("GetCertificateStatus")
    def get_certificate_status(self, call: Call) -> Payload:
        """M06: the word of the CSMS's own CA on what it has signed."""
        from ocpplab_runner.certificates.status import vouch

        now, authorities = utcnow(), self.station.shared.authorities
        found = authorities.issued(call.payload["ocspRequestData"], now)
        if found is None:
            return {"status": "Failed"}
        return {"status": "Accepted", "ocspResult": b64encode(vouch(found, authorities.pair("own", now), now)).decode()}

    @answers("GetCertificateChainStatus", versions=frozenset({OcppVersion.V21}))
    def get_certificate_chain_status(self, call: Call) -> Payload:
        """M06 of 2.1."""
        now, authorities = utcnow(), self.station.shared.authorities
        told = [
            {
                "certificateHashData": one["certificateHashData"],
                "source": one["source"],
                "status": "Unknown" if authorities.issued(one["certificateHashData"], now) is None else "Good",
                "nextUpdate": timestamp(now + _STATUS_LASTS),
            }
            for one in call.payload["certificateStatusRequests"]
        ]
        return {"certificateStatus": told}

    @answers("Get15118EVCertificate")
    def get_ev_certificate(self, _: Call) -> Payload:
        """M01, M02: what the scenario gives, which nobody here reads; without it there is none."""
        given = self.station.shared.config.ev_certificate
        return {"status": "Failed" if given is None else "Accepted", "exiResponse": given or ""}

    @operation("get_certificates")
    def get_certificates(self, order: Order) -> Request:
        """M03; of all types unless said."""
        kinds = [ROOT_TYPES.get(name, "V2GCertificateChain") for name in _kinds(order)]
        return "GetInstalledCertificateIds", {"certificateType": kinds} if kinds else {}


def _kinds(order: Order, *default: str) -> Sequence[str]:
    said = order.fields.get("type")
    if said is None:
        return default
    return [said] if isinstance(said, str) else list(said)


CERTIFICATES = (CertificatesV16, CertificatesV2)
