from __future__ import annotations

import io
from pathlib import Path

import pytest

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.github import MOST, GitHubReport, annotation, capped
from tests.reports.records import end, failing, invalid, passing, start


def shown(records: list[Record]) -> list[str]:
    out = io.StringIO()
    report = GitHubReport(out)
    for record in records:
        report.handle(record)
    report.close()
    report.close()
    return out.getvalue().splitlines()


def test_a_failure_stands_at_its_step() -> None:
    """File, line and column of the failed expectation, and the whole story as text."""
    (line,) = shown([*passing(), *failing()])
    assert line.startswith(
        "::error file=scenarios/auth/blocked.yaml,line=9,col=5,title=failed%3A Fails [ocpp1.6]::"
        "step 2 · authorize_id_tag CARD-BLOCKED · began at 0.010s%0Aauth_status is Blocked"
    )


def test_each_problem_of_an_invalid_file_is_shown() -> None:
    """With its code as the title."""
    lines = shown([invalid(count=2)])
    assert [line.split("::")[1] for line in lines] == [
        "error file=scenarios/broken.yaml,line=3,col=5,title=invalid scenario [unknown-key]",
        "error file=scenarios/broken.yaml,line=4,col=5,title=invalid scenario [unknown-key]",
    ]


def test_an_error_without_step_stands_at_the_scenario() -> None:
    """The scenario's name is the best place there is."""
    (line,) = shown([start(), end("error", reason="50% gone")])
    assert line.startswith("::error file=scenarios/auth/blocked.yaml,line=2,title=error%3A A blocked card")
    assert line.endswith("::50%25 gone")


def test_skips_are_no_annotations() -> None:
    """Only what needs work."""
    assert shown([start(), end("blocked", reason="x")]) == []


def test_more_than_github_shows_are_counted() -> None:
    """The last annotation says how many are hidden."""
    lines = capped(annotation("error", str(i)) for i in range(25))
    assert len(lines) == MOST
    assert lines[-1] == "::error::16 more problems not shown here; see the log"
    assert capped(["a"] * MOST) == ["a"] * MOST


def test_annotations_are_relative_to_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever in it the run began; what is outside keeps its name."""
    (tmp_path / "repository" / "tests").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository" / "tests")
    out = io.StringIO()
    report = GitHubReport(out, root=tmp_path / "repository")
    for record in [*failing(), *failing("Other [ocpp1.6]", "../../elsewhere.yaml")]:
        report.handle(record)
    report.close()
    assert "::error file=tests/scenarios/auth/blocked.yaml,line=9" in out.getvalue()


def test_the_run_is_added_to_the_summary_of_the_step(tmp_path: Path) -> None:
    """What an earlier command of the step has put there stays."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    report = GitHubReport(io.StringIO(), summary=summary)
    for record in failing():
        report.handle(record)
    report.close()
    report.close()
    text = summary.read_text("utf-8")
    assert text.startswith("before\n## ❌ 1 failed\n")
    assert text.count("## ❌") == 1
