"""A page of recordings that is served."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from ocpplab_runner.cli.showing import Recordings, application
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.collect import collect
from ocpplab_runner.reports.jsonl import UnreadableFileError, encode
from ocpplab_runner.reports.unjudged import with_cases
from ocpplab_runner.web.event_stream import EventStreams
from tests.reports.records import event, failing, info, passing, run_end, run_start


def recording(path: Path, records: list[Record]) -> Path:
    path.write_bytes(b"".join(map(encode, records)))
    return path


async def got(recordings: Recordings, path: str = "/") -> httpx.Response:
    app = application(recordings, EventStreams())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page") as client:
        return await client.get(path)


def test_the_page_follows_its_recording(tmp_path: Path) -> None:
    """It is made anew when there is more, and only then; who watches is told once."""
    path = recording(tmp_path / "run.jsonl", [run_start(), *passing()])

    async def main() -> tuple[Any, ...]:
        recordings = Recordings([path])
        first = await got(recordings)
        changes = recordings.changes()
        before = changes()
        again = await got(recordings)
        recording(path, [run_start(), *passing(), *failing(), run_end(1)])
        told, quiet = changes(), changes()
        return first.content, again.content, (await got(recordings)).content, before, told, quiet

    first, again, later, before, told, quiet = asyncio.run(main())
    assert first == again != later
    assert (before, told, quiet) == ({}, {"changed": True}, {})
    assert b'<script src="live.js" defer></script>' in first


def test_a_recording_that_is_cut_in_a_line_is_shown(tmp_path: Path) -> None:
    """It is being written right now."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(map(encode, [run_start(), *passing()]))[:-10])
    assert asyncio.run(got(Recordings([path]))).status_code == 200


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    """Before anybody is told of a page."""
    path = tmp_path / "wrong.jsonl"
    path.write_text("{}\n")
    with pytest.raises(UnreadableFileError, match=r"wrong\.jsonl"):
        asyncio.run(Recordings([path]).page())


def test_its_script_is_served(tmp_path: Path) -> None:
    """And nothing beside it."""
    path = recording(tmp_path / "run.jsonl", [run_start()])
    assert "EventSource" in asyncio.run(got(Recordings([path]), "/live.js")).text
    assert asyncio.run(got(Recordings([path]), "/run.jsonl")).status_code == 404


def test_a_charger_that_nobody_has_judged_is_a_case_of_its_own() -> None:
    """It has not passed: nobody has looked."""
    charger = info()
    charger["id"] = "CP-1"
    trace: list[Record] = [run_start(), event(charger), event(charger), run_end()]
    results = collect(with_cases(trace, "trace.jsonl"))
    ((case),) = results.cases
    assert (case.info["id"], case.verdict.value, case.last.reason) == (
        "CP-1",
        "skipped",
        "a recording: nothing was judged",
    )
    assert list(with_cases([run_start(), *passing(), run_end()], "x")) == [run_start(), *passing(), run_end()]
