"""Makes keys, certificates and requests for certificates, as OCPP wants them.

A charger's has the name of its owner in O and its own in CN (2.x A00.FR.404 and A00.FR.405), a CSMS's has its host in
CN (A00.FR.309); keys are RSA of 2048 bits or EC of 256.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

KeyKind = Literal["ec", "rsa"]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Span = tuple[datetime, datetime]

#: A charger's clock may be behind.
LEEWAY = timedelta(days=1)
CA_LASTS = timedelta(days=3650)
LONGEST_NAME = 64  # X.509: ub-common-name, ub-organization-name
#: A name, or all those below one.
_LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*\.?", re.IGNORECASE)
_CURVE = ec.SECP256R1()
#: Of P-256: private keys are from 1 to one less.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class CertificatesError(ValueError):
    """A certificate cannot be made as asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        """The certificate."""
        return pem_of(self.certificate)

    @property
    def key_pem(self) -> str:
        """Its key, in the open."""
        return key_pem(self.key)


class Mint:
    """Makes pairs for one organization.

    Args:
        organization: the O of every certificate: who owns the chargers.
        key: of every certificate.
        random: draws keys and serial numbers, so that they are the same in every run with its seed; the system does
            where none is given, as it must for keys that shall keep a secret.
    """

    def __init__(self, organization: str, key: KeyKind = "ec", random: Random | None = None) -> None:
        self._organization = organization
        self._kind = key
        self._random = random

    def authority(self, now: datetime, *, signed_by: Pair | None = None, span: Span | None = None) -> Pair:
        """A root CA; two are never called the same.

        Args:
            now: the time.
            signed_by: an older root that vouches for it (2.x M05.FR.12); it signs itself unless one is given.
            span: of its validity; ten years unless given.
        """
        key, serial = self.key(), self._serial()
        name = self.name(f"ocpplab-runner test CA {serial:040x}"[:31])
        issuer = name if signed_by is None else signed_by.certificate.subject
        usage = {"key_cert_sign": True, "crl_sign": True}
        builder = self._builder(name, issuer, key.public_key(), serial, span or (now - LEEWAY, now + CA_LASTS), usage)
        # One CA may stand below: a newer root for which this one vouches.
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        signer = key if signed_by is None else signed_by.key
        return Pair(builder.sign(signer, hashes.SHA256()), key)

    def csms(self, ca: Pair, hosts: Sequence[str], span: Span) -> Pair:
        """A CSMS's; the first of its hosts that is short enough is its CN."""
        names = x509.SubjectAlternativeName([general_name(host) for host in hosts])
        common = next((host for host in hosts if len(host) <= LONGEST_NAME), "csms")
        key = self.key()
        made = self.leaf(ca, self.name(common), key.public_key(), span, ExtendedKeyUsageOID.SERVER_AUTH, names)
        return Pair(made, key)

    def station(self, ca: Pair, identity: str, span: Span) -> Pair:
        """A charger's."""
        key = self.key()
        return Pair(self.leaf(ca, self.name(identity), key.public_key(), span, ExtendedKeyUsageOID.CLIENT_AUTH), key)

    def leaf(
        self,
        ca: Pair,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        span: Span,
        purpose: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None = None,
        responder: str | None = None,
        listed_at: str | None = None,
    ) -> x509.Certificate:
        """A certificate of one who signs no others.

        Args:
            ca: who signs it.
            subject, key, span, purpose: whose it is, since when and until when, and what for.
            names: further names of its owner.
            responder: the URL of the OCSP responder that knows it.
            listed_at: the URL of the list of what the CA has revoked.
        """
        # EC keys encipher no other key, and must not say so (RFC 8813).
        usage = {"digital_signature": True, "key_encipherment": isinstance(key, rsa.RSAPublicKey)}
        builder = self._builder(subject, ca.certificate.subject, key, self._serial(), span, usage)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        # RFC 5280, 4.2.1.1: Python verifies strictly since 3.13, and takes no certificate without it.
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        if responder is not None:
            place = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        if listed_at is not None:
            point = x509.DistributionPoint([x509.UniformResourceIdentifier(listed_at)], None, None, None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        return builder.sign(ca.key, hashes.SHA256())

    def request(self, key: Key, common: str) -> str:
        """A request for a charger's certificate in PEM (2.x A02.FR.02)."""
        builder = x509.CertificateSigningRequestBuilder(self.name(common))
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def revocations(self, ca: Pair, revoked: Sequence[x509.Certificate], now: datetime) -> str:
        """A list of revoked certificates of a CA in PEM."""
        builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, now - LEEWAY, now + CA_LASTS)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder(one.serial_number, now - LEEWAY).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def key(self) -> Key:
        """A new key."""
        if self._kind == "rsa":
            # Drawn by the system always, as the library has it: with RSA a seed does not decide the keys.
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if self._random is None:
            return ec.generate_private_key(_CURVE)
        return ec.derive_private_key(self._random.randrange(1, _ORDER), _CURVE)

    def name(self, common: str) -> x509.Name:
        """The subject of that CN.

        Raises:
            CertificatesError: a name cannot stand in a certificate.
        """
        for name in (common, self._organization):
            if not 1 <= len(name) <= LONGEST_NAME:
                raise CertificatesError(f"{name!r} cannot stand in a certificate: it has room for 1 to 64 characters")
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, common),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._organization),
            ]
        )

    def draw(self, bits: int) -> int:
        """A random number of so many bits."""
        return (self._random or SystemRandom()).getrandbits(bits)

    def _serial(self) -> int:
        if self._random is None:
            return x509.random_serial_number()
        # RFC 5280, 4.1.2.2: positive, of 20 octets at most. The highest bit keeps all of one length.
        return self._random.getrandbits(158) | 1 << 158

    def _builder(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        serial: int,
        span: Span,
        usage: dict[str, bool],
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(issuer, subject, key, serial, *span)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        return builder.add_extension(identifier, critical=False).add_extension(_key_usage(**usage), critical=True)


def pem_of(certificate: x509.Certificate) -> str:
    """A certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key: Key) -> str:
    """A private key in PEM, in the open."""
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def key_in(pem: str) -> Key:
    """The private key of a text.

    Raises:
        ValueError: it holds none that can be used.
    """
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, Key):
        raise ValueError("the key is neither RSA nor EC")
    return key


def general_name(host: str) -> x509.GeneralName:
    """A host as a certificate names it.

    Raises:
        CertificatesError: it is neither a name nor an address.
    """
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    with suppress(ValueError):
        # No top level domain is a number: that is an address with a mistake.
        name = host.encode("idna").decode("ascii")
        if _HOST.fullmatch(name) and not name.rpartition(".")[2].isdecimal():
            return x509.DNSName(name)
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
