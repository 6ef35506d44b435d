"""How a part dials a CSMS, as a charger does, and what it says there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.recording.observations import frame_observation, violation_observation
from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.ids import uuid_ids
from ocpplab_runner.ocppj.records import FrameRecord, HandlerError, HandlerResult, PeerViolation, Role
from ocpplab_runner.ocppj.route import Route
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.tls import ClientTls
from ocpplab_runner.ocppj.urls import Dialled, dial
from ocpplab_runner.ocppj.websocket import WebSocket, connect, pump, sender
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.redaction.options import option_secrets
from ocpplab_runner.vocabulary.versions import OcppVersion

Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Dialling:
    """The way to a CSMS.

    Attributes:
        url: ``ws://`` or ``wss://``; ``{identity}`` stands where the identity goes, or it goes to the end of the path.
        identity: the charger's.
        basic_auth: user and password; those in the URL are used where there are none.
        tls: for ``wss://``.
        route: a proxy, and headers of the handshake.
        limit: seconds for a connection, and for an answer.
    """

    url: str
    identity: str = "CP-1"
    basic_auth: tuple[str, str] | None = None
    tls: ClientTls = field(default_factory=ClientTls)
    route: Route = field(default_factory=Route)
    limit: float = 10.0

    @property
    def dialled(self) -> Dialled:
        """The URL with the identity in it.

        Raises:
            ValueError: it is no WebSocket URL.
        """
        return dial(self.url, self.identity)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.url.startswith("wss://")

    def secrets(self) -> list[Any]:
        """What nobody may see of it."""
        return [
            *option_secrets([self.url]),
            *self.route.secrets(),
            *(() if self.basic_auth is None else (self.basic_auth[1],)),
        ]

    def basic_auth_of(self, identity: str) -> tuple[str, str] | None:
        """User and password of another charger, whose user is its identity unless somebody has said otherwise."""
        if self.basic_auth is None or self.basic_auth[0] != self.identity:
            return self.basic_auth
        return identity, self.basic_auth[1]

    async def connect(self, versions: Sequence[OcppVersion]) -> tuple[WebSocket, OcppVersion]:
        """Open a WebSocket.

        Raises:
            ConnectRefused: there is none.
            TlsFileError: a certificate or a key cannot be used.
        """
        return await connect(
            self.url,
            identity=self.identity,
            versions=versions,
            basic_auth=self.basic_auth,
            ssl=self.tls.context(self.identity) if self.secure else None,
            route=self.route,
            open_timeout=self.limit,
        )


class Heard:
    """Keeps what the other side does wrong, and tells of all that crosses.

    Args:
        identity: of our charger.
        listener: hears of frames and violations, as events of a run have them.
    """

    def __init__(self, identity: str, listener: Listener) -> None:
        self.violations: list[PeerViolation] = []
        self._identity, self._listener = identity, listener
        self._numbers = count()

    def frame(self, record: FrameRecord) -> None:
        """As :class:`~ocpplab_runner.ocppj.records.SessionObserver`."""
        self._tell(frame_observation(self._identity, record))

    def violation(self, violation: PeerViolation) -> None:
        """As :class:`~ocpplab_runner.ocppj.records.SessionObserver`."""
        self.violations.append(violation)
        self._tell(violation_observation(self._identity, "csms", violation))

    def _tell(self, seen: Observation) -> None:
        number, now = next(self._numbers), max(seen.at, clock.now())
        self._listener(
            Event(number, seen.kind, seen.name, seen.charger, seen.at, now, seen.fields, seen.source, "charger")
        )


class Line:
    """A charger's end of a connection that asks, and refuses to be asked.

    Attributes:
        session: to call with.
        heard: what has crossed.
    """

    def __init__(self, ws: WebSocket, version: OcppVersion, dialling: Dialling, listener: Listener) -> None:
        self.heard = Heard(dialling.identity, listener)
        self.session = Session(
            version=version,
            role=Role.CHARGER,
            send_text=sender(ws),
            handler=_refuse,
            observer=self.heard,
            next_id=uuid_ids(Random()),
            call_timeout=dialling.limit,
        )
        self._ws = ws
        self._reader = asyncio.get_running_loop().create_task(pump(ws, self.session))

    async def close(self) -> None:
        """Close the connection in good order."""
        await self._ws.close()
        await self._reader

    async def end(self) -> Ended:
        """How the other side has ended the connection; waits until it has."""
        return await asyncio.shield(self._reader)


@asynccontextmanager
async def line(
    ws: WebSocket, version: OcppVersion, dialling: Dialling, listener: Listener = lambda event: None
) -> AsyncIterator[Line]:
    """A line on an open WebSocket, which is closed at the end."""
    opened = Line(ws, version, dialling, listener)
    try:
        yield opened
    finally:
        await opened.close()


def boot_payload(version: OcppVersion, model: str) -> dict[str, Any]:
    """The payload of a BootNotification of ours."""
    if version is OcppVersion.V16:
        return {"chargePointVendor": "ocpplab", "chargePointModel": model}
    return {"reason": "PowerUp", "chargingStation": {"vendorName": "ocpplab", "model": model}}


def _refuse(call: Call) -> HandlerResult:
    raise HandlerError("NotSupported", f"ocpplab-runner only asks here, and does no {call.action}")
