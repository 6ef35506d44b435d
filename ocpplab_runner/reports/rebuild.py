"""Reports from a JSON Lines file, also after a kill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocpplab_runner.plugin.results import Record, Report
from ocpplab_runner.reports.collect import Results


def replay(records: Iterable[Record], reports: Sequence[Report]) -> Results:
    """Feed every record to every report, close the reports, and return what the run came to.

    A case that began and never ended is an error, "did not finish"; one that never began is absent.
    """
    results = Results()
    try:
        for record in records:
            results.handle(record)
            for report in reports:
                report.handle(record)
    finally:
        for report in reports:
            report.close()
    return results
