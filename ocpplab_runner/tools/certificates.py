"""Certificates for tests of security profiles 2 and 3: a CA, those of a CSMS and its chargers, and some to be refused.

They are made by :mod:`ocpplab_runner.certificates.mint`; here are their files.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ocpplab_runner.certificates.mint import (
    CA_LASTS,
    LEEWAY,
    CertificatesError,
    Key,
    KeyKind,
    Mint,
    Pair,
    general_name,
)

__all__ = ["CertificatesError", "KeyKind", "Wanted", "make_certificates", "station_path"]

#: What the CSMS is called unless somebody says.
HOSTS = ("localhost", "127.0.0.1", "::1")
IDENTITIES = ("CP-1",)
#: What a CSMS that is not the one dialled is called.
WRONG_HOST = "wrong-host.invalid"


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
        self._mint = Mint(wanted.organization, wanted.key)
        for host in wanted.hosts:  # before anything is said of what is there
            general_name(host)
        for identity in ("CA", *wanted.identities):
            self._mint.name(identity)
        self._hosts = wanted.hosts or HOSTS
        self._identities = wanted.identities or IDENTITIES
        self._new: list[tuple[Path, bytes, int]] = []
        self._span = now - LEEWAY, now + wanted.lasting
        self.made: list[Certificate] = []

    def ca(self) -> None:
        """The one that signs; one that is there goes on."""
        path = self._directory / "ca.pem"
        found = self._found(path, "the CA, for both ends to trust")
        if found is None:
            self._ca = self._mint.authority(self._now)
            self._add(path, self._ca, "the CA, for both ends to trust")
        elif found.certificate.not_valid_after_utc < self._now:
            raise CertificatesError(f"{path}: the CA has expired; take another directory")
        else:
            self._ca = found

    def csms(self) -> None:
        """The server's."""
        path, what = self._directory / "csms.pem", f"a CSMS at {', '.join(self._hosts)}"
        if not self._kept(path, "a CSMS", asked=bool(self._wanted.hosts)):
            self._add(path, self._mint.csms(self._ca, self._hosts, self._span), what)

    def stations(self) -> None:
        """The chargers'."""
        for identity in dict.fromkeys(self._identities):
            path, what = station_path(self._directory, identity), f"the charger {identity}"
            if not self._kept(path, what, asked=bool(self._wanted.identities), identity=identity):
                self._add(path, self._mint.station(self._ca, identity, self._span), what, identity)

    def wrong(self) -> None:
        """Such as a careful other end refuses."""
        past = self._now - timedelta(days=30), self._now - LEEWAY
        # As long as the CA lasts they are not valid: what is kept must not become right with time.
        future = self._now + CA_LASTS, self._now + CA_LASTS + self._wanted.lasting
        other, folder = self._mint.authority(self._now), self._directory / "wrong"
        self._add_wrong(folder / "ca-other.pem", other, "another CA")
        for name, ca, span in (
            ("expired", self._ca, past),
            ("not-yet-valid", self._ca, future),
            ("other", other, self._span),
        ):
            what = "of another CA" if name == "other" else name.replace("-", " ")
            self._add_wrong(folder / f"csms-{name}.pem", self._mint.csms(ca, self._hosts, span), f"a CSMS, {what}")
            for identity in dict.fromkeys(self._identities):
                path = station_path(folder, identity)
                pair = self._mint.station(ca, identity, span)
                self._add_wrong(path.with_name(f"{path.stem}-{name}.pem"), pair, f"the charger {identity}, {what}")
        elsewhere = self._mint.csms(self._ca, (WRONG_HOST,), self._span)
        self._add_wrong(folder / "csms-host.pem", elsewhere, f"a CSMS at {WRONG_HOST}")

    def write(self) -> None:
        """Put everything where it belongs."""
        written: list[Path] = []
        try:
            for path, content, mode in self._new:
                path.parent.mkdir(parents=True, exist_ok=True)
                # Never over what has come meanwhile, nor through a link that leads nowhere yet.
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                    written.append(path)
                    file.write(content)
        except BaseException:
            # After Ctrl-C, too: half of a set would be refused the next time.
            for path in written:
                with suppress(OSError):
                    path.unlink()
            raise

    def _add(self, path: Path, pair: Pair, what: str, identity: str | None = None) -> None:
        self._new += [(path, pair.pem.encode(), 0o644), (_key_path(path), pair.key_pem.encode(), 0o600)]
        self.made.append(Certificate(path, what, pair.certificate.not_valid_after_utc, identity=identity))

    def _add_wrong(self, path: Path, pair: Pair, what: str) -> None:
        if not self._kept(path, what, asked=False):
            self._add(path, pair, what)

    def _kept(self, path: Path, what: str, *, asked: bool, identity: str | None = None) -> bool:
        if asked and path.exists():
            raise CertificatesError(f"{path} is there already; remove it and its key, or take another directory")
        return self._found(path, what, identity) is not None

    def _found(self, path: Path, what: str, identity: str | None = None) -> Pair | None:
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
        if not isinstance(key, Key):
            raise CertificatesError(f"{_key_path(path)}: the key is neither RSA nor EC")
        if certificate.public_key() != key.public_key():
            raise CertificatesError(f"{_key_path(path)} is the key of another certificate than {path}; remove both")
        self.made.append(Certificate(path, what, certificate.not_valid_after_utc, True, identity))
        return Pair(certificate, key)


def _key_path(certificate: Path) -> Path:
    return certificate.with_name(f"{certificate.name.removesuffix('.pem')}.key")
