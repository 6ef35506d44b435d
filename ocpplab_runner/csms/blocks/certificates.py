"""Certificates at the station: M of OCPP 2.x; in 1.6 its security whitepaper, and its note on Plug & Charge."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ocpplab_runner.clock import timestamp, utcnow
from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation, replied, vendor
from ocpplab_runner.csms.core.operations import NothingToOperateOn, OperationNotAvailable, Order, Payload, Request
from ocpplab_runner.csms.core.plug_and_charge import answer as pnc_answer
from ocpplab_runner.csms.core.plug_and_charge import message as pnc_message
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj import plug_and_charge
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.certificates import ROOT_TYPES, ROOTS
from ocpplab_runner.vocabulary.versions import OcppVersion

_KINDS_V16 = {"csms_root": "CentralSystemRootCertificate", "manufacturer_root": "ManufacturerRootCertificate"}
_PNC_KINDS = {name: kind for name, kind in ROOT_TYPES.items() if kind in plug_and_charge.ROOT_TYPES}
_V2G_CHAIN, _CHAIN = "v2g_chain", "V2GCertificateChain"
_PEM = "-----BEGIN"
_STATUS_LASTS = timedelta(days=7)


@dataclass(slots=True)
class Installed:
    """The certificates that a station has taken, the latest last, and those that it has listed.

    Attributes:
        taken: in PEM → whether it was installed for Plug & Charge in 1.6, by DataTransfer.
        listed: the serial numbers of those that such a DataTransfer has listed.
    """

    taken: dict[str, bool] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)


class CertificatesBlock(Block):
    """Installs, deletes and lists."""

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self.known = station.memory(Installed)

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
        self.taken(payload, answer, pnc=False)

    def taken(self, payload: Mapping[str, Any], answer: Mapping[str, Any], *, pnc: bool) -> None:
        """Remember it, where it was taken."""
        if answer.get("status") == "Accepted":
            pem = str(payload.get("certificate"))
            # Installed once more it is the latest again.
            self.known.taken.pop(pem, None)
            self.known.taken[pem] = pnc

    @operation("delete_certificate")
    def delete_certificate(self, order: Order) -> Request:
        """M04; the one that was installed last unless said."""
        return "DeleteCertificate", self.meant(order)[0]

    def meant(self, order: Order) -> tuple[Payload, bool]:
        """DeleteCertificateRequest, and whether it is for Plug & Charge in 1.6."""
        wanted = order.fields.get("certificate")
        if isinstance(wanted, Mapping):
            return {"certificateHashData": dict(wanted)}, wanted.get("serialNumber") in self.known.listed
        if wanted is None and not self.known.taken:
            raise NothingToOperateOn("no certificate was installed; name one with `certificate`")
        pem = list(self.known.taken)[-1] if wanted is None else self._pem(wanted)
        name = self._name(pem, order.fields.get("hash", "SHA256"))
        return {"certificateHashData": name}, self.known.taken.get(pem, False)

    def status_of(self, request: Mapping[str, Any]) -> Payload:
        """M06: the word of the CSMS's own CA on what it has signed."""
        from ocpplab_runner.certificates.status import vouch

        now, authorities = utcnow(), self.station.shared.authorities
        found = authorities.issued(request["ocspRequestData"], now)
        if found is None:
            return {"status": "Failed"}
        return {"status": "Accepted", "ocspResult": b64encode(vouch(found, authorities.pair("own", now), now)).decode()}

    def certificate_for_ev(self, _: Mapping[str, Any]) -> Payload:
        """M01, M02: what the scenario gives, which nobody here reads; without it there is none."""
        given = self.station.shared.config.ev_certificate
        return {"status": "Failed" if given is None else "Accepted", "exiResponse": given or ""}

    def _name(self, pem: str, algorithm: Any) -> dict[str, str]:
        from ocpplab_runner.certificates.reading import chain_in, hash_data, issuer_among

        chain = chain_in(pem)
        certificate, own = chain[0], self.station.shared.authorities.pair("own", utcnow()).certificate
        issuer = issuer_among(certificate, [certificate, *chain[1:], own])
        # A name by hash needs an issuer: for want of a known one the certificate is its own.
        return hash_data(certificate, certificate if issuer is None else issuer, algorithm)

    def _pem(self, certificate: str) -> str:
        if certificate.startswith(_PEM):
            return certificate
        for root in ROOTS:
            if root == certificate:
                return self.station.shared.authorities.root(root, utcnow())
        raise ValueError(f"`certificate` is PEM, or one of {', '.join(ROOTS)}")


