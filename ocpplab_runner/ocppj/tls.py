"""TLS as security profiles 2 and 3 ask for it: the contexts of both ends, from PEM files.

At least TLS 1.2 (OCPP 2.x A00.FR.313 and A00.FR.416; section 2 of the security whitepaper for 1.6). Profile 2 is a
server's certificate and a password, profile 3 a certificate on both ends.
"""

from __future__ import annotations

import os
import re
import ssl as tls
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from ocpplab_runner.ocppj.urls import IDENTITY

LEAST_VERSION = tls.TLSVersion.TLSv1_2
_VERSIONS = {"1.1": tls.TLSVersion.TLSv1_1, "1.2": tls.TLSVersion.TLSv1_2, "1.3": tls.TLSVersion.TLSv1_3}
#: X509_V_FLAG_NO_CHECK_TIME, for which Python has no name.
_NO_CHECK_TIME = 0x200000
#: OpenSSL's reasons for what is no TLS at all, so that no alert can be understood.
_NO_TLS = frozenset({"HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER"})
#: OpenSSL's X509_V_ERR_… → what is wrong with the other side's certificate.
_CERTIFICATE = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself, and not trusted",
    19: "leads to a CA that is not trusted",
    20: "leads to no CA that is trusted",
    21: "leads to no CA that is trusted",
    23: "has been revoked",
    26: "is for another purpose",
    62: "is for another host",
    64: "is for another host",
}
#: Those of which OpenSSL has no more to say.
_SAID = frozenset({9, 10, 23})
#: The end of OpenSSL's reason → what it means, of the other side.
_REASONS = {
    "ALERT_CERTIFICATE_REQUIRED": "asks for a certificate, and was shown none",
    "ALERT_HANDSHAKE_FAILURE": "refuses the handshake: it may ask for a certificate, or speak no cipher in common",
    "ALERT_UNKNOWN_CA": "does not trust the CA of the certificate that it was shown",
    "ALERT_CERTIFICATE_EXPIRED": "says that the certificate that it was shown has expired",
    "ALERT_CERTIFICATE_REVOKED": "says that the certificate that it was shown has been revoked",
    "ALERT_CERTIFICATE_UNKNOWN": "refuses the certificate that it was shown",
    "ALERT_BAD_CERTIFICATE": "refuses the certificate that it was shown",
    "ALERT_UNSUPPORTED_CERTIFICATE": "refuses the kind of certificate that it was shown",
    "ALERT_ACCESS_DENIED": "refuses the owner of the certificate that it was shown",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "shows no certificate",
    "NO_SHARED_CIPHER": "offers no cipher in common",
    "HTTP_REQUEST": "speaks ws://, without TLS",
    "HTTPS_PROXY_REQUEST": "takes this for a proxy",
    "WRONG_VERSION_NUMBER": "does not speak TLS here",
    "RECORD_LAYER_FAILURE": "does not speak TLS here",
    "PACKET_LENGTH_TOO_LONG": "does not speak TLS here",
    "UNRECOGNIZED_NAME": "serves no host of that name",
    "UNEXPECTED_EOF_WHILE_READING": "broke off the handshake",
}


_CERTIFICATES = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)
_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----\n?", re.DOTALL)


class TlsFileError(ValueError):
    """A file of certificates or keys cannot be used; the text names it and says why."""


