"""Verdicts and exit codes."""

import pytest

from ocpplab_runner.engine.judging.charges import Charge
from ocpplab_runner.engine.judging.verdicts import CaseResult, apply_strict, apply_xfail, end_record, exit_code
from ocpplab_runner.engine.planning.options import ExitCode
from ocpplab_runner.plugin.results import FailureInfo, Verdict
from ocpplab_runner.scenario.model import Xfail

P, F, E, B, S = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR, Verdict.BLOCKED, Verdict.SKIPPED
XF, XP = Verdict.XFAILED, Verdict.XPASSED


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], ExitCode.NOTHING),
        ([(P, False)], ExitCode.OK),
        ([(S, False)], ExitCode.NOTHING),
        ([(S, False), (B, False)], ExitCode.NOTHING),
        ([(S, False), (P, False)], ExitCode.OK),
        ([(XF, False)], ExitCode.OK),
        ([(XP, False)], ExitCode.FAILED),
        ([(B, False), (B, False)], ExitCode.NOTHING),
        ([(B, False), (P, False)], ExitCode.OK),
        ([(P, False), (F, False)], ExitCode.FAILED),
        ([(E, False)], ExitCode.FAILED),
        ([(E, True)], ExitCode.INFRASTRUCTURE),
        ([(E, True), (B, False)], ExitCode.INFRASTRUCTURE),
        ([(E, True), (P, False)], ExitCode.FAILED),
        ([(E, True), (F, False)], ExitCode.FAILED),
    ],
)
def test_exit_code(verdicts: list[tuple[Verdict, bool]], expected: ExitCode) -> None:
    """The table of design section 6."""
    assert exit_code(verdicts) is expected


def test_precedence_of_exit_codes() -> None:
    """When several hold: 130, 2, then the rest."""
    assert exit_code([(E, True)], invalid=True, interrupted=True) is ExitCode.INTERRUPTED
    assert exit_code([(E, True)], invalid=True) is ExitCode.INVALID
    assert exit_code([], invalid=True) is ExitCode.INVALID


@pytest.mark.parametrize(("before", "after"), [(P, XP), (F, XF), (E, E), (B, B), (S, S)])
def test_xfail(before: Verdict, after: Verdict) -> None:
    """A declared failure must fail; a case that could not be judged has done neither."""
    result = CaseResult(before, "why")
    apply_xfail(result, Xfail("known bug"))
    assert result.verdict is after


@pytest.mark.parametrize(
    ("declared", "after"),
    [
        (Xfail("known", message="come within"), XF),
        (Xfail("known", message="come within", step="swipe"), XF),
        (Xfail("known", step="outer"), XF),
        (Xfail("known", message="Come within"), F),
        (Xfail("known", message="come within", step="other"), F),
        (Xfail("known", step="other"), F),
    ],
)
def test_xfail_names_its_failure(declared: Xfail, after: Verdict) -> None:
    """Another failure stays one, and says that it is not the one that was expected."""
    failure: FailureInfo = {"message": "it did not come within 30s"}
    result = CaseResult(F, failure["message"], failure, steps=frozenset({"swipe", "outer"}))
    apply_xfail(result, declared)
    assert result.verdict is after
    other = "this is not the failure that `xfail` names" in result.reason
    assert other is (after is F)
    assert result.failure is not None and (result.failure["message"] == result.reason) is other


def test_no_xfail_changes_nothing() -> None:
    """Without a declaration a pass is a pass."""
    result = CaseResult(P)
    apply_xfail(result, None)
    assert result.verdict is P


def _charge(text: str) -> Charge:
    return Charge(text, lambda: FailureInfo(message=text, file="a.yaml", line=7))


def test_strict_fails_a_pass_with_charges() -> None:
    """At the place of the first, with how many more there are; without one nothing changes."""
    result = CaseResult(P, warnings=["a card may be another"])
    apply_strict(result)
    assert result.verdict is P
    result = CaseResult(P, charges=[_charge("schema"), _charge("gone")])
    apply_strict(result)
    assert (result.verdict, result.reason) == (F, "schema (and 1 more)")
    assert result.failure == {"message": "schema (and 1 more)", "file": "a.yaml", "line": 7}


@pytest.mark.parametrize("verdict", [F, E, B, S])
def test_strict_leaves_other_verdicts_alone(verdict: Verdict) -> None:
    """A violation hides no other reason."""
    result = CaseResult(verdict, "first", charges=[_charge("schema")])
    apply_strict(result)
    assert (result.verdict, result.reason) == (verdict, "first")


@pytest.mark.parametrize(("attempt", "verdict", "flaky"), [(1, P, False), (2, P, True), (2, F, False)])
def test_pass_after_a_retry_is_flaky(attempt: int, verdict: Verdict, flaky: bool) -> None:
    """Only a pass can be flaky, and only after the first attempt."""
    assert end_record("id", attempt, CaseResult(verdict), last=True)["flaky"] is flaky
