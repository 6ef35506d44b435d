"""A worker's loops: on the real clock one for its whole run, on which every case is alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.engine.running.loops import Loops, NotBegunError


class Standing:
    """A target with something for the length of a worker."""

    def __init__(self, *, virtual: bool = False, broken: bool = False) -> None:
        self.capabilities: Any = SimpleNamespace(virtual_clock=virtual)
        self.broken = broken
        self.loops: list[asyncio.AbstractEventLoop] = []
        self.served = 0
        self.ended = False

    async def begin_worker(self) -> None:
        if self.broken:
            raise OSError("the port is taken")
        self.loops.append(asyncio.get_running_loop())
        self._task = asyncio.create_task(self._serve())

    async def end_worker(self) -> None:
        self.ended = not self._task.done()
        self._task.cancel()

    async def _serve(self) -> None:
        while True:
            self.served += 1
            await asyncio.sleep(0)


async def _case(target: Standing, left: list[asyncio.Task[None]]) -> asyncio.AbstractEventLoop:
    async def forgotten() -> None:
        await asyncio.sleep(3600)

    before = target.served
    left.append(asyncio.create_task(forgotten()))
    await asyncio.sleep(0.001)
    assert target.served > before
    return asyncio.get_running_loop()


def test_what_a_worker_has_begun_outlives_its_cases_and_nothing_else_does() -> None:
    """One loop, one beginning; a task that a case forgets is ended with it."""
    target = Standing()
    loops, left = Loops(target), []  # type: ignore[arg-type,var-annotated]
    used = {loops.run(_case(target, left)) for _ in range(3)}
    assert len(used) == 1 and target.loops == list(used)
    assert [task.cancelled() for task in left] == [True] * 3
    loops.close()
    assert target.ended


def test_a_beginning_that_fails_is_told_and_tried_again() -> None:
    """The next case may have more luck."""
    target = Standing(broken=True)
    loops = Loops(target)  # type: ignore[arg-type]
    with pytest.raises(NotBegunError, match="the port is taken"):
        loops.run(_case(target, []))
    target.broken = False
    loops.run(_case(target, []))
    loops.close()


def test_virtual_time_begins_anew_for_each_case() -> None:
    """Nothing is begun for a worker there."""
    target = Standing(virtual=True)
    loops = Loops(target)  # type: ignore[arg-type]

    async def case() -> float:
        await asyncio.sleep(5)
        return asyncio.get_running_loop().time()

    assert loops.run(case()) == loops.run(case())
    loops.close()
    assert target.loops == []
