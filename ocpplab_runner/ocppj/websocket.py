"""Thin client and server shells: the WebSocket handshake as OCPP-J asks for it, and texts in and out of a session.

OCPP-J 1.6 section 3, OCPP 2.x Part 4 section 3. Compression for chargers that ask for it, which ours do not; no
automatic pings, no proxy unless one is named.
"""

from __future__ import annotations

import base64
import binascii
import ssl as tls
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from websockets.asyncio.client import connect as _connect
from websockets.asyncio.connection import Connection as WebSocket
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as _serve
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from ocpplab_runner.ocppj.closing import MAX_MESSAGE_SIZE, Ended, ended
from ocpplab_runner.ocppj.push_connection import PushClient, PushConnection, PushServer
from ocpplab_runner.ocppj.refusals import ConnectRefused, no_common_version, refusal
from ocpplab_runner.ocppj.route import Route
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.tls import ClientTls
from ocpplab_runner.ocppj.urls import Dialled, dial
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = [
    "MAX_MESSAGE_SIZE",
    "ConnectRefused",
    "Connection",
    "Server",
    "WebSocket",
    "basic",
    "connect",
    "credentials_of",
    "identity_of",
    "open_websocket",
    "pump",
    "sender",
    "serve",
]

#: Seconds in which a TLS handshake must be over, at a CSMS of ours.
HANDSHAKE_TIMEOUT = 10.0
_STRAIGHT = Route()
# Unsent bytes beyond which a send waits until the other side reads.
_HIGH_WATER = 2**20


@dataclass(slots=True)
class Connection:
    """What the server knows of a charger that has just connected.

    Attributes:
        identity: the last part of the URL's path, percent-decoded.
        version: the negotiated version.
        ws: the open WebSocket; it closes when the connection's callback returns.
        basic_auth: user and password, when the charger sent them.
    """

    identity: str
    version: OcppVersion
    ws: WebSocket
    basic_auth: tuple[str, str] | None


class _Connect(_connect):
    """As websockets', but a redirect is an answer like any other: it would carry credentials to where it leads."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow none."""
        return exc


async def connect(
    url: str,
    *,
    identity: str,
    versions: Sequence[OcppVersion],
    basic_auth: tuple[str, str] | None = None,
    ssl: tls.SSLContext | None = None,
    route: Route = _STRAIGHT,
    open_timeout: float = 10.0,
) -> tuple[WebSocket, OcppVersion]:
    """Connect a charger to a CSMS.

    Args:
        url: ``ws://`` or ``wss://``, with or without ``{identity}``; see :func:`~ocpplab_runner.ocppj.urls.dial`.
        identity: the charger's identity.
        versions: offered, the preferred one first.
        basic_auth: user and password (security profiles 1 and 2); the user is usually the identity. Credentials in
            the URL are used where there are none.
        ssl: for ``wss://``; TLS from 1.2 on, with the system's roots, unless given.
        route: a proxy and headers; the environment's proxies are not asked.
        open_timeout: seconds for TCP, TLS and HTTP together.

    Returns:
        The open WebSocket and the version that the CSMS picked.

    Raises:
        ConnectRefused: with the reason.
    """
    try:
        dialled = dial(url, identity)
    except ValueError as error:
        raise ConnectRefused("url", str(error)) from None
    headers = dict(route.headers)
    credentials = basic_auth or dialled.basic_auth
    if credentials is not None:
        headers["Authorization"] = basic(credentials)
    ws = await open_websocket(
        dialled,
        subprotocols=[version.subprotocol for version in versions],
        headers=headers,
        ssl=ssl,
        open_timeout=open_timeout,
        route=route,
    )
    if ws.subprotocol is None:
        # OCPP-J 1.6 section 3.2: that is how a server says no; it closes the connection itself.
        await ws.close()
        raise no_common_version([version.subprotocol for version in versions])
    return ws, OcppVersion.from_subprotocol(ws.subprotocol)


def basic(credentials: tuple[str, str]) -> str:
    """The header of basic authentication for a user and a password (RFC 7617)."""
    return f"Basic {base64.b64encode(':'.join(credentials).encode('utf-8', 'surrogateescape')).decode()}"


