"""Which security event a failed attempt to connect is."""

from __future__ import annotations

import ssl as tls
from http import HTTPStatus

from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.tls import tls_error_behind

#: Words in OpenSSL's reasons, which stand behind TLSV1_ALERT_, SSLV3_ALERT_ or nothing.
_NO_SUCH_VERSION = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW")
_NO_SUCH_CIPHER = ("HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "NO_CIPHERS_AVAILABLE", "INSUFFICIENT_SECURITY")
#: Alerts by which the other end refuses what it was shown.
_REFUSED_US = ("UNKNOWN_CA", "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE",
               "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED", "CERTIFICATE_REQUIRED", "DECRYPT_ERROR")  # fmt: skip


def event_of(error: Exception) -> tuple[str, str] | None:
    """The event, and what there is to say of it; None for an attempt that has failed for another reason."""
    if isinstance(error, ConnectRefused) and error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "FailedToAuthenticateAtCsms", str(error)
    wrong = tls_error_behind(error)
    if wrong is None:
        return None
    if isinstance(wrong, tls.SSLCertVerificationError):
        return "InvalidCsmsCertificate", str(error)
    reason = wrong.reason or ""
    for endings, event in (
        (_NO_SUCH_VERSION, "InvalidTLSVersion"),
        (_NO_SUCH_CIPHER, "InvalidTLSCipherSuite"),
        (_REFUSED_US, "FailedToAuthenticateAtCsms"),
    ):
        if any(ending in reason for ending in endings):
            return event, str(error)
    return None
