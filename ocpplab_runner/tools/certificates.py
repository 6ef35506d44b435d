"""Certificates for tests of security profiles 2 and 3: a CA, those of a CSMS and its chargers, and some to be refused.

As OCPP wants them: a charger's has the name of its owner in O and its own in CN (2.x A00.FR.404 and A00.FR.405), a
CSMS's has its host in CN (A00.FR.309); keys are RSA of 2048 bits or EC of 256.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KeyKind = Literal["ec", "rsa"]
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

#: What the CSMS is called unless somebody says.
HOSTS = ("localhost", "127.0.0.1", "::1")
IDENTITIES = ("CP-1",)
#: What a CSMS that is not the one dialled is called.
WRONG_HOST = "wrong-host.invalid"
_LEEWAY = timedelta(days=1)  # a charger's clock may be behind
_CA_LASTS = timedelta(days=3650)
_LONGEST_NAME = 64  # X.509: ub-common-name, ub-organization-name


class CertificatesError(ValueError):
    """They cannot be made as asked for, and nothing has been written; the text says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make.

    Attributes:
        hosts: names and addresses of the CSMS, the first its certificate's CN. Empty: this machine's, and a certificate
            that is there is kept; otherwise it must not be there.
        identities: chargers, a certificate each; empty: one, and kept as the CSMS's is.
        lasting: from now; the CA's lasts ten years.
        key: of every certificate.
        organization: the O of every certificate: who owns the chargers.
        wrong: make such as must be refused, too.
    """

    hosts: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    lasting: timedelta = timedelta(days=365)
    key: KeyKind = "ec"
    organization: str = "ocpplab-runner"
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate in a file, with its key in another.

    Attributes:
        path: of the certificate; the key's ends with ``.key``.
        what: it is for, in words.
        until: when it ends.
        kept: it was there before and is as it was.
        identity: of the charger that it is right for.
    """

    path: Path
    what: str
    until: datetime
    kept: bool = False
    identity: str | None = None

    @property
    def key_path(self) -> Path:
        """Where its key is."""
        return _key_path(self.path)


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: _Key


def station_path(directory: Path, identity: str) -> Path:
    """Where the certificate of a charger is."""
    return directory / f"station-{quote(identity, safe='')}.pem"


def make_certificates(directory: Path, wanted: Wanted, now: datetime) -> list[Certificate]:
    """Write certificates and keys; a CA that is there is used again, and nothing is written over.

    Args:
        directory: made where it is not there.
        wanted: what to make.
        now: the wall's time, by which validity is judged.

    Returns:
        What is there now, the CA first.

    Raises:
        CertificatesError: a name cannot stand in a certificate, or a file that was asked for is there, or half of it.
        OSError: a file cannot be written; those that had been are taken away again.
    """
    maker = _Maker(directory, wanted, now)
    maker.ca()
    maker.csms()
    maker.stations()
    if wanted.wrong:
        maker.wrong()
    maker.write()
    return maker.made


