"""A recording of its own for each case that did not pass: small enough to attach, whole enough to be shown again."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path
from typing import IO, Any, cast

from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.reports.collect import CaseResult, Results
from ocpplab_runner.reports.files import ReportFile
from ocpplab_runner.reports.jsonl import encode

#: Verdicts of which somebody wants to know why.
_ASKED_WHY = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.XPASSED})
_IN_MEMORY = 1 << 20
_LONGEST_NAME = 100


def has_trace(case: CaseResult) -> bool:
    """Whether a case has a file of its own: it is not good, or was not at first."""
    return case.verdict in _ASKED_WHY or case.flaky


def trace_path(directory: Path, case_id: str) -> Path:
    """The file of a case: named for people, and never the same for two."""
    readable = re.sub(r"[^A-Za-z0-9._]+", "-", case_id).strip("-.")[-_LONGEST_NAME:].lstrip("-.")
    return directory / f"{readable}-{hashlib.sha256(case_id.encode(errors='replace')).hexdigest()[:8]}.jsonl"


class TracesReport:
    """Writes them as cases end; each is a recording as ``--jsonl`` makes it, of a run of one case.

    Args:
        directory: is made when it is missing.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._results = Results()
        self._start: Record | None = None
        self._current: IO[bytes] | None = None

    def handle(self, record: Record) -> None:
        """Take a record in: those of a case come one after the other."""
        if record["type"] == "run" and record["phase"] == "start":
            self._start = record
        elif record["type"] == "case" and record["phase"] == "start" and self._current is None:
            self._current = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # as long as the case
        if self._current is not None and not (record["type"] == "run" and record["phase"] != "case"):
            self._current.write(encode(record))
        if record["type"] != "event" and (finished := self._results.handle(record)) is not None:
            self._finish(finished)

    def handle_lines(self, lines: bytes) -> None:
        """Take ``event`` records that are lines already."""
        if self._current is not None:
            self._current.write(lines)

    def close(self) -> None:
        """Write what a case that has not come to its end has shown so far."""
        if self._current is not None:
            self._finish(self._results.cases[-1])

    def _finish(self, case: CaseResult) -> None:
        recording, self._current = self._current, None
        if recording is None:
            return
        with recording:
            if has_trace(case):
                recording.seek(0)
                self._write(case, recording.read())

    def _write(self, case: CaseResult, records: bytes) -> None:
        begin: dict[str, Any] = dict(self._start or {"type": "run", "phase": "start", "wall_time": ""})
        end = {"type": "run", "phase": "end", "wall_time": begin["wall_time"]}
        end |= {"elapsed": round(case.took, 6), "exit_code": int(case.verdict is not Verdict.PASSED)}
        file = ReportFile(trace_path(self._directory, case.info["id"]))
        try:
            whole = encode(cast(Record, begin | {"selected": 1})) + records
            file.replace(whole + (encode(cast(Record, end)) if case.finished else b""))
        finally:
            file.close()
