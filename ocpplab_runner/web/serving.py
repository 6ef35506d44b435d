"""An HTTP server on the running event loop, beside whatever else runs there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ocpplab_runner.loopback import is_loopback

#: Seconds that open requests get when the server is stopped.
_GRACE = 2
#: Seconds in which the head of a request must have come.
_HEAD_PATIENCE = 10.0


class ServingError(Exception):
    """A server cannot serve; the text says why."""


class HttpServer:
    """Serves an ASGI application.

    Args:
        host: where to listen.
        port: 0 picks a free one.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._listener: socket.socket | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Its base URL; the port is known once it has been bound."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def local(self) -> bool:
        """Whether it can be reached from its own machine only."""
        return self._host == "localhost" or is_loopback(self._host)

    def bind(self) -> None:
        """Take the port; who connects waits until :meth:`start`.

        Raises:
            ServingError: the port is taken.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Only where the protocol is named does asyncio turn Nagle's algorithm off, which would hold an answer's body
        # back until its header has been acknowledged.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # Else a port that a server has just left could not be taken again for a minute (TIME_WAIT).
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            raise ServingError(f"cannot listen on {self._host} port {self._port}: {error.strerror or error}") from error
        self._port = int(listener.getsockname()[1])
        listener.setblocking(False)
        self._listener = listener

    def unbind(self) -> None:
        """Give the port back: nothing will be served."""
        if self._listener is not None:
            self._listener.close()

    async def start(self, app: Any) -> None:
        """Serve this application, on the port that has been taken."""
        assert self._listener is not None
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # The envelope gives the date, of the run's clock.
            date_header=False,
            timeout_graceful_shutdown=_GRACE,
            ws="none",
            http=_PatientProtocol,
            loop="none",
        )
        self._server = _Server(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._listener]))
        await self._server.serving.wait()

    async def wait(self) -> None:
        """Return when it has been stopped."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """Answer what is open, then serve no more."""
        if self._server is not None:
            self._server.end()
        await self.wait()


class _PatientProtocol(H11Protocol):
    """Uvicorn's HTTP, but for who opens a connection and sends the head of a request too slowly, or never."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._due = self.loop.call_later(_HEAD_PATIENCE, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_waiting():
            # Counted from its first byte: a head that comes drop by drop gets no more time.
            self._due = self._due or self.loop.call_later(_HEAD_PATIENCE, self._give_up)
        elif self._due is not None:
            self._due.cancel()
            self._due = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._due is not None:
            self._due.cancel()
        super().connection_lost(exc)

    def _is_waiting(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _give_up(self) -> None:
        self._due = None
        if self._is_waiting() and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self.transport.close()


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers, which are the caller's, and without a tick, which has nothing to do.

    Attributes:
        serving: set once connections are accepted.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()
        self._stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self.serving.set()
        await self._stopping.wait()

    def end(self) -> None:
        """Take no more connections, and let :meth:`serve` return when open requests have been answered."""
        self.should_exit = True
        self._stopping.set()