async def open_websocket(
    dialled: Dialled,
    *,
    subprotocols: Sequence[str],
    headers: Mapping[str, str] | Sequence[tuple[str, str]],
    ssl: tls.SSLContext | None = None,
    open_timeout: float = 10.0,
    route: Route = _STRAIGHT,
    **options: Any,
) -> WebSocket:
    """Open a WebSocket, whatever subprotocols are offered and whether one is picked.

    Args:
        dialled: where.
        subprotocols: offered, the preferred one first.
        headers: of the request, beside those of the WebSocket.
        ssl: for ``wss://``; TLS from 1.2 on, with the system's roots, unless given.
        open_timeout: seconds for TCP, TLS and HTTP together.
        route: whether a proxy is on the way.
        options: further ones of ``websockets``.

    Raises:
        ConnectRefused: with the reason; its cause is the library's error, or the alert of TLS behind that.
    """
    if ssl is not None:
        options["ssl"] = ssl
    elif dialled.url.startswith("wss:"):
        # Python's own default leaves it to OpenSSL's configuration which old versions are spoken.
        options["ssl"] = ClientTls().context("")
    made: list[PushClient] = []

    def create(*arguments: Any, **more: Any) -> PushClient:
        made.append(PushClient(*arguments, **more))
        return made[-1]

    try:
        # Pings are the charger's own, by its WebSocketPingInterval; compression is its choice (2.x Part 4 3.4).
        return await _Connect(
            dialled.url,
            create_connection=cast("type[PushClient]", create),
            subprotocols=[Subprotocol(subprotocol) for subprotocol in subprotocols] or None,
            additional_headers=headers,
            compression=None,
            proxy=route.proxy,
            ping_interval=None,
            open_timeout=open_timeout,
            max_size=MAX_MESSAGE_SIZE,
            **options,
        )
    except (OSError, WebSocketException) as error:
        # Our end is made once the way is open: before that only the proxy has been spoken to.
        proxy = None if made else route.proxy_shown
        # TLS 1.3 has the charger's certificate looked at when the handshake is over for the charger.
        cause = made[-1].lost if made and isinstance(made[-1].lost, tls.SSLError) else error
        raise refusal(cause, dialled.shown, subprotocols, open_timeout, _lacks(made), proxy) from cause


def _lacks(made: Sequence[PushClient]) -> str:
    """How far a handshake has come. asyncio makes the connection's protocol over TCP, and tells it of TLS."""
    if not made:
        return "no TCP connection"
    return "no whole answer in HTTP" if hasattr(made[-1], "transport") else "no TLS"


