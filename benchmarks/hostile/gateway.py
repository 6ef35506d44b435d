"""A Gateway that does one hostile thing to every request, as data: bytes, and whether they go on for ever."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import Iterator

from benchmarks.hostile.csms import Behaviour

_STATUSES = (201, 204, 301, 307, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 599)
_BODIES: dict[str, bytes] = {
    "empty": b"",
    "garbage": b"\x00\xff" * 100,
    "html": b"<html><h1>It works!</h1></html>",
    "null": b"null",
    "number": b"9" * 5000,
    "text": b'"ok"',
    "list": b"[]",
    "nulls": b"[null, null]",
    "object": b"{}",
    "alien": b'{"id": {}, "items": 7, "identity": [], "data": "x", "success": "no"}',
    "deep": b"[" * 900 + b"]" * 900,
    "very-deep": b"[" * 200_000 + b"]" * 200_000,
    "huge": b'["' + b"x" * 20_000_000 + b'"]',
    "surrogate": b'{"id": "\\ud800"}',
    "bad-utf8": b'{"id": "\xc3\x28"}',
    "not-finite": b'{"id": NaN, "at": 1e999}',
    "same-keys": b'{"id": 1, "id": 2}',
}
_RAW: dict[str, bytes] = {
    "closes": b"",
    "no-http": b"hello\r\n\r\n",
    "tls": b"\x15\x03\x03\x00\x02\x02\x28",
    "bad-status": b"HTTP/1.1 abc OK\r\n\r\n",
    "short": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
    "negative-length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "many-100s": b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000,
    "long-header": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 1_000_000,
    "no-gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "brotli": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
    "alien-date": b"HTTP/1.1 200 OK\r\nDate: Thu, 99 Foo 99999 99:99:99 GMT\r\nContent-Length: 2\r\n\r\n{}",
    "patience": b"HTTP/1.1 429 Slow\r\nRetry-After: " + b"9" * 400 + b"\r\nContent-Length: 0\r\n\r\n",
}
_ENDLESS: dict[str, tuple[bytes, bytes, float]] = {
    "silence": (b"", b"", 1.0),
    "dribble-headers": (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", 0.2),
    "dribble-body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" ", 0.2),
    "endless-body": (b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536, 0.0),
    "endless-chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 1000, 0.0),
}


def hostile_gateways() -> Iterator[Behaviour]:
    """All behaviours."""
    for status in _STATUSES:
        yield _behaviour(f"status-{status}", _answer(status, b"{}"))
    for name, body in _BODIES.items():
        yield _behaviour(f"body-{name}", _answer(200, body))
    packed = gzip.compress(b"[" + b" " * 400_000_000 + b"]", 1)
    yield _behaviour("gzip-bomb", _answer(200, packed, b"Content-Encoding: gzip\r\n"))
    for name, answer in _RAW.items():
        yield _behaviour(f"raw-{name}", answer)
    for name, (begin, again, pause) in _ENDLESS.items():
        yield _behaviour(f"endless-{name}", begin, again, pause)


def _answer(status: int, body: bytes, headers: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: %d\r\n"
        % (status, len(body))
        + headers
        + b"\r\n"
        + body
    )


def _behaviour(name: str, begin: bytes, again: bytes | None = None, pause: float = 0.0) -> Behaviour:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(begin)
            await writer.drain()
            while again is not None:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(pause)
        writer.close()

    return Behaviour(name, serve)
