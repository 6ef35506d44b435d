"""Texts on their way to the WebSocket: at once while it keeps up, in order behind a slow send when it does not."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable

#: Bytes of texts that may wait behind a slow one. A peer that lets more wait reads nothing: memory has an end.
MOST_WAITING = 1 << 23


class UnreadError(ConnectionError):
    """Too much waits for a peer that does not read."""

    def __init__(self) -> None:
        super().__init__("the other side reads nothing of what it is sent")


class SendBuffer:
    """The one way out of a session.

    Args:
        loop: runs the task that a slow send needs.
        send_text: hands one text over; an awaitable that it returns is awaited before the next text.
        failed: told why, once, when a send raises; nothing is sent afterwards.
    """

    __slots__ = ("_failed", "_loop", "_pending", "_send_text", "_size", "_waiting", "task")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send_text: Callable[[str | bytes], Awaitable[None] | None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._loop = loop
        self._send_text = send_text
        self._failed = failed
        self._waiting: deque[str | bytes] | None = None  # made when first needed: an idle charger has none
        self._size = 0
        self._pending: Awaitable[None] | None = None
        #: Runs while a send takes its time; None otherwise.
        self.task: asyncio.Task[None] | None = None

    def put(self, text: str | bytes) -> bool:
        """Send a text, or line it up behind a slow one.

        Returns:
            False when the send failed at once.
        """
        if self.task is not None:
            return self._line_up(text)
        try:
            pending = self._send_text(text)
        except Exception as error:
            self._failed(error)
            return False
        if pending is not None:
            self._pending = pending
            self.task = self._loop.create_task(self._drain())
        return True

    def _line_up(self, text: str | bytes) -> bool:
        if self._waiting is None:
            self._waiting = deque()
        # A single text may be of any size: that it has to wait does not show that nobody reads.
        if self._waiting and self._size + len(text) > MOST_WAITING:
            self._failed(UnreadError())
            return False
        self._waiting.append(text)
        self._size += len(text)
        return True

    def close(self) -> None:
        """Forget what is still waiting and stop the task."""
        self._waiting = None
        if self.task is not None:
            cancel(self.task, self._pending)

    async def _drain(self) -> None:
        try:
            while True:
                if self._pending is not None:
                    await self._pending
                if not self._waiting:
                    return
                text = self._waiting.popleft()
                self._size -= len(text)
                self._pending = self._send_text(text)
        except Exception as error:
            self.task = None  # whoever is told closes the buffer, which would cancel this very task
            self._failed(error)
        finally:
            self.task = self._pending = None


def cancel(task: asyncio.Task[None], awaited: Awaitable[object] | None) -> None:
    """Cancel a task that awaits one awaitable; a coroutine that it has not come to is closed, so that none is lost."""
    task.cancel()
    if inspect.iscoroutine(awaited) and inspect.getcoroutinestate(awaited) == inspect.CORO_CREATED:
        awaited.close()
