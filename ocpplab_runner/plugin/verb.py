"""What a step's verb is to the engine: its description and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from ocpplab_runner.plugin.stage import Outcome, SentCall, Stage
from ocpplab_runner.scenario.registry import VerbSpec
from ocpplab_runner.vocabulary.versions import OcppVersion


class StepFailedError(Exception):
    """The step judged the system under test and found it wrong: the verdict is ``failed``."""


class StepError(Exception):
    """The step could not be carried out, or is wrong in itself: the verdict is ``error``."""


class ScenarioSkippedError(Exception):
    """The scenario says that it does not apply here: the verdict is ``skipped`` with this reason."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a verb hands back to the engine.

    Attributes:
        outcome: of a command; None for verbs that have none.
        call: the call that the CSMS sent; ``response`` and ``call_error`` look at its answer.
        subject: fields that tell this step's own events from others (``{"id_tag": "CARD-1"}``).
    """

    outcome: Outcome | None = None
    call: SentCall | None = None
    subject: Mapping[str, Any] | None = None


class StepContext(Protocol):
    """What a verb may use while it runs."""

    @property
    def charger(self) -> str:
        """Name of the charger that the step is about."""
        ...

    @property
    def version(self) -> OcppVersion:
        """OCPP version of this case."""
        ...

    @property
    def stage(self) -> Stage:
        """The case's world."""
        ...

    @property
    def random(self) -> Random:
        """The only randomness a verb may use."""
        ...

    @property
    def raw(self) -> bool:
        """Whether the step lets deliberately wrong values through (``raw: true``)."""
        ...

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the nested blocks of steps, in the order in which they are written."""
        ...

    async def perform(self, command: str, fields: Mapping[str, Any]) -> Outcome:
        """Let the charger or the world do a command; it is recorded with its outcome."""
        ...

    def program_csms(self, rule: Mapping[str, Any]) -> Awaitable[None] | None:
        """Set how the CSMS answers the charger's next calls (the fields of ``csms_reply``), as the scenario's own wish.

        What is answered that way is no unexpected answer of the CSMS, and in a raw step no violation.

        Returns:
            What must be awaited before the step has ended; None where the CSMS is told at once.

        Raises:
            BlockedError: the CSMS cannot be programmed here.
            StepError: the fields make no rule.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Let time pass on the run's clock."""
        ...

    async def run_block(self, name: str, variables: Mapping[str, Any] | None = None) -> None:
        """Run the nested steps of that name, one after the other; stops at the first that does not pass."""
        ...

    async def run_parallel(self, names: list[str]) -> None:
        """Run several blocks side by side, each with windows of its own."""
        ...

    def evaluate(self, expression: str) -> Any:
        """The value of an expression (without ``${{ }}``); raises StepError when it cannot be computed."""
        ...

    def log(self, text: str) -> None:
        """Put a line into the trace and the reports."""
        ...

    def report(self, fact: str, fields: Mapping[str, Any]) -> None:
        """Put a fact of the plugin's own (``acme.led``) on the ledger, where its facet finds it."""
        ...

    async def ask(self, question: str) -> str:
        """Ask the operator; raises BlockedError when nobody is there."""
        ...


Run = Callable[[StepContext, Mapping[str, Any]], Awaitable[StepResult | None]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as registered: what it looks like and what it does."""

    spec: VerbSpec
    run: Run
