"""Real WebSockets on the loopback, under the virtual clock: the handshake, refusals, TLS, the pump."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import connect as plain_connect
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as plain_serve
from websockets.typing import Subprotocol

from ocpplab_runner import clock
from ocpplab_runner.ocppj import (
    Call,
    CallHandler,
    CallResult,
    Connection,
    ConnectRefused,
    FrameRecord,
    Role,
    Session,
    SessionClosed,
    WebSocket,
    connect,
    counter_ids,
    pump,
    sender,
    serve,
)
from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.websocket import MAX_MESSAGE_SIZE
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.ocppj.sessions import BOOT_16, V16, V21, V201, Heard

LOCALHOST = "127.0.0.1"


def accept(call: Call) -> dict[str, Any]:
    """A CSMS, or a charger, that agrees to everything."""
    if call.action == "BootNotification":
        return {"status": "Accepted", "interval": 300, "currentTime": clock.timestamp()}
    return {"currentTime": clock.timestamp()} if call.action == "Heartbeat" else {"status": "Accepted"}


class Backend:
    """A CSMS on the loopback that keeps its connections and sessions."""

    def __init__(self, handler: CallHandler = accept) -> None:
        self.handler = handler
        self.connections: list[Connection] = []
        self.sessions: list[Session] = []
        self.ends: list[Ended] = []
        self.heard = Heard()
        self.port = 0

    async def take(self, connection: Connection) -> None:
        """One connection, until it closes."""
        session = Session(
            version=connection.version,
            role=Role.CSMS,
            send_text=sender(connection.ws),
            handler=self.handler,
            observer=self.heard,
            next_id=counter_ids("s"),
        )
        self.connections.append(connection)
        self.sessions.append(session)
        self.ends.append(await pump(connection.ws, session))


@contextlib.asynccontextmanager
async def backend(
    versions: tuple[OcppVersion, ...] = (V16,), handler: CallHandler = accept, **options: Any
) -> AsyncIterator[Backend]:
    """A running CSMS; when it has stopped, no task may be left."""
    csms = Backend(handler)
    server = await serve(LOCALHOST, 0, versions=versions, on_connection=csms.take, **options)
    csms.port = server.sockets[0].getsockname()[1]
    try:
        yield csms
    finally:
        server.close()
        await server.wait_closed()
    await clock.settled()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def session_on(ws: WebSocket, version: OcppVersion, observer: Heard, handler: CallHandler = accept) -> Session:
    """A charger's session that sends on that WebSocket; nobody reads from it yet."""
    return Session(
        version=version,
        role=Role.CHARGER,
        send_text=sender(ws),
        handler=handler,
        observer=observer,
        next_id=counter_ids("c"),
    )


@contextlib.asynccontextmanager
async def charger(
    csms: Backend, versions: tuple[OcppVersion, ...] = (V16,), handler: CallHandler = accept, **options: Any
) -> AsyncIterator[tuple[Session, WebSocket, Heard]]:
    """A charger's session over a real WebSocket."""
    ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}/ocpp", identity="CP1", versions=versions, **options)
    heard = Heard()
    session = session_on(ws, version, heard, handler)
    reader = asyncio.create_task(pump(ws, session))
    try:
        yield session, ws, heard
    finally:
        await ws.close()
        await reader


def test_calls_cross_a_real_connection_both_ways() -> None:
    """Both ends call at once and from within handlers; each hears the same frames; no virtual time passes."""

    async def on_csms(call: Call) -> dict[str, Any]:
        if call.action == "BootNotification":
            assert isinstance(await csms.sessions[0].call("Reset", {"type": "Soft"}), CallResult)
        return accept(call)

    async def main() -> None:
        nonlocal csms
        async with backend(handler=on_csms) as csms, charger(csms) as (session, _, heard):
            assert isinstance(await session.call("BootNotification", BOOT_16), CallResult)
            calls = [
                *(session.enqueue("Heartbeat", {}) for _ in range(20)),
                *(csms.sessions[0].enqueue("ClearCache", {}) for _ in range(20)),
            ]
            assert [(await call.future).message_id for call in calls] == [call.message_id for call in calls]
            assert csms.heard.codes == heard.codes == []
            assert sorted(csms.heard.texts) == sorted(heard.texts)
            assert clock.now() == 0
        assert csms.ends == [Ended(Role.CHARGER, 1000, "")]

    csms = Backend()
    clock.run(main())


