"""A report that is one document, made when the run is over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.collect import Results
from ocpplab_runner.reports.files import ReportFile


class DocumentReport:
    """Collects the run and writes what is made of it, also after Ctrl-C.

    Args:
        path: the file.
        build: makes the document.

    Raises:
        OSError: the file cannot be written, or another run is writing it.
    """

    takes_events = False

    def __init__(self, path: Path, build: Callable[[Results], str]) -> None:
        self._file = ReportFile(path)
        self._build = build
        self._results = Results()
        self._closed = False

    def handle(self, record: Record) -> None:
        """Take a record in."""
        self._results.handle(record)

    def close(self) -> None:
        """Write the document; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self._file.replace(self._build(self._results).encode("utf-8", errors="replace"))
        finally:
            self._file.close()
