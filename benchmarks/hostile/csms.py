"""A CSMS that does one hostile thing, as data: faults of an answer, by action, and faults of the connection."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import product

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ACTIONS = ("BootNotification", "StatusNotification", "Authorize", "StartTransaction")
#: What contradicts that a card is accepted and a transaction has begun.
_DECIDING = frozenset({"BootNotification", "Authorize", "StartTransaction"})
_USUAL = {
    "BootNotification": {"status": "Accepted", "currentTime": "2030-01-01T00:00:00Z", "interval": 300},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"idTagInfo": {"status": "Accepted"}, "transactionId": 1},
    "StopTransaction": {},
    "Heartbeat": {"currentTime": "2030-01-01T00:00:00Z"},
    "StatusNotification": {},
    "MeterValues": {},
}
#: What comes instead of an answer: texts with the call's message id in the place of ``ID``.
_ANSWERS: dict[str, tuple[str, ...]] = {
    "silence": (),
    "no-json": ("{",),
    "empty": ("",),
    "scalar": ("null",),
    "empty-list": ("[]",),
    "deep": ('[3,"ID",' + "[" * 900 + "]" * 900 + "]",),
    "very-deep": ("[" * 200_000,),
    "wrong-id": ('[3,"another",{}]',),
    "null-payload": ('[3,"ID",null]',),
    "list-payload": ('[3,"ID",[]]',),
    "alien-payload": ('[3,"ID",{"status":"Wonderful","idTagInfo":7,"transactionId":{}}]',),
    "huge-number": ('[3,"ID",{"transactionId":' + "9" * 5000 + "}]",),
    "huge": ('[3,"ID",{"x":"' + "x" * 8_000_000 + '"}]',),
    "surrogate": ('[3,"ID",{"status":"\\ud800"}]',),
    "unknown-type": ('[99,"ID",{}]',),
    "error": ('[4,"ID","InternalError","",{}]',),
    "alien-error": ('[4,"ID",7,null]',),
    "long-id": ('[3,"' + "x" * 100_000 + '",{}]',),
    "own-calls": tuple(f'[2,"{n}","Nonsense",{{}}]' for n in range(500)),
}
_UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
_OCPP = b"Sec-WebSocket-Protocol: ocpp1.6\r\n"
#: Bytes instead of a handshake's answer, with what the charger's key asks for in the place of ``ACCEPT``.
_HANDSHAKES: dict[str, tuple[bytes, ...]] = {
    "closes": (),
    "http-200": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",),
    "http-400": (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",),
    "http-401": (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",),
    "http-500": (b"HTTP/1.1 500 Oops\r\n\r\n",),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",),
    "garbage": (b"\x00\xff" * 500,),
    "tls": (b"\x15\x03\x03\x00\x02\x02\x28",),
    "endless-line": (b"HTTP/1.1 101 " + b"x" * 500_000,),
    "endless-headers": (b"HTTP/1.1 101 S\r\n" + b"A: b\r\n" * 50_000,),
    "bare-101": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n",),
    "no-subprotocol": (_UPGRADE + b"Sec-WebSocket-Accept: ACCEPT\r\n\r\n",),
    "other-subprotocol": (
        _UPGRADE + b"Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: \xe2\x80\xaeocpp9\r\n\r\n",
    ),
    "two-subprotocols": (_UPGRADE + b"Sec-WebSocket-Accept: ACCEPT\r\n" + _OCPP + _OCPP + b"\r\n",),
    "wrong-accept": (_UPGRADE + _OCPP + b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",),
    "extension": (
        _UPGRADE + _OCPP + b"Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
    ),
    "http-426": (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n",),
    "redirect-with-credentials": (
        b"HTTP/1.1 307 X\r\nLocation: ws://lab:s3cr3t@127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    ),
    "huge-body": (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 3_000_000,),
}
#: Bytes to a charger that begins to speak TLS.
_TLS: dict[str, tuple[bytes, ...]] = {
    "closes": (),
    "plain-http": (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
    "old-version": (bytes.fromhex("160301002a020000260301") + b"R" * 32 + bytes.fromhex("00002f00"),),
    "old-version-alert": (b"\x15\x03\x01\x00\x02\x02\x46",),
    "no-cipher": (b"\x15\x03\x03\x00\x02\x02\x28",),
    "truncated": (bytes.fromhex("160303007a020000760303"),),
    "garbage": (b"\x00\xff" * 5_000,),
    "vast-record": (b"\x16\x03\x03\xff\xff" + b"x" * 65_535,),
}
#: Bytes right after a proper handshake.
_FRAMES: dict[str, bytes] = {
    "masked": b"\x81\x81abcd\x00",
    "reserved-opcode": b"\x83\x00",
    "reserved-bits": b"\xf1\x00",
    "bad-utf8": b"\x81\x02\xc3\x28",
    "vast-length": b"\x81\x7f" + struct.pack(">Q", 1 << 62),
    "long-ping": b"\x89\x7e\x01\x00" + b"x" * 256,
    "fragmented-ping": b"\x09\x00",
    "stray-continuation": b"\x80\x00",
    "bad-close": b"\x88\x02\x00\x01",
    "goodbye": b"\x88\x11\x03\xf0unknown charger",
    "goodbye-without-code": b"\x88\x00",
    "goodbye-with-controls": b"\x88\x1e\x0f\xa0\x1b[2J\n::error::\xe2\x80\xae\xe2\x81\xa6 x\r\n##[e",
    "goodbye-cut-short": b"\x88\x7d\x03\xf0unknown",
    "cut": b"\x81\x7e\x10\x00abc",
    "pings": b"\x89\x00" * 5_000,
    "binary": b"\x82\x03[3]",
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One hostile CSMS.

    Attributes:
        name: what it does.
        serve: takes a connection.
        may_pass: whether what it does contradicts nothing that the scenario expects.
        scheme: of the URL that its charger dials.
    """

    name: str
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    may_pass: bool = False
    scheme: str = "ws"


