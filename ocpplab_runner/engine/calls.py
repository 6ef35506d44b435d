"""The CSMS's calls of a case whose answers no expectation looks at: a CALLERROR still fails the step that sent it."""

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
        self._open: dict[str, tuple[SentCall, Step]] = {}
        self._stop: StepStop | None = None
        self._refused: list[tuple[Event, str]] = []
        self._done = asyncio.Event()
        ledger.subscribe(self._event)

    def watch(self, call: SentCall, step: Step, since: int) -> None:
        """A CALLERROR to this call fails that step; the answer may already be on the ledger, from ``since`` on."""
        self._open[call.message_id] = (call, step)
        for event in self._ledger.since(since):
            self._event(event)

    def forget(self, call: SentCall) -> None:
        """Somebody else judges the answer to this call."""
        self._open.pop(call.message_id, None)

    def check(self) -> None:
        """Raise the stop of a call that was answered with a CALLERROR, once."""
        stop, self._stop = self._stop, None
        if stop is not None:
            raise stop

    def warnings(self) -> list[str]:
        """The answers that refused what was asked for, and that no expectation has used."""
        return [text for event, text in self._refused if not is_judged(event, self._ledger)]

    async def settle(self) -> None:
        """At the end of the steps: wait for answers that are still on their way, but not for ever.

        Under the virtual clock an answer that has not come by now was held back on purpose.
        """
        if self._open and not clock.is_virtual():
            self._done.clear()
            try:
                async with asyncio.timeout(self._patience()):
                    await self._done.wait()
            except TimeoutError:
                pass
        self.check()

    def _event(self, event: Event) -> None:
        if event.kind != "frame" or event.fields.get("type") not in ("result", "error"):
            return
        known = self._open.pop(str(event.fields.get("message_id")), None)
        if known is None:
            return
        call, step = known
        status = None if step.raw else refused_status(event.fields.get("payload"))
        if status is not None:
            place = f"{step.path.as_posix()}:{step.span.line}"
            text = f"{place}: {call.action} was answered {status}, and no expectation looks at that"
            self._refused.append((event, f"{text}; `expect: {{response: {{status: {status}}}}}` would"))
        if event.fields["type"] == "error":
            code, description = event.fields.get("error_code"), event.fields.get("error_description")
            self._stop = self._stop or stop_at(
                step,
                Verdict.FAILED,
                f"{call.action} was answered with CALLERROR {code}" + (f": {description}" if description else ""),
            )
        if not self._open or self._stop is not None:
            self._done.set()