@pytest.mark.parametrize(
    ("spoken", "offered", "agreed"),
    [
        ((V16,), (V16,), V16),
        ((V201, V16), (V16, V201), V201),
        ((V16, V201), (V201, V16), V16),
        ((V21, V201, V16), (V16,), V16),
        ((V21, V201), (V201, V21), V21),
    ],
)
def test_the_servers_preference_wins(
    spoken: tuple[OcppVersion, ...], offered: tuple[OcppVersion, ...], agreed: OcppVersion
) -> None:
    """Of the versions offered, the server picks the one that it likes best."""

    async def main() -> None:
        async with backend(spoken) as csms, charger(csms, offered) as (session, ws, _):
            await clock.settled()
            assert session.version is csms.connections[0].version is agreed
            assert ws.subprotocol == agreed.subprotocol

    clock.run(main())


def test_no_common_version_is_refused() -> None:
    """The server completes the handshake without a subprotocol and closes; the client says why it gives up."""

    async def main() -> None:
        async with backend((V201,)) as csms:
            with pytest.raises(ConnectRefused, match=r"speaks none of ocpp1\.6") as refused:
                await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            assert refused.value.reason == "subprotocol"
            async with plain_connect(f"ws://{LOCALHOST}:{csms.port}/CP1", proxy=None) as ws:
                await ws.wait_closed()
                assert ws.close_code == 1002
            assert csms.connections == []

    clock.run(main())


def test_a_server_that_picks_what_was_not_offered_is_refused() -> None:
    """A subprotocol out of the blue breaks the handshake."""

    async def main() -> None:
        async def idle(ws: ServerConnection) -> None:
            await ws.wait_closed()

        def force(connection: ServerConnection, request: Any, response: Any) -> Any:
            response.headers["Sec-WebSocket-Protocol"] = "ocpp2.1"
            return response

        async with plain_serve(idle, LOCALHOST, 0, process_response=force) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(ConnectRefused, match="picked none of") as refused:
                await connect(f"ws://{LOCALHOST}:{port}", identity="CP1", versions=[V16, V201])
            assert refused.value.reason == "subprotocol"

    clock.run(main())


@pytest.mark.parametrize("identity", ["CP1", "CP 1/ä", "RDAM|123", "%41?x#y"])
def test_the_identity_travels_in_the_path(identity: str) -> None:
    """Any identity is percent-encoded as the last part of the path and arrives as it was."""

    async def main() -> None:
        async with backend() as csms:
            for url in ("", "/", "/ocpp/v1", "/ocpp/", "/ocpp?tenant=1"):
                ws, _ = await connect(f"ws://{LOCALHOST}:{csms.port}{url}", identity=identity, versions=[V16])
                await clock.settled()
                assert csms.connections[-1].identity == identity
                await ws.close()

    clock.run(main())


