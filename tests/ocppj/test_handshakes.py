"""Handshakes that fail: each is told as what it is, in one line, without credentials, and in bounded time."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import ConnectRefused, connect
from tests.acceptance.certificates import self_signed
from tests.ocppj.sessions import V16

LOCALHOST = "127.0.0.1"
UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
OCPP = "Sec-WebSocket-Protocol: ocpp1.6\r\n"
#: A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
TLS_1_0 = bytes.fromhex("160301002a02000026") + b"\x03\x01" + b"R" * 32 + bytes.fromhex("00002f00")


@contextlib.asynccontextmanager
async def answering(parts: Iterable[bytes], *, pause: float = 0.0, stays: bool = False) -> AsyncIterator[int]:
    """A server that waits for the first bytes, sends its parts with pauses between, and hangs up; gives its port."""

    answers: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            key = _key(await reader.read(4096))
            accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            for part in parts:
                writer.write(part.replace(b"ACCEPT", accept))
                await writer.drain()
                await asyncio.sleep(pause)
            if stays:
                await reader.read()
        writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers.add(asyncio.get_running_loop().create_task(answer(reader, writer)))

    server = await asyncio.start_server(begin, LOCALHOST, 0)
    yield server.sockets[0].getsockname()[1]
    for task in answers:
        task.cancel()
    await asyncio.gather(*answers)
    server.close()
    await server.wait_closed()


def _key(request: bytes) -> bytes:
    lines = (line.partition(b": ") for line in request.split(b"\r\n"))
    return next((value for name, _, value in lines if name.lower() == b"sec-websocket-key"), b"")


async def refused(scheme: str, port: int, context: ssl.SSLContext | None = None) -> ConnectRefused:
    """How a charger takes it."""
    with pytest.raises(ConnectRefused) as found:
        await connect(
            f"{scheme}://lab:s3cr3t@{LOCALHOST}:{port}/ocpp?key=s3cr3t",
            identity="CP1",
            versions=[V16],
            ssl=context,
            open_timeout=10,
        )
    text = str(found.value)
    assert "s3cr3t" not in text
    assert text.isprintable()
    assert len(text) < 400
    assert f"{LOCALHOST}:{port}" in text or found.value.reason == "subprotocol"
    return found.value


def upgrade(accept: str = "ACCEPT", more: str = OCPP, status: str = "101 Switching Protocols") -> bytes:
    """The answer to a WebSocket handshake."""
    return f"HTTP/1.1 {status}\r\n{UPGRADE}Sec-WebSocket-Accept: {accept}\r\n{more}\r\n".encode()


@pytest.mark.parametrize(
    ("answer", "reason", "told"),
    [
        (upgrade(more=""), "subprotocol", "speaks none of ocpp1.6"),
        (upgrade(more="Sec-WebSocket-Protocol: ocpp2.1\r\n"), "subprotocol", "picked none of ocpp1.6"),
        (upgrade(more="Sec-WebSocket-Protocol: OCPP1.6\r\n"), "subprotocol", "picked none of ocpp1.6"),
        (upgrade(more=2 * OCPP), "subprotocol", "picked none of ocpp1.6: invalid Sec-WebSocket-Protocol"),
        (upgrade(more=f"Sec-WebSocket-Protocol: {'x' * 8000}\r\n"), "subprotocol", "picked none of ocpp1.6"),
        (upgrade(accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "http", "its answer is wrong: invalid Sec-WebSocket-Accept"),
        (upgrade(more=f"{OCPP}Sec-WebSocket-Extensions: permessage-deflate\r\n"), "http", "no extensions"),
        (f"HTTP/1.1 101 Switching\r\n{OCPP}\r\n".encode(), "http", "its answer is wrong: missing"),
        (upgrade(status="200 OK"), "http", "HTTP 200: a page of the web"),
        (upgrade(status="204 No Content"), "http", "HTTP 204"),
        (upgrade(status="302 Found", more="Location: ws://lab:s3cr3t@h/\r\n"), "http", "follows no redirect"),
        (upgrade(status="400 Bad Request"), "http", "HTTP 400: perhaps it speaks none of ocpp1.6"),
        (upgrade(status="407 Proxy"), "http", "HTTP 407: a proxy"),
        (upgrade(status="503 Busy"), "http", "HTTP 503: the CSMS, or what stands before it, is in trouble"),
        (b"HTTP/1.0 101 Switching\r\n\r\n", "http", "no WebSocket server"),
        (b"220 mail.example ESMTP\r\n", "http", "no WebSocket server"),
        (b"\x1b[2J::error::\r\n" * 900, "http", "no WebSocket server"),
        (upgrade(more=f"A: {'x' * 500_000}\r\n"), "http", "no WebSocket server"),
        (upgrade(more="A: b\r\n" * 5_000), "http", "no WebSocket server"),
        (b"\x00\x00\x12\x04" + bytes(14), "http", "it may speak wss:// only"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "http", "it may speak wss:// only"),
        (b"", "http", "it may speak wss:// only"),
    ],
)
def test_an_answer_that_opens_no_websocket(answer: bytes, reason: str, told: str) -> None:
    """Of HTTP, of something else, and none at all."""

    async def main() -> None:
        async with answering([answer]) as port:
            found = await refused("ws", port)
        assert (found.reason, told in str(found)) == (reason, True), str(found)

    clock.run(main())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x46", "no TLS version in common"),
        (TLS_1_0, "no TLS version in common"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "it may ask for a certificate"),
        (b"\x15\x03\x03\x00\x02\x02\x70", "the CSMS serves no host of that name"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the CSMS does not speak TLS here"),
        (b"SSH-2.0-OpenSSH\r\n", "the CSMS does not speak TLS here"),
        (TLS_1_0[:9] + b"\x03\x03abc", "broke off the TLS handshake"),
        (b"", "broke off the TLS handshake"),
    ],
)
def test_an_answer_that_is_no_tls(answer: bytes, told: str) -> None:
    """An old version, an alert, plain text, half of a ServerHello and none."""

    async def main() -> None:
        async with answering([answer]) as port:
            found = await refused("wss", port)
        assert (found.reason, told in str(found)) == ("tls", True), str(found)

    clock.run(main())


def test_an_old_version_is_not_spoken_whatever_python_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some leave the least one to OpenSSL's configuration, as Debian's does."""
    made = ssl.create_default_context

    def lenient(*arguments: Any, **options: Any) -> ssl.SSLContext:
        context = made(*arguments, **options)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        return context

    async def main() -> None:
        async with answering([TLS_1_0]) as port:
            assert "at least TLS 1.2 is needed" in str(await refused("wss", port))

    monkeypatch.setattr(ssl, "create_default_context", lenient)
    clock.run(main())


