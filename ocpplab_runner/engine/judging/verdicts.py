"""From what happened in a case to its verdict, and from all verdicts to the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.engine.judging.charges import Charge
from ocpplab_runner.engine.planning.options import ExitCode
from ocpplab_runner.plugin.results import CaseEndRecord, FailureInfo, Verdict
from ocpplab_runner.scenario.model import Xfail

#: Verdicts after which ``--retries`` tries again.
RETRIED = frozenset({Verdict.FAILED, Verdict.ERROR})
#: Verdicts that make a run fail.
BAD = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.XPASSED})


@dataclass(slots=True)
class CaseResult:
    """What became of one attempt.

    Attributes:
        verdict: before ``xfail`` is applied it is never ``xfailed`` or ``xpassed``.
        reason: one line; empty for a plain pass.
        failure: the explanation of a failure or error.
        elapsed: seconds on the run's clock.
        violations: of the other side, as plain data.
        warnings: complaints that change no verdict, but for those that are charges.
        charges: what fails a passed case with ``--strict``.
        unreached: the other side could not be reached at all.
        steps: ids and names of the step that failed, and of the blocks around it.
    """

    verdict: Verdict
    reason: str = ""
    failure: FailureInfo | None = None
    elapsed: float = 0.0
    violations: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    unreached: bool = False
    steps: frozenset[str] = frozenset()


def apply_xfail(result: CaseResult, declared: Xfail | None) -> None:
    """Turn a declared failure into ``xfailed`` and an undeclared pass into ``xpassed``.

    Another failure than the one that is named stays one, and says so. An ``error`` stays one too: a case that could not
    be judged has not failed as declared.
    """
    if declared is None:
        return
    if result.verdict is Verdict.FAILED:
        other = _other_failure(result, declared)
        if other:
            result.reason += f" (this is not the failure that `xfail` names: {other})"
            result.failure = FailureInfo({**(result.failure or FailureInfo(message="")), "message": result.reason})
            return
        result.verdict = Verdict.XFAILED
        result.reason = declared.reason
    elif result.verdict is Verdict.PASSED:
        result.verdict = Verdict.XPASSED
        result.reason = f"it was expected to fail: {declared.reason}"
        result.failure = {"message": result.reason}


def apply_known_failure(result: CaseResult, reason: str | None) -> None:
    """Turn a failure into ``xfailed`` where the target is known to fail such a scenario."""
    if result.verdict is Verdict.FAILED and reason is not None:
        result.verdict, result.reason = Verdict.XFAILED, reason


def _other_failure(result: CaseResult, declared: Xfail) -> str:
    """What `xfail` names and this failure has not; empty when it is the one."""
    lacking = []
    if declared.message not in result.reason:
        lacking.append(f"its message has '{declared.message}'")
    if declared.step and declared.step not in result.steps:
        lacking.append(f"it is of the step '{declared.step}'")
    return " and ".join(lacking)


def apply_strict(result: CaseResult) -> None:
    """``--strict``: what the other side must do and has not fails a passed case.

    That is a protocol violation that weighs ``must``, as one without a weight does, and a grave complaint.
    """
    if result.verdict is Verdict.PASSED and result.charges:
        first, more = result.charges[0], len(result.charges) - 1
        result.verdict = Verdict.FAILED
        result.reason = first.text + (f" (and {more} more)" if more else "")
        result.failure = FailureInfo({**first.explain(), "message": result.reason})


def apply_tally(result: CaseResult, why_skipped: str | None) -> None:
    """A pass of a case that has done or judged nothing is none: it is ``skipped``, with the reason."""
    if result.verdict is Verdict.PASSED and why_skipped is not None:
        result.verdict = Verdict.SKIPPED
        result.reason = why_skipped


def end_record(case_id: str, attempt: int, result: CaseResult, *, last: bool) -> CaseEndRecord:
    """The record that ends an attempt."""
    record = CaseEndRecord(
        type="case",
        phase="end",
        id=case_id,
        attempt=attempt,
        verdict=result.verdict.value,
        elapsed=round(result.elapsed, 6),
        flaky=attempt > 1 and result.verdict is Verdict.PASSED,
        last=last,
    )
    if result.reason:
        record["reason"] = result.reason
    if result.failure is not None:
        record["failure"] = result.failure
    if result.violations:
        record["violations"] = result.violations
    if result.warnings:
        record["warnings"] = result.warnings
    return record


def exit_code(
    verdicts: Iterable[tuple[Verdict, bool]], *, invalid: bool = False, interrupted: bool = False
) -> ExitCode:
    """The exit code of a run.

    Args:
        verdicts: of each case's last attempt, with whether the other side was not reached at all.
        invalid: whether a file was refused.
        interrupted: whether somebody stopped the run.
    """
    finished = list(verdicts)
    if interrupted:
        return ExitCode.INTERRUPTED
    if invalid:
        return ExitCode.INVALID
    tried = [(verdict, gone) for verdict, gone in finished if verdict not in (Verdict.BLOCKED, Verdict.SKIPPED)]
    # Before FAILED: where nobody was reached, nothing was judged.
    if tried and all(gone for _, gone in tried):
        return ExitCode.INFRASTRUCTURE
    if any(verdict in BAD for verdict, _ in tried):
        return ExitCode.FAILED
    if not tried:
        return ExitCode.NOTHING
    return ExitCode.OK
