from __future__ import annotations

import io
from typing import Any

import pytest

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.progress import LiveProgress
from ocpplab_runner.reports.terminal import TerminalReport, event_line
from tests.reports.records import (
    FILE,
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
    wall,
)


def shown(records: list[Record], **options: Any) -> list[str]:
    out = io.StringIO()
    report = TerminalReport(out, **options)
    for record in records:
        report.handle(record)
    report.close()
    report.close()
    return out.getvalue().splitlines()


def test_a_line_per_case_and_a_summary() -> None:
    """Header, one line for the case, counts and times."""
    assert shown([run_start(), *passing(), run_end()]) == [
        "ocpplab-runner 0.1.0 · target simulated · seed 42 · 1 case",
        "passed   scenarios/auth/blocked.yaml::A blocked card [ocpp1.6] 1m00s",
        "",
        "1 passed in 0.500s (1m00s of scenario time)",
    ]


def test_a_failure_is_explained_at_the_end() -> None:
    """All lines first, then each failure with its place, then the counts."""
    lines = shown([run_start(selected=2), *failing(), *passing(), run_end(1)])
    assert lines[1] == (
        "failed   scenarios/auth/blocked.yaml::Fails [ocpp1.6] 0.010s: auth_status is Blocked, expected Accepted"
    )
    at = lines.index("failed scenarios/auth/blocked.yaml::Fails [ocpp1.6]")
    assert lines[at + 1 : at + 5] == [
        "  at scenarios/auth/blocked.yaml:9:5",
        "  step 2 · authorize_id_tag CARD-BLOCKED · began at 0.010s",
        "  auth_status is Blocked, expected Accepted",
        "  expected  auth_status: Accepted",
    ]
    assert lines[-1] == "1 passed, 1 failed in 0.500s (1m00s of scenario time)"


def test_an_invalid_file_is_explained() -> None:
    """Its problems are shown where an editor can open them."""
    lines = shown([run_start(), invalid(), run_end(2)])
    assert "error    scenarios/broken.yaml: invalid scenario" in lines
    assert lines[-7:-2] == [
        "error scenarios/broken.yaml is not a valid scenario",
        "  scenarios/broken.yaml:3:5: error: unknown key 'timout' [unknown-key]",
        "     3 |     timout: 30s",
        "       |     ^^^^^^",
        "       = did you mean 'timeout'?",
    ]


def test_quiet_says_only_what_is_wrong() -> None:
    """A passing suite is one line."""
    assert shown([run_start(), *passing(), log("x"), run_end()], quiet=True) == [
        "1 passed in 0.500s (1m00s of scenario time)"
    ]
    assert any(line.startswith("failed ") for line in shown([*failing(), run_end(1)], quiet=True))


def test_verbose_adds_steps_and_facts() -> None:
    """One level for steps and facts, two for frames."""
    frame = event()
    assert frame["type"] == "event"
    frame["event"]["kind"] = "frame"
    records: list[Record] = [start(), event(card="C"), frame, step(), end(), run_end()]
    facts = [line for line in shown(records, verbose=1) if " fact " in line or " frame " in line]
    assert facts == ["         0.010s  fact      charger auth_status card=C"]
    assert any(" frame " in line for line in shown(records, verbose=2))
    assert any("authorize_id_tag CARD-BLOCKED" in line for line in shown(records, verbose=1))


def test_blocked_and_skipped_say_why() -> None:
    """The reason stands on the line; it needs no section of its own."""
    lines = shown([start(), end("blocked", reason="the target cannot see meter values"), run_end(5)])
    assert lines[0].endswith("1m00s: the target cannot see meter values")
    assert len(lines) == 3


def test_an_unexpected_pass_is_explained() -> None:
    """A declared failure that passes is a failure."""
    lines = shown([start(), end("xpassed", reason="it was expected to fail: bug 12"), run_end(1)])
    assert "  it passed, but it was expected to fail: bug 12" in lines


def test_flaky_is_said() -> None:
    """A pass after a retry is counted as a pass and marked."""
    records: list[Record] = [
        start(),
        end("failed", last=False, reason="x"),
        start(attempt=2),
        end(attempt=2, flaky=True),
    ]
    lines = shown([*records, run_end()])
    assert lines[0].endswith("flaky: passed on attempt 2")
    assert lines[-1].startswith("1 passed (1 flaky)")


def test_violations_and_warnings_are_shown_although_it_passed() -> None:
    """The other side's breaches never go unseen."""
    found = [{"name": "schema", "fields": {"action": "Heartbeat"}}] * 5
    lines = shown([start(), end(violations=found, warnings=["a socket was left open"]), run_end()])
    assert lines[1:6] == [
        "         violation schema in Heartbeat",
        "         violation schema in Heartbeat",
        "         violation schema in Heartbeat",
        "         … 2 more violations",
        "         warning a socket was left open",
    ]


def test_a_failed_step_is_explained_at_once_when_the_run_pauses() -> None:
    """Whoever is asked to go on must know what happened."""
    records: list[Record] = [start(), step("2", "failed", failed=failure())]
    assert "step 2 failed at scenarios/auth/blocked.yaml:9" in shown(records, immediate=True)


@pytest.mark.parametrize(
    ("records", "last"),
    [
        ([run_start(selected=0), run_end(5)], "no scenario was run"),
        ([start()], "1 error (0.000s of scenario time) — the run did not finish"),
        ([*passing(), run_end(130)], "1 passed in 0.500s (1m00s of scenario time) — interrupted"),
        (
            [run_start(selected=3), *passing(), start(info("B [ocpp1.6]"))],
            "1 passed, 1 error (1m00s of scenario time) — the run did not finish; 1 of 3 cases never began",
        ),
        (
            [run_start(selected=3), *passing(), run_end(130)],
            "1 passed in 0.500s (1m00s of scenario time) — interrupted; 2 of 3 cases never began",
        ),
    ],
)
def test_the_last_line_tells_how_it_ended(records: list[Record], last: str) -> None:
    """Nothing run, cut off, interrupted."""
    assert shown(records)[-1] == last


