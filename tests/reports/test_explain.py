from __future__ import annotations

from ocpplab_runner.reports.collect import collect
from ocpplab_runner.reports.explain import (
    attempt_lines,
    case_place,
    diagnostic_line,
    failure_lines,
    place,
    step_line,
    violation_line,
)
from tests.reports.records import end, failing, failure, start, step


def test_a_failure_names_step_expectation_difference_and_sequence() -> None:
    """Everything needed to understand it is there, in reading order."""
    (case,) = collect(failing()).cases
    assert list(attempt_lines(case.last)) == [
        "step 2 · authorize_id_tag CARD-BLOCKED · began at 0.010s",
        "auth_status is Blocked, expected Accepted",
        "expected  auth_status: Accepted",
        "nearest   auth_status Blocked via Authorize",
        "differs",
        "  is",
        "    - Accepted",
        "    + Blocked",
        "arrived",
        "  0.010 auth_status Blocked",
        "sequence",
        "  charger      csms",
        "     |--Authorize-->|",
    ]
    assert case_place(case) == "scenarios/auth/blocked.yaml:9:5"


def test_nothing_arrived_is_said() -> None:
    """An empty window is information."""
    assert "arrived   nothing" in list(failure_lines(failure(arrived=[])))


def test_long_listings_keep_their_end() -> None:
    """The latest events are the ones that matter."""
    lines = list(failure_lines(failure(arrived=[f"event {i}" for i in range(50)])))
    assert "  … 30 earlier" in lines
    assert "  event 49" in lines
    assert "  event 0" not in lines


def test_absent_sides_of_a_difference_are_said() -> None:
    """A missing field is not shown as null."""
    lines = list(failure_lines({"message": "m", "diff": [{"path": "a.b", "expected": 1}]}))
    assert lines == ["m", "differs", "  a.b", "    - 1", "    + (absent)"]


def test_multi_line_expectations_are_indented() -> None:
    """Rendered YAML keeps its shape beside its label."""
    assert list(failure_lines({"message": "m", "expected": "a:\n  b: 1"})) == ["m", "expected  a:", " " * 12 + "b: 1"]


def test_escape_sequences_never_reach_the_terminal() -> None:
    """Text from the wire is shown, not obeyed."""
    lines = list(failure_lines(failure("\x1b[2Jboo\x00", expected="\x1b[31mx")))
    assert lines[0] == "boo#x00"
    assert all("\x1b" not in line for line in lines)


def test_a_case_without_failed_step_points_at_the_scenario() -> None:
    """Some errors belong to no step."""
    (case,) = collect([start(), step(), end("error", reason="the CSMS refused the connection")]).cases
    assert list(attempt_lines(case.last)) == ["the CSMS refused the connection"]
    assert case_place(case) == "scenarios/auth/blocked.yaml:2"


def test_a_passed_attempt_needs_no_words() -> None:
    """Nothing to explain."""
    (case,) = collect([start(), step(), end()]).cases
    assert list(attempt_lines(case.last)) == []


def test_lines_of_the_step_log() -> None:
    """Index, status, time, title and place."""
    assert step_line(step("5.1")) == (
        "  5.1  passed     0.010s  authorize_id_tag CARD-BLOCKED  (scenarios/auth/blocked.yaml:9)"
    )


def test_violations_are_shown_with_what_is_known() -> None:
    """Events and bare violations both make a line."""
    event = {"name": "schema", "at": 1.5, "fields": {"action": "Heartbeat", "description": "'x' was unexpected"}}
    assert violation_line(event) == "1.5s: schema in Heartbeat: 'x' was unexpected"
    assert violation_line({"code": "late-answer"}) == "late-answer"
    weighed = {"code": "overlapping-call", "weight": "should", "action": "Heartbeat"}
    assert violation_line(weighed) == "overlapping-call (should) in Heartbeat"


def test_places_leave_unknown_parts_out() -> None:
    """file, file:line, file:line:column."""
    assert [place("f"), place("f", 1), place("f", 1, 2)] == ["f", "f:1", "f:1:2"]
    assert diagnostic_line("f", {"line": 3, "column": 1, "message": "m", "code": "c"}) == "f:3:1: m [c]"
