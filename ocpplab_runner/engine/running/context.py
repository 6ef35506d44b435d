"""What a verb may use while it runs: the engine's side of :class:`~ocpplab_runner.plugin.verb.StepContext`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from random import Random
from typing import Any, Protocol

from ocpplab_runner import clock
from ocpplab_runner.engine.running.case_run import CaseRun
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Outcome, Stage
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.scenario.expressions import ExpressionError
from ocpplab_runner.scenario.model import Step
from ocpplab_runner.vocabulary.versions import OcppVersion


class Thread(Protocol):
    """Who runs the step; see :class:`~ocpplab_runner.engine.stepper.Stepper`, which is one."""

    run: CaseRun
    overlay: dict[str, Any]

    async def run_block(self, step: Step, index: str, name: str, variables: Mapping[str, Any] | None) -> None: ...

    async def run_parallel(self, step: Step, index: str, names: Sequence[str]) -> None: ...


class Context:
    """One step's; implements :class:`~ocpplab_runner.plugin.verb.StepContext`.

    Attributes:
        command_seq: the ledger's number of the event that tells the outcome of the step's latest command.

    Args:
        stepper: the thread that runs the step.
        step: the step.
        index: its path in the plan.
        charger: whom it is about.
    """

    def __init__(self, stepper: Thread, step: Step, index: str, charger: str) -> None:
        self._stepper = stepper
        self._run = stepper.run
        self._step = step
        self._index = index
        self._charger = charger
        self.command_seq: int | None = None

    @property
    def charger(self) -> str:
        """Name of the charger that the step is about."""
        return self._charger

    @property
    def version(self) -> OcppVersion:
        """OCPP version of this case."""
        return self._run.case.version

    @property
    def stage(self) -> Stage:
        """The case's world."""
        return self._run.stage

    @property
    def random(self) -> Random:
        """The only randomness a verb may use."""
        return self._run.random

    @property
    def raw(self) -> bool:
        """Whether the step lets deliberately wrong values through."""
        return self._step.raw

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the nested blocks of steps."""
        return tuple(self._step.blocks)

    async def perform(self, command: str, fields: Mapping[str, Any]) -> Outcome:
        """Let the charger or the world do a command; it is recorded with its outcome."""
        began = clock.now()
        outcome = await self.stage.perform(self._charger, command, fields, raw=self.raw)
        recorded: dict[str, Any] = {"is": outcome.status, "fields": dict(fields)}
        if outcome.reason:
            recorded["reason"] = outcome.reason
        if outcome.detail:
            recorded["detail"] = dict(outcome.detail)
        event = self._run.ledger.record(Observation("command", command, self._charger, began, recorded))
        self.command_seq = event.seq
        spec = self._run.plan.plugins.registry.verbs.get(command)
        if self.raw and spec is not None and spec.programs is not None:
            self._run.intended.answers(self._charger, spec.programs, fields)
        return outcome

    def program_csms(self, rule: Mapping[str, Any]) -> Awaitable[None] | None:
        """Set how the CSMS answers the charger's next calls, as the scenario's own wish."""
        # Before it is in force: a call that comes in the same instant may take it already.
        before = self._run.ledger.position
        told = self.stage.program_csms(self._charger, rule)
        self._run.programmed.add(self._charger, rule, before)
        if self.raw:
            self._run.intended.answers(self._charger, "csms", rule)
        return told

    async def sleep(self, seconds: float) -> None:
        """Let time pass on the run's clock."""
        await asyncio.sleep(seconds)

    async def run_block(self, name: str, variables: Mapping[str, Any] | None = None) -> None:
        """Run the nested steps of that name."""
        await self._stepper.run_block(self._step, self._index, name, variables)

    async def run_parallel(self, names: list[str]) -> None:
        """Run several blocks side by side."""
        await self._stepper.run_parallel(self._step, self._index, names)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression.

        Raises:
            StepError: it cannot be computed.
        """
        try:
            return self._run.scope.evaluate(expression, self._stepper.overlay)
        except ExpressionError as error:
            raise StepError(str(error)) from error

    def log(self, text: str) -> None:
        """Put a line into the trace and the reports."""
        self._run.log(text)

    def report(self, fact: str, fields: Mapping[str, Any]) -> None:
        """Put a fact of a plugin's own on the ledger."""
        self._run.ledger.record(Observation("fact", fact, self._charger, clock.now(), dict(fields), source="inside"))

    async def ask(self, question: str) -> str:
        """Ask the operator; raises BlockedError when nobody is there."""
        return await self._run.ask(question)
