from __future__ import annotations

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.collect import DID_NOT_FINISH, collect
from tests.reports.records import (
    end,
    event,
    failing,
    failure,
    info,
    invalid,
    log,
    passing,
    run_end,
    run_start,
    start,
    step,
)


def test_a_case_collects_its_steps_and_logs() -> None:
    """Steps and logs belong to their case, whatever comes in between."""
    other = info("Other [ocpp1.6]")
    results = collect(
        [start(), start(other), step("1"), step("1", case=other), log("hello"), event(), end(), end(case=other)]
    )
    first, second = results.cases
    assert [s["index"] for s in first.last.steps] == ["1"]
    assert [entry["text"] for entry in first.last.logs] == ["hello"]
    assert second.last.logs == []
    assert first.test_name == "A blocked card [ocpp1.6]"


def test_the_last_attempt_decides() -> None:
    """A pass after a retry is a pass, marked flaky."""
    results = collect(
        [start(), end("failed", last=False, failure=failure()), start(attempt=2), end(attempt=2, flaky=True)]
    )
    (case,) = results.cases
    assert (case.verdict, case.flaky, len(case.attempts)) == (Verdict.PASSED, True, 2)
    assert results.flaky() == 1


def test_a_case_without_an_end_did_not_finish() -> None:
    """What a kill cut off is an error."""
    (case,) = collect([start(), step()]).cases
    assert (case.verdict, case.last.reason, case.finished) == (Verdict.ERROR, DID_NOT_FINISH, False)


def test_a_case_cut_off_between_attempts_is_an_error() -> None:
    """A failed attempt that was to be retried decides nothing."""
    (case,) = collect([start(), end("failed", last=False)]).cases
    assert (case.verdict, case.finished) == (Verdict.ERROR, False)


def test_the_same_id_again_is_a_new_case() -> None:
    """A finished id that starts again is another case."""
    assert len(collect([*passing(), *passing()]).cases) == 2


def test_the_failure_with_details_wins() -> None:
    """A case's bare message gives way to the failed step's explanation of it, and to no other."""
    why = failure()
    (case,) = collect(
        [start(), step("2", "failed", failed=why), end("failed", failure={"message": why["message"]})]
    ).cases
    assert case.last.failure == why
    (case,) = collect(
        [start(), step("2", "failed", failed=why), end("error", failure={"message": "worker died"})]
    ).cases
    assert case.last.reason == "worker died"


def test_counts_are_in_the_order_of_verdicts() -> None:
    """Invalid files count as errors, and the order is that of the verdicts."""
    results = collect([run_start(), *failing(), *passing(), invalid(), run_end(1)])
    assert list(results.counts().items()) == [("passed", 1), ("failed", 1), ("error", 1)]
    assert results.end["exit_code"] == 1


def test_of_very_many_steps_the_first_and_the_last_are_kept() -> None:
    """Memory has a bound, the failure stands at the end, and the reader is told."""
    many = [step(str(number)) for number in range(30_000)]
    results = collect([run_start(), start(), *many, step("30000", "failed"), end("failed")])
    attempt = results.cases[0].last
    assert len(attempt.steps) + attempt.left_out == 30_001
    assert len(attempt.steps) <= 15_000
    assert (attempt.steps[0]["index"], attempt.steps[-1]["index"]) == ("0", "30000")
    assert attempt.failed_step is attempt.steps[-1]
