"""The JUnit file on disk: when it is written anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ocpplab_runner import clock
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.collect import Results
from ocpplab_runner.reports.files import ReportFile
from ocpplab_runner.reports.junit_document import Flavor, build

#: Between two rewrites of the file: at least so many seconds, and so many times what the last one took.
_PAUSE = 0.1
_SHARE = 10


class JUnitReport:
    """Keeps a JUnit file on disk that is valid at any moment, and complete once closed.

    It is replaced as a whole, so a reader never sees half of it. Cases under way are in it as errors that did not
    finish, which is what they are should the process be killed. A pipe, say, gets only the final report.
    """

    takes_events = False

    def __init__(
        self,
        path: Path,
        *,
        flavor: Flavor = "extended",
        traces: Path | None = None,
        wall_seconds: Callable[[], float] = clock.wall_seconds,
    ) -> None:
        """Write an empty report.

        Args:
            path: the file to write.
            flavor: ``strict`` keeps to what the Jenkins xUnit schema allows.
            traces: the directory in which each case that did not pass has a recording of its own.
            wall_seconds: says how long ago the file was written; no time gets into it.

        Raises:
            OSError: the file cannot be written, or another run is writing it.
        """
        self._file = ReportFile(path)
        self._flavor: Flavor = flavor
        self._traces = traces
        self._results = Results()
        self._wall_seconds = wall_seconds
        self._next = self._began = 0.0
        self._pause = _PAUSE
        self._news = False
        self._closed = False
        if not self._file.in_place:
            self._write()

    def handle(self, record: Record) -> None:
        """Take a record in; rewrite the file when there is news and the last time is long enough ago.

        The end of a case waits for the beginning of the next, which follows at once: else that one, which may take
        long, would come too early to be written.
        """
        self._results.handle(record)
        self._news = self._news or record["type"] in ("case", "invalid")
        if self._file.in_place:
            return
        if self._news and not self._more_follows(record) and self._is_time(record):
            self._write()

    def _is_time(self, record: Record) -> bool:
        now = self._wall_seconds()
        due = now >= self._next
        if record["type"] == "case" and record["phase"] == "start":
            # After a case that has taken long the next one may, too, whatever was written in between.
            due = due or now >= self._began + self._pause
            self._began = now
        return due

    def _more_follows(self, record: Record) -> bool:
        if record["type"] != "case" or record["phase"] != "end":
            return False
        return not record["last"] or len(self._results.cases) < int(self._results.start.get("selected", 0))

    def close(self) -> None:
        """Write the final file; a second call does nothing."""
        if not self._closed:
            self._closed = True
            try:
                self._write()
            finally:
                self._file.close()

    def _write(self) -> None:
        began = self._wall_seconds()
        document = build(self._results, flavor=self._flavor, traces=self._traces)
        self._file.replace(document)
        self._news = False
        ended = self._wall_seconds()
        self._pause = max(_PAUSE, _SHARE * (ended - began))
        self._next = ended + self._pause