@pytest.mark.parametrize(
    ("scheme", "parts", "lacks"),
    [
        ("ws", [], "no whole answer in HTTP"),
        ("ws", upgrade(), "no whole answer in HTTP"),
        ("wss", [], "no TLS"),
        ("wss", TLS_1_0[:9] + bytes(99), "no TLS"),
    ],
)
def test_a_handshake_that_stalls(scheme: str, parts: bytes, lacks: str) -> None:
    """Silence, and one byte a second: given up as a whole after open_timeout, and what was missing then is named."""

    async def main() -> None:
        async with answering([bytes([byte]) for byte in parts], pause=1.0, stays=True) as port:
            found = await refused(scheme, port)
            assert clock.now() == pytest.approx(10)
        assert found.reason == "timeout"
        assert f"did not complete the handshake within 10 s: {lacks}" in str(found)

    clock.run(main())


_YEAR = datetime.timedelta(days=365)
_NOW = datetime.datetime.now(datetime.UTC)


@pytest.mark.parametrize(
    ("certificate", "trusted", "told"),
    [
        ({"end": _NOW - _YEAR}, True, "the CSMS's certificate has expired"),
        ({"begin": _NOW + _YEAR}, True, "the CSMS's certificate is not valid yet"),
        ({"host": "192.0.2.1"}, True, "the CSMS's certificate is for another host"),
        ({}, False, "the CSMS's certificate is signed by itself, and not trusted"),
    ],
)
def test_a_certificate_that_is_refused(
    tmp_path: Path, certificate: dict[str, object], trusted: bool, told: str
) -> None:
    """What is wrong with it, without OpenSSL's words around it."""
    both, alone = self_signed(tmp_path, **certificate)  # type: ignore[arg-type]
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(both)
    context = ssl.create_default_context(cafile=str(alone)) if trusted else ssl.create_default_context()

    async def main() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), LOCALHOST, 0, ssl=serving)
        found = await refused("wss", server.sockets[0].getsockname()[1], context)
        assert (found.reason, told in str(found)) == ("tls", True), str(found)
        assert "_ssl.c" not in str(found)
        server.close()
        await server.wait_closed()

    clock.run(main())


def test_tls_where_none_is_expected(tmp_path: Path) -> None:
    """A charger that dials ws:// where wss:// is spoken is told so."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(self_signed(tmp_path)[0])

    async def main() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), LOCALHOST, 0, ssl=serving)
        found = await refused("ws", server.sockets[0].getsockname()[1])
        assert (found.reason, "it may speak wss:// only" in str(found)) == ("http", True), str(found)
        server.close()
        await server.wait_closed()

    clock.run(main())
