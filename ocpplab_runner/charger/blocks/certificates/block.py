"""The certificates that a station holds: M of 2.x; in 1.6 M03 to M05 of its security whitepaper, and those of its
application note on Plug & Charge."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import Block, Payload, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Connected, ConnectFailed
from ocpplab_runner.charger.core.services.security import CERTIFICATES, SECURITY, Own
from ocpplab_runner.charger.core.variables import Component, Variable, setting

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ocpplab_runner.certificates.reading import HashAlgorithm

CSMS_ROOT = "CSMSRootCertificate"
MANUFACTURER_ROOT = "ManufacturerRootCertificate"
Installed = Literal["Accepted", "Rejected", "Failed"]
Deleted = Literal["Accepted", "Failed", "NotFound"]
#: GetCertificateIdUseEnumType of the station's own certificate for EVs, and those above it.
CHAIN = "V2GCertificateChain"
_SCHEMA = "urn:iso:15118:2:2013:MsgDef"
#: Seconds after which the status of a certificate is asked for anew (M06.FR.10).
_WEEK = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Root:
    """A CA that is trusted for something.

    Attributes:
        kind: for what; GetCertificateIdUseEnumType.
        certificate: its certificate.
        fallback: it is kept until a connection with its successor has been opened.
    """

    kind: str
    certificate: Certificate
    fallback: bool = False


class CertificatesBlock(Block):
    """Keeps them through power cycles."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._roots: list[Root] = []
        self._own: dict[str, Own] = {}
        #: Whether nothing could be reached by the newest root of the CSMS.
        self._falls_back = False
        if FEATURE in context.config.features:
            self._take_given()
        context.offer(CERTIFICATES, self)

    def _take_given(self) -> None:
        given = self.context.config.credentials
        if not (given.csms_roots or given.manufacturer_roots or given.chain):
            return
        from ocpplab_runner.certificates.mint import key_in
        from ocpplab_runner.certificates.reading import chain_in

        for kind, pems in ((CSMS_ROOT, given.csms_roots), (MANUFACTURER_ROOT, given.manufacturer_roots)):
            self._roots += [Root(kind, one) for pem in pems for one in chain_in(pem)]
        if given.chain is not None and given.key is not None:
            self._own["ChargingStationCertificate"] = Own(tuple(chain_in(given.chain)), key_in(given.key))

    def variables(self) -> Iterable[Variable]:
        """What is there, and how much may be."""
        yield Variable(
            name="additional_root_certificate_check",
            type="boolean",
            default="false",
            key="AdditionalRootCertificateCheck",
            component=Component("SecurityCtrlr"),
            variable="AdditionalRootCertificateCheck",
            feature=FEATURE,
        )
        yield setting("pnc_enabled", feature=FEATURE)
        yield setting("central_contract_validation", feature=FEATURE)
        yield setting("contract_validation_offline", feature=FEATURE)

    @property
    def most(self) -> int:
        """How many roots it can hold."""
        raise NotImplementedError

    def roots(self, kind: str) -> Sequence[Certificate]:
        """Those of the CAs that it trusts for something."""
        return [root.certificate for root in self._roots if root.kind == kind]

    def own(self, kind: str) -> Own | None:
        """Its own for something; None where it has none."""
        return self._own.get(kind)

    def keep(self, kind: str, own: Own) -> None:
        """It has a new one of its own for that; of one that EVs are shown it asks whether it is good (M06)."""
        self._own[kind] = own
        if kind == "V2GCertificate":
            self._ask_status()

    # -- what only a CSMS knows -----------------------------------------------------------------------------------

    def ask(self, message: str, data: Payload, then: Callable[[Payload], None] | None = None) -> bool:
        """Send one of 2.0.1's messages as the version can; ``then`` gets what its answer says."""
        raise NotImplementedError

    def pass_on(self, fields: Mapping[str, Any]) -> bool:
        """M01, M02: the EV's request as it is; whether it could be sent."""
        payload = {
            "iso15118SchemaVersion": fields.get("schema", _SCHEMA),
            "action": fields["action"],
            "exiRequest": fields["request"],
        }
        return self.context.online and self.ask("Get15118EVCertificate", payload)

    def _ask_status(self) -> None:
        """Ask of each certificate of the chain that names a responder, now and when there is newer word (M06.FR.10)."""
        self._timers.start("status", _WEEK, self._ask_status)
        own = self.own("V2GCertificate")
        if own is None or not self.context.online:
            return
        for data, certificate, issuer in self._askable(own.chain):
            self.ask("GetCertificateStatus", {"ocspRequestData": data}, partial(self._status_told, certificate, issuer))

    def ocsp_data(self, chain: Sequence[Certificate]) -> list[dict[str, str]]:
        """OCSPRequestDataType of each certificate of a chain that names a responder."""
        return [data for data, _, _ in self._askable(chain)]

    def _askable(self, chain: Sequence[Certificate]) -> Iterable[tuple[dict[str, str], Certificate, Certificate]]:
        from ocpplab_runner.certificates.reading import responder_of

        for place, certificate in enumerate(chain):
            issuer = chain[place + 1] if place + 1 < len(chain) else self._issuer(certificate)
            url = responder_of(certificate)
            if url is not None and issuer is not None:
                yield {**self.name(certificate, issuer), "responderURL": url}, certificate, issuer

    def _status_told(self, certificate: Certificate, issuer: Certificate, answer: Payload) -> None:
        from ocpplab_runner.certificates.status import newer_word_at, status_in

        if answer["status"] != "Accepted":
            self.context.note("the CSMS has no word on the certificate for EVs")
            return
        try:
            word = b64decode(answer.get("ocspResult", ""), validate=True)
            told = status_in(word, certificate, issuer)
        except ValueError as error:
            self.context.note(f"the word on the certificate for EVs is no good: {error}")
        else:
            self.context.note(f"the certificate for EVs is {told}")
            self._ask_again_at(newer_word_at(word))

    def _ask_again_at(self, moment: datetime | None) -> None:
        """At the earliest of what the responders say, and of a week."""
        seconds = 0.0 if moment is None else (moment - self.context.time.now()) / timedelta(seconds=1)
        left = self._timers.left("status")
        if seconds > 0 and left is not None and seconds < left:
            self._timers.start("status", seconds, self._ask_status)

    # -- what it trusts ---------------------------------------------------------------------------------------------

    def install(self, kind: str, pem: str) -> tuple[Installed, str]:
        """Trust another CA (M05): Rejected is for what is no valid root (whitepaper M05.FR.06), or has no room (.03).

        Returns:
            The answer, and why, where that is not Accepted.
        """
        from ocpplab_runner.certificates.judging import wrong_root
        from ocpplab_runner.certificates.reading import chain_in, issuer_among

        try:
            chain = chain_in(pem)
        except ValueError:
            return "Rejected", "it cannot be read"
        if len(chain) != 1:
            return "Rejected", f"there are {len(chain)} certificates, and one root is expected"
        certificate = chain[0]
        wrong = wrong_root(certificate, self.context.time.now())
        if wrong is not None:
            return "Rejected", f"it {wrong}"
        # Twice the same takes no room, and is as good as installed.
        if any(root.kind == kind and root.certificate == certificate for root in self._roots):
            return "Accepted", ""
        checked = kind == CSMS_ROOT and self.context.variables.boolean("additional_root_certificate_check")
        # Whitepaper M05.FR.08 to .11: a new one must be signed by the one that it takes the place of; that stays as the
        # only fallback, so that an earlier one goes.
        if checked and self.roots(kind):
            if issuer_among(certificate, [one.certificate for one in self._roots if self._leads(one)]) is None:
                return "Rejected", "the root that is installed has not signed it"
            self._roots = [replace(root, fallback=self._leads(root)) for root in self._roots if not root.fallback]
            self._falls_back = False
        elif len(self._roots) >= self.most:
            return "Rejected", f"{self.most} certificates are installed, and there is no room for more"
        self._roots.append(Root(kind, certificate))
        self._changed(f"installed: {kind}")
        return "Accepted", ""

    @staticmethod
    def _leads(root: Root) -> bool:
        return root.kind == CSMS_ROOT and not root.fallback

    def csms_roots(self) -> Sequence[Certificate]:
        """The newest alone where only one may be, or the one before when that has not worked (M05)."""
        return [
            root.certificate for root in self._roots if root.kind == CSMS_ROOT and root.fallback == self._falls_back
        ]

    @hears(Connected)
    def connected(self, _: Connected) -> None:
        """A new root of the CSMS has worked, so that the one before goes (whitepaper M05.FR.12)."""
        # Below profile 2 there is no TLS, and a connection says nothing of a root.
        if self.context.ask(SECURITY).profile >= 2 and not self._falls_back:
            self._roots = [root for root in self._roots if not root.fallback]

    @hears(ConnectFailed)
    def connect_failed(self, _: ConnectFailed) -> None:
        """Try the other root, where there are two (whitepaper M05.FR.13)."""
        if self.context.ask(SECURITY).profile >= 2 and any(root.fallback for root in self._roots):
            self._falls_back = not self._falls_back

    def delete(self, wanted: Payload, among: Iterable[str] | None = None) -> tuple[Deleted, str]:
        """Trust a CA no longer (M04); the station's own certificate, and the last root of its CSMS, it needs.

        Args:
            wanted: CertificateHashDataType.
            among: the kinds of certificates that may be meant; all unless given.

        Returns:
            The answer, and why, where that is not Accepted.
        """
        meant = {*self._own, *(root.kind for root in self._roots)} if among is None else frozenset(among)
        for root in self._roots:
            if root.kind not in meant:
                continue
            issuer = self._issuer(root.certificate) or root.certificate
            if not _is_named(self.name(root.certificate, issuer, wanted), wanted):
                continue
            if root.kind == CSMS_ROOT and len(self.roots(CSMS_ROOT)) == 1 and self.context.ask(SECURITY).profile >= 2:
                # Without it the connection could not be opened again (whitepaper M04.FR.06).
                return "Failed", "no other root of the CSMS is installed, and the connection needs one"
            self._roots.remove(root)
            # The fallback itself may be what is gone.
            self._falls_back = self._falls_back and any(one.fallback for one in self._roots)
            self._changed(f"deleted: {root.kind}")
            return "Accepted", ""
        for kind, own in self._own.items():
            if kind not in meant:
                continue
            signer = own.chain[1] if len(own.chain) > 1 else self._issuer(own.chain[0])
            if signer is not None and _is_named(self.name(own.chain[0], signer, wanted), wanted):
                if kind == "ChargingStationCertificate":  # 2.x M04.FR.06, whitepaper M04.FR.05
                    return "Failed", "the station needs its own certificate"
                del self._own[kind]
                self._changed(f"deleted: {kind}")
                return "Accepted", ""
        return "NotFound", ""

    def name(self, certificate: Certificate, issuer: Certificate, like: Payload | None = None) -> dict[str, str]:
        """CertificateHashDataType of a certificate, with the algorithm of another one."""
        from ocpplab_runner.certificates.reading import hash_data

        algorithm: HashAlgorithm = "SHA256" if like is None else like["hashAlgorithm"]
        return hash_data(certificate, issuer, algorithm)

    def named(self, kind: str) -> list[dict[str, str]]:
        """What OCPP names the roots of a kind by."""
        return [self.name(one, self._issuer(one) or one) for one in self.roots(kind)]

    def chain_named(self, kind: str) -> list[dict[str, str]]:
        """What OCPP names the station's own certificate of a kind by, and those above it; nothing where it has none."""
        own = self._own.get(kind)
        if own is None:
            return []
        chain = own.chain
        signers = [*chain[1:], self._issuer(chain[-1]) or chain[-1]]
        return [self.name(one, signer) for one, signer in zip(chain, signers, strict=True)]

    def listed(self, kinds: Iterable[str]) -> dict[str, Any]:
        """GetInstalledCertificateIdsResponse of 2.0.1 (M03).

        Args:
            kinds: of which certificates, each named once.
        """
        chain: list[dict[str, Any]] = []
        for kind in kinds:
            chain += [{"certificateType": kind, "certificateHashData": name} for name in self.named(kind)]
            if kind == CHAIN and (names := self.chain_named("V2GCertificate")):
                below = {"childCertificateHashData": names[1:]} if names[1:] else {}
                chain.append({"certificateType": CHAIN, "certificateHashData": names[0], **below})
        return {"status": "Accepted", "certificateHashDataChain": chain} if chain else {"status": "NotFound"}

    def _issuer(self, certificate: Certificate) -> Certificate | None:
        from ocpplab_runner.certificates.reading import issuer_among

        return issuer_among(certificate, [root.certificate for root in self._roots])

    def _changed(self, what: str) -> None:
        self.context.ask(SECURITY).happened("ReconfigurationOfSecurityParameters", f"a certificate was {what}")

    def remember(self) -> Mapping[str, Any]:
        """All of them."""
        if not (self._roots or self._own):
            return {}
        from ocpplab_runner.certificates.mint import key_pem, pem_of

        return {
            "certificates": {
                "roots": [[root.kind, pem_of(root.certificate), root.fallback] for root in self._roots],
                "own": {
                    kind: ["".join(pem_of(one) for one in own.chain), key_pem(own.key)]
                    for kind, own in self._own.items()
                },
            }
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Hold them again."""
        known = memory.get("certificates")
        if known is None:
            return
        from ocpplab_runner.certificates.mint import key_in
        from ocpplab_runner.certificates.reading import chain_in

        self._roots = [Root(kind, chain_in(pem)[0], fallback) for kind, pem, fallback in known["roots"]]
        self._own = {kind: Own(tuple(chain_in(pem)), key_in(key)) for kind, (pem, key) in known["own"].items()}


def _is_named(name: Mapping[str, str], wanted: Payload) -> bool:
    """Whether that is the name; hexadecimal digits have no letter case."""
    return all(str(wanted[key]).lower() == value.lower() for key, value in name.items())