def test_colors_only_when_asked() -> None:
    """The same text, with and without colour."""
    records = [run_start(), *failing(), run_end(1)]
    plain, colored = shown(records), shown(records, color=True)
    assert "\x1b" not in "".join(plain)
    assert any("\x1b[31m" in line for line in colored)


def test_text_from_the_wire_cannot_steer_the_terminal() -> None:
    """Escape sequences in logs, names and payloads are removed."""
    evil = info("\x1b[2J [ocpp1.6]")
    records: list[Record] = [start(evil), log("\x1b]0;title\x07hi", evil), event(evil, x="\x1b[A"), end(case=evil)]
    assert "\x1b" not in "".join(shown(records, verbose=2))


def test_frames_show_their_direction() -> None:
    """An arrow to or from the CSMS, the action, and the payload as JSON."""
    fields = {"direction": "to_csms", "type": "call", "message_id": "1", "payload": {"idTag": "CARD-1"}}
    line = event_line({"at": 1, "kind": "frame", "charger": "A", "name": "Authorize", "fields": fields})
    assert line == '    1.0s  frame     A -> Authorize call {"idTag": "CARD-1"}'


def test_long_values_are_cut_in_event_lines() -> None:
    """A frame of a megabyte is still one readable line."""
    line = event_line({"at": 1, "kind": "frame", "charger": "A", "name": "X", "fields": {"payload": "y" * 9999}})
    assert len(line) < 300


def test_the_live_line_is_not_drawn_for_every_record() -> None:
    """Ten times a second is enough; a fast suite does not wait for its terminal."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out, now = Terminal(), [0.0]
    live = LiveProgress(out, color=False, wall_seconds=lambda: now[0])
    for step_time in range(50):
        now[0] = step_time / 100
        live.show("doing", 1, 2)
    live.hide()
    assert out.getvalue().count("doing") in (5, 6)  # rich draws a first line twice


def test_the_live_line_leaves_the_report_whole() -> None:
    """With a live display the lines are the same once control sequences are gone."""
    out = io.StringIO()
    report = TerminalReport(out, progress=LiveProgress(out, color=False))
    for record in [run_start(), *passing(), run_end()]:
        report.handle(record)
    report.close()
    assert "passed   scenarios/auth/blocked.yaml::A blocked card [ocpp1.6] 1m00s\n" in out.getvalue()
    assert out.getvalue().endswith("1 passed in 0.500s (1m00s of scenario time)\n")


def test_the_same_failure_is_explained_once() -> None:
    """Another version that fails in the same way is only named; one that fails in another way is explained."""
    records: list[Record] = [run_start()]
    for name, message in (("A [ocpp1.6]", "no"), ("A [ocpp2.0.1]", "no"), ("A [b, ocpp1.6]", "other")):
        case = info(name)
        records += [
            start(case),
            step("1", "failed", case=case, failed=failure(message)),
            end("failed", case, reason=message, failure=failure(message)),
        ]
    lines = shown([*records, run_end(1)])
    assert "  the same in A [ocpp2.0.1]" in lines
    assert sum(line.startswith("failed scenarios") for line in lines) == 2
    assert sum(line.startswith("failed scenarios") for line in shown([*records, run_end(1)], verbose=1)) == 3


def test_a_failure_in_a_fragment_names_who_includes_it() -> None:
    """The place of the step, then the way to it."""
    failed = failure(file="_lib.yaml", line=4, included_at=["_more.yaml:8", f"{FILE}:12"])
    lines = shown([start(), step("1", "failed", failed=failed), end("failed", failure=failed), run_end(1)])
    assert f"  at _lib.yaml:4:5, included at _more.yaml:8, included at {FILE}:12" in lines


def test_a_case_that_did_not_finish_has_its_line() -> None:
    """In a report of a run that was killed it stands among the others."""
    lines = shown([run_start(selected=2), *passing(), start(info("B [ocpp1.6]"))])
    assert f"error    {FILE}::B [ocpp1.6] 0.000s: did not finish" in lines


def test_many_that_went_wrong_are_named_again_at_the_end() -> None:
    """Three or more; of fewer the explanations are the list."""
    two = [run_start(), *failing("A [ocpp1.6]"), *passing(), *failing("B [ocpp1.6]"), run_end(1)]
    assert shown(two).count("failed   scenarios/auth/blocked.yaml::A [ocpp1.6]") == 0
    lines = shown([*two[:-1], *failing("C [ocpp1.6]"), run_end(1)])
    assert lines[-5:-1] == [
        *(f"failed   scenarios/auth/blocked.yaml::{name} [ocpp1.6]" for name in "ABC"),
        "",
    ]


def test_the_slowest_are_named() -> None:
    """By real time, where it is known, so many as were asked for."""
    slow, quick = info("Slow [ocpp1.6]"), info("Quick [ocpp1.6]")
    records: list[Record] = [
        *(run_start(), start(quick), wall(quick, 0.25), end(case=quick, elapsed=3600.0)),
        *(start(slow), wall(slow, 2.5), end(case=slow, elapsed=0.0), run_end()),
    ]
    lines = shown(records, durations=1)
    assert lines[-4:-1] == ["slowest, in real time", "    2.5s scenarios/auth/blocked.yaml::Slow [ocpp1.6]", ""]
