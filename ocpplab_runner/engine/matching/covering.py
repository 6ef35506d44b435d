"""The ``never`` of a step that holds others: it ends them the moment it is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from ocpplab_runner.engine.matching.expectations import ProhibitionWatch, State
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event

T = TypeVar("T")


class BrokenError(Exception):
    """What must not come has come.

    Attributes:
        watch: that saw it.
    """

    def __init__(self, watch: ProhibitionWatch) -> None:
        super().__init__("what must not come has come")
        self.watch = watch


async def covered(work: Coroutine[Any, Any, T], watches: Sequence[ProhibitionWatch], ledger: Ledger) -> T:
    """Await work while some watches look on.

    Args:
        work: is cancelled when one of them is broken.
        watches: look at what comes from now on, and at what their windows hold already.
        ledger: shows what comes.

    Raises:
        BrokenError: one is broken, and the work has not failed before.
    """
    broken = asyncio.Event()

    def listen(event: Event) -> None:
        if any(watch.feed(event) is State.FAILED for watch in watches):
            broken.set()

    task = asyncio.create_task(work)
    alarm = asyncio.create_task(broken.wait())
    # The work begins to run at the first await below: nothing comes between this look and the subscription.
    if any(watch.begin() is State.FAILED for watch in watches):
        broken.set()
    unsubscribe = ledger.subscribe(listen)
    try:
        await asyncio.wait({task, alarm}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        unsubscribe()
        alarm.cancel()
        task.cancel()
        await asyncio.gather(task, alarm, return_exceptions=True)
    failed = next((watch for watch in watches if watch.state is State.FAILED), None)
    if failed is not None and (task.cancelled() or task.exception() is None):
        raise BrokenError(failed)
    return task.result()
