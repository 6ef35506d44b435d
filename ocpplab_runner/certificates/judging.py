"""Whether a certificate is good: its dates, and the chain from it to a root that is trusted (RFC 5280, section 6).

Only what OCPP's certificates need: no policies and no name constraints; a certificate is refused that has a critical
extension which is not looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from ocpplab_runner.certificates.reading import issuer_among

Purpose = Literal["client", "server"]
#: What is wrong with a chain of which no root is trusted.
UNTRUSTED = "leads to no CA that is trusted"
_PURPOSES = {"client": ExtendedKeyUsageOID.CLIENT_AUTH, "server": ExtendedKeyUsageOID.SERVER_AUTH}
_LOOKED_AT = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)


def wrong_dates(certificate: x509.Certificate, now: datetime) -> str | None:
    """What is wrong with a certificate's dates, as the end of a sentence; None where nothing is."""
    if now < certificate.not_valid_before_utc:
        return "is not valid yet"
    if now > certificate.not_valid_after_utc:
        return "has expired"
    return None


def wrong_root(certificate: x509.Certificate, now: datetime) -> str | None:
    """Why a certificate can be no root to trust, as the end of a sentence; None where it can."""
    if not _is_ca(certificate):
        return "is not of a CA"
    return wrong_dates(certificate, now) or _strange(certificate)


def wrong_chain(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime, purpose: Purpose | None = None
) -> str | None:
    """Why a chain does not show that its first certificate is good, as the end of a sentence; None where it does.

    Args:
        chain: the certificate, and those between it and a root, in any order; a root may be among them.
        roots: that are trusted.
        now: the time.
        purpose: of the first one; any unless said.
    """
    certificate, between = chain[0], list(chain[1:])
    if _is_ca(certificate):
        return "is of a CA"
    if purpose is not None and not _serves(certificate, purpose):
        return "is for another purpose"
    below = 0
    while True:
        wrong = wrong_dates(certificate, now) or _strange(certificate)
        if wrong is not None:
            return wrong if certificate is chain[0] else f"leads to a CA whose certificate {wrong}"
        # Roots first: one that stands in the chain, too, would count against the path length as a CA between.
        root = issuer_among(certificate, roots)
        if root is not None:
            wrong = wrong_root(root, now) or _too_long(root, below)
            return None if wrong is None else f"leads to a root that {wrong}"
        issuer = issuer_among(certificate, between)
        if issuer is None:
            return UNTRUSTED
        if not _is_ca(issuer):
            return "is signed by one who is no CA"
        if (wrong := _too_long(issuer, below)) is not None:
            return f"leads to a CA that {wrong}"
        # Each once: two CAs that have signed each other would lead round for ever.
        between.remove(issuer)
        certificate = issuer
        below += 1


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _too_long(ca: x509.Certificate, below: int) -> str | None:
    """A CA may say how many CAs may stand between it and a certificate."""
    most = ca.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    return None if most is None or below <= most else f"allows {most} CAs below itself, and there are {below}"


def _serves(certificate: x509.Certificate, purpose: Purpose) -> bool:
    try:
        allowed = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return _PURPOSES[purpose] in allowed or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in allowed


def _strange(certificate: x509.Certificate) -> str | None:
    strange = [one.oid for one in certificate.extensions if one.critical and one.oid not in _LOOKED_AT]
    return None if not strange else f"has a critical extension that is not known here ({strange[0].dotted_string})"
