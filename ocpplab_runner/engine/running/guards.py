"""What ends the steps from outside: a ``throughout`` that is broken, and a crash in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.explaining.explain import explain
from ocpplab_runner.engine.matching.expectations import ProhibitionWatch, Scope, State
from ocpplab_runner.engine.matching.unobservable import why_not_absent
from ocpplab_runner.engine.running.case_run import CaseRun
from ocpplab_runner.engine.running.step_failure import StepFailure
from ocpplab_runner.engine.running.wait_for import LAG_POLL
from ocpplab_runner.plugin.calling import traceback_of
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.scenario.model import Prohibition


class Guards:
    """Watches every ``throughout`` of a case, on every charger, and the loop's own exceptions.

    Attributes:
        task: what is cancelled when there is something.
        stop: what there was first; None as long as all is well.
        crash: the first exception that nobody has caught; the case cannot be judged then.
    """

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._watches: list[ProhibitionWatch] = []
        self._unsubscribe: Callable[[], None] | None = None
        self.task: asyncio.Task[Any] | None = None
        self.stop: StepFailure | None = None
        self.crash: StepFailure | None = None

    def watch_loop(self) -> None:
        """From now on an exception in a callback or a task that nobody awaits ends the steps."""
        asyncio.get_running_loop().set_exception_handler(self._uncaught)

    def begin(self) -> None:
        """Watch from now on; raises ExpressionError when a guard's values cannot be computed."""
        for guard in self._run.case.scenario.throughout:
            for charger in self._run.chargers:
                self._watches.append(self._watch(guard, charger))
        if self._watches:
            for watch in self._watches:
                watch.begin()
            self._unsubscribe = self._run.ledger.subscribe(self._event)

    async def see_all(self) -> None:
        """The last step is done: return when what it has set off has been seen. What happens later does not count."""
        if not self._watches:
            return
        await self._run.settled()
        over = clock.now()
        for watch in self._watches:
            watch.deadline = over
        ledger = self._run.ledger
        while any(ledger.watermark(watch.scope.charger, watch.facts) < over for watch in self._watches):
            await asyncio.sleep(LAG_POLL)

    def end(self) -> None:
        """The steps are over."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        for watch in self._watches:
            watch.finish()

    def doubt(self) -> str:
        """Why what must not come cannot be told from what came; empty when it can. Only after the steps."""
        return next((f"throughout: {doubt}" for watch in self._watches if (doubt := watch.doubt())), "")

    def why_unjudgeable(self) -> str | None:
        """Why nobody can say that what must not come has not come; None when it can be said. Only after the steps."""
        unseen = (why_not_absent(watch, self._run.stage) for watch in self._watches)
        return next((f"throughout: {reason}" for reason in unseen if reason is not None), None)

    def _watch(self, guard: Prohibition, charger: str) -> ProhibitionWatch:
        facets = self._run.computed.facets(guard.facets, self._run.scope.resolve)
        return ProhibitionWatch(
            replace(guard, facets=facets),
            facets=self._run.plan.plugins.registry.facets,
            ledger=self._run.ledger,
            scope=Scope(charger, self._run.windows.current(charger), label="throughout"),
            started=clock.now(),
            lasts=None,
        )

    def _event(self, event: Event) -> None:
        if self.stop is not None:
            return
        for watch in self._watches:
            if watch.feed(event) is State.FAILED:
                self._break_off(StepFailure(Verdict.FAILED, self._failure(watch)))
                return

    def _break_off(self, stop: StepFailure) -> None:
        if self.stop is None:
            self.stop = stop
            if self.task is not None:
                self.task.cancel()

    def _uncaught(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error, message = context.get("exception"), str(context.get("message", ""))
        trace = traceback_of(error) if error is not None else ""
        self._run.log(f"{message}\n{trace}".rstrip())
        # What only the garbage collector finds came too late to have changed anything.
        if error is not None and "never retrieved" not in message and self.crash is None:
            text = f"something crashed in the background: {type(error).__name__}: {error}"
            self.crash = StepFailure(Verdict.ERROR, {"message": text})
            self._break_off(self.crash)

    def _failure(self, watch: ProhibitionWatch) -> Any:
        failure = explain(watch)
        failure["message"] = f"throughout: {failure['message']}"
        span = watch.prohibition.span
        failure["file"] = self._run.case.scenario.path.as_posix()
        if span is not None:
            failure["line"], failure["column"] = span.line, span.column
        return failure
