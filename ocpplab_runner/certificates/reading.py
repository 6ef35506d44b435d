"""Reads certificates, chains of them and requests for them, and says what OCPP names them by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]


def chain_in(pem: str) -> list[x509.Certificate]:
    """The certificates of a text, in their order.

    Raises:
        ValueError: it holds none, or one that cannot be read.
    """
    # JSON lets a peer send a lone surrogate, which has no UTF-8: then the text is no PEM, and no crash.
    return x509.load_pem_x509_certificates(pem.encode("utf-8", "replace"))


def request_in(pem: str) -> x509.CertificateSigningRequest:
    """A request for a certificate, which its own key has signed.

    Raises:
        ValueError: it cannot be read, or somebody else has signed it.
    """
    try:
        request = x509.load_pem_x509_csr(pem.encode("utf-8", "replace"))
    except ValueError:
        raise ValueError("it is no PKCS #10 request in PEM") from None
    if not request.is_signature_valid:
        raise ValueError("it is not signed with its own key")
    return request


def common_name(subject: x509.Name) -> str | None:
    """The CN of a subject; None where it has none."""
    return _text(subject, NameOID.COMMON_NAME)


def organization(subject: x509.Name) -> str | None:
    """The O of a subject; None where it has none."""
    return _text(subject, NameOID.ORGANIZATION_NAME)


def hash_data(
    certificate: x509.Certificate, issuer: x509.Certificate, algorithm: HashAlgorithm = "SHA256"
) -> dict[str, str]:
    """CertificateHashDataType: what OCPP names a certificate by (RFC 6960, CertID).

    Args:
        certificate: to be named.
        issuer: who has signed it; a root itself.
        algorithm: of the hashes.
    """
    digest = getattr(hashlib, algorithm.lower())
    # As the certificate writes it, not as the issuer's own does (RFC 6960, 4.1.1).
    name = certificate.issuer.public_bytes(serialization.Encoding.DER)
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": digest(name).hexdigest(),
        "issuerKeyHash": digest(_key_bits(issuer)).hexdigest(),
        # CertificateHashDataType: without 0x, and without leading zeros.
        "serialNumber": f"{certificate.serial_number:x}",
    }


def responder_of(certificate: x509.Certificate) -> str | None:
    """The URL of the OCSP responder that knows a certificate; None where it names none."""
    try:
        known = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return None
    places = (one.access_location for one in known if one.access_method == AuthorityInformationAccessOID.OCSP)
    return next((str(place.value) for place in places), None)


def issuer_among(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """Who of these has signed a certificate; None where none has."""
    for other in others:
        try:
            certificate.verify_directly_issued_by(other)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return other
    return None


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The BIT STRING of the public key, without tag, length and unused bits."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _text(subject: x509.Name, attribute: x509.ObjectIdentifier) -> str | None:
    found = subject.get_attributes_for_oid(attribute)
    return None if not found else str(found[0].value)
