"""When a call has gone out: one that waits for its turn in its sender's queue has not, and proves nothing."""

from __future__ import annotations

import asyncio

from ocpplab_runner import clock
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.running.wait_for import LAG_POLL
from ocpplab_runner.plugin.events import Event


class Departure:
    """A call on the ledger.

    Args:
        ledger: shows it.
        charger: who sends or gets it.
        message_id: of the call.
        answer_direction: in which its answer would travel.
        since: the sequence number from which on it may be.
    """

    def __init__(self, ledger: Ledger, charger: str, message_id: str, answer_direction: str, since: int) -> None:
        self._ledger = ledger
        self._charger = charger
        self._message_id = message_id
        self._answer_direction = answer_direction
        self._since = since

    def at(self) -> float | None:
        """When it has gone out, in seconds on the run's clock; None while it has not."""
        return next((event.at for event in self._ledger.since(self._since) if self._is_it(event)), None)

    async def by(self, deadline: float) -> float | None:
        """As :meth:`at`, waiting for it until a time that every evidence source has then passed."""
        gone = asyncio.Event()

        def listen(event: Event) -> None:
            if self._is_it(event):
                gone.set()

        unsubscribe = self._ledger.subscribe(listen)
        until = deadline
        try:
            while (at := self.at()) is None and self._ledger.watermark(self._charger) < deadline:
                try:
                    async with asyncio.timeout_at(until):
                        await gone.wait()
                except TimeoutError:
                    await clock.settled()
                    until = clock.now() + LAG_POLL
        finally:
            unsubscribe()
        return at

    def behind(self) -> str:
        """The action of the call that it waits for: the latest before it that has no answer; empty when none is."""
        waiting: dict[str, str] = {}
        for event in self._ledger.since(0):
            if event.kind != "frame" or event.charger != self._charger:
                continue
            message_id, direction = str(event.fields.get("message_id")), event.fields.get("direction")
            if event.fields.get("type") == "call" and direction != self._answer_direction:
                waiting[message_id] = event.name
            elif event.fields.get("type") in ("result", "error") and direction == self._answer_direction:
                waiting.pop(message_id, None)
        return next(reversed(waiting.values()), "")

    def _is_it(self, event: Event) -> bool:
        return (
            event.kind == "frame"
            and event.charger == self._charger
            and event.fields.get("type") == "call"
            and event.fields.get("message_id") == self._message_id
            and event.fields.get("direction") != self._answer_direction
        )
