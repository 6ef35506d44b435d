"""Runs steps: one thread of them, with its windows, from the first to the first that does not pass."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.matching.windows import Window, Windows
from ocpplab_runner.engine.planning.render import block_prefix, describe_step
from ocpplab_runner.engine.recording.trail import Stretch
from ocpplab_runner.engine.running.case_run import CaseRun
from ocpplab_runner.engine.running.computed import is_literal
from ocpplab_runner.engine.running.context import Context
from ocpplab_runner.engine.running.step_failure import StepFailure, failure_at, placed
from ocpplab_runner.engine.running.step_judge import Judge, StepOutcome
from ocpplab_runner.plugin.calling import traceback_of
from ocpplab_runner.plugin.results import FailureInfo, StepInfo, StepRecord, Verdict
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError
from ocpplab_runner.plugin.straying import end_astray
from ocpplab_runner.plugin.verb import (
    ScenarioSkippedError,
    StepError,
    StepFailedError,
)
from ocpplab_runner.scenario.expressions import ExpressionError
from ocpplab_runner.scenario.model import Step


class Stepper:
    """One thread of steps: the scenario's own, or a branch of ``parallel``.

    Args:
        run: what all threads share.
        windows: this thread's own.
        overlay: variables of the enclosing blocks, which hide those of the scenario.
    """

    def __init__(self, run: CaseRun, windows: Windows, overlay: Mapping[str, Any] | None = None) -> None:
        self.run = run
        self.windows = windows
        self.overlay = dict(overlay or {})

    async def run_steps(self, steps: Sequence[Step], prefix: str = "") -> None:
        """Run steps one after the other.

        Raises:
            StepFailure: at the first that does not pass.
        """
        for number, step in enumerate(steps, 1):
            if not step.only or self.run.case.version in step.only:
                await self.run_step(step, f"{prefix}{number}")

    async def run_step(self, step: Step, index: str) -> None:
        """Run one step and record what became of it; raises as :meth:`run_steps`."""
        info = _info(step, index)
        self.run.observers.tell("step_begin", step=info)
        stretch = self.run.trail.begin(step, index, step.charger or self.run.chargers[0])
        status, failure, stopped = "passed", None, None
        try:
            if self.run.cancellation.requested:
                # Steps that never wait give a request no chance to be acted on.
                await asyncio.sleep(0)
            await self._bounded(step, index)
        except StepFailure as stop:
            if step.verb is not None and self.run.plan.plugins.verbs[step.verb].spec.includes:
                stop.include(step)
            stop.steps.update(name for name in (step.id, step.name) if name)
            status, failure, stopped = stop.status, stop.failure, stop
            raise
        except asyncio.CancelledError:
            status, failure = "skipped", FailureInfo(message="cancelled before it was done")
            self.run.trail.break_off(stretch)
            raise
        finally:
            self.run.trail.end(stretch)
            self._record(step, info, stretch, status, failure)
            if stopped is not None:
                # After the record: whoever is asked to go on has then been told what happened.
                await self._pause(stopped)

    async def run_block(self, step: Step, index: str, name: str, variables: Mapping[str, Any] | None) -> None:
        """Run the nested steps of that name in this thread's windows."""
        for variable, value in (variables or {}).items():
            self.run.keep_secret(variable, value)
        inner = Stepper(self.run, self.windows, {**self.overlay, **(variables or {})}) if variables else self
        await inner.run_steps(step.blocks[name], block_prefix(index, name))

    async def run_parallel(self, step: Step, index: str, names: Sequence[str]) -> None:
        """Run blocks side by side; when one does not pass, the others are cancelled."""
        tasks = [
            asyncio.create_task(
                Stepper(self.run, self.windows.branch(), self.overlay).run_steps(
                    step.blocks[name], block_prefix(index, name)
                )
            )
            for name in names
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            # What fails at this very instant has failed, whichever branch came first.
            await clock.settled()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        errors = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
        if errors:
            # A branch that skips hides no failure of another one; otherwise the first in their order counts.
            raise next((error for error in errors if not _skips(error)), errors[0])

    # -- one step -------------------------------------------------------------------------------------------------

    async def _bounded(self, step: Step, index: str) -> None:
        try:
            limit = self.run.scope.duration(step.timeout, self.overlay)
            async with asyncio.timeout(limit) as bound:
                await self._carry_out(step, index)
        except TimeoutError as error:
            if bound.expired():
                raise failure_at(
                    step, Verdict.ERROR, f"the step did not end within its timeout of {limit:g} s"
                ) from None
            raise self._crash(step, error) from error
        except StepFailure:
            raise
        # A plugin's sys.exit() is an error of its step, and does not end the worker.
        except (Exception, SystemExit) as error:
            raise self._translate(step, error) from error

    def _translate(self, step: Step, error: Exception | SystemExit) -> StepFailure:
        match error:
            case StepFailedError():
                return failure_at(step, Verdict.FAILED, str(error))
            case ScenarioSkippedError():
                return failure_at(step, Verdict.SKIPPED, str(error))
            case BlockedError():
                return failure_at(step, Verdict.BLOCKED, str(error))
            case InfrastructureError():
                return failure_at(step, Verdict.ERROR, str(error), unreached=not error.reached)
            case StepError() | ExpressionError():
                return failure_at(step, Verdict.ERROR, str(error))
            case _:
                return self._crash(step, error)

    def _crash(self, step: Step, error: Exception | SystemExit) -> StepFailure:
        self.run.log(traceback_of(error))
        return failure_at(step, Verdict.ERROR, f"{step.verb or 'the step'} raised {type(error).__name__}: {error}")

    async def _pause(self, stop: StepFailure) -> None:
        if self.run.options.pause_on_failure and not stop.paused and stop.verdict is not Verdict.SKIPPED:
            stop.paused = True
            place = f"{stop.failure.get('file')}:{stop.failure.get('line')}"
            await self.run.ask(f"Paused at {place}; press Enter to go on.")

    async def _carry_out(self, step: Step, index: str) -> None:
        charger = step.charger or self.run.chargers[0]
        done = StepOutcome()
        if step.verb is not None:
            done = await self._done(step, index, charger)
        elif step.id:
            self.windows.name(step.id)
        judge = Judge(self.run, self.windows, self.overlay, step, index, charger, done)
        await judge.judge()
        for name, value in (await judge.saved()).items():
            self.run.scope.set(name, value)
            self.run.keep_secret(name, value)
        self.run.tally.count(step)

    async def _done(self, step: Step, index: str, charger: str) -> StepOutcome:
        """What the step's verb does, under the step's `never` where it holds other steps."""
        if step.never is None or not step.blocks:
            return await self._act(step, index, charger)
        own = StepOutcome(window=Window(self.run.ledger.position, clock.now(), step.name or step.verb or ""))
        judge = Judge(self.run, self.windows, self.overlay, step, index, charger, own)
        return await judge.cover(lambda: self._act(step, index, charger), step.never)

    async def _act(self, step: Step, index: str, charger: str) -> StepOutcome:
        assert step.verb is not None
        verb = self.run.plan.plugins.verbs[step.verb]
        label = step.name or step.verb
        window: Window | None = None
        if verb.spec.opens_window:
            # What the step before has set off at this instant lies before the window.
            await self.run.settled()
            window = self.windows.open_all(label) if verb.spec.opens_for_all else self.windows.open(charger, label)
        if step.id:
            self.windows.name(step.id, window)
        own = window
        if own is None and step.blocks:
            own = Window(self.run.ledger.position, clock.now(), label)
        bare = {field.name for field in verb.spec.fields if field.bare}
        fields = {
            name: value if name in bare else self.run.scope.resolve(value, self.overlay)
            for name, value in step.fields.items()
            if name not in step.blocks
        }
        if not is_literal(step):
            self.run.redactor.add_sensitive(fields)
            self.run.computed.fields(verb.spec, {name: step.fields[name] for name in fields.keys() - bare}, fields)
        context = Context(self, step, index, charger)
        try:
            result = await verb.run(context, fields)
        finally:
            end_astray()
        if step.raw and result is not None:
            self.run.intended.note(charger, result)
        if window is not None:
            if result is not None and result.subject:
                window.subject = result.subject
            await clock.settled()
        takes_time = window is not None and verb.spec.actor != "flow" and self.run.acting_takes_time
        acted = window.at if takes_time and window is not None else None
        return StepOutcome(result, context.command_seq, acted, own)

    def _record(self, step: Step, info: StepInfo, stretch: Stretch, status: str, failure: FailureInfo | None) -> None:
        record = StepRecord(
            type="step",
            case=self.run.case.info["id"],
            index=info["index"],
            verb=info["verb"],
            title=info["title"],
            file=info["file"],
            line=info["line"],
            status=status,
            at=self.run.since_began(stretch.at),
            elapsed=round(clock.now() - stretch.at, 6),
            seq=stretch.seq,
        )
        if (wall_time := self.run.wall_time(stretch.at)) is not None:
            record["wall_time"] = wall_time
        if failure is not None:
            record["failure"] = placed(failure, step, None)
        self.run.emit(record)
        self.run.observers.tell("step_end", step=record)


def _skips(error: BaseException) -> bool:
    return isinstance(error, StepFailure) and error.verdict is Verdict.SKIPPED


def _info(step: Step, index: str) -> StepInfo:
    return StepInfo(
        index=index,
        verb=step.verb or _judges(step),
        title=step.name or describe_step(step),
        file=step.path.as_posix(),
        line=step.span.line,
    )


def _judges(step: Step) -> str:
    """What a step without a verb does, in one word."""
    if step.expect is not None:
        return "expect"
    return "still" if step.still is not None else "never"
