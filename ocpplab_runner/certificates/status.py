"""What an OCSP responder says of a certificate (RFC 6960)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ocpplab_runner.certificates.mint import Pair

Status = Literal["good", "revoked", "unknown"]
_STATUSES: dict[ocsp.OCSPCertStatus, Status] = {
    ocsp.OCSPCertStatus.GOOD: "good",
    ocsp.OCSPCertStatus.REVOKED: "revoked",
    ocsp.OCSPCertStatus.UNKNOWN: "unknown",
}
_LASTS = timedelta(days=7)


def vouch(certificate: x509.Certificate, ca: Pair, now: datetime) -> bytes:
    """The CA's own word, in DER, that a certificate is good."""
    builder = ocsp.OCSPResponseBuilder().add_response(
        certificate, ca.certificate, hashes.SHA256(), ocsp.OCSPCertStatus.GOOD, now, now + _LASTS, None, None
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, ca.certificate)
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(Encoding.DER)


def status_in(told: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Status:
    """What a responder says of a certificate.

    Args:
        told: its response in DER.
        certificate: that was asked about.
        issuer: who has signed it, and signs the response.

    Raises:
        ValueError: it is no response, about another certificate, or signed by somebody else.
    """
    response = ocsp.load_der_ocsp_response(told)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError("it is an error of the responder")
    if response.serial_number != certificate.serial_number:
        raise ValueError("it is about another certificate")
    key, algorithm = issuer.public_key(), response.signature_hash_algorithm
    assert algorithm is not None
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)  # type: ignore[union-attr, call-arg, arg-type]
    except InvalidSignature:
        raise ValueError("it is signed by somebody else") from None
    return _STATUSES[response.certificate_status]
