"""A simulated charger at work: dials its CSMS, writes its log, and tells those who wait what becomes of it."""

from __future__ import annotations

import asyncio
import re
import ssl as tls
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.gateway.server.log import MessageLog
from ocpplab_runner.gateway.server.traffic import Traffic
from ocpplab_runner.ocppj.frames import CallError, CallResult
from ocpplab_runner.ocppj.records import Direction, FrameRecord, PeerViolation
from ocpplab_runner.ocppj.websocket import ConnectRefused, WebSocket, connect
from ocpplab_runner.vocabulary.versions import OcppVersion

_USERINFO = re.compile(r"//[^/@\s]+@")

#: Hears a fact from inside the charger: its name and fields.
FactListener = Callable[[str, Mapping[str, Any]], None]
#: Hears a frame that has crossed.
FrameListener = Callable[[FrameRecord], None]


def redacted(text: str) -> str:
    """A text in which no URL shows credentials."""
    return _USERINFO.sub("//***@", text)


@dataclass(frozen=True, slots=True)
class Network:
    """What the chargers of a Gateway share on their way out.

    Attributes:
        connecting: how many may open a WebSocket at the same time.
        ssl: for ``wss://``; the system's certificates when None.
    """

    connecting: asyncio.Semaphore
    ssl: tls.SSLContext | None = None


class ChargerRuntime:
    """One simulated charger, off until :meth:`start`.

    Args:
        config: what it is made of.
        version: the OCPP version that it speaks.
        url: of its CSMS, without the identity.
        network: its way out.
        traffic: what its organization may receive.
        log: where its frames go.
        changed: called after anything has happened to it.
        random: its own randomness.
    """

    def __init__(
        self,
        config: ChargerConfig,
        *,
        version: OcppVersion,
        url: str,
        network: Network,
        traffic: Traffic,
        log: MessageLog,
        changed: Callable[[], None],
        random: Random,
    ) -> None:
        self.url = url
        self.version = version
        self.refusal: ConnectRefused | None = None
        self.facts: set[FactListener] = set()
        self.frames: set[FrameListener] = set()
        self._config = config
        self._network = network
        self._traffic = traffic
        self._ws: WebSocket | None = None
        self._log = log
        self._changed = changed
        self.charger = SimulatedCharger(config, version=version, connect=self._connect, observer=self, random=random)

    @property
    def running(self) -> bool:
        """Whether it has been started and not stopped; it may be restarting by itself."""
        return self.charger.powered or self.charger.restarting

    async def start(self) -> None:
        """Switch it on: it connects and boots."""
        await self.charger.start()

    async def halt(self) -> None:
        """Take its power away: the connection drops, what runs is interrupted; its memory stays."""
        await self.charger.perform("power", {"state": "off"})

    async def close(self) -> None:
        """Close everything; nothing of it runs any more."""
        await self.charger.stop()

    async def perform(self, command: str, fields: Mapping[str, Any]) -> CommandResult:
        """Let it do a command."""
        result = await self.charger.perform(command, fields)
        self._changed()
        return result

    def snapshot(self) -> dict[str, Any]:
        """What is the case, as plain data."""
        return self.charger.snapshot()

    # -- the charger's observer -----------------------------------------------------------------------------------

    def frame(self, record: FrameRecord) -> None:
        """A text was sent or received."""
        if record.direction is Direction.TO_CHARGER and self._ws is not None:
            answers = isinstance(record.message, CallResult | CallError) and record.action is not None
            self._traffic.spend(self._ws, len(record.text), asked_for=answers)
        self._log.record(record)
        for listener in tuple(self.frames):
            listener(record)
        self._changed()

    def violation(self, violation: PeerViolation) -> None:
        """The CSMS broke the protocol: the log shows the frame, and the Gateway judges nobody."""

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows."""
        for listener in tuple(self.facts):
            listener(name, fields)
        self._changed()

    def note(self, text: str) -> None:
        """Nothing that the API could show."""
        self._changed()

    async def _connect(self) -> WebSocket:
        try:
            async with self._network.connecting:
                ws, _ = await connect(
                    self.url,
                    identity=self._config.identity,
                    versions=[self.version],
                    basic_auth=self._config.basic_auth,
                    ssl=self._network.ssl if self.url.startswith("wss:") else None,
                )
        except (ConnectRefused, ValueError) as error:
            # ValueError: a URL that no parser takes, such as one with half an IPv6 address.
            self.refusal = error if isinstance(error, ConnectRefused) else ConnectRefused("url", str(error))
            self._changed()
            raise self.refusal from error
        self.refusal = None
        self._ws = ws
        self._traffic.join(ws)
        return ws
