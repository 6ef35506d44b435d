"""What the live page gets to see: stations, and calls with their answers, in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from ocpplab_runner.tools.csms.api.errors import Refusal
from ocpplab_runner.tools.csms.api.rows import station_row
from ocpplab_runner.tools.csms.program import CsmsProgram
from ocpplab_runner.tools.traffic.exchanges import Exchange

#: Seconds between two batches.
TICK = 0.25
#: Batches without anything to say before a line is sent all the same, so that a broken connection shows.
QUIET_TICKS = 40
#: Exchanges per batch at most; of more, the oldest are left out and counted.
EXCHANGES = 400
#: Exchanges from before that a page begins with.
BACKLOG = 100
#: Pages that may watch at the same time.
PAGES = 32


class Feed:
    """What one page has been told, and what it has to be told next.

    Args:
        program: the CSMS.
    """

    def __init__(self, program: CsmsProgram) -> None:
        self._program = program
        self._told: dict[str, dict[str, Any]] = {}
        self._changed: dict[int, Exchange] = {one.number: one for one in list(program.history)[-BACKLOG:]}
        self._skipped = 0

    def exchange(self, exchange: Exchange) -> None:
        """A call has been made, or has ended."""
        self._changed[exchange.number] = exchange
        if len(self._changed) > EXCHANGES:
            del self._changed[next(iter(self._changed))]
            self._skipped += 1

    def batch(self) -> dict[str, Any]:
        """What has changed since the last batch: of ``stations``, ``exchanges`` and ``skipped`` what is not empty."""
        stations = []
        for identity, station in self._program.csms.stations.items():
            row = station_row(self._program, station)
            if self._told.get(identity) != row:
                self._told[identity] = row
                stations.append(row)
        exchanges = [self._program.exchange_row(one) for one in self._changed.values()]
        self._changed.clear()
        skipped, self._skipped = self._skipped, 0
        found = {"stations": stations, "exchanges": exchanges, "skipped": skipped}
        return {name: value for name, value in found.items() if value}


class Feeds:
    """The feeds of all pages that are open.

    Args:
        program: the CSMS.
    """

    def __init__(self, program: CsmsProgram) -> None:
        self._program = program
        self._open = 0
        self._closing = asyncio.Event()

    def require_room(self) -> None:
        """Raises Refusal when too many pages watch already."""
        if self._open >= PAGES:
            raise Refusal(503, f"{PAGES} pages watch this CSMS already")

    def close(self) -> None:
        """The CSMS stops: every stream ends."""
        self._closing.set()

    async def stream(self, greeting: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """A feed as Server-Sent Events, until the page or the CSMS goes away.

        Args:
            greeting: what the first event says besides.
        """
        feed = Feed(self._program)
        self._open += 1
        forget = self._program.watch(feed.exchange)
        try:
            yield _event({**greeting, **feed.batch()})
            quiet = 0
            while not await self._closed_within(TICK):
                batch = feed.batch()
                quiet = 0 if batch else quiet + 1
                if batch:
                    yield _event(batch)
                elif quiet == QUIET_TICKS:
                    quiet = 0
                    yield b": still here\n\n"
        finally:
            forget()
            self._open -= 1

    async def _closed_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"
