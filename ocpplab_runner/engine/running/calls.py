"""The calls that a case's steps send: what becomes of them where no expectation looks at the answer.

A CALLERROR, or none, fails the step; a refusal of what an end of ours does not do blocks it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ocpplab_runner import clock
from ocpplab_runner.engine.judging.refusals import is_judged, refused_status
from ocpplab_runner.engine.planning.unbuilt import Unbuilt
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.running.step_failure import StepFailure, failure_at
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.plugin.stage import SentCall
from ocpplab_runner.scenario.model import FacetExpectation, Step


@dataclass(frozen=True, slots=True)
class _Open:
    """A call that is not answered yet; ``expected`` when its step looks at the answer itself."""

    call: SentCall
    step: Step
    since: int
    sent: float
    expected: bool


class Calls:
    """Watches the answers to calls.

    Args:
        ledger: shows the answers.
        patience: gives the seconds that :meth:`settle` waits at most.
        unbuilt: knows what an end of ours does not do.
    """

    def __init__(self, ledger: Ledger, patience: Callable[[], float], unbuilt: Unbuilt) -> None:
        self._ledger = ledger
        self._patience = patience
        self._unbuilt = unbuilt
        self._open: dict[tuple[str, str, str], _Open] = {}
        self._stop: tuple[Event, StepFailure] | None = None
        self._refused: list[tuple[Event, str]] = []
        self._done = asyncio.Event()
        ledger.subscribe(self._event)

    def watch(
        self,
        charger: str,
        call: SentCall,
        step: Step,
        since: int,
        direction: str = "to_csms",
        *,
        expected: bool = False,
    ) -> None:
        """A CALLERROR to this call, or none, fails that step.

        Args:
            charger: whose connection it takes; ids are a charger's own.
            call: what was sent.
            step: what has sent it.
            since: the answer may already be on the ledger, from there on.
            direction: in which the answer travels.
            expected: the step looks at the answer itself; only what is not built is watched for.
        """
        self._open[charger, direction, call.message_id] = _Open(call, step, since, clock.now(), expected)
        for event in self._ledger.since(since):
            self._event(event)

    def why_unsent(self, facets: Iterable[FacetExpectation]) -> str | None:
        """Why a message that has not come could not: our charger never sends it."""
        return self._unbuilt.unsent(facets, {})

    def check(self) -> None:
        """Raise the stop of a call whose answer stops the case and no expectation has used, once."""
        found, self._stop = self._stop, None
        if found is not None and not is_judged(found[0], self._ledger):
            raise found[1]

    def warnings(self) -> list[str]:
        """The answers that refused what was asked for, and that no expectation has used."""
        return [text for event, text in self._refused if not is_judged(event, self._ledger)]

    async def settle(self) -> None:
        """At the end of the steps: wait for answers that are still on their way, but not for ever.

        Raises:
            StepFailure: one was a CALLERROR, or has not come.
        """
        self.check()
        if not self._awaited():
            return
        patience = self._patience()
        self._done.clear()
        try:
            async with asyncio.timeout_at(max(one.sent for one in self._awaited()) + patience):
                await self._done.wait()
        except TimeoutError:
            # An answer of this very instant still counts.
            await clock.settled()
        self.check()
        for one in self._awaited():
            self._open.clear()
            text = f"{one.call.action} was not answered within {patience:g} s"
            raise failure_at(
                one.step, Verdict.FAILED, f"{text}; `expect: {{response: none}}` says that silence is wanted"
            )

    def _awaited(self) -> list[_Open]:
        return [one for one in self._open.values() if not one.expected]

    def _event(self, event: Event) -> None:
        if event.kind != "frame" or event.fields.get("type") not in ("result", "error"):
            return
        key = (event.charger, str(event.fields.get("direction")), str(event.fields.get("message_id")))
        known = self._open.pop(key, None)
        if known is None:
            return
        lacking = self._unbuilt.answered(event, known.step, known.call.action, self._ledger, known.since)
        if lacking is not None:
            self._stop = self._stop or (event, failure_at(known.step, Verdict.BLOCKED, lacking))
        elif not known.expected:
            self._judge(event, known.call, known.step)
        if not self._awaited() or self._stop is not None:
            self._done.set()

    def _judge(self, event: Event, call: SentCall, step: Step) -> None:
        status = None if step.raw else refused_status(event.fields.get("payload"))
        if status is not None:
            place = f"{step.path.as_posix()}:{step.span.line}"
            text = f"{place}: {call.action} was answered {status}, and no expectation looks at that"
            self._refused.append((event, f"{text}; `expect: {{response: {{status: {status}}}}}` would"))
        if event.fields["type"] == "error":
            code, description = event.fields.get("error_code"), event.fields.get("error_description")
            text = f"{call.action} was answered with CALLERROR {code}" + (f": {description}" if description else "")
            self._stop = self._stop or (event, failure_at(step, Verdict.FAILED, text))
