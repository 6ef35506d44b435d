"""What the live page gets to see: stations, and calls with their answers, in batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from ocpplab_runner.tools.csms.api.errors import Refusal
from ocpplab_runner.tools.csms.api.rows import station_row
from ocpplab_runner.tools.csms.program import CsmsProgram
from ocpplab_runner.tools.traffic.exchanges import Exchange
from ocpplab_runner.web.event_stream import EventStreams

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
        self._streams = EventStreams()

    def require_room(self) -> None:
        """Raises Refusal when too many pages watch already."""
        if self._open >= PAGES:
            raise Refusal(503, f"{PAGES} pages watch this CSMS already")

    def close(self) -> None:
        """The CSMS stops: every stream ends."""
        self._streams.close()

    async def stream(self, greeting: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """A feed as Server-Sent Events, until the page or the CSMS goes away.

        Args:
            greeting: what the first event says besides.
        """
        feed = Feed(self._program)
        self._open += 1
        forget = self._program.watch(feed.exchange)
        try:
            async for event in self._streams.events(greeting, feed.batch):
                yield event
        finally:
            forget()
            self._open -= 1
