"""How much one organization's CSMSs may send: what is more waits in the socket, so that the others do not wait."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from ocpplab_runner import clock
from ocpplab_runner.ocppj.push_connection import PushConnection
from ocpplab_runner.ocppj.websocket import WebSocket

#: Bytes that are taken from a connection at a time: asyncio takes 256 KiB, which may be thousands of frames.
_ONE_READ = 32 * 1024
#: Seconds of the allowance that may be used at once.
_BURST = 0.5
#: Seconds of a pause that are not worth one.
_LEAST = 0.001


class Traffic:
    """The allowance of one organization, for all of its connections together.

    Who takes more at once, a message of megabytes say, goes into debt, and waits until it is made up for.

    Args:
        frames: received frames a second; answers to the chargers' own calls are free, else a fleet could not boot.
        size: received bytes a second.
    """

    def __init__(self, frames: int, size: int) -> None:
        self._frames, self._size = float(frames), float(size)
        self._frames_left = self._most_frames = frames * _BURST
        self._size_left = self._most_size = size * _BURST
        self._counted_at = 0.0
        self._connections: set[WebSocket] = set()
        self._resume: asyncio.TimerHandle | None = None

    def join(self, ws: WebSocket) -> None:
        """A connection has been opened; what comes on it counts."""
        transport = cast(Any, ws.transport)
        if hasattr(transport, "max_size"):  # a TLS transport reads as it likes
            transport.max_size = _ONE_READ
        self._connections = {one for one in self._connections if not one.transport.is_closing()} | {ws}

    def spend(self, ws: WebSocket, size: int, *, asked_for: bool) -> None:
        """A frame of so many bytes has come on ``ws``; nothing is read for a while when that was too much."""
        self._refill()
        self._frames_left -= not asked_for
        self._size_left -= size
        if self._resume is not None:
            # websockets, too, pauses and resumes, until its own queue of an early connection is empty.
            _pushing(ws).hold()
        elif self._debt > _LEAST:
            for one in self._connections:
                _pushing(one).hold()
            self._wait()

    def _refill(self) -> None:
        now = clock.now()
        passed, self._counted_at = now - self._counted_at, now
        self._frames_left = min(self._frames_left + passed * self._frames, self._most_frames)
        self._size_left = min(self._size_left + passed * self._size, self._most_size)

    @property
    def _debt(self) -> float:
        """Seconds until the allowance has made up for what was taken beyond it."""
        return max(-self._frames_left / self._frames, -self._size_left / self._size)

    def _wait(self) -> None:
        self._resume = asyncio.get_running_loop().call_later(self._debt, self._go_on)

    def _go_on(self) -> None:
        self._refill()
        if self._debt > _LEAST:  # what had been read already went on being taken
            self._wait()
            return
        self._resume = None
        for ws in self._connections:
            _pushing(ws).let_go()


def _pushing(ws: WebSocket) -> PushConnection:
    """Every connection of a charger to its CSMS hands its frames over directly."""
    return cast(PushConnection, ws)