async def serve(
    host: str,
    port: int,
    *,
    versions: Sequence[OcppVersion],
    on_connection: Callable[[Connection], Awaitable[None]],
    ssl: tls.SSLContext | None = None,
    authenticate: Callable[[str, tuple[str, str] | None], bool | HTTPStatus] | None = None,
    path: str | None = None,
    refused: Callable[[str, str], None] | None = None,
    owners: bool = False,
    backlog: int = 1024,
) -> Server:
    """Listen for chargers.

    Args:
        host: a numeric address, ``127.0.0.1`` for the loopback.
        port: 0 picks a free one; ``server.sockets[0].getsockname()[1]`` tells which.
        versions: spoken, the preferred one first: it wins over the charger's own order.
        on_connection: runs for each connection, which ends when it returns.
        ssl: a server context for ``wss://``.
        authenticate: gets the identity and the basic-auth credentials; False refuses with 401, a status with that
            status (404 for an unknown identity, OCPP-J 1.6 section 3.2). Everyone is let in without it.
        path: what must stand before the identity in the URL's path, or the answer is 404; anything may unless given.
        refused: hears of the identities that were not let in, and why.
        owners: whether a charger that shows a certificate must be called there as it dials (2.x A00.FR.405); another
            is answered 403.
        backlog: connections that may wait to be accepted.

    Returns:
        The server; :func:`close` and ``await server.wait_closed()`` end it and its connections.
    """

    def select(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        # None: complete the handshake without a subprotocol, then close (OCPP-J 1.6 section 3.2, 2.x Part 4 3.2).
        return next((Subprotocol(v.subprotocol) for v in versions if v.subprotocol in offered), None)

    def check(connection: ServerConnection, request: Request) -> Response | None:
        verdict: bool | HTTPStatus = True
        if not identity_of(request):
            verdict = HTTPStatus.NOT_FOUND
            why = "the URL that it dialled ends without an identity"
        elif path is not None and _before_identity(request) != path.strip("/"):
            verdict = HTTPStatus.NOT_FOUND
            why = f"it dialled the path {urlsplit(request.path).path}"
        elif owners and (other := _another_owner(connection, identity_of(request))) is not None:
            verdict = HTTPStatus.FORBIDDEN
            why = f"its certificate is {other}'s"
        elif authenticate is not None:
            credentials = credentials_of(request)
            verdict = authenticate(identity_of(request), credentials)
            why = "its user or password is wrong" if credentials else "it gave no credentials"
        if verdict is True:
            return None
        status = HTTPStatus.UNAUTHORIZED if verdict is False else verdict
        if refused is not None and status != HTTPStatus.SERVICE_UNAVAILABLE:  # which is not about this one
            refused(identity_of(request), why)
        response = connection.respond(status, f"{status.phrase}\n")
        if status == HTTPStatus.UNAUTHORIZED:
            # RFC 7617 section 2.1: in which charset user and password are to be sent.
            response.headers["WWW-Authenticate"] = 'Basic realm="ocpp", charset="UTF-8"'
        return response

    async def handle(ws: ServerConnection) -> None:
        request = cast(Request, ws.request)
        if ws.subprotocol is None:
            if refused is not None:
                offered = ", ".join(request.headers.get_all("Sec-WebSocket-Protocol")) or "no subprotocol"
                refused(identity_of(request), f"it offered {offered}")
            await ws.close(1002, "no common subprotocol")
            return
        version = OcppVersion.from_subprotocol(ws.subprotocol)
        await on_connection(Connection(identity_of(request), version, ws, credentials_of(request)))

    return await _serve(
        handle,
        host,
        port,
        create_connection=PushServer,
        select_subprotocol=select,
        process_request=check,
        # For who asks: a CSMS of 2.x must (Part 4 3.4).
        compression="deflate",
        ping_interval=None,
        max_size=MAX_MESSAGE_SIZE,
        ssl=ssl,
        ssl_handshake_timeout=None if ssl is None else HANDSHAKE_TIMEOUT,
        backlog=backlog,
    )


def close(server: Server) -> None:
    """Stop listening and close the connections; who has not even said what it wants is not waited for."""
    server.close()
    for connection in list(PushServer.made):
        if connection.server is server and connection.protocol.state is State.CONNECTING:
            connection.transport.abort()


def identity_of(request: Request) -> str:
    """The last part of the path that a charger has dialled, percent-decoded (OCPP-J 3.1.1, 2.x Part 4 3.1.1)."""
    return unquote(urlsplit(request.path).path.rstrip("/").rpartition("/")[2])


def _another_owner(connection: ServerConnection, identity: str) -> str | None:
    """Whose certificate a charger has shown, where that is another's; None where it has shown none."""
    shown = connection.transport.get_extra_info("peercert")
    names = [value for part in (shown or {}).get("subject", ()) for name, value in part if name == "commonName"]
    return None if not shown or identity in names else ", ".join(names) or "nobody"


def _before_identity(request: Request) -> str:
    return unquote(urlsplit(request.path).path.rstrip("/").rpartition("/")[0]).strip("/")


def credentials_of(request: Request) -> tuple[str, str] | None:
    """User and password of a request's basic authentication, where it has one that can be read."""
    values = request.headers.get_all("Authorization")
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() != "basic":
        return None
    try:
        # OCPP 1.6 keys may be any bytes; what is not UTF-8 survives as surrogates.
        decoded = base64.b64decode(token.strip(), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return None
    # The first colon ends the user: an identity has none (2.x Part 4 3.1.1), a password may have some.
    user, colon, password = decoded.partition(":")
    return (user, password) if colon else None


def sender(ws: WebSocket) -> Callable[[str | bytes], Awaitable[None] | None]:
    """The ``send_text`` of a session on this WebSocket: synchronous while the other side keeps up.

    The function raises :class:`ConnectionError` when the connection is no longer open.
    """
    protocol, transport = ws.protocol, cast(Any, ws.transport)

    def send(text: str | bytes) -> Awaitable[None] | None:
        if protocol.state is not State.OPEN:
            raise ConnectionError("the WebSocket is closed")
        if transport.get_write_buffer_size() > _HIGH_WATER:
            return ws.send(text)
        # What ws.send() does, but at once: no task and no turn of the loop for a message.
        if isinstance(text, str):
            protocol.send_text(text.encode())
        else:
            protocol.send_binary(text)
        transport.writelines(protocol.data_to_send())
        return None

    return send


async def pump(ws: WebSocket, session: Session) -> Ended:
    """Feed the session from the WebSocket until that closes, then close the session.

    Nobody else may receive from the WebSocket meanwhile.

    Returns:
        How the connection ended.
    """
    end = Ended()
    pushing = ws if isinstance(ws, PushConnection) else None
    if pushing is not None:
        session.when_unread(pushing.drop)
    try:
        while True:
            if pushing is not None:
                # Once more after each: what takes the way through recv() has detached the sink.
                pushing.attach(session.receive)
            session.receive(await ws.recv())
    except ConnectionClosed as closed:
        if pushing is not None and pushing.failure is not None:
            raise pushing.failure from None
        end = Ended(reason=pushing.dropped) if pushing is not None and pushing.dropped else ended(closed, session.role)
        return end
    finally:
        if pushing is not None:
            pushing.detach()
        await session.aclose(str(end))