@pytest.mark.parametrize(
    ("credentials", "reason", "status"),
    [
        (("CP1", "right"), None, None),
        (("CP1", "with:colon €"), None, None),
        (("CP1", "wrong"), "unauthorized", 401),
        (None, "unauthorized", 401),
        (("CP9", "right"), "not-found", 404),
        (("CP8", "right"), "http", 503),
    ],
)
def test_basic_auth(credentials: tuple[str, str] | None, reason: str | None, status: int | None) -> None:
    """Right credentials are let in and handed on; wrong ones get 401, an unknown identity 404, each said clearly."""
    asked: list[tuple[str, tuple[str, str] | None]] = []

    def check(identity: str, given: tuple[str, str] | None) -> bool | HTTPStatus:
        asked.append((identity, given))
        if given is not None and given[0] != "CP1":
            return HTTPStatus.NOT_FOUND if given[0] == "CP9" else HTTPStatus.SERVICE_UNAVAILABLE
        return given is not None and given[1] in ("right", "with:colon €")

    async def main() -> None:
        async with backend(authenticate=check) as csms:
            url = f"ws://{LOCALHOST}:{csms.port}"
            if reason is None:
                ws, _ = await connect(url, identity="CP1", versions=[V16], basic_auth=credentials)
                await clock.settled()
                assert csms.connections[0].basic_auth == credentials
                await ws.close()
            else:
                with pytest.raises(ConnectRefused) as refused:
                    await connect(url, identity="CP1", versions=[V16], basic_auth=credentials)
                assert (refused.value.reason, refused.value.status) == (reason, status)
                assert f"HTTP {status}" in str(refused.value)
                assert csms.connections == []
        assert asked == [("CP1", credentials)]

    clock.run(main())


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer abc", "Basic bm9jb2xvbg=="])
def test_broken_credentials_are_none(header: str) -> None:
    """An Authorization header that is no user and password counts as none."""

    async def main() -> None:
        async with backend() as csms:
            async with plain_connect(
                f"ws://{LOCALHOST}:{csms.port}/CP1",
                subprotocols=["ocpp1.6"],  # type: ignore[list-item]
                additional_headers={"Authorization": header},
                proxy=None,
            ):
                await clock.settled()
            assert csms.connections[0].basic_auth is None

    clock.run(main())


def test_nothing_there() -> None:
    """A closed port, a bad URL and a server that is no WebSocket server each have their reason."""

    async def main() -> None:
        async def http_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"SMTP ready\r\n")
            writer.close()

        server = await asyncio.start_server(http_only, LOCALHOST, 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectRefused, match="no WebSocket server") as refused:
            await connect(f"ws://{LOCALHOST}:{port}", identity="CP1", versions=[V16])
        assert refused.value.reason == "http"
        server.close()
        await server.wait_closed()
        with pytest.raises(ConnectRefused, match="cannot reach") as refused:
            await connect(f"ws://{LOCALHOST}:{port}", identity="CP1", versions=[V16])
        assert refused.value.reason == "unreachable"
        for url in ("http://127.0.0.1/", "ws://", "127.0.0.1:80", ""):
            with pytest.raises(ConnectRefused, match="not a ws") as refused:
                await connect(url, identity="CP1", versions=[V16])
            assert refused.value.reason == "url"

    clock.run(main())


async def _answering(status: str, *headers: str) -> tuple[asyncio.Server, list[bytes]]:
    """A server that gives every request the same HTTP answer, and what it was asked."""
    requests: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        lines = (f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close", "", "")
        writer.write("\r\n".join(lines).encode())
        writer.close()

    return await asyncio.start_server(answer, LOCALHOST, 0), requests


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("there", ["same", "other"])
def test_no_redirect_is_followed(status: str, there: str) -> None:
    """It would carry the charger's password to where it leads: the same server under another path, or another one."""

    async def main() -> None:
        other, seen_there = await _answering("404 Not Found")
        port = other.sockets[0].getsockname()[1]
        location = "/elsewhere" if there == "same" else f"ws://{LOCALHOST}:{port}/elsewhere"
        server, seen = await _answering(status, f"Location: {location}")
        url = f"ws://{LOCALHOST}:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(ConnectRefused, match="follows no redirect") as refused:
            await connect(url, identity="CP1", versions=[V16], basic_auth=("CP1", "s3cr3t"))
        assert (refused.value.reason, refused.value.status) == ("http", int(status[:3]))
        assert len(seen) == 1
        assert b"Authorization: Basic" in seen[0]
        assert seen_there == []
        server.close()
        other.close()

    clock.run(main())


def test_an_unspoken_version_may_be_http_400() -> None:
    """Some servers say so instead of completing the handshake without a subprotocol; the hint names the offer."""

    async def main() -> None:
        server, _ = await _answering("400 Bad Request")
        with pytest.raises(ConnectRefused, match=r"HTTP 400: perhaps it speaks none of ocpp1\.6"):
            await connect(f"ws://{LOCALHOST}:{server.sockets[0].getsockname()[1]}", identity="CP1", versions=[V16])
        server.close()

    clock.run(main())


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "socks_proxy"])
def test_no_proxy_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What the environment names is for the web; a charger's own connection is what is tested."""
    monkeypatch.setenv(name, f"http://lab:s3cr3t@{LOCALHOST}:1")

    async def main() -> None:
        async with backend() as csms:
            for host in (LOCALHOST, "localhost"):
                ws, _ = await connect(f"ws://{host}:{csms.port}", identity="CP1", versions=[V16])
                await ws.close()

    clock.run(main())


