"""All reports of a run as one; a report that breaks takes neither the run nor the others with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ocpplab_runner.cli.output import say, without_secrets
from ocpplab_runner.plugin.calling import what_it_did
from ocpplab_runner.plugin.lines import records_of
from ocpplab_runner.plugin.results import Record, Report


class Reports:
    """Hands every record to every report.

    Attributes:
        broken: whether one of them has failed and was left out from then on.
    """

    def __init__(self) -> None:
        self._reports: list[Report] = []
        self.broken = False

    def open(self, reports: Sequence[Report]) -> None:
        """Use these."""
        self._reports = list(reports)

    @property
    def takes_events(self) -> bool:
        """Whether any of them has a use for ``event`` records."""
        return any(getattr(report, "takes_events", True) for report in self._reports)

    def handle(self, record: Record) -> None:
        """Give the record to each."""
        for report in tuple(self._reports):
            try:
                report.handle(record)
            # Nobody reads the output any more, or the run is to end: neither is the report's fault.
            except (BrokenPipeError, KeyboardInterrupt):
                raise
            # Also the SystemExit of a plugin's report, which would end the run as if all had passed.
            except BaseException as error:
                self._drop(report, error)

    def handle_lines(self, lines: bytes) -> None:
        """Give ``event`` records, which are JSON Lines already, to each that has a use for them."""
        records: list[Record] | None = None
        for report in tuple(self._reports):
            take = getattr(report, "handle_lines", None)
            try:
                if take is not None:
                    take(lines)
                elif getattr(report, "takes_events", True):
                    records = list(records_of(lines)) if records is None else records
                    for record in records:
                        report.handle(record)
            except (BrokenPipeError, KeyboardInterrupt):
                raise
            except BaseException as error:
                self._drop(report, error)

    def make_room(self) -> None:
        """Let live displays get out of the way of a question."""
        for report in self._reports:
            hide = getattr(report, "hide", None)
            if hide is not None:
                hide()

    def close(self) -> None:
        """Close each."""
        for report in tuple(self._reports):
            try:
                report.close()
            except (BrokenPipeError, KeyboardInterrupt):
                raise
            except BaseException as error:
                self._drop(report, error)

    def _drop(self, report: Report, error: BaseException) -> None:
        self._reports.remove(report)
        self.broken = True
        if isinstance(error, OSError) and error.filename is not None:
            told = f"the report {error.filename} is incomplete: it cannot be written: {error.strerror}"
        else:
            told = f"the report {_name(report)} failed and is incomplete: it {what_it_did(error)}"
        with suppress(OSError):  # a terminal that is closed takes this line neither
            say(" ".join(without_secrets(told).split()), err=True)


def _name(report: Report) -> str:
    kind = type(report)
    return kind.__name__ if kind.__module__.startswith("ocpplab_runner.") else f"{kind.__module__}.{kind.__qualname__}"
