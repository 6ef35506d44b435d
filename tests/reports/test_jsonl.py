from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.plugin.results import SCHEMA, Record
from ocpplab_runner.reports.jsonl import JsonLinesReport, UnreadableFileError, decode_lines, encode, read
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
    with pytest.raises(UnreadableFileError, match="line 2"):
        list(decode_lines([encode(run_start()), line, encode(run_end())]))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (SCHEMA + 1, f"the schema {SCHEMA + 1}, and this ocpplab-runner reads up to {SCHEMA}; 9.9.0 has written them"),
        ("2", "the schema '2'; it is a number from 1 on"),
        (0, "the schema 0; it is a number from 1 on"),
        (True, "the schema True; it is a number from 1 on"),
        (None, "the schema None; it is a number from 1 on"),
    ],
)
def test_records_of_an_unknown_form_are_refused(schema: object, told: str) -> None:
    """Nothing is read of what may mean something else; the one who reads is told which version can."""
    first = encode(run_start(schema=schema, version="9.9.0"))
    with pytest.raises(UnreadableFileError, match=f"^line 1 says that the records have {re.escape(told)}"):
        next(decode_lines([first, encode(run_end())]))


def test_records_from_before_forms_were_counted_are_read() -> None:
    """They are of the first form."""
    first = cast(dict[str, Any], run_start())
    del first["schema"]
    assert list(decode_lines([encode(cast(Record, first))])) == [first]


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