def test_credentials_in_the_url_are_used() -> None:
    """Those that are given beside it go first; what is refused is named without them."""

    async def main() -> None:
        async with backend(authenticate=lambda *_: False) as csms:
            with pytest.raises(ConnectRefused) as refused:
                await connect(f"ws://lab:s3cr3t@{LOCALHOST}:{csms.port}/x?t=s3cr3t", identity="CP1", versions=[V16])
            assert f"ws://{LOCALHOST}:{csms.port}/x/CP1?[redacted] answered HTTP 401" in str(refused.value)
        async with backend() as csms:
            url = f"ws://lab:s3cr3t@{LOCALHOST}:{csms.port}"
            for credentials in (None, ("CP1", "other")):
                ws, _ = await connect(url, identity="CP1", versions=[V16], basic_auth=credentials)
                await clock.settled()
                assert csms.connections[-1].basic_auth == (credentials or ("lab", "s3cr3t"))
                await ws.close()

    clock.run(main())


def test_a_silent_server_times_out() -> None:
    """A server that accepts the connection and says nothing is given up after open_timeout."""

    async def main() -> None:
        gone = asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            gone.set()

        server = await asyncio.start_server(silent, LOCALHOST, 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectRefused) as refused:
            await connect(f"ws://{LOCALHOST}:{port}", identity="CP1", versions=[V16], open_timeout=7)
        assert refused.value.reason == "timeout"
        assert "did not complete the handshake within 7 s" in str(refused.value)
        assert clock.now() == pytest.approx(7)
        await gone.wait()
        server.close()
        await server.wait_closed()

    clock.run(main())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for the loopback address, valid when the wall clock says so, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "csms.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOCALHOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


def test_tls(certificate: tuple[Path, Path]) -> None:
    """wss:// works with a trusted certificate; an untrusted one and a plain-text server are refused as TLS errors."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))

    async def main() -> None:
        async with backend(ssl=server_side) as csms:
            url = f"wss://{LOCALHOST}:{csms.port}"
            ws, version = await connect(url, identity="CP1", versions=[V16], ssl=trusting)
            session = session_on(ws, version, Heard())
            reader = asyncio.create_task(pump(ws, session))
            assert isinstance(await session.call("Heartbeat", {}), CallResult)
            await ws.close()
            await reader
            with pytest.raises(ConnectRefused, match="TLS") as refused:
                await connect(url, identity="CP1", versions=[V16])
            assert refused.value.reason == "tls"
        async with backend() as csms:
            with pytest.raises(ConnectRefused) as refused:
                await connect(f"wss://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16], ssl=trusting)
            assert refused.value.reason == "tls", str(refused.value)

    clock.run(main())


def test_a_tls_version_that_is_not_spoken_is_named(certificate: tuple[Path, Path]) -> None:
    """A server that takes only what the charger does not speak is told as that, not as a certificate's fault."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*certificate)
    server_side.minimum_version = ssl.TLSVersion.TLSv1_3
    older = ssl.create_default_context(cafile=str(certificate[0]))
    older.maximum_version = ssl.TLSVersion.TLSv1_2

    def refuse_once(listener: socket.socket) -> None:
        # Not asyncio's server, which closes before its alert is out.
        plain, _ = listener.accept()
        with plain, contextlib.suppress(ssl.SSLError), server_side.wrap_socket(plain, server_side=True):
            pass

    async def main() -> None:
        with socket.create_server((LOCALHOST, 0)) as listener:
            refusing = asyncio.get_running_loop().run_in_executor(None, refuse_once, listener)
            url = f"wss://{LOCALHOST}:{listener.getsockname()[1]}"
            with pytest.raises(ConnectRefused, match="no TLS version in common") as refused:
                await connect(url, identity="CP1", versions=[V16], ssl=older)
            assert refused.value.reason == "tls"
            await refusing

    clock.run(main(), virtual=False)


