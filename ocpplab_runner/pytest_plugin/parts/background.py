"""An event loop in a thread of its own, for tests that are plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines while the test waits for them; the loop goes on in between."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="ocpplab", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to its end, and give what it gives; Ctrl-C cancels it. What a test is told has the test's traceback."""
        __tracebackhide__ = True
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except (AssertionError, ValueError) as error:
            raise error.with_traceback(None) from None
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End whatever still runs, and the thread."""
        self.run(_cancel_others())
        # A loop may be told to stop by its own thread only.
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
