"""Several recordings read as one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.collect import Results, collect
from ocpplab_runner.reports.jsonl import UnreadableFileError, encode
from ocpplab_runner.reports.merge import read_all
from tests.reports.records import end, failing, info, invalid, passing, run_end, run_start, start, step

NAMES = [f"Case {number} [ocpp1.6]" for number in range(7)]


def recording(path: Path, records: Iterable[Record]) -> Path:
    path.write_bytes(b"".join(map(encode, records)))
    return path


def run_of(names: Sequence[str], *, bad: Sequence[str] = (), code: int | None = None, **begin: Any) -> list[Record]:
    cases = [failing(name) if name in bad else passing(name) for name in names]
    exit_code = (1 if set(bad) & set(names) else 0) if code is None else code
    begun = run_start(selected=len(names), **begin)
    return [begun, *itertools.chain.from_iterable(cases), run_end(exit_code)]


def verdicts(results: Results) -> list[tuple[str, str, bool]]:
    return [(case.test_name, case.verdict.value, case.flaky) for case in results.cases]


@given(count=st.integers(2, 9), order=st.randoms(use_true_random=False))
def test_shards_are_the_run_that_they_were_cut_from(
    tmp_path_factory: pytest.TempPathFactory, count: int, order: random.Random
) -> None:
    """In its order, whatever the order of the files, with what the run came to."""
    here = tmp_path_factory.mktemp("shards")
    bad = [NAMES[3]]
    files = [
        recording(
            here / f"{index}.jsonl",
            run_of(NAMES[index - 1 :: count], bad=bad, shard=[index, count], code=5 if index > len(NAMES) else None),
        )
        for index in range(1, count + 1)
    ]
    order.shuffle(files)
    merged, whole = collect(read_all(files)), collect(run_of(NAMES, bad=bad))
    assert verdicts(merged) == verdicts(whole)
    assert merged.start == whole.start
    assert merged.end["exit_code"] == 1


def test_a_case_that_was_tried_again_is_retried(tmp_path: Path) -> None:
    """The later run counts, also where its file is named first; who passed at last is flaky."""
    first = recording(tmp_path / "first.jsonl", run_of(NAMES[:3], bad=NAMES[:2]))
    later = run_of(NAMES[:2], bad=NAMES[1:2], wall_time="2026-03-04T06:00:00.000Z")
    results = collect(read_all([recording(tmp_path / "later.jsonl", later), first]))
    assert verdicts(results) == [
        (NAMES[0], "passed", True),
        (NAMES[1], "failed", False),
        (NAMES[2], "passed", False),
    ]
    assert [len(case.attempts) for case in results.cases] == [2, 2, 1]
    assert [attempt.number for attempt in results.cases[0].attempts] == [1, 2]
    assert results.end["exit_code"] == 1


def test_everything_that_failed_has_passed_now(tmp_path: Path) -> None:
    """Then the whole is good, whatever the first run came to."""
    first = recording(tmp_path / "a.jsonl", run_of(NAMES, bad=NAMES[:1]))
    again = recording(tmp_path / "b.jsonl", run_of(NAMES[:1], wall_time="2026-03-04T06:00:00.000Z"))
    assert collect(read_all([first, again])).end["exit_code"] == 0


def test_a_recording_counts_once(tmp_path: Path) -> None:
    """Also as a copy of another name."""
    files = [recording(tmp_path / name, run_of(NAMES[:1])) for name in ("a.jsonl", "b.jsonl")]
    (case,) = collect(read_all(files)).cases
    assert len(case.attempts) == 1


def test_the_same_case_on_two_targets_is_two_cases(tmp_path: Path) -> None:
    """One does not retry the other."""
    files = []
    for target in ("one", "other"):
        case = info(target=target)
        records = [run_start(target=target), start(case), step(case=case), end(case=case), run_end()]
        files.append(recording(tmp_path / f"{target}.jsonl", records))
    results = collect(read_all(files))
    assert [case.info["target"] for case in results.cases] == ["one", "other"]
    assert results.start["target"] == "one, other"


def test_a_shard_that_is_missing_is_told(tmp_path: Path) -> None:
    """What is not there cannot have passed."""
    files = [recording(tmp_path / f"{n}.jsonl", run_of(NAMES[n::3], shard=[n + 1, 3])) for n in (0, 2)]
    results = collect(read_all(files))
    assert results.end["warnings"] == ["there are no records of shard 2/3"]
    assert results.end["exit_code"] == 1


def test_a_shard_that_did_not_finish(tmp_path: Path) -> None:
    """The whole did not, and the cases that never began are counted."""
    whole = recording(tmp_path / "1.jsonl", run_of(NAMES[0::2], shard=[1, 2]))
    cut = recording(tmp_path / "2.jsonl", run_of(NAMES[1::2], shard=[2, 2])[:5])
    results = collect(read_all([whole, cut]))
    assert results.end == {}
    assert results.start["selected"] == len(NAMES)
    assert (len(results.cases), results.cases[3].verdict.value) == (6, "error")


def test_a_file_that_every_shard_refuses_is_refused_once(tmp_path: Path) -> None:
    """And the whole is invalid."""
    files = []
    for index in (1, 2):
        begin, *rest = run_of(NAMES[index - 1 :: 2], shard=[index, 2], code=2)
        files.append(recording(tmp_path / f"{index}.jsonl", [begin, invalid(), *rest]))
    results = collect(read_all(files))
    assert len(results.invalid) == 1
    assert results.end["exit_code"] == 2


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    """By the name of the file that is none."""
    good = recording(tmp_path / "good.jsonl", run_of(NAMES))
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("{}\n")
    with pytest.raises(UnreadableFileError, match=r"wrong\.jsonl: line 1 "):
        list(read_all([good, wrong]))
