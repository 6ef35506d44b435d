"""What a page is told while it is open: Server-Sent Events, in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

#: Seconds between two batches.
TICK = 0.25
#: Batches without anything to say before a line is sent all the same, so that a broken connection shows.
QUIET_TICKS = 40


class EventStreams:
    """The streams of one server, which end with it."""

    def __init__(self) -> None:
        self._closing = asyncio.Event()

    def close(self) -> None:
        """The server stops: every stream ends."""
        self._closing.set()

    async def events(self, greeting: Mapping[str, Any], batch: Callable[[], Mapping[str, Any]]) -> AsyncIterator[bytes]:
        """Batches as events, until the server goes away or nobody reads them any more.

        Args:
            greeting: what the first event says besides.
            batch: what has changed since it was asked last; empty for nothing.
        """
        yield _event({**greeting, **batch()})
        quiet = 0
        while not await self._closed_within(TICK):
            changed = batch()
            quiet = 0 if changed else quiet + 1
            if changed:
                yield _event(changed)
            elif quiet == QUIET_TICKS:
                quiet = 0
                yield b": still here\n\n"

    async def _closed_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"
