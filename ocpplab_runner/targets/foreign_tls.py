"""Security profiles of our chargers at a CSMS that is not ours: what its target says is what they have."""

from __future__ import annotations

import ssl as tls
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.charger.config import ChargerConfig, Credentials
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.tls import ClientTls
from ocpplab_runner.ocppj.urls import without_credentials
from ocpplab_runner.plugin.stage import BlockedError

#: What an end can be without another certificate than its own.
_OURS = frozenset({"valid", "none"})


class ForeignTls:
    """Knows where chargers dial with each security profile.

    Args:
        url: where they dial unless said.
        own_tls: whom they trust, and the files of what they show.
        urls: security profile → where they dial with it.
    """

    def __init__(self, url: str, own_tls: ClientTls, urls: Mapping[int, str] | None = None) -> None:
        self._url, self._tls, self._urls = url, own_tls, urls or {}

    @property
    def profile(self) -> int:
        """The security profile that dialling comes to; 0 where only a password can make it another."""
        if not _is_secure(self._url):
            return 0
        return 2 if self._tls.cert is None else 3

    def equip(self, config: ChargerConfig, given: Mapping[str, Any] | None) -> ChargerConfig:
        """The charger with what the target has for it.

        Args:
            config: what it is.
            given: ``tls`` of ``given.charger``.

        Raises:
            BlockedError: the target has not what its security profile needs.
        """
        wanted = (given or {}).get("certificate", "valid")
        if wanted not in _OURS:
            raise BlockedError(f"given.charger.tls.certificate cannot be {wanted}: the target has none such")
        profile = config.security_profile
        if profile is not None and (why := self._lacks(profile, wanted)) is not None:
            raise BlockedError(f"given.charger.security_profile {profile} cannot be arranged: {why}")
        config = replace(config, dials_with=self.profile)
        if self.profile < 2 and not self._urls:
            return config
        files = self._tls.pems(config.identity)
        own = files if wanted == "valid" else replace(files, chain=None, key=None)
        return replace(config, credentials=Credentials(own.roots, chain=own.chain, key=own.key))

    def _lacks(self, profile: int, certificate: str) -> str | None:
        if profile not in self._urls and (profile >= 2) is not _is_secure(self._url):
            shown = without_credentials(self._url)
            return f"the target dials {shown}, {'with' if _is_secure(self._url) else 'without'} TLS"
        if profile == 3 and certificate == "valid" and self._tls.cert is None:
            return "the target has no `cert`"
        return None

    async def reach(
        self, dial: Dial, identity: str, given: Mapping[str, Any] | None = None
    ) -> tuple[str, tls.SSLContext | None]:
        """Where a charger dials with what it has, and its end of TLS.

        Raises:
            ConnectRefused: the target has no address for its security profile.
            TlsFileError: a file cannot be used any more.
        """
        url = dial.url or self._urls.get(dial.profile, self._url)
        if (dial.profile >= 2) is not _is_secure(url):
            what = "needs" if dial.profile >= 2 else "is without"
            raise ConnectRefused("url", f"security profile {dial.profile} {what} TLS, and the target dials {url}")
        if not _is_secure(url):
            return url, None
        files = self._tls.pems(identity)
        version = (given or {}).get("version")
        shown = replace(files, roots=dial.roots, chain=dial.chain, key=dial.key, version=version)
        return url, self._tls.with_shown(identity, shown)


def _is_secure(url: str) -> bool:
    return url.startswith("wss://")
