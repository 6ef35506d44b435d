"""Certificates in OCPP 2.x: use cases M03 to M05."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.blocks.certificates.block import CertificatesBlock
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import V2, Payload, answers
from ocpplab_runner.charger.core.datatypes_v2 import reason
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services import Own
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

#: GetCertificateIdUseEnumType of the station's own certificate for EVs, and those above it.
CHAIN = "V2GCertificateChain"
_SCHEMA = "urn:iso:15118:2:2013:MsgDef"
_WEEK = 7 * 24 * 3600.0
#: Roots that it can hold.
_MOST = 10


class CertificatesV2(CertificatesBlock):
    """Roots of all kinds, and chains of the station's own."""

    versions = V2
    sends = frozenset({"GetCertificateStatus", "Get15118EVCertificate"})

    def variables(self) -> Iterable[Variable]:
        """SecurityCtrlr."""
        yield from super().variables()
        yield of_2x("SecurityCtrlr", "CertificateEntries", "integer", lambda: str(len(self._roots)), maximum=self.most)

    def keep(self, kind: str, own: Own) -> None:
        """One that EVs are shown comes with word of the CA that it is good (M06)."""
        super().keep(kind, own)
        if kind == "V2GCertificate":
            self._ask_status()

    def pass_on(self, fields: Mapping[str, Any]) -> bool:
        """M01, M02: the EV's request as it is."""
        payload = {
            "iso15118SchemaVersion": fields.get("schema", _SCHEMA),
            "action": fields["action"],
            "exiRequest": fields["request"],
        }
        return self.context.online and self.context.post(Outgoing("Get15118EVCertificate", payload))

    def _ask_status(self) -> None:
        """Ask of each certificate of the chain that names a responder, now and every week."""
        self._timers.start("status", _WEEK, self._ask_status)
        own = self.own("V2GCertificate")
        if own is None or not self.context.online:
            return
        from ocpplab_runner.certificates.reading import responder_of

        for place, certificate in enumerate(own.chain):
            issuer = own.chain[place + 1] if place + 1 < len(own.chain) else self._issuer(certificate)
            url = responder_of(certificate)
            if url is not None and issuer is not None:
                data = {**self.name(certificate, issuer), "responderURL": url}
                answered = partial(self._status_told, certificate, issuer)
                self.context.post(Outgoing("GetCertificateStatus", {"ocspRequestData": data}), answered)

    def _status_told(self, certificate: Certificate, issuer: Certificate, answer: Mapping[str, Any]) -> None:
        from ocpplab_runner.certificates.status import status_in

        if answer["status"] != "Accepted":
            self.context.note("the CSMS has no word on the certificate for EVs")
            return
        try:
            told = status_in(b64decode(answer.get("ocspResult", ""), validate=True), certificate, issuer)
        except ValueError as error:
            self.context.note(f"the word on the certificate for EVs is no good: {error}")
        else:
            self.context.note(f"the certificate for EVs is {told}")

    @property
    def most(self) -> int:
        """The limit of SecurityCtrlr.CertificateEntries."""
        return _MOST

    @answers("InstallCertificate", feature=FEATURE, while_pending=True)
    def install_certificate(self, payload: Payload) -> HandlerResult:
        """M05."""
        status, why = self.install(payload["certificateType"], payload["certificate"])
        if not why:
            return {"status": status}
        return {"status": status, "statusInfo": reason("InvalidCertificate", why)}

    @answers("DeleteCertificate", feature=FEATURE, while_pending=True)
    def delete_certificate(self, payload: Payload) -> HandlerResult:
        """M04."""
        status, why = self.delete(payload["certificateHashData"])
        if not why:
            return {"status": status}
        return {"status": status, "statusInfo": reason("InUse", why)}

    @answers("GetInstalledCertificateIds", feature=FEATURE, while_pending=True)
    def get_installed_certificate_ids(self, payload: Payload) -> HandlerResult:
        """M03."""
        wanted = payload.get("certificateType")
        kinds = wanted or [*dict.fromkeys(root.kind for root in self._roots), CHAIN]
        chain: list[dict[str, Any]] = [
            {"certificateType": kind, "certificateHashData": name} for kind in kinds for name in self.named(kind)
        ]
        if CHAIN in kinds and (names := self.chain_named("V2GCertificate")):
            below = {"childCertificateHashData": names[1:]} if names[1:] else {}
            chain.append({"certificateType": CHAIN, "certificateHashData": names[0], **below})
        return {"status": "Accepted", "certificateHashDataChain": chain} if chain else {"status": "NotFound"}