def test_a_message_that_is_too_large_is_told_as_that() -> None:
    """Whose it was, and how large it may be; not merely that the connection was closed."""
    ends: list[Ended] = []

    async def main() -> None:
        async def flood(ws: ServerConnection) -> None:
            await ws.send("x" * (MAX_MESSAGE_SIZE + 1))
            await ws.wait_closed()

        async with plain_serve(flood, LOCALHOST, 0, subprotocols=["ocpp1.6"], compression=None) as server:  # type: ignore[list-item]
            port = server.sockets[0].getsockname()[1]
            ws, version = await connect(f"ws://{LOCALHOST}:{port}", identity="CP1", versions=[V16])
            ends.append(await pump(ws, session_on(ws, version, Heard())))

    clock.run(main())
    assert ends == [Ended(Role.CHARGER, 1009, "the CSMS sent a message of more than 16 MiB")]


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        (1000, "", "1000 (OK)"),
        (1001, "", "1001 (going away)"),
        (1008, "unknown charger", "1008 (policy violation) unknown charger"),
        (1012, "until noon", "1012 (service restart) until noon"),
        (4000, "é" * 61, f"4000 (private use) {'é' * 61}"),
    ],
)
def test_how_a_connection_ended_is_told(code: int, reason: str, told: str) -> None:
    """Each end knows who closed it, with which code and words; whoever closes an end is not told by the echo."""

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            reader = asyncio.create_task(pump(ws, session_on(ws, version, Heard())))
            await clock.settled()
            await csms.connections[0].ws.close(code, reason)
            ends = [await reader, *csms.ends]
        assert ends == [Ended(Role.CSMS, code, reason)] * 2
        assert str(ends[0]) == f"the CSMS closed the connection: {told}"

    clock.run(main())


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        (b"\x88\x00", Ended(Role.CSMS, 1005, "")),
        (b"\x88\x02\x03\xf0", Ended(Role.CSMS, 1008, "")),
        (b"\x88\x02\x00\x01", Ended(Role.CHARGER, 1002, "the CSMS broke the WebSocket protocol: invalid")),
        (b"\x88\x01\x03", Ended(Role.CHARGER, 1002, "the CSMS broke the WebSocket protocol: close frame too short")),
        (b"\x88\x04\x03\xf0\xc3\x28", Ended(Role.CHARGER, 1007, "the CSMS broke the WebSocket protocol: invalid")),
        (b"\x83\x00", Ended(Role.CHARGER, 1002, "the CSMS broke the WebSocket protocol: invalid opcode")),
        (b"", Ended(None, None, "the connection was dropped")),
    ],
)
def test_an_odd_end_is_told(frame: bytes, end: Ended) -> None:
    """A Close frame without a code, a broken one, another frame that is none, and none at all."""

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            reader = asyncio.create_task(pump(ws, session_on(ws, version, Heard())))
            await clock.settled()
            csms.connections[0].ws.transport.write(frame)
            csms.connections[0].ws.transport.close()
            told = await reader
        assert (told.by, told.code) == (end.by, end.code)
        assert told.reason.startswith(end.reason)
        assert end.code != 1005 or str(told) == "the CSMS closed the connection without a code"

    clock.run(main())


