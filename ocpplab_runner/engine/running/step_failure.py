"""How a step that is not passed ends the steps around it."""

from __future__ import annotations

from ocpplab_runner.plugin.results import FailureInfo, Verdict
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.model import Step

_STATUSES = {
    Verdict.FAILED: "failed",
    Verdict.ERROR: "error",
    Verdict.BLOCKED: "blocked",
    Verdict.SKIPPED: "skipped",
}


class StepFailure(Exception):
    """A step has not passed: the case ends with this verdict.

    Attributes:
        verdict: ``failed``, ``error``, ``blocked`` or ``skipped``.
        failure: why.
        unreached: the other side could not be reached at all.
        paused: whether the operator has already been asked about it.
        steps: ids and names of the step that has not passed, and of the blocks around it.
    """

    def __init__(self, verdict: Verdict, failure: FailureInfo, *, unreached: bool = False) -> None:
        super().__init__(failure["message"])
        self.verdict = verdict
        self.failure = failure
        self.unreached = unreached
        self.paused = False
        self.steps: set[str] = set()

    @property
    def status(self) -> str:
        """The verdict as a step's status."""
        return _STATUSES[self.verdict]

    def include(self, step: Step) -> None:
        """It comes through this ``include`` step."""
        places = [*self.failure.get("included_at", ()), f"{step.path.as_posix()}:{step.span.line}"]
        self.failure = FailureInfo({**self.failure, "included_at": places})


def failure_at(step: Step, verdict: Verdict, message: str, *, unreached: bool = False) -> StepFailure:
    """A stop whose explanation is one sentence and the place of a step."""
    return StepFailure(verdict, placed({"message": message}, step, step.span), unreached=unreached)


def placed(failure: FailureInfo, step: Step, span: Span | None) -> FailureInfo:
    """The failure with file, line and column, unless it has a place already."""
    span = span or step.span
    if "file" not in failure:
        failure["file"] = step.path.as_posix()
        failure["line"] = span.line
        failure["column"] = span.column
    return failure
