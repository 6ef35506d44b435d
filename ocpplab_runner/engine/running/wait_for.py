"""Drives a sans-I/O watch with the ledger's events and the run's clock until it is decided."""

from __future__ import annotations

import asyncio

from ocpplab_runner import clock
from ocpplab_runner.engine.matching.expectations import ExpectationWatch, ProhibitionWatch, State
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event

#: While an evidence source lags behind the deadline, its watermark is looked at this often, in seconds.
LAG_POLL = 0.1


async def wait_for(watch: ExpectationWatch | ProhibitionWatch, ledger: Ledger) -> State:
    """Wait until a watch is met or failed.

    An event at the very deadline still counts: the deadline is looked at when nothing more can run at that instant,
    and every evidence source has passed it.
    """
    if watch.begin() is not State.PENDING:
        return watch.state
    decided = asyncio.Event()

    def listen(event: Event) -> None:
        if watch.feed(event) is not State.PENDING:
            decided.set()

    unsubscribe = ledger.subscribe(listen)
    try:
        until = watch.deadline
        while watch.state is State.PENDING:
            try:
                async with asyncio.timeout_at(until):
                    await decided.wait()
            except TimeoutError:
                await clock.settled()  # the timer may be the first of all that happens at this instant
                watch.tick(ledger.watermark(watch.scope.charger, watch.facts))
                until = clock.now() + LAG_POLL
    finally:
        unsubscribe()
    return watch.state
