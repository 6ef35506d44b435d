"""Security profiles where both ends are ours: real TLS over the loopback, with certificates made for the case."""

from __future__ import annotations

import re
import ssl as tls
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig, Credentials
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.csms import BuiltInCsms
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.tls import Shown
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ocpplab_runner.certificates.mint import Pair

_HOST = "127.0.0.1"
#: What chargers know it by, whatever its port is in this run.
ADDRESS = f"{_HOST}/ocpp"
#: Where it shows a certificate that another root has signed, as another CSMS would.
OTHER_ADDRESS = f"{_HOST}/another"
_HOSTS = ("localhost", _HOST)
_WRONG_HOST = "wrong-host.invalid"
_DAY = timedelta(days=1)
_LASTS = timedelta(days=365)


def with_password(config: ChargerConfig) -> ChargerConfig:
    """The charger with the password that its security profile needs: its own, or one that is nobody's secret."""
    if config.security_profile not in (1, 2) or config.basic_auth is not None:
        return config
    # 16 to 40 characters of those that a password may have (2.x A00.FR.205).
    password = re.sub(r"[^A-Za-z0-9*_=:+|@.-]", "_", f"password-of-{config.identity}")[:40].ljust(16, "-")
    return replace(config, basic_auth=(config.identity, password))


@dataclass(frozen=True, slots=True)
class Tls:
    """How an end does TLS: ``tls`` of ``given.charger`` and ``given.csms``.

    Attributes:
        certificate: that it shows: ``valid``, or what is wrong about it.
        version: the only one that it speaks; any from 1.2 unless given.
    """

    certificate: str = "valid"
    version: str | None = None

    def updated(self, given: Mapping[str, Any] | None) -> Tls:
        """The same with what a scenario says of it."""
        given = given or {}
        version = given.get("version", self.version)
        return Tls(given.get("certificate", self.certificate), None if version is None else str(version))


class SecureWorld:
    """The addresses of the CSMS for each security profile, and what each charger has for its own.

    Profiles 0 and 1 dial where the CSMS listens without TLS; 2 and 3 an address of their own each, which is opened
    when a charger first needs it, and again for who dials the other address.

    Args:
        csms: which listens without TLS already.
        version: the OCPP version of the case.
        given: ``tls`` of ``given.csms``.
    """

    def __init__(self, csms: BuiltInCsms, version: OcppVersion, given: Mapping[str, Any] | None) -> None:
        self._csms, self._version = csms, version
        self._tls = Tls().updated(given)
        self._ports: dict[tuple[int, bool], int] = {}
        #: What is revoked, of the CSMS's certificates and of the chargers'.
        self._servers: list[Certificate] = []
        self._stations: list[Certificate] = []
        # OpenSSL would judge dates by the wall clock, from which the case's may be years away.
        self._now = clock.utcnow if clock.is_virtual() else None

    def equip(self, config: ChargerConfig, given: Mapping[str, Any] | None) -> ChargerConfig:
        """The charger with what its profile needs.

        Args:
            config: what it is.
            given: ``tls`` of ``given.charger``.
        """
        if config.profile < 2:
            return config
        now, authorities = clock.utcnow(), self._csms.authorities
        own = authorities.pair("own", now)
        credentials = Credentials(csms_roots=(own.pem,))
        wanted = Tls().updated(given).certificate
        if config.profile == 3 and wanted != "none":
            ca = authorities.pair("another", now) if wanted == "by_another_ca" else own
            name = "somebody else" if wanted == "for_another_name" else config.identity
            made = authorities.mint.station(ca, name, _span(wanted, now))
            if wanted == "revoked":
                self._stations.append(made.certificate)
            credentials = replace(credentials, chain=made.pem, key=made.key_pem)
        return replace(config, credentials=credentials)

    async def reach(self, dial: Dial, given: Mapping[str, Any] | None) -> tuple[str, tls.SSLContext | None]:
        """Where a charger dials with a profile, and its end of TLS.

        Args:
            dial: what it has.
            given: ``tls`` of ``given.charger``.
        """
        if dial.url is not None and urlsplit(dial.url).netloc != _HOST:
            raise ConnectRefused("unreachable", f"nobody listens at {dial.url}: the CSMS is at {_HOST}")
        if dial.profile < 2:
            return f"ws://{_HOST}:{self._csms.port}/ocpp", None
        other = dial.url is not None and urlsplit(dial.url).path == urlsplit(f"//{OTHER_ADDRESS}").path
        if (dial.profile, other) not in self._ports:
            await self._open(dial.profile, other=other)
        lists = (self._list(self._servers),) if self._servers else ()
        shown = Shown(dial.roots, dial.chain, dial.key, lists, Tls().updated(given).version, self._now)
        return f"wss://{_HOST}:{self._ports[dial.profile, other]}/ocpp", shown.dialling()

    def change(self, given: Mapping[str, Any]) -> None:
        """Show another certificate, or speak another version, from now on; every connection is closed."""
        self._tls = self._tls.updated(given)
        self._ports.clear()
        self._csms.hang_up("the CSMS has another certificate")

    async def _open(self, profile: int, *, other: bool) -> None:
        now = clock.utcnow()
        certificate = self._certificate(now, "another" if other else "own")
        own = self._csms.authorities.pair("own", now)
        roots = (own.pem,) if profile == 3 else ()
        lists = (self._list(self._stations),) if profile == 3 and self._stations else ()
        shown = Shown(roots, certificate.pem, certificate.key_pem, lists, self._tls.version, self._now)
        await self._csms.start(
            _HOST,
            0,
            versions=[self._version],
            ssl=shown.listening(lambda _: None),
            # With profile 3 the certificate is all that counts.
            authenticate=(lambda _, __: True) if profile == 3 else None,
            owners=True,
        )
        self._ports[profile, other] = self._csms.ports[-1]

    def _certificate(self, now: datetime, root: str) -> Pair:
        """The one that the CSMS shows."""
        wanted, authorities = self._tls.certificate, self._csms.authorities
        signers = {"by_another_ca": "another", "by_successor": "successor"}
        hosts = (_WRONG_HOST,) if wanted == "for_another_host" else _HOSTS
        made = authorities.mint.csms(authorities.pair(signers.get(wanted, root), now), hosts, _span(wanted, now))
        if wanted == "revoked":
            self._servers.append(made.certificate)
        return made

    def _list(self, revoked: Sequence[Certificate]) -> str:
        """What the CA has revoked."""
        now, authorities = clock.utcnow(), self._csms.authorities
        return authorities.mint.revocations(authorities.pair("own", now), revoked, now)


def _span(wanted: str, now: datetime) -> tuple[datetime, datetime]:
    if wanted == "expired":
        return now - _LASTS, now - _DAY
    return now + _DAY if wanted == "not_yet_valid" else now - _DAY, now + _LASTS
