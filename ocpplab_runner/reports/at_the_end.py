"""Reports that are made when the run is over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.collect import Results
from ocpplab_runner.reports.files import ReportFile


class ReportAtTheEnd(ABC):
    """Collects the run and writes what is made of it, also after Ctrl-C."""

    takes_events = False

    def __init__(self) -> None:
        self._results = Results()
        self._closed = False

    def handle(self, record: Record) -> None:
        """Take a record in."""
        self._results.handle(record)

    def close(self) -> None:
        """Write the report; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._write(self._results)

    @abstractmethod
    def _write(self, results: Results) -> None:
        """Write what is made of them."""


class DocumentReport(ReportAtTheEnd):
    """A report that is one document.

    Args:
        path: the file.
        build: makes the document.

    Raises:
        OSError: the file cannot be written, or another run is writing it.
    """

    def __init__(self, path: Path, build: Callable[[Results], str]) -> None:
        super().__init__()
        self._file = ReportFile(path)
        self._build = build

    def _write(self, results: Results) -> None:
        try:
            self._file.replace(self._build(results).encode("utf-8", errors="replace"))
        finally:
            self._file.close()
