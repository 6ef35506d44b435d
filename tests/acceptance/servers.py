"""Servers of all kinds beside the command line that is tested: an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, CallHandler, Connection, Role, Session, counter_ids, pump, sender, serve
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.ocppj.sessions import Heard

HOST = "127.0.0.1"


@contextmanager
def beside(server: AbstractAsyncContextManager[int]) -> Iterator[int]:
    """Run a server as long as the block; gives its port."""
    loop, ports = asyncio.new_event_loop(), []
    up, stop = threading.Event(), asyncio.Event()

    async def main() -> None:
        async with server as port:
            ports.append(port)
            up.set()
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(main())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert up.wait(60)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


class Csms:
    """A CSMS of which each part can be broken.

    Args:
        answers: action → what a call is answered with; a plain BootNotification is accepted.
        ssl: to speak TLS.
        versions: spoken.
        status: of HTTP, for whoever has not the password.
        password: that is asked for.
    """

    def __init__(
        self,
        answers: Mapping[str, Any] | None = None,
        *,
        ssl: SSLContext | None = None,
        versions: tuple[OcppVersion, ...] = tuple(OcppVersion),
        status: HTTPStatus = HTTPStatus.UNAUTHORIZED,
        password: str | None = None,
    ) -> None:
        self._answers, self._ssl, self._versions = answers or {}, ssl, versions
        self._status, self._password = status, password
        self.calls: list[Call] = []

    async def __aenter__(self) -> int:
        self._server = await serve(
            HOST,
            0,
            versions=self._versions,
            on_connection=self._take,
            ssl=self._ssl,
            authenticate=lambda _, given: (given or ("", None))[1] == self._password or self._status,
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, connection: Connection) -> None:
        session = Session(
            version=connection.version,
            role=Role.CSMS,
            send_text=sender(connection.ws),
            handler=self._handler(connection),
            observer=Heard(),
            next_id=counter_ids("s"),
        )
        await pump(connection.ws, session)

    def _handler(self, connection: Connection) -> CallHandler:
        def handle(call: Call) -> Any:
            self.calls.append(call)
            if call.action in self._answers:
                answer = self._answers[call.action]
                return answer(connection) if callable(answer) else answer
            if call.action == "BootNotification":
                return {"status": "Accepted", "interval": 300, "currentTime": clock.timestamp()}
            return {"currentTime": clock.timestamp()} if call.action == "Heartbeat" else {}

        return handle


class Plain:
    """A TCP server that does with each connection what it is told."""

    def __init__(self, take: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
        self._take = take

    async def __aenter__(self) -> int:
        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._take(reader, writer)
            writer.close()

        self._server = await asyncio.start_server(take, HOST, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing until the other side leaves."""
    await reader.read()
