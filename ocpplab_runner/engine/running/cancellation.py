"""Ending a running case from outside its event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

from ocpplab_runner import clock
from ocpplab_runner.ocppj.session import CALL_TIMEOUT

T = TypeVar("T")
#: Seconds in which a running step must stop; one that does not is left behind.
STOPPING = 2.0
#: Seconds on a real clock that what comes after the steps has at least, and so has taking the stage down.
CLOSING = 5.0
#: Each attempt to cut short what cleans up ends one thing that it waits for; between two of them, in seconds.
_AGAIN = 0.3
#: Bytes that are taken from the bell at once.
_RINGS = 256


def patience_of(call_timeout: float) -> float:
    """Seconds that what comes after the steps has, once the end is requested: those of a call, but for very few."""
    return max(call_timeout, CLOSING)


class Cancellation:
    """Asked for by a signal or an operator; the case then ends early, runs its ``finally`` and cleans up.

    Args:
        patience: seconds on a real clock that what comes after the steps has, once the end is requested.
        bell: becomes readable with every signal. Python calls a handler between two of its own instructions only: one
            that arrives just before the loop begins to wait would be heard when that is over.

    Attributes:
        reason: why, once it is requested.
    """

    def __init__(self, patience: float = CALL_TIMEOUT, bell: socket.socket | None = None) -> None:
        self.reason = ""
        self._bell = bell
        self._patience = patience
        self._until: float | None = None
        self._insisted = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._cleans = self._patient = False
        self._left: asyncio.Future[None] | None = None

    @property
    def requested(self) -> bool:
        """Whether somebody has asked."""
        return bool(self.reason)

    def request(self, reason: str) -> None:
        """Ask; may be called from a signal handler. Only the first reason counts."""
        if not self.reason:
            self.reason = reason
            self._tell(self._act)

    def insist(self) -> None:
        """Ask again: what cleans up is cut short too, and says what it leaves. May be called from a signal handler."""
        self._insisted = True
        self._tell(self._cut_short)

    async def wait_for(self, task: asyncio.Task[Any], *, patient: bool = False) -> bool:
        """Wait for a task that a request cancels; False when it has not stopped in time and is left behind.

        Args:
            task: the task.
            patient: whether it has all its time to stop: what has been set up so far is taken down again.
        """
        left = self._bind(task, cleans=False, patient=patient)
        try:
            await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            self._task = None
        return task.done()

    async def clean(self, work: Coroutine[Any, Any, T], otherwise: T) -> T:
        """Do what comes after the steps: a request gives it a limit of time, and only insisting cancels it at once.

        Args:
            work: what is to be done.
            otherwise: returned when it is cancelled.
        """
        task = asyncio.ensure_future(work)
        self._bind(task, cleans=True, patient=True)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            # A task of its own would go on without whoever waits for it.
            with contextlib.suppress(BaseException):
                await task
            raise
        finally:
            self._task = None
        return otherwise if task.cancelled() else task.result()

    def _bind(self, task: asyncio.Task[Any], *, cleans: bool, patient: bool) -> asyncio.Future[None]:
        """Act on that task from now on; what is returned is done when it is to be left behind."""
        self._loop = asyncio.get_running_loop()
        self._task, self._cleans, self._patient = task, cleans, patient
        self._left = self._loop.create_future()
        if self._bell is not None:
            self._loop.add_reader(self._bell, self._bell.recv, _RINGS)
        # It may have come between two tasks, when there was none to act on.
        if self.requested:
            self._act()
        if self._insisted:
            self._cut_short()
        return self._left

    def _tell(self, act: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def _act(self) -> None:
        task, left = self._task, self._left
        if task is None or left is None or self._loop is None:
            return
        if not self._cleans:
            task.cancel()
            if not self._patient and not clock.is_virtual():
                self._loop.call_later(STOPPING, _leave, left)
        elif not clock.is_virtual():
            now = self._loop.time()
            if self._until is None:
                self._until = now + self._patience
            # Taking down comes after `finally`, and has some time of its own where that has used up all.
            self._loop.call_at(max(self._until, now + min(CLOSING, self._patience)), self._cut, task)

    def _cut_short(self) -> None:
        if self._task is not None:
            self._cut(self._task)

    def _cut(self, task: asyncio.Task[Any]) -> None:
        if not task.done():
            task.cancel()
            task.get_loop().call_later(_AGAIN, self._cut, task)


def _leave(left: asyncio.Future[None]) -> None:
    if not left.done():
        left.set_result(None)
