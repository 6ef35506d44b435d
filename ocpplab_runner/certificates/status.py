"""What an OCSP responder says of a certificate (RFC 6960)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ocpplab_runner.certificates.mint import Key, Pair
from ocpplab_runner.certificates.signing import DIGEST, ecdsa

Status = Literal["good", "revoked", "unknown"]
_STATUSES: dict[ocsp.OCSPCertStatus, Status] = {
    ocsp.OCSPCertStatus.GOOD: "good",
    ocsp.OCSPCertStatus.REVOKED: "revoked",
    ocsp.OCSPCertStatus.UNKNOWN: "unknown",
}
_LASTS = timedelta(days=7)
#: DER of id-pkix-ocsp-basic.
_BASIC = bytes.fromhex("06092b0601050507300101")
_SEQUENCE, _ENUMERATED, _BIT_STRING, _OCTET_STRING, _EXPLICIT = 0x30, 0x0A, 0x03, 0x04, 0xA0


def vouch(certificate: x509.Certificate, ca: Pair, now: datetime, *, lasts: timedelta = _LASTS) -> bytes:
    """The CA's own word, in DER, that a certificate is good, until it has a newer one."""
    builder = ocsp.OCSPResponseBuilder().add_response(
        certificate,
        ca.certificate,
        hashes.SHA256(),
        ocsp.OCSPCertStatus.GOOD,
        min(now, now + lasts),
        now + lasts,
        None,
        None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, ca.certificate)
    return _produced(builder.sign(ca.key, hashes.SHA256()), ca.key, now)


def _produced(response: ocsp.OCSPResponse, key: Key, now: datetime) -> bytes:
    """A response in DER as it is at a time: its builder takes the wall clock's, and signs each differently.

    So one seed gives one trace, and on a virtual clock no response is younger than it lasts.
    """
    told = response.tbs_response_bytes
    rest = response.public_bytes(Encoding.DER).partition(told)[2]
    # The AlgorithmIdentifier stands right behind what is signed (RFC 6960, 4.2.1).
    algorithm = rest[: 2 + rest[1]]
    # producedAt: the first time in it, before thisUpdate and nextUpdate of the certificate (RFC 6960, 4.2.1).
    told = told.replace(_time(response.produced_at_utc), _time(now.astimezone(UTC)), 1)
    digest = hashlib.sha256(told).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(digest, padding.PKCS1v15(), DIGEST)
    else:
        signature = key.sign(digest, ecdsa())
    basic = _der(_SEQUENCE, told, algorithm, _der(_BIT_STRING, b"\0", signature))
    content = _der(_SEQUENCE, _BASIC, _der(_OCTET_STRING, basic))
    return _der(_SEQUENCE, _der(_ENUMERATED, b"\0"), _der(_EXPLICIT, content))


def _time(moment: datetime) -> bytes:
    return moment.strftime("%Y%m%d%H%M%SZ").encode()


def _der(tag: int, *content: bytes) -> bytes:
    inner = b"".join(content)
    size = len(inner)
    count = (size.bit_length() + 7) // 8
    length = bytes([size]) if size < 128 else bytes([128 + count]) + size.to_bytes(count, "big")
    return bytes([tag]) + length + inner


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


def newer_word_at(told: bytes) -> datetime | None:
    """When the responder will have a newer response than this one, where it says so; in UTC."""
    return ocsp.load_der_ocsp_response(told).next_update_utc
