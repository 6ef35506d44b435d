"""Collecting the parts of a 2.x report that the CSMS has asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ocpplab_runner.plugin.events import Observation

#: Far from the numbers that scenarios give.
_FIRST_REQUEST = 1_900_000_000


@dataclass(slots=True)
class Parts:
    """A report on its way.

    Attributes:
        request_id: of its request.
        data: what has come.
        complete: whether the last part has come.
        stirred: set with each part.
    """

    request_id: int
    data: list[Any] = field(default_factory=list)
    complete: bool = False
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    async def arrived(self, limit: float) -> bool:
        """Wait for the whole of it; False when a part has not come within so many seconds of the one before."""
        while not self.complete:
            self.stirred.clear()
            try:
                async with asyncio.timeout(limit):
                    await self.stirred.wait()
            except TimeoutError:
                return False
        return True


class Reports:
    """Hears a station's NotifyReport messages."""

    def __init__(self) -> None:
        self._numbers = count(_FIRST_REQUEST)
        self._expected: dict[int, Parts] = {}

    @contextmanager
    def expect(self) -> Iterator[Parts]:
        """A report with a number of its own, heard while the context lasts."""
        parts = Parts(next(self._numbers))
        self._expected[parts.request_id] = parts
        try:
            yield parts
        finally:
            del self._expected[parts.request_id]

    def hear(self, observation: Observation) -> None:
        """Take a frame."""
        payload: Any = observation.fields.get("payload")
        if (
            observation.name != "NotifyReport"
            or observation.fields.get("type") != "call"
            or "invalid" in observation.fields
        ):
            return
        parts = self._expected.get(payload["requestId"]) if isinstance(payload, dict) else None
        if parts is not None:
            parts.data += payload.get("reportData") or ()
            parts.complete = not payload.get("tbc")
            parts.stirred.set()