class CertificatesV16(CertificatesBlock):
    """Two kinds, asked for one at a time; and two others, of Plug & Charge."""

    versions = V16

    def kind(self, name: str) -> str:
        """CertificateUseEnumType."""
        if name not in _KINDS_V16:
            known = (*_KINDS_V16, *_PNC_KINDS)
            raise OperationNotAvailable(f"OCPP 1.6 has no {name}, only {', '.join(known)}")
        return _KINDS_V16[name]

    @operation("install_certificate")
    def install_certificate(self, order: Order) -> Request:
        """M05; those of Plug & Charge by DataTransfer."""
        kind = _PNC_KINDS.get(order.fields["type"])
        if kind is None:
            return super().install_certificate(order)
        certificate = self._pem(order.fields.get("certificate", "another"))
        return pnc_message("InstallCertificate", {"certificateType": kind, "certificate": certificate})

    @operation("delete_certificate")
    def delete_certificate(self, order: Order) -> Request:
        """M04; by DataTransfer what has come or was listed so."""
        payload, pnc = self.meant(order)
        return pnc_message("DeleteCertificate", payload) if pnc else ("DeleteCertificate", payload)

    @operation("get_certificates")
    def get_certificates(self, order: Order) -> Request:
        """GetInstalledCertificateIds.req; the roots of the CSMS unless said. Those of Plug & Charge by DataTransfer."""
        kinds = _kinds(order, "csms_root")
        listed = [_PNC_KINDS.get(name, _CHAIN) for name in kinds if name in _PNC_KINDS or name == _V2G_CHAIN]
        if len(listed) == len(kinds):
            return pnc_message("GetInstalledCertificateIds", {"certificateType": listed})
        if len(kinds) != 1:
            raise OperationNotAvailable("OCPP 1.6 lists the certificates of one type at a time")
        return "GetInstalledCertificateIds", {"certificateType": self.kind(kinds[0])}

    @replied("DataTransfer")
    def told(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """It may have taken a certificate, or have listed some."""
        told = plug_and_charge.exchange(payload, answer)
        if told is None:
            return
        if told.message == "InstallCertificate":
            self.taken(told.data, told.answer, pnc=True)
        for one in told.answer.get("certificateHashDataChain", ()):
            self.known.listed.add(one["certificateHashData"]["serialNumber"])

    @vendor(plug_and_charge.VENDOR, "GetCertificateStatus")
    def certificate_status(self, call: Call, data: Mapping[str, Any]) -> Payload:
        """M06."""
        return pnc_answer("GetCertificateStatus", data, self.status_of)

    @vendor(plug_and_charge.VENDOR, "Get15118EVCertificate")
    def ev_certificate(self, call: Call, data: Mapping[str, Any]) -> Payload:
        """M01, M02."""
        return pnc_answer("Get15118EVCertificate", data, self.certificate_for_ev)


class CertificatesV2(CertificatesBlock):
    """Any number of kinds."""

    versions = V2

    def kind(self, name: str) -> str:
        """InstallCertificateUseEnumType."""
        return ROOT_TYPES[name]

    @answers("GetCertificateStatus")
    def get_certificate_status(self, call: Call) -> Payload:
        """M06."""
        return self.status_of(call.payload)

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
    def get_ev_certificate(self, call: Call) -> Payload:
        """M01, M02."""
        return self.certificate_for_ev(call.payload)

    @operation("get_certificates")
    def get_certificates(self, order: Order) -> Request:
        """M03; of all types unless said."""
        kinds = [ROOT_TYPES.get(name, _CHAIN) for name in _kinds(order)]
        return "GetInstalledCertificateIds", {"certificateType": kinds} if kinds else {}


def _kinds(order: Order, *default: str) -> Sequence[str]:
    said = order.fields.get("type")
    if said is None:
        return default
    return [said] if isinstance(said, str) else list(said)


CERTIFICATES = (CertificatesV16, CertificatesV2)
