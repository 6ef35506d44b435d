"""Judges one step after it has acted: its outcome, its call, its ``expect`` and ``never``; and keeps what it saves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.explaining.explain import explain, explain_state
from ocpplab_runner.engine.matching.covering import BrokenError, covered
from ocpplab_runner.engine.matching.expectations import Binding, ExpectationWatch, ProhibitionWatch, Scope, State
from ocpplab_runner.engine.matching.present import Answer, judge_state
from ocpplab_runner.engine.matching.unobservable import why_not_absent, why_unjudgeable
from ocpplab_runner.engine.matching.watch import seconds
from ocpplab_runner.engine.matching.windows import UnknownStepError, Window, Windows
from ocpplab_runner.engine.running.case_run import CaseRun
from ocpplab_runner.engine.running.computed import is_literal
from ocpplab_runner.engine.running.paths import PathError, follow, split_path
from ocpplab_runner.engine.running.sending import Departure
from ocpplab_runner.engine.running.step_failure import StepFailure, failure_at, placed
from ocpplab_runner.engine.running.wait_for import LAG_POLL, wait_for
from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.plugin.stage import BlockedError, SentCall
from ocpplab_runner.plugin.verb import StepError, StepResult
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Presence, Prohibition, Step

_ANSWER_FACETS = frozenset({"response", "call_error"})
#: A `message` may be about the very CALLERROR that answers the step's call.
_LOOK_AT_ANSWERS = _ANSWER_FACETS | {"message"}
#: ``expect: {response: none}``.
_SILENCE = {"is": "none"}


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step's verb has done.

    Attributes:
        result: what the verb handed back.
        command_seq: the ledger's number of its last command's event, or None.
        acted: when it began to act, seconds on the run's clock, where the target takes its time to act; else None.
        window: since the beginning of a step that acts or that holds others; None for all others.
    """

    result: StepResult | None = None
    command_seq: int | None = None
    acted: float | None = None
    window: Window | None = None

    def binding(self) -> Binding:
        """What ties ``response``, ``call_error`` and ``outcome`` to the step."""
        if self.result is not None and self.result.call is not None:
            return Binding(self.result.call.message_id, "to_csms", self.command_seq)
        outcome = self.result.outcome if self.result is not None else None
        sent = outcome.detail.get("message_id") if outcome is not None else None
        return Binding(sent, "to_charger", self.command_seq)


