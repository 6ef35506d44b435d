"""``--jsonl`` of commands that run no scenario: the events as a run would write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocpplab_runner import __version__, clock
from ocpplab_runner.cli.outlets import Outlets
from ocpplab_runner.cli.output import refuse_input, unwritable
from ocpplab_runner.plugin.results import SCHEMA
from ocpplab_runner.redaction.redactor import Redactor

if TYPE_CHECKING:
    from ocpplab_runner.plugin.events import Event
    from ocpplab_runner.plugin.results import Record
    from ocpplab_runner.reports.jsonl import JsonLinesReport


@contextmanager
def trace(
    path: Path | None, target: str, inputs: Iterable[Path], redactor: Redactor, outlets: Outlets
) -> Iterator[Callable[[Event], None]]:
    """Write events to a file as long as the block; gives who takes them.

    Args:
        path: of the file; None writes nothing.
        target: what stands in the place of a run's target: the command.
        inputs: that the command reads, and that must not be written over.
        redactor: takes out what nobody may see.
        outlets: hears when the file takes no more.

    Raises:
        click.UsageError: the file cannot be written.
    """
    if path is None:
        yield lambda event: None
        return
    report = records_file(path, inputs)

    def record(event: Event) -> None:
        report.handle(redactor.redact_ours(event_record(event)))

    try:
        begun = outlets.write(lambda: report.handle(beginning(target)))
        yield outlets.take(record) if begun else (lambda event: None)
    finally:
        report.close()


def records_file(path: Path, inputs: Iterable[Path]) -> JsonLinesReport:
    """The file, empty; see :func:`trace`.

    Raises:
        click.UsageError: it cannot be written.
    """
    from ocpplab_runner.reports.jsonl import JsonLinesReport

    refuse_input("--jsonl", path, inputs)
    try:
        return JsonLinesReport(path)
    except OSError as error:
        raise unwritable(error, path) from error


def beginning(target: str) -> Record:
    """The first record: who writes, in which form, in the place of which target."""
    began = clock.wall_timestamp()
    return {
        "type": "run",
        "phase": "start",
        "wall_time": began,
        "schema": SCHEMA,
        "version": __version__,
        "target": target,
    }


def event_record(event: Event) -> Record:
    """An event, of a charger in the place of a case."""
    return {"type": "event", "case": event.charger, "event": event.to_json()}
