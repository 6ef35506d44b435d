"""Event loops of a worker: one for each case under the virtual clock, one for its whole run on the real one.

A real charger or CSMS stays connected while cases come and go, and what serves it lives on a loop. What a case leaves
running is ended with it all the same: only what a target's `begin_worker` has
begun, and what that has begun, outlives a case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import WeakSet

from ocpplab_runner import clock
from ocpplab_runner.plugin.former_protocols import WorkerTarget
from ocpplab_runner.plugin.target import Target

T = TypeVar("T")
#: The tasks of the case in whose context something is begun; None for what belongs to the worker.
_CASE: ContextVar[WeakSet[asyncio.Task[Any]] | None] = ContextVar("case", default=None)


class NotBegunError(Exception):
    """The target could not begin what it has for the length of a worker."""


class Loops:
    """Runs cases one after the other.

    Args:
        target: where they run; it decides the clock.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._runner: asyncio.Runner | None = None

    def run(self, case: Coroutine[Any, Any, T]) -> T:
        """Run a case to its end; nothing that it has begun still runs then.

        Raises:
            ClockStalledError: under the virtual clock, nothing could ever run again.
            NotBegunError: the target could not begin; it is tried again for the next case.
        """
        if self._target.capabilities.virtual_clock:
            return clock.run(case)
        if self._runner is None:
            self._runner = asyncio.Runner()
            self._runner.get_loop().set_task_factory(_make_task)
            if isinstance(self._target, WorkerTarget):
                try:
                    self._runner.run(self._target.begin_worker())
                except Exception as error:
                    # It has never begun, and Python complains of a coroutine that nobody awaits.
                    case.close()
                    self._runner.close()
                    self._runner = None
                    raise NotBegunError(f"{type(error).__name__}: {error}") from error
        return self._runner.run(_alone(case))

    def close(self) -> None:
        """The worker's run is over."""
        if self._runner is None:
            return
        try:
            if isinstance(self._target, WorkerTarget):
                self._runner.run(self._target.end_worker())
        finally:
            self._runner.close()
            self._runner = None


def _make_task(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **more)
    case = _CASE.get()
    if case is not None:
        case.add(task)
    return task


async def _alone(case: Coroutine[Any, Any, T]) -> T:
    tasks: WeakSet[asyncio.Task[Any]] = WeakSet()
    loop = asyncio.get_running_loop()
    _CASE.set(tasks)
    try:
        return await case
    finally:
        left = [task for task in tasks if not task.done() and task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)
        loop.set_exception_handler(None)  # the case's own would go on complaining to a case that is over