class Judge:
    """Judges one step.

    Args:
        run: the attempt that it belongs to.
        windows: of its thread.
        overlay: variables of the enclosing blocks.
        step: the step.
        index: its path in the plan.
        charger: whom it is about.
        done: what it has done.
    """

    def __init__(
        self,
        run: CaseRun,
        windows: Windows,
        overlay: Mapping[str, Any],
        step: Step,
        index: str,
        charger: str,
        done: StepOutcome,
    ) -> None:
        self._run = run
        self._windows = windows
        self._overlay = overlay
        self._step = step
        self._label = f"step {index}"
        self._charger = charger
        self._result = done.result
        self._binding = done.binding()
        self._acted = done.acted
        self._own = done.window
        self._captured: dict[str, Any] = {}

    async def judge(self) -> None:
        """Judge everything that the step says, and what goes without saying.

        Raises:
            StepFailure: it is not passed.
        """
        step, began = self._step, clock.now()
        expected = {facet.facet for facet in step.expect.facets} if step.expect is not None else set()
        self._judge_outcome(expected)
        self._watch_answer(expected=bool(expected & _ANSWER_FACETS))
        if not expected & _LOOK_AT_ANSWERS:
            self._run.calls.check()
        if step.expect is not None:
            silent = [facet for facet in step.expect.facets if facet.facet == "response" and facet.fields == _SILENCE]
            others = tuple(facet for facet in step.expect.facets if facet not in silent)
            if others:
                await self._expect(replace(step.expect, facets=others) if silent else step.expect, began)
            if silent:
                if self._binding.message_id is not None:
                    self._run.intended.want_silence(self._charger, self._binding.message_id)
                try:
                    await self._silence(step.expect, began)
                # Where the answer says that an end of ours does not do this, the step is blocked and has not failed.
                except StepFailure:
                    self._run.calls.check()
                    raise
        if step.still is not None:
            await self._still(step.still)
        if step.never is not None:
            await self._never(step.never, self._never_begins(began))
        self._run.calls.check()

    async def cover(self, work: Callable[[], Coroutine[Any, Any, StepOutcome]], never: Prohibition) -> StepOutcome:
        """Let the steps of a block run under its ``never``.

        Where the step has an ``expect`` of its own, that may use what came; only its end then tells.

        Raises:
            StepFailure: it is broken; or, as anything else that is raised, from the steps.
        """
        watches = [] if self._step.expect is not None else self._prohibitions(never, clock.now(), None)
        try:
            return await covered(work(), watches, self._run.ledger)
        except BrokenError as broken:
            raise self._failed(broken.watch, never.span) from None
        except StepFailure as stop:
            if stop.verdict is Verdict.SKIPPED:
                # A skip hides nothing that went wrong before it; what nobody can tell is skipped with the rest.
                with contextlib.suppress(BlockedError, StepError):
                    await self._never(replace(never, for_=0.0), clock.now())
            raise

    def _watch_answer(self, *, expected: bool) -> None:
        """Let the call that the step has sent fail it, if it is refused or never answered."""
        if self._result is None:
            return
        call, sent = self._result.call, self._binding.message_id
        since = self._windows.current(self._charger).seq
        if call is not None:
            self._run.calls.watch(self._charger, call, self._step, since, expected=expected)
        elif sent is not None and self._sends_for_the_charger():
            action = str(self._result.outcome.detail.get("action")) if self._result.outcome is not None else ""
            direction = self._binding.answer_direction
            self._run.calls.watch(
                self._charger, SentCall(sent, action), self._step, since, direction, expected=expected
            )

    def _sends_for_the_charger(self) -> bool:
        """Whether its message is as much the scenario's own as a call of the CSMS."""
        spec = self._run.plan.plugins.registry.verbs.get(self._step.verb or "")
        return spec is not None and spec.calls == "charger"

    async def _silence(self, expectation: Expectation, began: float) -> None:
        """The step's own call must go out, and then no answer come for as long as ``within`` says."""
        within = self._run.scope.duration(expectation.within, self._overlay)
        patience = self._run.default_within if within is None else within
        message_id = self._binding.message_id
        if message_id is None:
            raise StepError("response: this step has sent no call that could be answered")
        since = self._windows.current(self._charger).seq
        departure = Departure(self._run.ledger, self._charger, message_id, self._binding.answer_direction, since)
        sent = await departure.by(began + patience)
        if sent is None:
            before = departure.behind()
            why = f"; {before}, which went before it, is not answered" if before else ""
            text = f"response none: the call was not sent within {seconds(patience)}, so its silence says nothing{why}"
            raise StepFailure(Verdict.FAILED, placed({"message": text}, self._step, expectation.span))
        facets = tuple(FacetExpectation(name, {}, span=expectation.span) for name in sorted(_ANSWER_FACETS))
        # A call that has waited in its sender's queue is silent only from its departure on.
        await self._never(Prohibition(facets, patience, expectation.since, expectation.span), max(began, sent))

    def _never_begins(self, began: float) -> float:
        """When ``for`` begins: once the step's own expectation is met; else when the step has begun to act.

        Where acting takes time (an HTTP request), what must not follow it is counted from its beginning.
        """
        if self._step.expect is not None:
            return clock.now()
        return began if self._acted is None else self._acted

    async def saved(self) -> dict[str, Any]:
        """The values that the step's ``save`` names.

        Raises:
            StepFailure: the answer that one of them needs did not come.
            StepError: a path leads nowhere.
        """
        values: dict[str, Any] = {}
        for name, path in self._step.save.items():
            try:
                root, *rest = split_path(path)
                values[name] = follow(await self._root(str(root)), rest, path)
            except PathError as error:
                raise StepError(f"save {name}: {error}") from None
        return values

    def _judge_outcome(self, expected: set[str]) -> None:
        outcome = self._result.outcome if self._result is not None else None
        if outcome is not None and outcome.status == "refused" and "outcome" not in expected:
            raise failure_at(self._step, Verdict.ERROR, f"{self._step.verb} was refused: {outcome.reason}")

    async def _expect(self, expectation: Expectation, began: float) -> None:
        within = self._run.scope.duration(expectation.within, self._overlay)
        watch = ExpectationWatch(
            self._with_values(expectation),
            facets=self._run.plan.plugins.registry.facets,
            ledger=self._run.ledger,
            scope=self._scope(expectation.since),
            started=began,
            within=self._run.default_within if within is None else within,
        )
        state = await wait_for(watch, self._run.ledger)
        if state is State.FAILED:
            self._run.calls.check()
        unjudgeable = why_unjudgeable(watch, self._run.plan.target.capabilities, self._run.stage)
        if unjudgeable is not None:
            raise BlockedError(unjudgeable)
        # Met without a count it is met, whatever else could not be compared.
        if (state is State.FAILED or watch.counts_all) and (doubt := watch.doubt()):
            raise StepError(doubt)
        if state is State.FAILED:
            if (unsent := self._run.calls.why_unsent(watch.expectation.facets)) is not None:
                raise BlockedError(unsent)
            raise self._failed(watch, expectation.span)
        self._captured |= watch.captured

    async def _still(self, presence: Presence) -> None:
        """Judge present states, once every evidence source has told what is so by now."""
        reached = clock.now()
        await self._run.settled()
        facets = self._run.plan.plugins.registry.facets
        facts = {event for facet in presence.facets if (event := facets[facet.facet].event) is not None}
        while self._run.ledger.watermark(self._charger, facts) < reached:
            await asyncio.sleep(LAG_POLL)
        for facet in self._resolved(presence.facets, present=True):
            states = self._run.presents.of(facet.facet, self._charger)
            finding = judge_state(facets[facet.facet], facet.fields, states)
            if finding.answer is Answer.NO:
                window = self._windows.current(self._charger)
                info = explain_state(finding, facet, self._run.ledger, self._charger, window)
                raise StepFailure(Verdict.FAILED, placed(info, self._step, facet.span))
            if finding.answer is not Answer.YES:
                raise StepError(finding.message)

    async def _never(self, prohibition: Prohibition, began: float) -> None:
        """Judge what must not come: of the charger that the step names, else of all of them."""
        lasts = self._run.scope.duration(prohibition.for_, self._overlay) or 0.0
        watches = self._prohibitions(prohibition, began, lasts)
        tasks = [asyncio.create_task(wait_for(watch, self._run.ledger)) for watch in watches]
        try:
            for done in asyncio.as_completed(tasks):
                if await done is State.FAILED:
                    break
        finally:
            for task in tasks:
                task.cancel()
        for watch in watches:
            if watch.state is State.FAILED:
                raise self._failed(watch, prohibition.span)
        for watch in watches:
            if doubt := watch.doubt():
                raise StepError(doubt)
            unseen = why_not_absent(watch, self._run.stage)
            if unseen is not None:
                raise BlockedError(unseen)

    def _prohibitions(self, prohibition: Prohibition, began: float, lasts: float | None) -> list[ProhibitionWatch]:
        asked = replace(prohibition, facets=self._resolved(prohibition.facets))
        return [
            ProhibitionWatch(
                asked,
                facets=self._run.plan.plugins.registry.facets,
                ledger=self._run.ledger,
                scope=self._scope(prohibition.since, charger, whole=True),
                started=began,
                lasts=lasts,
            )
            for charger in ([self._step.charger] if self._step.charger else self._run.chargers)
        ]

    def _scope(self, since: str | None, charger: str | None = None, *, whole: bool = False) -> Scope:
        """What a watch looks at.

        Args:
            since: as written.
            charger: whose events; None for the step's own.
            whole: from the beginning of the step, also of one that holds others and of one that acts elsewhere.
        """
        name = charger or self._charger
        try:
            window: Window = self._windows.resolve(name, since)
        except UnknownStepError as error:
            raise StepError(str(error)) from error
        if whole and since is None and self._own is not None and (self._step.blocks or name != self._charger):
            window = self._own
        subject = self._result.subject if self._result is not None else None
        return Scope(name, window, self._binding, subject, self._label)

    def _failed(self, watch: ExpectationWatch | ProhibitionWatch, span: Span | None) -> StepFailure:
        return StepFailure(Verdict.FAILED, placed(explain(watch), self._step, span))

    def _with_values(self, expectation: Expectation) -> Expectation:
        if is_literal(expectation):
            return expectation
        return replace(expectation, facets=self._resolved(expectation.facets))

    def _resolved(self, facets: tuple[FacetExpectation, ...], *, present: bool = False) -> tuple[FacetExpectation, ...]:
        call = self._result.call if self._result is not None and not self._step.raw else None
        return self._run.computed.facets(
            facets,
            lambda value: self._run.scope.resolve(value, self._overlay),
            call.action if call else None,
            present=present,
            raw=self._step.raw,
        )

    async def _root(self, name: str) -> Any:
        """What a path of ``save`` starts at."""
        if name in self._captured:
            return self._captured[name]
        if name == "response":
            await self._expect(Expectation((FacetExpectation("response", {}),), span=self._step.span), clock.now())
            return self._captured["response"]
        if name == "outcome" and self._result is not None and self._result.outcome is not None:
            outcome = self._result.outcome
            return {"is": outcome.status, "reason": outcome.reason, "detail": dict(outcome.detail)}
        raise PathError(f"this step has met no {name}")
