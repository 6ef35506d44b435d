"""An example plugin: a report that is a table, with an option that says where it goes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ocpplab_runner.api import CaseInfo, OptionSpec, Record, Report, hookimpl

COLUMNS = ("file", "name", "ocpp", "verdict", "seconds", "reason")
_WHERE: dict[str, str | None] = {"file": None}


class CsvReport:
    """Writes a line for each case when its last attempt has ended, so that a run that is killed leaves what it had.

    Args:
        path: of the table, which is replaced.
    """

    #: It looks at no frames and facts; a run whose reports all say so makes no records of them.
    takes_events = False

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._table = csv.writer(self._file)
        self._table.writerow(COLUMNS)
        self._cases: dict[str, CaseInfo] = {}

    def handle(self, record: Record) -> None:
        """Called for every record, in the order of the plan."""
        if record["type"] == "case" and record["phase"] == "start":
            self._cases[record["case"]["id"]] = record["case"]
        elif record["type"] == "case" and record["phase"] == "end" and record.get("last", True):
            case = self._cases[record["id"]]
            told = (record["verdict"], record["elapsed"], record.get("reason", ""))
            self._table.writerow((case["file"], case["name"], case["ocpp"], *told))
            self._file.flush()

    def close(self) -> None:
        """The run is over."""
        self._file.close()


@hookimpl
def ocpplab_options() -> Iterable[OptionSpec]:
    """`--csv-file`, or `plugins: {csv: {file: …}}` in `ocpplab.yaml`."""
    yield OptionSpec("csv.file", {"type": "string", "minLength": 1}, "Write a table of the cases there.")


@hookimpl
def ocpplab_configure(options: Mapping[str, Any]) -> None:
    """Called once before a run."""
    _WHERE["file"] = options["csv.file"]


@hookimpl
def ocpplab_reports(options: Mapping[str, Any]) -> Iterable[Report]:
    """The report, when somebody has asked for it."""
    if _WHERE["file"] is not None:
        yield CsvReport(Path(_WHERE["file"]))
