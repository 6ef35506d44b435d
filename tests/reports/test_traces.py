"""A recording for each case that did not pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.plugin.lines import line_of
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.collect import collect
from ocpplab_runner.reports.jsonl import read
from ocpplab_runner.reports.traces import TracesReport, trace_path
from tests.reports.records import end, event, failing, failure, info, passing, run_end, run_start, start, step, wall

FAILS = "Fails [ocpp1.6]"


def written(directory: Path, records: list[Record], *, as_lines: bool = False) -> list[Path]:
    report = TracesReport(directory)
    for record in records:
        if as_lines and record["type"] == "event":
            report.handle_lines(line_of(record))
        else:
            report.handle(record)
    report.close()
    return sorted(directory.iterdir())


@pytest.mark.parametrize("as_lines", [False, True])
def test_it_is_a_recording_of_a_run_of_one_case(tmp_path: Path, as_lines: bool) -> None:
    """With all that the case has shown, and nothing of the cases beside it."""
    case = info(FAILS)
    first, *others = failing(FAILS)
    own = [first, event(case), *others[:-1], wall(case, 0.5), others[-1]]
    records = [run_start(selected=3), *passing(), *own, *passing("Other [ocpp1.6]"), run_end(1)]
    (path,) = written(tmp_path / "traces", records, as_lines=as_lines)
    assert path == trace_path(tmp_path / "traces", case["id"])
    found = list(read(path))
    assert found[1:-1] == own
    results = collect(found)
    assert (results.start["selected"], results.end["exit_code"], results.end["elapsed"]) == (1, 1, 0.5)


def test_all_attempts_are_in_it(tmp_path: Path) -> None:
    """Also when the last one has passed: somebody will ask what it was."""
    records = [
        *(run_start(), start(), step("1", "failed", failed=failure()), end("failed", last=False, failure=failure())),
        *(start(attempt=2), step(), end(attempt=2, flaky=True), run_end()),
    ]
    (path,) = written(tmp_path, records)
    assert [attempt.number for attempt in collect(read(path)).cases[0].attempts] == [1, 2]


def test_a_case_that_was_cut_off_has_one(tmp_path: Path) -> None:
    """It says that it did not finish."""
    (path,) = written(tmp_path, [run_start(), *failing(FAILS)[:-1]])
    results = collect(read(path))
    assert (results.cases[0].verdict.value, results.end) == ("error", {})


def test_names_are_names_of_files(tmp_path: Path) -> None:
    """Whatever stands in an id; two are never the same."""
    ids = ["a/b.yaml::X [1]", "a/b.yaml::X (1)", "../../etc", "é\ud800\n", "x" * 5000, "x" * 5001, ""]
    paths = [trace_path(tmp_path, one) for one in ids]
    assert len(set(paths)) == len(ids)
    assert all(path.parent == tmp_path and len(path.name) < 130 and path.name.isascii() for path in paths)
