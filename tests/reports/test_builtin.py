from __future__ import annotations

import io
from pathlib import Path

import pytest

from ocpplab_runner.reports.builtin import ocpplab_reports
from ocpplab_runner.reports.github import GitHubReport
from ocpplab_runner.reports.jsonl import JsonLinesReport
from ocpplab_runner.reports.junit import JUnitReport
from ocpplab_runner.reports.terminal import TerminalReport


def test_nothing_asked_nothing_made() -> None:
    """Reports exist only where they were asked for."""
    assert list(ocpplab_reports({})) == []


def test_every_report_can_be_asked_for(tmp_path: Path) -> None:
    """The trace comes first."""
    reports = list(
        ocpplab_reports(
            {"jsonl": tmp_path / "a.jsonl", "junit": tmp_path / "a.xml", "terminal": io.StringIO(), "github": True}
        )
    )
    assert [type(report) for report in reports] == [JsonLinesReport, JUnitReport, TerminalReport, GitHubReport]
    for report in reports:
        report.close()


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    """Found at the start of a run, not at its end."""
    (tmp_path / "file").touch()
    for option in ("jsonl", "junit"):
        with pytest.raises(OSError, match="file"):
            ocpplab_reports({option: tmp_path / "file" / "out"})


@pytest.mark.parametrize(
    ("options", "takes"),
    [({}, False), ({"quiet": True}, False), ({"verbose": 1}, True), ({"verbose": 2}, True), ({"github": True}, False)],
)
def test_only_a_verbose_terminal_shows_events(options: dict[str, object], takes: bool) -> None:
    """So a run that nobody traces need not make them."""
    reports = ocpplab_reports({"terminal": io.StringIO(), **options})
    assert any(getattr(report, "takes_events", True) for report in reports) is takes
