"""Signatures of files, as the secure firmware update of OCPP has them: over SHA-256, in base64 (L01).

EC keys sign by ECDSA, RSA keys by RSASSA-PSS.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from ocpplab_runner.certificates.mint import Key

#: Who signs has not the file, only its SHA-256.
DIGEST = utils.Prehashed(hashes.SHA256())


def sign(key: Key, digest: bytes) -> str:
    """The signature of a file, in base64.

    Args:
        key: of who signs.
        digest: the file's SHA-256.
    """
    made = key.sign(digest, _pss(), DIGEST) if isinstance(key, rsa.RSAPrivateKey) else key.sign(digest, ecdsa())
    return base64.b64encode(made).decode()


def fits(certificate: x509.Certificate, signature: str, content: bytes) -> bool:
    """Whether a signature, in base64, is that of the certificate's owner below a file."""
    key, digest = certificate.public_key(), hashlib.sha256(content).digest()
    try:
        given = base64.b64decode(signature, validate=True)
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(given, digest, _pss(), DIGEST)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(given, digest, ec.ECDSA(DIGEST))
        else:
            return False
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def ecdsa() -> ec.ECDSA:
    """The same signature for the same file and key, so that one seed gives one trace; not with an old OpenSSL."""
    try:
        return ec.ECDSA(DIGEST, deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ec.ECDSA(DIGEST)


def _pss() -> padding.PSS:
    return padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
