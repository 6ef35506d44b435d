"""Whether a certificate has been revoked, by the list of its CA (RFC 5280, sections 4.2.1.13 and 5)."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509


def lists_for(certificate: x509.Certificate) -> list[str]:
    """The URLs at which its CA's lists of revoked certificates are; none where it names none."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    names = (name for point in points for name in point.full_name or ())
    return [str(name.value) for name in names if isinstance(name, x509.UniformResourceIdentifier)]


def is_revoked(told: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    """Whether a list says that a certificate has been revoked.

    Args:
        told: the list, in DER or PEM.
        certificate: that is looked for.
        issuer: who has signed it, and signs the list.
        now: the time.

    Raises:
        ValueError: it is no list, of somebody else, or out of date; the text says which, as the end of a sentence.
    """
    try:
        # DER by RFC 5280, 4.2.1.13; the built-in CSMS offers its lists in PEM.
        load = x509.load_pem_x509_crl if told.lstrip().startswith(b"-----") else x509.load_der_x509_crl
        listed = load(told)
    except ValueError:
        raise ValueError("cannot be read") from None
    if not listed.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise ValueError("is signed by somebody else")
    if listed.next_update_utc is not None and listed.next_update_utc < now:
        raise ValueError("is out of date")
    return listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