@pytest.mark.parametrize("closes", ["charger", "csms", "dropped"])
def test_a_closed_connection_fails_what_waits(closes: str) -> None:
    """When either side closes, or the connection breaks, a pending call fails with the reason and nothing is left."""

    async def never(_: Call) -> dict[str, Any]:
        await asyncio.sleep(1000)
        return {}

    async def main() -> None:
        async with backend(handler=never) as csms, charger(csms) as (session, ws, _):
            calls = [session.enqueue("Heartbeat", {}), session.enqueue("Heartbeat", {})]
            await clock.settled()
            if closes == "charger":
                await ws.close()
            elif closes == "csms":
                await csms.connections[0].ws.close(1012, "restart")
            else:
                ws.transport.abort()
            expected = {"charger": "1000", "csms": r"1012 \(service restart\) restart", "dropped": "dropped"}[closes]
            for call in calls:
                with pytest.raises(SessionClosed, match=expected):
                    await call.future
            assert session.closed
            with pytest.raises(SessionClosed):
                await session.call("Heartbeat", {})
            await clock.settled()
            assert csms.sessions[0].closed

    clock.run(main())


def test_a_send_on_a_closing_connection_closes_the_session() -> None:
    """Between the close and the pump noticing it, a call fails instead of being recorded as sent."""

    async def main() -> None:
        async with backend() as csms, charger(csms) as (session, ws, heard):
            await clock.settled()
            closing = asyncio.create_task(ws.close())
            await asyncio.sleep(0)
            with pytest.raises(SessionClosed):
                await session.call("Heartbeat", {})
            assert heard.frames == []
            await closing

    clock.run(main())


def fragments(*parts: str) -> Callable[[WebSocket], Any]:
    """Sends one message in several frames."""

    async def send(ws: WebSocket) -> None:
        await ws.send(parts)

    return send


def whole(text: str | bytes) -> Callable[[WebSocket], Any]:
    """Sends one message in one frame."""
    return lambda ws: ws.send(text)


def test_fragments_and_messages_before_the_pump_keep_their_order() -> None:
    """Messages that came before the pump started, fragmented ones and plain ones are read in the order of sending."""
    sends = [
        whole("0"),
        fragments("1", "1"),
        whole("2"),
        whole(b"3"),
        fragments("4", "", "4"),
        fragments("5"),
        whole("6"),
        whole("é" * 70_000),
        whole("8"),
    ]

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            await clock.settled()
            peer = csms.connections[0].ws
            for early in sends[:3]:
                await early(peer)
            await clock.settled()
            heard = Heard()
            session = session_on(ws, version, heard)
            reader = asyncio.create_task(pump(ws, session))
            for send in sends[3:]:
                await send(peer)
            await clock.settled()
            assert heard.texts == ["0", "11", "2", "3", "44", "5", "6", "é" * 70_000, "8"]
            await ws.close()
            await reader

    clock.run(main())


def test_the_pump_may_start_in_the_middle_of_a_message() -> None:
    """The rest of a fragmented message and what follows it are read in order, even when they come together."""

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            await clock.settled()
            peer = csms.connections[0].ws
            peer.protocol.send_text(b"first ", fin=False)
            peer.send_data()
            await clock.settled()
            heard = Heard()
            session = session_on(ws, version, heard)
            reader = asyncio.create_task(pump(ws, session))
            await clock.settled()
            peer.protocol.send_continuation(b"second", fin=True)
            peer.protocol.send_text(b"after")
            peer.send_data()
            await clock.settled()
            assert heard.texts == ["first second", "after"]
            await ws.close()
            await reader

    clock.run(main())


def test_bytes_that_are_not_utf8_end_the_connection() -> None:
    """A text frame that is not UTF-8 closes the WebSocket with code 1007 (RFC 6455 section 8.1)."""

    async def main() -> None:
        async with backend() as csms, charger(csms) as (_, ws, heard):
            await clock.settled()
            await ws.send(b"\xff", text=True)
            await ws.wait_closed()
            assert ws.close_code == 1007
            assert heard.frames == csms.heard.frames == []

    clock.run(main())


