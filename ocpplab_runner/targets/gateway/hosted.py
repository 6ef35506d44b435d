"""A Gateway of our own on a case's event loop, where time is virtual: the same server, the same HTTP over a socket."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ocpplab_runner.gateway.server.settings import GatewaySettings, SettingsError, read_settings, with_token
from ocpplab_runner.targets.gateway.process import TOKEN_VARIABLE

if TYPE_CHECKING:
    from ocpplab_runner.gateway.server.serving import LocalGateway


class HostingError(Exception):
    """There is no such Gateway; the text says why."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """Makes a Gateway for each case; itself made once a run, before workers are forked.

    Attributes:
        settings: what each of them is like.
        token: that they all take.
    """

    settings: GatewaySettings
    token: str = field(repr=False)

    @classmethod
    def prepared(cls, config: str | None, environment: Mapping[str, str] = os.environ) -> Hosting:
        """Read the configuration.

        Args:
            config: the Gateway's configuration file; without one it has a single organization.
            environment: where the file's tokens are looked up.

        Raises:
            HostingError: the file cannot be used.
        """
        # A Gateway elsewhere does not need the server; workers are forked with it.
        import ocpplab_runner.gateway.server.serving  # noqa: F401

        token = secrets.token_urlsafe(24)
        try:
            settings = (
                GatewaySettings()
                if config is None
                else read_settings(Path(config), {**environment, TOKEN_VARIABLE: token})
            )
        except SettingsError as error:
            raise HostingError(str(error)) from error
        if not settings.tenants:
            settings = with_token(settings, token)
        if not any(token in tokens for tokens in settings.tenants.values()):
            raise HostingError(
                f"{config}: the run has no organization there: leave `tenants` out, or give one of them the token "
                f"${{{{ env.{TOKEN_VARIABLE} }}}}, which a run makes up"
            )
        return cls(settings, token)

    async def start(self, random: Random) -> LocalGateway:
        """A Gateway that listens on a free port of this machine.

        Raises:
            HostingError: it cannot.
        """
        from ocpplab_runner.gateway.server.serving import LocalGateway, ServingError

        gateway = LocalGateway(self.settings, random=random)
        try:
            await gateway.start()
        except ServingError as error:
            raise HostingError(str(error)) from error
        return gateway
