"""The proxy: a connection to the CSMS for each connection of a charger, and what crosses as events."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, cast

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ocpplab_runner import clock
from ocpplab_runner.ocppj.closing import MAX_MESSAGE_SIZE, Ended, ended
from ocpplab_runner.ocppj.overheard import Reading
from ocpplab_runner.ocppj.records import Direction, Role
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.tls import ClientTls, in_words, server_context
from ocpplab_runner.ocppj.urls import forward, without_credentials
from ocpplab_runner.ocppj.websocket import (
    HANDSHAKE_TIMEOUT,
    WebSocket,
    basic,
    credentials_of,
    identity_of,
    open_websocket,
)
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.redaction.options import option_secrets
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.tools.traffic.watching import Watch
from ocpplab_runner.vocabulary.versions import OcppVersion

#: What a station is called that has not said who it is.
UNKNOWN_STATION = "?"
#: What of a charger's request is about its own connection, and not passed on; also everything of the WebSocket.
_OWN_HEADERS = frozenset({"host", "connection", "upgrade", "content-length", "transfer-encoding"})
#: What of a refusal is passed back, beside its status and text.
_PASSED_BACK = ("WWW-Authenticate", "Retry-After", "Content-Type")
_NO_SUBPROTOCOL = 1002
_SUBPROTOCOLS = {version.subprotocol: version for version in OcppVersion}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """What the proxy is told.

    Attributes:
        upstream: the CSMS; see :func:`~ocpplab_runner.ocppj.urls.forward`.
        host: a numeric address to listen on.
        port: 0 picks a free one.
        versions: that chargers may offer; None lets pass whatever they offer.
        tls: how a CSMS behind ``wss://`` is trusted, and what it is shown.
        limit: seconds for a connection to the CSMS.
        cert: a file of a certificate, for ``wss://`` on the chargers' side; None for ``ws://``.
        key: a file of its key, unless that stands in the same one.
        client_ca: a file of the certificates of those who sign chargers' certificates, which are asked for then.
    """

    upstream: str
    host: str
    port: int
    versions: tuple[OcppVersion, ...] | None = None
    tls: ClientTls = field(default_factory=ClientTls)
    limit: float = 10.0
    cert: str | None = None
    key: str | None = None
    client_ca: str | None = None

    @property
    def shown(self) -> str:
        """The upstream for people."""
        return without_credentials(self.upstream)


class RecordingProxy:
    """Passes on what crosses between chargers and a CSMS, unchanged, and tells of it; made on a running event loop.

    Args:
        settings: what it is told.
        redactor: learns the passwords and tokens that chargers connect with before anything is told of them.

    Attributes:
        stations: the identities that have connected.
    """

    def __init__(self, settings: ProxySettings, redactor: Redactor) -> None:
        self._settings, self._redactor = settings, redactor
        self._versions: dict[str, OcppVersion] = {}
        self._watch = Watch(self._versions.__getitem__, evidence="proxy")
        self._began = clock.now(), clock.utcnow()
        self._server: Server | None = None
        self._upstreams: dict[ServerConnection, WebSocket] = {}
        self._guards: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.stations: dict[str, None] = {}

    @property
    def url(self) -> str:
        """What chargers dial; the port is known once it has been started."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"{'ws' if self._settings.cert is None else 'wss'}://{host}:{port}"

    def moment(self, at: float) -> datetime:
        """Date and time of a point of time on the loop's clock."""
        began, moment = self._began
        return moment + timedelta(seconds=at - began)

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Tell ``listener`` every event from now on; what is secret in it the redactor knows."""
        self._watch.subscribe(listener)

    async def start(self) -> None:
        """Listen.

        Raises:
            ValueError: the upstream is no WebSocket URL, or a file of certificates or keys cannot be used.
            OSError: it cannot listen there.
        """
        settings, context = self._settings, None
        # For any charger: what is wrong with the upstream or its files is told now, and not to the first that dials.
        forward(settings.upstream, "/CP-1")
        if not settings.tls.varies:
            self._client_context("CP-1")
        if settings.cert is not None:
            context = server_context(
                settings.cert, settings.key, client_ca=settings.client_ca, refused=self._refused_handshake
            )
        self._server = await serve_websockets(
            self._relay,
            settings.host,
            settings.port,
            process_request=self._dial,
            select_subprotocol=self._select,
            compression=None,
            ping_interval=None,
            max_size=MAX_MESSAGE_SIZE,
            # The handshake with the CSMS happens within the charger's.
            open_timeout=HANDSHAKE_TIMEOUT + settings.limit,
            ssl=context,
            ssl_handshake_timeout=None if context is None else HANDSHAKE_TIMEOUT,
        )

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        for guard in self._guards:
            guard.cancel()
        await asyncio.gather(*self._guards, return_exceptions=True)

    async def _dial(self, charger: ServerConnection, request: Request) -> Response | None:
        """Connect to the CSMS as the charger does to us; what the CSMS refuses is refused in its words."""
        identity = identity_of(request) or UNKNOWN_STATION
        self._hide(request)
        offered = _offered(request)
        wanted = self._settings.versions
        passed = [one for one in offered if wanted is None or _SUBPROTOCOLS.get(one) in wanted]
        if offered and not passed:
            self._watch.note(identity, f"refused: it offered {', '.join(offered)}")
            return None  # the handshake ends without a subprotocol, and the connection is closed (OCPP-J 1.6 3.2)
        try:
            dialled = forward(self._settings.upstream, request.path)
            headers = [(name, value) for name, value in request.headers.raw_items() if _passes(name)]
            credentials = dialled.basic_auth
            if credentials is not None and "Authorization" not in request.headers:
                headers.append(("Authorization", basic(credentials)))
            upstream = await open_websocket(
                dialled,
                subprotocols=passed,
                headers=headers,
                ssl=self._client_context(identity),
                open_timeout=self._settings.limit,
                # The charger's own, where it has one, is among the headers.
                user_agent_header=None,
            )
        except (ConnectRefused, ValueError) as refused:
            self._watch.note(identity, f"refused: {refused}")
            return _refusal(charger, refused)
        self._upstreams[charger] = upstream
        guard = asyncio.get_running_loop().create_task(self._not_for_nobody(charger))
        self._guards.add(guard)
        guard.add_done_callback(self._guards.discard)
        return None

    async def _not_for_nobody(self, charger: ServerConnection) -> None:
        """A charger may leave before its handshake is over: then nobody else closes the connection to the CSMS."""
        await charger.wait_closed()
        upstream = self._upstreams.pop(charger, None)
        if upstream is not None:
            await upstream.close()

    def _select(self, charger: ServerConnection, _: Any) -> Subprotocol | None:
        """What the CSMS has picked."""
        upstream = self._upstreams.get(charger)
        return None if upstream is None else upstream.subprotocol

    async def _relay(self, charger: ServerConnection) -> None:
        upstream = self._upstreams.pop(charger, None)
        if upstream is None:
            await charger.close(_NO_SUBPROTOCOL, "no common subprotocol")
            return
        identity = identity_of(cast(Request, charger.request)) or UNKNOWN_STATION
        version = _SUBPROTOCOLS.get(upstream.subprotocol or "")
        self.stations[identity] = None
        if version is None:
            picked = f"the subprotocol {upstream.subprotocol}" if upstream.subprotocol else "no subprotocol"
            self._watch.note(identity, f"connected with {picked}: what crosses is passed on, and cannot be read")
        else:
            self._versions[identity] = version
            self._watch.fact(identity, "connection", {"is": "opened"})
        reading = Reading(version)
        # The first is how the connection ended; the second is what the other direction has seen of that.
        ends: list[Ended] = []
        directions = [
            asyncio.ensure_future(self._pass(identity, reading, one, other, direction, ends))
            for one, other, direction in (
                (charger, upstream, Direction.TO_CSMS),
                (upstream, charger, Direction.TO_CHARGER),
            )
        ]
        try:
            await asyncio.gather(*directions)
        finally:
            for task in directions:
                task.cancel()
            upstream.transport.abort()
        if version is not None:
            self._watch.fact(identity, "connection", {"is": "closed", **ends[0].fields})

    async def _pass(
        self,
        identity: str,
        reading: Reading,
        source: WebSocket,
        sink: WebSocket,
        direction: Direction,
        ends: list[Ended],
    ) -> None:
        """Pass one direction on until its source closes, then close the sink in the same way."""
        own = Role.CSMS if direction is Direction.TO_CSMS else Role.CHARGER
        try:
            while True:
                text = await source.recv()
                record, violations = reading.read(text, direction, clock.now())
                self._watch.frame(identity, record)
                for violation in violations:
                    self._watch.violation(identity, violation, direction.sender)
                try:
                    await sink.send(text)
                except ConnectionClosed:
                    break  # the other direction has its end, and closes the source
        except ConnectionClosed as closed:
            end = ended(closed, own)
            stopped = self._stopping and direction is Direction.TO_CSMS and end.by is own
            ends.append(Ended(reason="the recording has ended") if stopped else end)
            if end.by is None:
                sink.transport.abort()
            elif end.code == CloseCode.NO_STATUS_RCVD:
                await sink.close(cast(int, None))  # a frame without a code, as it came
            else:
                await sink.close(end.code or CloseCode.NORMAL_CLOSURE, end.reason)

    def _client_context(self, identity: str) -> tls.SSLContext | None:
        return self._settings.tls.context(identity) if self._settings.upstream.startswith("wss://") else None

    def _refused_handshake(self, error: tls.SSLError) -> None:
        self._watch.note(UNKNOWN_STATION, f"refused: {in_words(error, 'the station')}")

    def _hide(self, request: Request) -> None:
        """What a charger connects with is nobody's to see."""
        credentials = credentials_of(request)
        if credentials is not None:
            self._redactor.add(credentials[1])
        for value in request.headers.get_all("Authorization"):
            self._redactor.add(value.partition(" ")[2] or value)
        for secret in option_secrets([f"ws://charger{request.path}"]):
            self._redactor.add(secret)


def _offered(request: Request) -> list[str]:
    lines = request.headers.get_all("Sec-WebSocket-Protocol")
    return [word for line in lines for part in line.split(",") if (word := part.strip())]


def _passes(name: str) -> bool:
    return name.lower() not in _OWN_HEADERS and not name.lower().startswith("sec-websocket-")


def _refusal(charger: ServerConnection, refused: Exception) -> Response:
    cause = refused.__cause__
    if not isinstance(cause, InvalidStatus):
        return charger.respond(HTTPStatus.BAD_GATEWAY, "the CSMS cannot be reached\n")
    theirs = cause.response
    body = bytes(theirs.body or b"")
    headers = Headers({"Connection": "close", "Content-Length": str(len(body))})
    for name in _PASSED_BACK:
        for value in theirs.headers.get_all(name):
            headers[name] = value
    return Response(theirs.status_code, theirs.reason_phrase, headers, body)