def test_large_messages_pass_and_too_large_ones_close() -> None:
    """Eight megabytes are answered over the wire; more than sixteen close the connection with code 1009."""

    async def main() -> None:
        async with backend() as csms, charger(csms) as (session, ws, _):
            session.send_raw(f'[2,"big","Heartbeat",{{"x":"{"x" * 8_000_000}"}}]')
            assert isinstance(await session.call("Heartbeat", {}), CallResult)
            session.send_raw("x" * 17_000_000)
            await ws.wait_closed()
            assert ws.close_code == 1009
        assert csms.heard.codes == ["schema"]

    clock.run(main())


@contextlib.asynccontextmanager
async def asking(csms: Backend, compression: str | None) -> AsyncIterator[WebSocket]:
    """A charger of 2.1 that asks for a compression, or for none."""
    url = f"ws://{LOCALHOST}:{csms.port}/CP1"
    async with plain_connect(
        url, subprotocols=[Subprotocol(V21.subprotocol)], compression=compression, proxy=None
    ) as ws:  # fmt: skip
        yield ws


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_who_asks_for_compression_gets_it(compression: str | None) -> None:
    """And nobody else; what is heard are the texts either way."""
    call = '[2,"1","Heartbeat",{}]'

    async def main() -> None:
        async with backend((V21,)) as csms, asking(csms, compression) as ws:
            await ws.send(call)
            answer = await ws.recv()
            assert [one.name for one in ws.protocol.extensions] == ["permessage-deflate"] * (compression is not None)
        assert csms.heard.texts == [call, answer]

    clock.run(main())


def test_a_charger_of_ours_asks_for_no_compression() -> None:
    """It is the charger's choice."""

    async def main() -> None:
        async with backend() as csms, charger(csms) as (_, ws, _):
            assert ws.protocol.extensions == []

    clock.run(main())


def test_a_message_that_unpacks_to_too_much_closes() -> None:
    """The limit is that of the text, not of what crosses."""

    async def main() -> None:
        async with backend((V21,)) as csms, asking(csms, "deflate") as ws:
            await ws.send("x" * 17_000_000)
            await ws.wait_closed()
            assert ws.close_code == 1009
        assert csms.heard.texts == []

    clock.run(main())


def test_a_crashing_observer_surfaces_from_the_pump() -> None:
    """A bug in what listens drops the connection and is raised where the pump is awaited, not lost."""

    class Broken(Heard):
        def frame(self, record: FrameRecord) -> None:
            raise ZeroDivisionError("bug")

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            session = session_on(ws, version, Broken())
            await clock.settled()
            csms.sessions[0].enqueue("ClearCache", {})
            with pytest.raises(ZeroDivisionError):
                await pump(ws, session)
            assert session.closed

    clock.run(main())


def test_a_slow_reader_gets_everything_in_order() -> None:
    """Megabytes sent while the other side reads nothing wait in line and arrive whole and in order."""

    async def main() -> None:
        async with backend() as csms:
            ws, version = await connect(f"ws://{LOCALHOST}:{csms.port}", identity="CP1", versions=[V16])
            await clock.settled()
            peer = csms.sessions[0]
            for number in range(60):
                peer.send_raw(f"{number}:" + "x" * 100_000)
            heard = Heard()
            session = session_on(ws, version, heard)
            reader = asyncio.create_task(pump(ws, session))
            while len(heard.frames) < 60:
                await asyncio.sleep(1)
            assert [int(text.partition(":")[0]) for text in heard.texts] == list(range(60))
            await ws.close()
            await reader

    clock.run(main())


def test_two_hundred_chargers_on_one_loop() -> None:
    """Many sessions share one loop; each has one reader and no other task."""

    async def main() -> None:
        async with backend() as csms, contextlib.AsyncExitStack() as stack:
            sessions = [(await stack.enter_async_context(charger(csms)))[0] for _ in range(200)]
            answers = await asyncio.gather(*(session.call("Heartbeat", {}) for session in sessions))
            assert {type(answer) for answer in answers} == {CallResult}
            await clock.settled()
            ours = {task for task in asyncio.all_tasks() if "pump" in repr(task.get_coro())}
            assert len(ours) == 200
            assert csms.heard.codes == []

    clock.run(main())
