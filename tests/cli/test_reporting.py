from __future__ import annotations

import pytest

from ocpplab_runner.cli.reporting import Reports
from ocpplab_runner.plugin.results import Record
from tests.reports.records import passing, run_end


class Kept:
    def __init__(self) -> None:
        self.records: list[Record] = []
        self.closed = False

    def handle(self, record: Record) -> None:
        self.records.append(record)

    def close(self) -> None:
        self.closed = True


class Broken(Kept):
    def handle(self, record: Record) -> None:
        raise ValueError("boo")


class BrokenAtTheEnd(Kept):
    def close(self) -> None:
        raise OSError("disk full")


@pytest.mark.parametrize("bad", [Broken, BrokenAtTheEnd])
def test_a_report_that_breaks_takes_nothing_with_it(bad: type[Kept], capsys: pytest.CaptureFixture[str]) -> None:
    """The others go on, the user is told once, and the run knows."""
    kept, reports = Kept(), Reports()
    reports.open([bad(), kept])
    for record in passing():
        reports.handle(record)
    reports.close()
    assert kept.records == passing()
    assert kept.closed
    assert reports.broken
    assert capsys.readouterr().err.count(bad.__name__) == 1


def test_a_reader_that_leaves_ends_the_run() -> None:
    """A closed pipe is not a report's fault."""

    class Piped(Kept):
        def handle(self, record: Record) -> None:
            raise BrokenPipeError

    reports = Reports()
    reports.open([Piped()])
    with pytest.raises(BrokenPipeError):
        reports.handle(run_end())


def test_events_are_made_for_those_who_take_them() -> None:
    """A report that says nothing gets all there is."""

    class Summary(Kept):
        takes_events = False

    reports = Reports()
    reports.open([Summary()])
    assert not reports.takes_events
    reports.open([Summary(), Kept()])
    assert reports.takes_events
