"""Collects a run for its HTML file, case by case, and writes the file at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.reports.collect import CaseResult, Results
from ocpplab_runner.reports.files import ReportFile
from ocpplab_runner.reports.html.cases import MOST_EVENTS, detail, row
from ocpplab_runner.reports.html.document import build, packed
from ocpplab_runner.reports.html.sources import source_of

#: Verdicts of which every frame is kept, whatever the size.
_LOOKED_AT = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.XPASSED, Verdict.XFAILED, Verdict.BLOCKED})
#: Characters that the frames of all other cases may take; those that come later are shown without.
_FOR_THE_OTHERS = 24_000_000


class HtmlReport:
    """Writes one self-contained file.

    Until the run is over the file says so: a run that was killed has its results in the JSON Lines file, from which
    ``report --html`` makes the page.

    Args:
        path: the file.

    Raises:
        OSError: it cannot be written, or another run is writing it.
    """

    def __init__(self, path: Path) -> None:
        self._file = ReportFile(path)
        self._results = Results()
        self._events: dict[str, list[dict[str, Any]]] = {}
        self._kept: dict[str, dict[int, list[dict[str, Any]]]] = {}
        self._rows: list[dict[str, Any]] = []
        self._chunks: list[str] = []
        self._sources: dict[str, str | None] = {}
        self._left = _FOR_THE_OTHERS
        self._closed = False
        # A pipe is written once, and its reader gets the whole.
        if not self._file.in_place:
            self._write({"unfinished": True})

    def handle(self, record: Record) -> None:
        """Take a record in."""
        match record["type"]:
            case "event":
                self._take(self._events.setdefault(record["case"], []), record["event"])
            case "case" if record["phase"] == "end":
                events = self._events.pop(record["id"], [])
                self._kept.setdefault(record["id"], {})[record["attempt"]] = events
            case _:
                pass
        finished = self._results.handle(record)
        if finished is not None:
            self._add(finished, self._kept.pop(finished.info["id"], {}))

    def close(self) -> None:
        """Write the file."""
        if self._closed:
            return
        self._closed = True
        for case in self._results.cases:
            if not case.finished:
                case_id = case.info["id"]
                events = self._kept.pop(case_id, {})
                events[case.last.number] = self._events.pop(case_id, [])
                self._add(case, events)
        try:
            self._write({})
        finally:
            self._file.close()

    @staticmethod
    def _take(events: list[dict[str, Any]], event: dict[str, Any]) -> None:
        """Of very many the middle is forgotten."""
        events.append(event)
        if len(events) > 2 * MOST_EVENTS:
            del events[MOST_EVENTS // 2 : -MOST_EVENTS // 2]

    def _add(self, case: CaseResult, events: dict[int, list[dict[str, Any]]]) -> None:
        files = {case.info["file"], *(step["file"] for attempt in case.attempts for step in attempt.steps)}
        for file in files - self._sources.keys():
            self._sources[file] = source_of(file)
        wanted = case.verdict in _LOOKED_AT or case.flaky
        chunk = packed(detail(case, events if wanted or self._left > 0 else {}, case.info["target"]))
        if not wanted:
            self._left -= len(chunk)
        self._rows.append(row(len(self._chunks), case))
        self._chunks.append(chunk)

    def _write(self, more: dict[str, Any]) -> None:
        results = self._results
        index = {
            "run": {**results.start, **{f"end_{name}": value for name, value in results.end.items()}},
            "counts": dict(results.counts()),
            "flaky": results.flaky(),
            "rows": self._rows,
            "invalid": [{"file": one.file, "diagnostics": one.diagnostics} for one in results.invalid],
            "sources": len(self._chunks),
            **more,
        }
        sources = packed({file: text for file, text in self._sources.items() if text is not None})
        self._file.replace(b"".join(build(index, [*self._chunks, sources])))
