from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.jsonl import UnreadableFileError, decode_lines, encode, read
from ocpplab_runner.reports.junit import JUnitReport
from ocpplab_runner.reports.rebuild import replay
from tests.reports.records import failing, info, invalid, passing, run_end, run_start, start, step


def lines(records: list[Record]) -> bytes:
    return b"".join(encode(record) for record in records)


def test_the_rebuilt_report_is_the_live_one(tmp_path: Path) -> None:
    """The file that replay writes is byte for byte the one written during the run."""
    records: list[Record] = [run_start(), *passing(), *failing(), invalid(), run_end(1)]
    live = JUnitReport(tmp_path / "live.xml")
    for record in records:
        live.handle(record)
    live.close()
    replay(decode_lines(lines(records).splitlines(keepends=True)), [JUnitReport(tmp_path / "again.xml")])
    assert (tmp_path / "again.xml").read_bytes() == (tmp_path / "live.xml").read_bytes()


def test_after_a_kill_finished_cases_stay_and_the_unfinished_is_an_error(tmp_path: Path) -> None:
    """Every finished case, one error, nothing of those that never began."""
    cut = info("Cut off [ocpp1.6]")
    trace = tmp_path / "run.jsonl"
    trace.write_bytes(lines([run_start(selected=9), *passing(), *failing(), start(cut), step(case=cut)])[:-20])
    results = replay(read(trace), [JUnitReport(tmp_path / "out.xml")])
    root = ET.parse(tmp_path / "out.xml").getroot()
    found = {case.get("name"): [child.tag for child in case][1:] for case in root.iter("testcase")}
    assert found == {
        "A blocked card [ocpp1.6]": ["system-out"],
        "Fails [ocpp1.6]": ["failure", "system-out"],
        "Cut off [ocpp1.6]": ["error"],
    }
    assert dict(results.counts()) == {"passed": 1, "failed": 1, "error": 1}


def test_reports_are_closed_when_the_file_is_damaged(tmp_path: Path) -> None:
    """What was read before the damage is reported, and the damage is raised."""
    report = JUnitReport(tmp_path / "out.xml")
    with pytest.raises(UnreadableFileError):
        replay(decode_lines([*lines(passing()).splitlines(keepends=True), b"oops\n", b"{}\n"]), [report])
    assert ET.parse(tmp_path / "out.xml").getroot().get("tests") == "1"