@dataclass(frozen=True, slots=True)
class ClientTls:
    """How a charger trusts its CSMS, and what it shows of itself.

    Attributes:
        ca: a file of certificates to trust besides the system's.
        cert: a file with the charger's own certificate and those between it and its CA (profile 3); ``{identity}``
            stands for the charger's identity, percent-encoded as in its URL.
        key: a file with the certificate's key, which may also stand in the certificate's file; ``{identity}`` as there.
        verify: False takes any certificate of the CSMS.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    verify: bool = True

    @property
    def varies(self) -> bool:
        """Whether each charger has a certificate of its own."""
        return any(IDENTITY in path for path in (self.cert, self.key) if path is not None)

    def pems(self, identity: str) -> Shown:
        """What the files hold for a charger of that identity.

        Raises:
            TlsFileError: a file cannot be used.
        """
        roots = () if self.ca is None else (_read(self.ca),)
        if self.cert is None:
            return Shown(roots)
        cert = _read(_of(identity, self.cert))
        key = cert if self.key is None else _read(_of(identity, self.key))
        found = _PRIVATE_KEY.search(key)
        return Shown(roots, "".join(_CERTIFICATES.findall(cert)), None if found is None else found.group())

    def with_shown(self, identity: str, shown: Shown) -> tls.SSLContext:
        """What a charger dials with that trusts besides, and shows, what it has itself.

        Raises:
            TlsFileError: the file of certificates to trust cannot be used.
        """
        context = ClientTls(ca=self.ca, verify=self.verify).context(identity)
        shown.apply(context)
        return context

    def context(self, identity: str) -> tls.SSLContext:
        """What a charger of that identity dials with.

        Raises:
            TlsFileError: a file cannot be used, or there is a key without a certificate.
        """
        context = tls.create_default_context()
        context.minimum_version = LEAST_VERSION
        if self.ca is not None:
            _trust(context, self.ca)
        if self.cert is not None:
            _show(context, _of(identity, self.cert), None if self.key is None else _of(identity, self.key))
        elif self.key is not None:
            raise TlsFileError("a key needs its certificate: cert is missing")
        if not self.verify:
            # In this order: as long as names are checked, Python refuses to leave certificates unverified.
            context.check_hostname = False
            context.verify_mode = tls.CERT_NONE
        return context


def server_context(
    cert: str, key: str | None = None, *, client_ca: str | None = None, refused: Callable[[tls.SSLError], None]
) -> tls.SSLContext:
    """What a CSMS listens with.

    Args:
        cert: a file with its certificate and those between it and its CA.
        key: a file with the certificate's key, unless it stands in the same one.
        client_ca: a file of the certificates of those who sign chargers' certificates (profile 3): whoever shows none
            that they have signed is refused. None asks for no certificate.
        refused: told why a handshake has failed; the charger is sent the alert that says so.

    Raises:
        TlsFileError: a file cannot be used.
    """

    # asyncio makes the object by this class alone, so whom to tell must be a part of it.
    class _Telling(_RefusingSSLObject):
        tell = staticmethod(refused)

    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    context.minimum_version = LEAST_VERSION
    context.sslobject_class = _Telling
    _show(context, cert, key)
    if client_ca is not None:
        _trust(context, client_ca)
        context.verify_mode = tls.CERT_REQUIRED
    return context


@dataclass(frozen=True, slots=True)
class Shown:
    """What an end trusts and shows, in PEM.

    Attributes:
        roots: of the CAs that it trusts; none for an end that asks for no certificate.
        chain: its own certificate and those between it and its CA.
        key: of that.
        revoked: the CAs' lists of revoked certificates; empty for an end that looks at none.
        version: the only version of TLS that it speaks; any from 1.2 unless given.
        now: the time by which dates are judged; the system's unless given.
    """

    roots: tuple[str, ...] = ()
    chain: str | None = None
    key: str | None = field(default=None, repr=False)
    revoked: tuple[str, ...] = ()
    version: str | None = None
    now: Callable[[], datetime] | None = None

    def dialling(self) -> tls.SSLContext:
        """What a charger dials with."""
        context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        context.sslobject_class = _dated(tls.SSLObject, self.now)
        self.apply(context)
        return context

    def listening(self, refused: Callable[[tls.SSLError], None]) -> tls.SSLContext:
        """What a CSMS listens with; it asks for a certificate where it trusts anybody.

        Args:
            refused: told why a handshake has failed.
        """

        class _Telling(_RefusingSSLObject):
            tell = staticmethod(refused)

        context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
        context.sslobject_class = _dated(_Telling, self.now)
        if self.roots:
            context.verify_mode = tls.CERT_REQUIRED
        self.apply(context)
        return context

    def apply(self, context: tls.SSLContext) -> None:
        """Have a context trust and show all that."""
        if self.version is None:
            context.minimum_version = LEAST_VERSION
        else:
            _only(context, self.version)
        context.verify_flags |= tls.VERIFY_X509_PARTIAL_CHAIN  # a root that an older root has signed is one
        if self.now is not None:
            # OpenSSL goes by the system's clock alone: the dates are left to _dated().
            context.verify_flags |= _NO_CHECK_TIME
        if self.roots:
            context.load_verify_locations(cadata="".join(self.roots))
        if self.revoked:
            context.verify_flags |= tls.VERIFY_CRL_CHECK_LEAF
            # From memory Python takes certificates only.
            with _in_a_file("".join(self.revoked)) as path:
                context.load_verify_locations(path)
        if self.chain is not None:
            with _in_a_file(self.chain + (self.key or "")) as path:
                context.load_cert_chain(path)


def _only(context: tls.SSLContext, version: str) -> None:
    """Speak one version only."""
    with warnings.catch_warnings():
        # Python warns of what is older than 1.2; a case that says so wants it.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = _VERSIONS[version]
    if version == "1.1":
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # OpenSSL 3 has it on no other


@contextmanager
def _in_a_file(text: str) -> Iterator[str]:
    """The path of a file that nobody else can read, for as long as OpenSSL needs one."""
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        yield path
    finally:
        Path(path).unlink()


def _dated(base: type[tls.SSLObject], now: Callable[[], datetime] | None) -> type[tls.SSLObject]:
    """An end that judges the dates of the other side's certificate by another clock than the system's."""
    if now is None:
        return base
    clock = now

    class Dated(base):  # type: ignore[misc, valid-type]
        def do_handshake(self) -> None:
            super().do_handshake()
            shown = self.getpeercert(binary_form=True)
            if shown is not None and (code := _wrong_dates(shown, clock())) is not None:
                error = tls.SSLCertVerificationError(tls.SSL_ERROR_SSL, "certificate verify failed")
                error.verify_code, error.verify_message = code, _CERTIFICATE[code]
                raise error

    return Dated


def _wrong_dates(shown: bytes, now: datetime) -> int | None:
    """X509_V_ERR_… of a certificate's dates."""
    from cryptography.x509 import load_der_x509_certificate

    certificate = load_der_x509_certificate(shown)
    if now < certificate.not_valid_before_utc:
        return 9
    return 10 if now > certificate.not_valid_after_utc else None


