"""The chargers of the bench: the simulated one, told only what hands can do to it."""

from __future__ import annotations

import ssl as tls
import warnings
from collections.abc import Mapping
from random import SystemRandom
from typing import Any

from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj.tls import ClientTls
from ocpplab_runner.ocppj.websocket import WebSocket, connect
from ocpplab_runner.vocabulary.versions import OcppVersion

#: What hands can do.
PHYSICAL = frozenset(
    {
        "plug_connector",
        "unplug_connector",
        "authorize_id_tag",
        "stop_transaction",
        "start_session",
        "stop_session",
        "ev_requests_energy",
        "ev_stops_energy",
        "power_update",
        "inject_fault",
        "clear_fault",
        "network",
        "power",
    }
)


class _Deaf:
    """Nobody hears what happens inside a charger of the bench."""

    def frame(self, record: Any) -> None:
        """Not told."""

    def violation(self, violation: Any) -> None:
        """Not told."""

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Not told."""

    def note(self, text: str) -> None:
        """Not told."""


class BenchCharger:
    """One charger.

    Args:
        described: its entry of the configuration.
        newest: the newest version of TLS that it knows; None for whatever there is.
    """

    def __init__(self, described: Mapping[str, Any], newest: tls.TLSVersion | None = None) -> None:
        self.identity: str = described["identity"]
        self._url: str = described["url"]
        self._version = OcppVersion(described["version"])
        self._tls, self._newest = ClientTls(**described.get("tls", {})), newest
        given = {"identity": self.identity, "reconnect": "1s", **described.get("charger", {})}
        self._config = ChargerConfig.from_given(given)
        self._charger = SimulatedCharger(
            self._config, version=self._version, connect=self._connect, observer=_Deaf(), random=SystemRandom()
        )

    async def start(self) -> None:
        """Switch it on."""
        await self._charger.start()

    async def stop(self) -> None:
        """Take it off the bench."""
        await self._charger.stop()

    async def perform(self, verb: str, fields: Mapping[str, Any]) -> CommandResult:
        """Do what a hand does."""
        return await self._charger.perform(verb, fields)

    def values(self) -> dict[str, str]:
        """What it is set to, as its own display would say: for tests that look whether it is as it was."""
        variables = self._charger.context.variables
        return {one.name: variables.text(one.name) for one in variables if one.mutability == "ReadWrite"}

    async def _connect(self) -> WebSocket:
        context = self._tls.context(self.identity) if self._url.startswith("wss:") else None
        if context is not None and self._newest is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version, context.maximum_version = tls.TLSVersion.TLSv1, self._newest
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        ws, _ = await connect(
            self._url,
            identity=self.identity,
            versions=[self._version],
            basic_auth=self._config.basic_auth,
            ssl=context,
        )
        return ws