def hostile_csms() -> Iterator[Behaviour]:
    """All behaviours."""
    for action, (fault, texts) in product(_ACTIONS, _ANSWERS.items()):
        yield Behaviour(f"{fault}-to-{action}", answering(action, texts), action not in _DECIDING)
    for name, parts in _HANDSHAKES.items():
        yield Behaviour(f"handshake-{name}", _shaking(parts))
    yield Behaviour("handshake-dribbles", _shaking(tuple(_UPGRADE[n : n + 1] for n in range(len(_UPGRADE))), pause=0.2))
    for name, parts in _TLS.items():
        yield Behaviour(f"tls-{name}", _shaking(parts), scheme="wss")
    yield Behaviour("tls-dribbles", _shaking((b"\x16\x03\x03\x00\x7a", *100 * (b"\x02",)), pause=0.2), scheme="wss")
    for name, frame in _FRAMES.items():
        yield Behaviour(f"frame-{name}", answering("", (), frame), name in ("pings", "binary"))


def _shaking(
    parts: tuple[bytes, ...], pause: float = 0.0
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            accept = _accept(await reader.read(4096))
            for part in parts:
                writer.write(part.replace(b"ACCEPT", accept))
                await writer.drain()
                await asyncio.sleep(pause)
        writer.close()

    return serve


def _accept(request: bytes) -> bytes:
    lines = (line.partition(b":") for line in request.split(b"\r\n"))
    key = next((value.strip() for name, _, value in lines if name.lower() == b"sec-websocket-key"), b"")
    return base64.b64encode(hashlib.sha1(key + _GUID).digest())


def answering(
    action: str, texts: tuple[str, ...], first: bytes = b"", noted: Callable[[str], None] = lambda _: None
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A CSMS that answers one action in its own way.

    Args:
        action: which; every other one is answered properly.
        texts: what it sends for an answer.
        first: bytes that come right after the handshake.
        noted: hears the action of every call.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError, ValueError):
            accept = _accept(await reader.readuntil(b"\r\n\r\n"))
            writer.write(_UPGRADE + _OCPP + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + first)
            while True:
                message = await _read(reader)
                if isinstance(message, list) and message[0] == 2:
                    noted(str(message[2]))
                    for text in _texts(message, action, texts):
                        writer.write(frame(text.encode()))
                    await writer.drain()
        writer.close()

    return serve


def _texts(message: list[object], action: str, texts: tuple[str, ...]) -> Iterator[str]:
    identifier, called = str(message[1]), str(message[2])
    if called == action:
        yield from (text.replace("ID", identifier, 1) for text in texts)
    else:
        yield json.dumps([3, identifier, _USUAL.get(called, {})])


async def _read(reader: asyncio.StreamReader) -> object:
    head = await reader.readexactly(2)
    length = head[1] & 127
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    elif length == 127:
        length = int.from_bytes(await reader.readexactly(8), "big")
    mask = await reader.readexactly(4)
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(await reader.readexactly(length)))
    if head[0] & 15 == 8:
        raise asyncio.IncompleteReadError(b"", None)
    return json.loads(body) if head[0] & 15 == 1 else None


def frame(body: bytes) -> bytes:
    """A whole text message of a server."""
    if len(body) < 126:
        return bytes((0x81, len(body))) + body
    if len(body) < 1 << 16:
        return b"\x81\x7e" + len(body).to_bytes(2, "big") + body
    return b"\x81\x7f" + len(body).to_bytes(8, "big") + body
