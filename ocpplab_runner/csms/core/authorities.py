"""The test CAs of the CSMS: those that sign chargers' certificates, its own, and roots to install or to refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ocpplab_runner.vocabulary.certificates import ORGANIZATION, Root, Signing

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ocpplab_runner.certificates.mint import Mint, Pair

_LASTS = timedelta(days=365)
#: A charger's clock may be behind: what is signed now has been good for a day.
_DAY = timedelta(days=1)
#: Who knows the certificates that it has signed: chargers ask by way of the CSMS.
RESPONDER = "http://ocsp.invalid/"
UNREADABLE = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"


class Authorities:
    """Made when they are first needed.

    Args:
        random: draws a source of keys, the first time that one is needed.

    Attributes:
        lists: the name of a firmware file and ``.crl`` → what the manufacturer's CA has revoked, as its certificate
            says where.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._mint: Mint | None = None
        self._made: dict[str, Pair] = {}
        self._issued: dict[str, Certificate] = {}
        self.lists: dict[str, bytes] = {}

    @property
    def mint(self) -> Mint:
        """What makes them."""
        if self._mint is None:
            from ocpplab_runner.certificates.mint import Mint

            # From a seeded source keys follow the seed, so that one seed gives one trace.
            system = isinstance(self._random, SystemRandom)
            self._mint = Mint(ORGANIZATION, random=None if system else Random(self._random.getrandbits(64)))
        return self._mint

    def root(self, root: Root, now: datetime) -> str:
        """A certificate to install, in PEM; the same for as long as the CSMS runs."""
        return UNREADABLE if root == "unreadable" else self.pair(root, now).pem

    def pair(self, root: str, now: datetime) -> Pair:
        """A root with its key."""
        makers: Mapping[str, Callable[[], Pair]] = {
            "successor": lambda: self.mint.authority(now, signed_by=self.pair("own", now)),
            "expired": lambda: self.mint.authority(now, span=(now - _LASTS, now - _DAY)),
            "not_yet_valid": lambda: self.mint.authority(now, span=(now + _DAY, now + _LASTS)),
            "of_no_ca": lambda: self.mint.station(self.pair("own", now), "CP-1", (now - _DAY, now + _LASTS)),
        }
        return self._kept(root, makers.get(root, lambda: self.mint.authority(now)))

    def sign(self, request: str, how: Signing, now: datetime) -> str:
        """A charger's certificate in PEM, as it asks for it.

        Args:
            request: the charger's, in PEM.
            how: correctly, or with what is wrong about it.
            now: the time.

        Raises:
            ValueError: the request cannot be read.
        """
        from cryptography.x509.oid import ExtendedKeyUsageOID

        from ocpplab_runner.certificates.mint import pem_of
        from ocpplab_runner.certificates.reading import request_in

        asked = request_in(request)
        if how == "unreadable":
            return UNREADABLE
        ca = self.pair("another" if how == "by_another_ca" else "own", now)
        span = {"expired": (now - _LASTS, now - _DAY), "not_yet_valid": (now + _DAY, now + _LASTS)}
        key = self.mint.key().public_key() if how == "for_another_key" else asked.public_key()
        subject = self.mint.name("somebody else") if how == "for_another_name" else asked.subject
        made = self.mint.leaf(
            ca,
            subject,
            key,  # type: ignore[arg-type]
            span.get(how, (now - _DAY, now + _LASTS)),
            ExtendedKeyUsageOID.CLIENT_AUTH,
            responder=RESPONDER,
        )
        self._issued[f"{made.serial_number:x}"] = made
        return pem_of(made)

    def issued(self, name: Mapping[str, str], now: datetime) -> Certificate | None:
        """The certificate that the CSMS's CA has signed and that is named so (CertificateHashDataType)."""
        from ocpplab_runner.certificates.reading import hash_data

        found, own = self._issued.get(name["serialNumber"].lower()), self.pair("own", now).certificate
        if found is None:
            return None
        named = hash_data(found, own, name["hashAlgorithm"])  # type: ignore[arg-type]
        return found if all(name[key].lower() == value.lower() for key, value in named.items()) else None

    def sign_firmware(self, digest: bytes, how: str, now: datetime, location: str) -> tuple[str, str]:
        """The certificate of the manufacturer's, in PEM, and its signature below a file.

        Args:
            digest: the file's SHA-256.
            how: one of :data:`~ocpplab_runner.vocabulary.reported.FIRMWARE_SIGNATURES`.
            now: the time.
            location: the file's URL; beside it is the list that says that its certificate is revoked.
        """
        from cryptography.x509.oid import ExtendedKeyUsageOID

        from ocpplab_runner.certificates.mint import pem_of
        from ocpplab_runner.certificates.signing import sign

        # A manufacturer's root is another than that of the CSMS: here the right one is `another`.
        ca = self.pair("own" if how == "by_another_ca" else "another", now)
        span = (now - _LASTS, now - _DAY) if how == "expired" else (now - _DAY, now + _LASTS)
        key = self.mint.key()
        subject = self.mint.name("ocpplab-runner firmware")
        place = f"{location}.crl" if how == "revoked" else None
        made = self.mint.leaf(ca, subject, key.public_key(), span, ExtendedKeyUsageOID.CODE_SIGNING, listed_at=place)
        if place is not None:
            self.lists[unquote(place.rpartition("/")[2])] = self.mint.revocations(ca, [made], now).encode()
        signer = self.mint.key() if how == "wrong_signature" else key
        return UNREADABLE if how == "unreadable" else pem_of(made), sign(signer, digest)

    def secret(self, length: int) -> str:
        """So many hexadecimal digits that nobody can guess."""
        return f"{self.mint.draw(4 * length):0{length}x}"

    def _kept(self, name: str, make: Callable[[], Pair]) -> Pair:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = make()
        return made
