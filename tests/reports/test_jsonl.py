from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.jsonl import DamagedFileError, JsonLinesReport, decode_lines, encode, read
from tests.reports.records import event, failing, passing, run_end, run_start


def test_each_record_is_on_disk_at_once(tmp_path: Path) -> None:
    """A reader sees every record before the next one comes."""
    path = tmp_path / "run.jsonl"
    report = JsonLinesReport(path)
    for count, record in enumerate([run_start(), *passing()], 1):
        report.handle(record)
        assert len(path.read_bytes().splitlines()) == count
    report.close()
    report.close()


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    """Reading gives the records that were written."""
    records: list[Record] = [run_start(), *failing(), event(text="Straße ✓"), run_end(1)]
    path = tmp_path / "run.jsonl"
    report = JsonLinesReport(path)
    for record in records:
        report.handle(record)
    report.close()
    assert list(read(path)) == records


def test_keys_are_sorted_and_compact() -> None:
    """The same record is the same bytes, however it was put together."""
    assert encode(cast(Record, {"type": "log", "b": 1, "a": [1, 2]})) == b'{"a":[1,2],"b":1,"type":"log"}\n'


def test_a_cut_off_last_line_is_left_out() -> None:
    """A kill in the middle of a write costs that record and no other."""
    whole = b"".join(encode(record) for record in passing())
    for length in range(len(whole)):
        kept = list(decode_lines(whole[:length].splitlines(keepends=True)))
        assert kept == passing()[: len(kept)]


@pytest.mark.parametrize("line", [b"{]\n", b"[]\n", b'{"type":"other"}\n', b"\xff\n", b"{}\n"])
def test_a_damaged_line_is_named(line: bytes) -> None:
    """What is not ours is refused, with its line number."""
    with pytest.raises(DamagedFileError, match="line 2"):
        list(decode_lines([encode(run_start()), line, encode(run_end())]))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=[])), inner),
    )
)
@settings(deadline=None)
def test_any_payload_can_be_written(value: Any) -> None:
    """Huge numbers, NaN and lone surrogates in a payload do not break the file."""
    line = encode(event(payload=value))
    assert line.count(b"\n") == 1
    json.loads(line)
