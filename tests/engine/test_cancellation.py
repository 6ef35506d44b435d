"""Ending a case from outside: the step at once, what cleans up in its time, both at once when somebody insists."""

from __future__ import annotations

import asyncio
import contextlib

from ocpplab_runner import clock
from ocpplab_runner.engine.running.cancellation import Cancellation


async def for_ever() -> str:
    """A step."""
    await asyncio.Event().wait()
    return "done"


async def stubborn() -> None:
    """A step that does not stop when it is told once."""
    with contextlib.suppress(asyncio.CancelledError):
        await for_ever()
    await for_ever()


def test_a_step_is_cancelled() -> None:
    """Also when the request has come before it began."""

    async def main() -> None:
        cancellation = Cancellation()
        cancellation.request("interrupted")
        cancellation.request("later")
        task = asyncio.create_task(for_ever())
        assert await cancellation.wait_for(task)
        assert (task.cancelled(), cancellation.reason) == (True, "interrupted")

    clock.run(main())


def test_a_step_that_does_not_stop_is_left_behind() -> None:
    """Two seconds after the request."""

    async def main() -> float:
        cancellation = Cancellation()
        task = asyncio.create_task(stubborn())
        asyncio.get_running_loop().call_soon(cancellation.request, "interrupted")
        began = clock.now()
        assert not await cancellation.wait_for(task)
        task.cancel()
        return clock.now() - began

    assert 1.9 < clock.run(main(), virtual=False) < 3


def test_all_that_cleans_up_shares_the_patience() -> None:
    """However much of it there is."""

    async def main() -> float:
        cancellation = Cancellation(0.2)
        cancellation.request("interrupted")
        began = clock.now()
        assert await cancellation.clean(for_ever(), "cut short") == "cut short"
        assert await cancellation.clean(stubborn(), None) is None
        return clock.now() - began

    assert 0.3 < clock.run(main(), virtual=False) < 1.5


def test_what_cleans_up_has_its_time() -> None:
    """A request does not cancel it; insisting does."""

    async def work() -> str:
        await asyncio.sleep(0.1)
        return "cleaned"

    async def main() -> None:
        cancellation = Cancellation()
        cancellation.request("interrupted")
        assert await cancellation.clean(work(), "cut short") == "cleaned"
        asyncio.get_running_loop().call_later(0.01, cancellation.insist)
        assert await cancellation.clean(for_ever(), "cut short") == "cut short"
        assert await cancellation.clean(for_ever(), "cut short") == "cut short"

    clock.run(main())
