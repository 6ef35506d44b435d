"""What a station does with the certificate of a contract before anybody is asked about its eMAID (2.x C07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.codec import to_json
from ocpplab_runner.authorization.types import CertificateStatus, ProvidedIdToken
from ocpplab_runner.charger.config import SECURITY
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.services.security import CERTIFICATES

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

#: By whose roots a contract is judged.
_ROOTS = ("MORootCertificate", "V2GRootCertificate")
#: Certificates of which Authorize can tell (iso15118CertificateHashData).
_MOST = 4
#: Characters of an eMAID without its check digit.
_EMAID = 14


@dataclass(frozen=True, slots=True)
class Contract:
    """How a contract is asked about.

    Attributes:
        certificate: for the CSMS to judge, in PEM.
        hash_data: OCSPRequestDataType of the certificate and those above it.
        refused: why the station refuses it by itself, as a sentence without its end; empty where it does not.
        status: what is wrong with the certificate, where something is.
    """

    certificate: str | None = None
    hash_data: tuple[Mapping[str, Any], ...] = ()
    refused: str = ""
    status: CertificateStatus | None = None

    @property
    def wire(self) -> dict[str, Any]:
        """Its fields of AuthorizeRequest."""
        if self.hash_data:
            return {"iso15118CertificateHashData": [dict(one) for one in self.hash_data]}
        return {} if self.certificate is None else {"certificate": self.certificate}


def as_provided(provided: ProvidedIdToken) -> Contract | None:
    """The contract of a token as it has come, which nobody has looked at; None for a token that has none."""
    if provided.certificate is None and not provided.certificate_hash_data:
        return None
    return Contract(provided.certificate, tuple(to_json(one) for one in provided.certificate_hash_data))


def looked_at(context: Context, provided: ProvidedIdToken) -> Contract | None:
    """What is to be done with the contract of a token now; None for a token that has none."""
    given = as_provided(provided)
    if given is None:
        return None
    variables = context.variables
    if SECURITY not in context.config.features or not variables.boolean("pnc_enabled"):
        return Contract(refused="the charger does no Plug & Charge")
    if not context.online and not variables.boolean("contract_validation_offline"):  # C07.FR.07
        return Contract(refused="the charger judges no contract offline")
    found, chain = _judged(context, given.certificate)
    if found is None:
        if context.online and given.hash_data:
            return Contract(hash_data=given.hash_data)
        if context.online and variables.boolean("central_contract_validation"):  # C07.FR.06
            return Contract(given.certificate)
        return Contract(refused="no root of the contract's CA is installed", status=CertificateStatus.CERT_CHAIN_ERROR)
    if found is not CertificateStatus.ACCEPTED:
        return Contract(refused="the contract certificate is no good", status=found)
    if not _is_of(chain[0], provided):
        return Contract(
            refused=f"the certificate is not of contract {provided.id_token.value}",
            status=CertificateStatus.NO_CERTIFICATE_AVAILABLE,
        )
    return Contract(hash_data=given.hash_data or tuple(context.ask(CERTIFICATES).ocsp_data(chain)[:_MOST]))


def _judged(context: Context, pem: str | None) -> tuple[CertificateStatus | None, list[Certificate]]:
    """What the station finds about a certificate, with those between it and a root; None where it cannot tell."""
    from ocpplab_runner.certificates.judging import UNTRUSTED, wrong_chain
    from ocpplab_runner.certificates.reading import chain_in

    try:
        chain = chain_in(pem or "")
    except ValueError:
        return None, []
    now, certificates = context.time.now(), context.ask(CERTIFICATES)
    # Before the chain, which an expired certificate breaks as well: C07 has a status of its own for it.
    if any(now > one.not_valid_after_utc for one in chain):
        return CertificateStatus.CERTIFICATE_EXPIRED, chain
    roots = [root for kind in _ROOTS for root in certificates.roots(kind)]
    wrong = wrong_chain(chain, roots, now)
    if wrong is None:
        return CertificateStatus.ACCEPTED, chain
    if wrong != UNTRUSTED:
        return CertificateStatus.CERT_CHAIN_ERROR, chain
    # A chain that names a root which is here and has not signed it is forged; of another CA nothing can be said.
    named = {root.subject for root in roots} & {one.issuer for one in chain}
    return (CertificateStatus.SIGNATURE_ERROR if named else None), chain


def _is_of(certificate: Certificate, provided: ProvidedIdToken) -> bool:
    """Whether a certificate names that eMAID: hyphens and the check digit may be left out."""
    from ocpplab_runner.certificates.reading import common_name

    name = common_name(certificate.subject) or ""
    named, presented = (text.replace("-", "").casefold()[:_EMAID] for text in (name, provided.id_token.value))
    return named == presented
