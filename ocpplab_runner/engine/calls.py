"""Calls of a case whose answers no expectation looks at: a CALLERROR, or none, still fails the step that sent it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ocpplab_runner import clock
from ocpplab_runner.engine.ledger import Ledger
from ocpplab_runner.engine.refusals import is_judged, refused_status
from ocpplab_runner.engine.stops import StepStop, stop_at
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.plugin.target import SentCall
from ocpplab_runner.scenario.model import Step


class Calls:
    """Watches the answers to calls.

    Args:
        ledger: shows the answers.
        patience: gives the seconds that :meth:`settle` waits at most.
    """

    def __init__(self, ledger: Ledger, patience: Callable[[], float]) -> None:
        self._ledger = ledger
        self._patience = patience
        self._open: dict[tuple[str, str], tuple[SentCall, Step, float]] = {}
        self._stop: tuple[Event, StepStop] | None = None
        self._refused: list[tuple[Event, str]] = []
        self._done = asyncio.Event()
        ledger.subscribe(self._event)

    def watch(self, call: SentCall, step: Step, since: int, direction: str = "to_csms") -> None:
        """A CALLERROR to this call, or none, fails that step.

        Args:
            call: what was sent.
            step: what has sent it.
            since: the answer may already be on the ledger, from there on.
            direction: in which the answer travels.
        """
        self._open[direction, call.message_id] = (call, step, clock.now())
        for event in self._ledger.since(since):
            self._event(event)

    def check(self) -> None:
        """Raise the stop of a call that was answered with a CALLERROR which no expectation has used, once."""
        found, self._stop = self._stop, None
        if found is not None and not is_judged(found[0], self._ledger):
            raise found[1]

    def warnings(self) -> list[str]:
        """The answers that refused what was asked for, and that no expectation has used."""
        return [text for event, text in self._refused if not is_judged(event, self._ledger)]

    async def settle(self) -> None:
        """At the end of the steps: wait for answers that are still on their way, but not for ever.

        Raises:
            StepStop: one was a CALLERROR, or has not come.
        """
        self.check()
        if not self._open:
            return
        patience = self._patience()
        self._done.clear()
        try:
            async with asyncio.timeout_at(max(sent for _, _, sent in self._open.values()) + patience):
                await self._done.wait()
        except TimeoutError:
            await clock.settled()
        self.check()
        for call, step, _ in self._open.values():
            self._open.clear()
            text = f"{call.action} was not answered within {patience:g} s"
            raise stop_at(step, Verdict.FAILED, f"{text}; `expect: {{response: none}}` says that silence is wanted")

    def _event(self, event: Event) -> None:
        if event.kind != "frame" or event.fields.get("type") not in ("result", "error"):
            return
        known = self._open.pop((str(event.fields.get("direction")), str(event.fields.get("message_id"))), None)
        if known is None:
            return
        call, step, _ = known
        status = None if step.raw else refused_status(event.fields.get("payload"))
        if status is not None:
            place = f"{step.path.as_posix()}:{step.span.line}"
            text = f"{place}: {call.action} was answered {status}, and no expectation looks at that"
            self._refused.append((event, f"{text}; `expect: {{response: {{status: {status}}}}}` would"))
        if event.fields["type"] == "error":
            code, description = event.fields.get("error_code"), event.fields.get("error_description")
            text = f"{call.action} was answered with CALLERROR {code}" + (f": {description}" if description else "")
            self._stop = self._stop or (event, stop_at(step, Verdict.FAILED, text))
        if not self._open or self._stop is not None:
            self._done.set()