def in_words(error: tls.SSLError, other: str) -> str:
    """Why a handshake has failed.

    Args:
        error: as OpenSSL has it.
        other: what the other side is called.
    """
    if isinstance(error, tls.SSLCertVerificationError):
        words = f"{other}'s certificate {_CERTIFICATE.get(error.verify_code, 'cannot be verified')}"
        return words if error.verify_code in _SAID else f"{words} ({error.verify_message.rstrip('.')})"
    reason = error.reason or ""
    if reason.endswith("PROTOCOL_VERSION") or reason == "UNSUPPORTED_PROTOCOL":
        return f"no TLS version in common; at least TLS 1.2 is needed ({reason})"
    meaning = next((words for end, words in _REASONS.items() if reason.endswith(end)), None)
    return str(error) if meaning is None else f"{other} {meaning} ({reason})"


def tls_error_behind(error: BaseException) -> tls.SSLError | None:
    """The error of TLS that a library's error comes from, if it does."""
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and not isinstance(cause, tls.SSLError):
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
        if id(cause) in seen:  # somebody has raised an error from itself
            return None
    return cause


class _RefusingSSLObject(tls.SSLObject):
    """A server's end that lets its alert out before it gives up: asyncio drops the connection with the alert unsent."""

    tell: Callable[[tls.SSLError], None]
    _failure: tls.SSLError | None = None

    def do_handshake(self) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            super().do_handshake()
        except (tls.SSLWantReadError, tls.SSLWantWriteError):
            raise
        except tls.SSLError as error:
            self._failure = error
            self.tell(error)
            if error.reason in _NO_TLS:
                raise
            # Whoever is refused closes the connection; asyncio does when more comes, or after its own time limit.
            raise tls.SSLWantReadError from error


def _read(path: str) -> str:
    try:
        return Path(_readable(path)).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise TlsFileError(f"{path}: it is no text, as PEM is") from error


def _of(identity: str, path: str) -> str:
    return path.replace(IDENTITY, quote(identity, safe=""))


def _trust(context: tls.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(_readable(path))
    except tls.SSLError as error:
        raise TlsFileError(f"{path}: it holds no certificate in PEM form ({_reason(error)})") from error


def _show(context: tls.SSLContext, cert: str, key: str | None) -> None:
    # load_cert_chain does not say which of its files is missing.
    for path in (cert, key):
        if path is not None:
            _readable(path)

    # Without it OpenSSL would ask on the terminal, and a run would hang.
    def passphrase() -> NoReturn:
        raise TlsFileError(f"{key or cert}: the key has a passphrase; give it without one, readable by nobody else")

    try:
        context.load_cert_chain(cert, key, password=passphrase)
    except tls.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TlsFileError(f"{key or cert}: it is not the key of the certificate in {cert}") from error
        if key is None and b"PRIVATE KEY" not in Path(cert).read_bytes():
            raise TlsFileError(
                f"{cert}: the key of the certificate is not in it; give the key's own file too"
            ) from error
        where = cert if key is None else f"{cert} and {key}"
        raise TlsFileError(f"{where}: a certificate and its key in PEM form are needed ({_reason(error)})") from error


def _readable(path: str) -> str:
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise TlsFileError(f"{path}: {error.strerror or error}") from error
    return path


def _reason(error: tls.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
