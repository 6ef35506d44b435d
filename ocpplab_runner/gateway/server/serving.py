"""Serving the application: one event loop for HTTP, OCPP and everything in between."""

from __future__ import annotations

import asyncio
import signal
import ssl as tls
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from ocpplab_runner.gateway.server.access import Tokens
from ocpplab_runner.gateway.server.app import application
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.page.feed import Feeds
from ocpplab_runner.gateway.server.settings import GatewaySettings
from ocpplab_runner.gateway.server.store import Store, StoreError
from ocpplab_runner.ocppj.tls import LEAST_VERSION
from ocpplab_runner.redaction.options import option_secrets
from ocpplab_runner.web.envelope import Envelope
from ocpplab_runner.web.recordings import Rewrite
from ocpplab_runner.web.serving import HttpServer, ServingError

__all__ = ["LocalGateway", "ServingError", "envelope", "serve_until_stopped"]

#: Seconds in which the chargers must have closed their connections then.
_FAREWELL = 2.0


class LocalGateway:
    """A Gateway on a socket of its own, on the running event loop.

    Args:
        settings: tenants, limits, pessimism.
        host: where to listen.
        port: 0 picks a free one.
        database: the file that outlives the process; nothing does when None.
        random: gives ids.
        rewrite: makes a scenario of a recording, for the page; None where it cannot.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        database: Path | None = None,
        random: Random,
        rewrite: Rewrite | None = None,
    ) -> None:
        self._settings, self._rewrite = settings, rewrite
        self._server = HttpServer(host, port)
        self._database = database
        self._random = random
        self._feeds: Feeds | None = None
        self.fleet: Fleet | None = None

    @property
    def url(self) -> str:
        """Its base URL; the port is known once it has been started."""
        return self._server.url

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
        # The port first: a Gateway that cannot listen must neither take the file nor let its chargers dial.
        self._server.bind()
        try:
            store = self._store()
            ssl = None if self._settings.ca is None else tls.create_default_context(cafile=self._settings.ca)
            if ssl is not None:
                ssl.minimum_version = LEAST_VERSION
        except StoreError as error:
            self._server.unbind()
            raise ServingError(str(error)) from error
        except OSError as error:
            self._server.unbind()
            reason = "it holds no certificates" if isinstance(error, tls.SSLError) else error.strerror or error
            raise ServingError(f"tls.ca: {self._settings.ca}: {reason}") from error
        self.fleet = Fleet(self._settings, store=store, random=self._random, ssl=ssl)
        self._feeds = Feeds(self.fleet)
        try:
            await self.fleet.open()
        except StoreError as error:
            self._server.unbind()
            raise ServingError(str(error)) from error
        made = envelope(self.fleet, self._feeds, local=self._server.local, rewrite=self._rewrite)
        await self._server.start(made)

    async def wait(self) -> None:
        """Return when it has been stopped."""
        await self._server.wait()

    async def stop(self) -> None:
        """Answer what is open, stop the chargers, write what is left."""
        # A page's stream does not end by itself: the server would wait for it until its grace is over.
        if self._feeds is not None:
            self._feeds.close()
        await self._server.stop()
        if self.fleet is not None:
            fleet, self.fleet = self.fleet, None
            await fleet.close(_FAREWELL)

    def _store(self) -> Store | None:
        if self._database is None:
            return None
        return Store(self._database)


def envelope(fleet: Fleet, feeds: Feeds, *, local: bool = False, rewrite: Rewrite | None = None) -> Envelope:
    """The application for one fleet.

    Args:
        fleet: made on the event loop that serves; opening and closing it is the caller's.
        feeds: of the pages that watch it.
        local: the Gateway can be reached from its own machine only.
        rewrite: as for :class:`LocalGateway`.
    """
    state = {"fleet": fleet, "tokens": Tokens(fleet.settings), "feeds": feeds, "rewrite": rewrite}
    return Envelope(application(), state, name="Gateway", local=local)


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
