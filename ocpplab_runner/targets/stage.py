"""What both targets with simulated chargers share: several hosts, and taking them down in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.plugin.target import Outcome, StageRequest
from ocpplab_runner.targets.charger_host import ChargerHost

_ONLY = "charger"
_DEFAULT_NAME = "1"


def charger_configs(request: StageRequest) -> dict[str, ChargerConfig]:
    """The chargers of a case by name.

    Raises:
        ValueError: the given data makes no charger, or two have one identity.
    """
    configs = {
        name: ChargerConfig.from_given(given, name=_DEFAULT_NAME if name == _ONLY else name)
        for name, given in request.chargers.items()
    }
    identities = [config.identity for config in configs.values()]
    for identity in identities:
        if identities.count(identity) > 1:
            raise ValueError(f"two chargers have the identity {identity!r}")
    return configs


class ChargerStage:
    """The chargers of one case.

    Args:
        hosts: scenario name → charger.
    """

    def __init__(self, hosts: Mapping[str, ChargerHost]) -> None:
        self.hosts = dict(hosts)

    def host(self, charger: str) -> ChargerHost:
        """The charger of that name.

        Raises:
            ValueError: there is none.
        """
        try:
            return self.hosts[charger]
        except KeyError:
            raise ValueError(f"there is no charger {charger!r}") from None

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a charger or world command."""
        return await self.host(charger).perform(command, fields, raw=raw)

    def watermark(self, evidence: str) -> float:
        """Our own sockets do not lag."""
        return clock.now()

    async def close(self) -> Sequence[str]:
        """Switch every charger off."""
        results = await asyncio.gather(*(host.charger.stop() for host in self.hosts.values()), return_exceptions=True)
        return [f"a charger could not be stopped: {error}" for error in results if isinstance(error, Exception)]


def own_random(request: StageRequest) -> Random:
    """A source of randomness of its own for one part of the case, drawn from the case's."""
    return Random(request.random.getrandbits(64))