class _Maker:
    """Makes everything before it writes anything."""

    def __init__(self, directory: Path, wanted: Wanted, now: datetime) -> None:
        self._directory, self._wanted, self._now = directory, wanted, now
        self._hosts = wanted.hosts or HOSTS
        self._identities = wanted.identities or IDENTITIES
        self._new: list[tuple[Path, bytes, int]] = []
        self._span = now - _LEEWAY, now + wanted.lasting
        self.made: list[Certificate] = []

    def ca(self) -> None:
        """The one that signs; one that is there goes on."""
        path = self._directory / "ca.pem"
        found = self._found(path, "the CA, for both ends to trust")
        if found is None:
            self._ca = self._authority()
            self._add(path, self._ca, "the CA, for both ends to trust")
        elif found.certificate.not_valid_after_utc < self._now:
            raise CertificatesError(f"{path}: the CA has expired; take another directory")
        else:
            self._ca = found

    def csms(self) -> None:
        """The server's."""
        path, what = self._directory / "csms.pem", f"a CSMS at {', '.join(self._hosts)}"
        if not self._kept(path, "a CSMS", asked=bool(self._wanted.hosts)):
            self._add(path, self._of_csms(self._ca, self._hosts, self._span), what)

    def stations(self) -> None:
        """The chargers'."""
        for identity in dict.fromkeys(self._identities):
            path, what = station_path(self._directory, identity), f"the charger {identity}"
            if not self._kept(path, what, asked=bool(self._wanted.identities), identity=identity):
                self._add(path, self._of_station(self._ca, identity, self._span), what, identity)

    def wrong(self) -> None:
        """Such as a careful other end refuses."""
        past = self._now - timedelta(days=30), self._now - _LEEWAY
        future = self._now + _CA_LASTS, self._now + _CA_LASTS + self._wanted.lasting
        other, folder = self._authority(), self._directory / "wrong"
        self._add_wrong(folder / "ca-other.pem", other, "another CA")
        for name, ca, span in (
            ("expired", self._ca, past),
            ("not-yet-valid", self._ca, future),
            ("other", other, self._span),
        ):
            what = "of another CA" if name == "other" else name.replace("-", " ")
            self._add_wrong(folder / f"csms-{name}.pem", self._of_csms(ca, self._hosts, span), f"a CSMS, {what}")
            for identity in dict.fromkeys(self._identities):
                path = station_path(folder, identity)
                pair = self._of_station(ca, identity, span)
                self._add_wrong(path.with_name(f"{path.stem}-{name}.pem"), pair, f"the charger {identity}, {what}")
        elsewhere = self._of_csms(self._ca, (WRONG_HOST,), self._span)
        self._add_wrong(folder / "csms-host.pem", elsewhere, f"a CSMS at {WRONG_HOST}")

    def write(self) -> None:
        """Put everything where it belongs."""
        written: list[Path] = []
        try:
            for path, content, mode in self._new:
                path.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                    written.append(path)
                    file.write(content)
        except BaseException:
            for path in written:
                with suppress(OSError):
                    path.unlink()
            raise

    def _add(self, path: Path, pair: _Pair, what: str, identity: str | None = None) -> None:
        certificate = pair.certificate.public_bytes(serialization.Encoding.PEM)
        key = pair.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._new += [(path, certificate, 0o644), (_key_path(path), key, 0o600)]
        self.made.append(Certificate(path, what, pair.certificate.not_valid_after_utc, identity=identity))

    def _add_wrong(self, path: Path, pair: _Pair, what: str) -> None:
        if not self._kept(path, what, asked=False):
            self._add(path, pair, what)

    def _kept(self, path: Path, what: str, *, asked: bool, identity: str | None = None) -> bool:
        if asked and path.exists():
            raise CertificatesError(f"{path} is there already; remove it and its key, or take another directory")
        return self._found(path, what, identity) is not None

    def _found(self, path: Path, what: str, identity: str | None = None) -> _Pair | None:
        """A pair that is there, noted as kept; None where there is none."""
        there = [one for one in (path, _key_path(path)) if one.exists()]
        if not there:
            return None
        if len(there) == 1:
            raise CertificatesError(f"{there[0]} is there without its other half; remove it, or take another directory")
        try:
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
            key = serialization.load_pem_private_key(_key_path(path).read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise CertificatesError(f"{path} and its key cannot be read: {error}") from error
        if not isinstance(key, _Key):
            raise CertificatesError(f"{_key_path(path)}: the key is neither RSA nor EC")
        if certificate.public_key() != key.public_key():
            raise CertificatesError(f"{_key_path(path)} is the key of another certificate than {path}; remove both")
        self.made.append(Certificate(path, what, certificate.not_valid_after_utc, True, identity))
        return _Pair(certificate, key)

    def _authority(self) -> _Pair:
        key, serial = self._key(), x509.random_serial_number()
        name = self._name(f"ocpplab-runner test CA {serial:040x}"[:31])  # two CAs are never called the same
        usage = {"key_cert_sign": True, "crl_sign": True}
        builder = self._builder(name, name, key, serial, (self._now - _LEEWAY, self._now + _CA_LASTS), usage)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return _Pair(builder.sign(key, hashes.SHA256()), key)

    def _of_csms(self, ca: _Pair, hosts: Sequence[str], span: tuple[datetime, datetime]) -> _Pair:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        common = next((host for host in hosts if len(host) <= _LONGEST_NAME), "csms")
        return self._leaf(ca, common, span, ExtendedKeyUsageOID.SERVER_AUTH, names)

    def _of_station(self, ca: _Pair, identity: str, span: tuple[datetime, datetime]) -> _Pair:
        return self._leaf(ca, identity, span, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _leaf(
        self,
        ca: _Pair,
        common: str,
        span: tuple[datetime, datetime],
        purpose: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
    ) -> _Pair:
        key = self._key()
        usage = {"digital_signature": True, "key_encipherment": isinstance(key, rsa.RSAPrivateKey)}
        builder = self._builder(
            self._name(common), ca.certificate.subject, key, x509.random_serial_number(), span, usage
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return _Pair(builder.sign(ca.key, hashes.SHA256()), key)

    def _builder(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: _Key,
        serial: int,
        span: tuple[datetime, datetime],
        usage: dict[str, bool],
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), serial, *span)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return builder.add_extension(identifier, critical=False).add_extension(_key_usage(**usage), critical=True)

    def _key(self) -> _Key:
        if self._wanted.key == "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return ec.generate_private_key(ec.SECP256R1())

    def _name(self, common: str) -> x509.Name:
        for name in (common, self._wanted.organization):
            if not 1 <= len(name) <= _LONGEST_NAME:
                raise CertificatesError(f"{name!r} cannot stand in a certificate: it has room for 1 to 64 characters")
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, common),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._wanted.organization),
            ]
        )


def _key_path(certificate: Path) -> Path:
    return certificate.with_name(f"{certificate.name.removesuffix('.pem')}.key")


def _general_name(host: str) -> x509.GeneralName:
    """A host as a certificate names it.

    Raises:
        CertificatesError: it is neither a name nor an address.
    """
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    with suppress(ValueError):
        # No top level domain is a number: that is an address with a mistake.
        if host and not set(host) & set(":/@ []") and not host.rpartition(".")[2].isdecimal():
            return x509.DNSName(host.encode("idna").decode("ascii"))
    raise CertificatesError(f"{host!r} is no host: give a name or an address, without ws://, port and path")


def _key_usage(**granted: bool) -> x509.KeyUsage:
    usages = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: granted.get(name, False) for name in usages})
