"""Serving the application: one event loop for HTTP, OCPP and everything in between."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl as tls
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ocpplab_runner.gateway.server.app import application
from ocpplab_runner.gateway.server.envelope import Envelope
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.settings import GatewaySettings
from ocpplab_runner.gateway.server.store import Store, StoreError
from ocpplab_runner.loopback import is_loopback
from ocpplab_runner.redaction.options import option_secrets

#: Seconds that open requests get when the Gateway is stopped.
_GRACE = 2
#: Seconds in which the chargers must have closed their connections then.
_FAREWELL = 2.0
#: Seconds in which the head of a request must have come.
_HEAD_PATIENCE = 10.0


class ServingError(Exception):
    """The Gateway cannot serve; the text says why."""


class LocalGateway:
    """A Gateway on a socket of its own, on the running event loop.

    Args:
        settings: tenants, limits, pessimism.
        host: where to listen.
        port: 0 picks a free one.
        database: the file that outlives the process; nothing does when None.
        random: gives ids.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        database: Path | None = None,
        random: Random,
    ) -> None:
        self._settings = settings
        self._host, self._port = host, port
        self._database = database
        self._random = random
        self._app: Envelope | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.fleet: Fleet | None = None

    @property
    def url(self) -> str:
        """Its base URL; the port is known once it has been started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def secrets(self) -> Iterator[Any]:
        """What its chargers have been told of their CSMSs that nobody may see in a log."""
        for organization in self.fleet.organizations.values() if self.fleet is not None else ():
            for deployment in organization.chargers.values():
                record = deployment.record
                yield from option_secrets([record.ws_url])
                if record.basic_auth is not None:
                    yield record.basic_auth[1]

    async def start(self) -> None:
        """Listen, and bring the chargers of the file back.

        Raises:
            ServingError: the port is taken, the file cannot be used, or a certificate cannot be read.
        """
        listener = self._listen()
        try:
            store = self._store()
            ssl = None if self._settings.ca is None else tls.create_default_context(cafile=self._settings.ca)
        except StoreError as error:
            listener.close()
            raise ServingError(str(error)) from error
        except OSError as error:
            listener.close()
            reason = "it holds no certificates" if isinstance(error, tls.SSLError) else error.strerror or error
            raise ServingError(f"tls.ca: {self._settings.ca}: {reason}") from error
        self.fleet = Fleet(self._settings, store=store, random=self._random, ssl=ssl)
        self._app = Envelope(application(), self.fleet, local=self._host == "localhost" or is_loopback(self._host))
        config = uvicorn.Config(
            self._app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE,
            ws="none",
            http=_PatientProtocol,
            loop="none",
        )
        try:
            await self.fleet.open()
        except StoreError as error:
            listener.close()
            raise ServingError(str(error)) from error
        self._server = _Server(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))
        await self._server.serving.wait()

    async def wait(self) -> None:
        """Return when it has been stopped."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """Answer what is open, stop the chargers, write what is left."""
        if self._app is not None:
            self._app.close()
        if self._server is not None:
            self._server.end()
        await self.wait()
        if self.fleet is not None:
            fleet, self.fleet = self.fleet, None
            await fleet.close(_FAREWELL)

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Only where the protocol is named does asyncio turn Nagle's algorithm off, which would hold an answer's body
        # back until its header has been acknowledged.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            raise ServingError(f"cannot listen on {self._host} port {self._port}: {error.strerror or error}") from error
        self._port = int(listener.getsockname()[1])
        listener.setblocking(False)
        return listener

    def _store(self) -> Store | None:
        if self._database is None:
            return None
        return Store(self._database)


class _PatientProtocol(H11Protocol):
    """Uvicorn's HTTP, but for who opens a connection and sends the head of a request too slowly, or never."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._due = self.loop.call_later(_HEAD_PATIENCE, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_waiting():
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


async def serve_until_stopped(gateway: LocalGateway, started: Callable[[LocalGateway], None]) -> None:
    """Run a Gateway until the process is told to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT).

    Args:
        gateway: not started yet.
        started: called once it listens.

    Raises:
        ServingError: it cannot serve.
    """
    await gateway.start()
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[None]] = []

    def stop() -> None:
        if not stopping:
            stopping.append(loop.create_task(gateway.stop()))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        loop.add_signal_handler(number, stop)
    started(gateway)
    await gateway.wait()
    for task in stopping:
        await task
