"""Ending a running case from outside its event loop."""

from __future__ import annotations

import asyncio
from typing import Any


class Cancellation:
    """Asked for by a signal or an operator; the case then ends early, runs its ``finally`` and cleans up.

    Attributes:
        reason: why, once it is requested.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    @property
    def requested(self) -> bool:
        """Whether somebody has asked."""
        return bool(self.reason)

    def request(self, reason: str) -> None:
        """Ask; may be called from a signal handler. Only the first reason counts."""
        if self.reason:
            return
        self.reason = reason
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel)

    def bind(self, task: asyncio.Task[Any] | None) -> None:
        """The task that a request cancels from now on; None for no task."""
        self._loop = asyncio.get_running_loop()
        self._task = task
        if self.reason:
            self._cancel()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
