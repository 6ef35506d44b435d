"""Files over HTTP on the running event loop: GET offers them, PUT and POST take them.

Written on h11 and not as an application of a server: what breaks in the middle of a file breaks at the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from base64 import b64encode
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import h11

from ocpplab_runner.transfers.shelf import Shelf, Trouble

#: Bytes that are read, and written, at once.
_PIECE = 65_536
#: Pieces in which a slow file comes at least.
_SLOW_PIECES = 10
#: Bytes that an upload may have.
_LARGEST = 64 * 1024 * 1024
#: Seconds in which the head of a request must have come.
_PATIENCE = 30.0


class HttpFiles:
    """Serves ``/IDENTITY/files/NAME`` and takes ``/IDENTITY/uploads/NAME``.

    Args:
        shelf: the files.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, listener: socket.socket) -> None:
        """Listen there."""
        self._server = await asyncio.start_server(self._serve, sock=listener)

    async def stop(self) -> None:
        """Break off what is open, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await _Connection(self._shelf, reader, writer).serve()
        # Nobody but `stop` cancels a connection, and all that it wants is its end.
        except (OSError, TimeoutError, h11.RemoteProtocolError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._open.discard(task)
            writer.close()


class _Connection:
    """One connection of a charger."""

    def __init__(self, shelf: Shelf, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._shelf, self._reader, self._writer = shelf, reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer its requests, one after the other."""
        while True:
            async with asyncio.timeout(_PATIENCE):
                event = await self._event()
            if not isinstance(event, h11.Request):
                return
            await self._answer(event)
            # What nobody wanted is read, too: the next request begins behind it (RFC 9112, 9.3).
            if self._http.their_state is h11.SEND_BODY:
                await self._read(None)
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _answer(self, request: h11.Request) -> None:
        owner, _, rest = unquote(urlsplit(request.target.decode("latin-1")).path).removeprefix("/").partition("/")
        kind, _, name = rest.partition("/")
        method = request.method.decode("latin-1")
        if kind == "files" and method in ("GET", "HEAD"):
            await self._offer(owner, name, request)
        elif kind == "uploads" and method in ("PUT", "POST"):
            await self._take(owner, name.rpartition("/")[2], request)
        else:
            await self._say(HTTPStatus.METHOD_NOT_ALLOWED if kind in ("files", "uploads") else HTTPStatus.NOT_FOUND)

    async def _offer(self, owner: str, name: str, request: h11.Request) -> None:
        offered, body = self._shelf.offered(name), request.method == b"GET"
        if offered is None:
            self._shelf.fetched(owner, name, "refused")
            await self._say(HTTPStatus.NOT_FOUND)
            return
        trouble = self._shelf.trouble_of(owner, offered)
        if trouble.status:
            self._shelf.fetched(owner, name, "refused")
            await self._refuse(trouble.status, request)
            return
        headers = [("Content-Length", str(len(offered.content))), ("Content-Type", "application/octet-stream")]
        await self._write(h11.Response(status_code=200, headers=headers))
        if body and not await self._body(offered.content, trouble):
            self._shelf.fetched(owner, name, "cut")
            self._writer.transport.abort()
            return
        await self._write(h11.EndOfMessage())
        if body:
            self._shelf.fetched(owner, name, "served")

    async def _body(self, content: bytes, trouble: Trouble) -> bool:
        """Write it, as slowly as it shall be; whether all of it was written."""
        whole = trouble.cut_after is None or trouble.cut_after >= len(content)
        wanted = content if whole else content[: trouble.cut_after]
        size = max(1, min(_PIECE, len(content) // _SLOW_PIECES)) if trouble.takes else _PIECE
        for start in range(0, len(wanted), size):
            piece = wanted[start : start + size]
            await asyncio.sleep(trouble.takes * len(piece) / len(content) if trouble.takes else 0)
            await self._write(h11.Data(data=piece))
        return whole

    async def _take(self, owner: str, name: str, request: h11.Request) -> None:
        if not self._let_in(request):
            self._shelf.came(owner, name, "refused")
            await self._read(None)
            await self._say(HTTPStatus.UNAUTHORIZED, [("WWW-Authenticate", 'Basic realm="uploads"')])
            return
        trouble = self._shelf.trouble_of_upload(owner)
        if trouble.status:
            self._shelf.came(owner, name, "refused")
            await self._read(None)
            await self._refuse(trouble.status, request)
            return
        # Who expects 100 keeps the body back until it comes (RFC 9110, 10.1.1).
        if self._http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        content = await self._read(trouble.cut_after)
        await asyncio.sleep(trouble.takes)
        if content is None or self._reader.at_eof():  # who has not waited for the answer has not sent it
            self._shelf.came(owner, name, "cut")
            self._writer.transport.abort()
            return
        self._shelf.came(owner, name, "arrived", content)
        await self._say(HTTPStatus.CREATED)

    async def _read(self, cut_after: int | None) -> bytes | None:
        """What comes; None where the connection breaks before its end."""
        content = bytearray()
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                content += event.data
                if len(content) > (_LARGEST if cut_after is None else cut_after):
                    return None
            elif isinstance(event, h11.EndOfMessage):
                return bytes(content)
            else:
                return None

    def _let_in(self, request: h11.Request) -> bool:
        if self._shelf.login is None:
            return True
        given = dict(request.headers).get(b"authorization", b"").decode("latin-1")
        return given == "Basic " + b64encode(":".join(self._shelf.login).encode()).decode()

    async def _refuse(self, status: int, request: h11.Request) -> None:
        """Say so; who is sent elsewhere is sent to the same place again."""
        moved = [("Location", request.target.decode("latin-1"))] if status < HTTPStatus.BAD_REQUEST else []
        await self._say(status, moved)

    async def _say(self, status: int, more: Sequence[tuple[str, str]] = ()) -> None:
        text = b""
        headers = [("Content-Length", str(len(text))), *more]
        with contextlib.suppress(h11.LocalProtocolError):
            await self._write(h11.Response(status_code=status, headers=headers))
            await self._write(h11.EndOfMessage())

    async def _event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._http.receive_data(await self._reader.read(_PIECE))

    async def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()
