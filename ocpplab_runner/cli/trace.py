"""``--jsonl`` of commands that run no scenario: the events as a run would write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocpplab_runner import __version__, clock
from ocpplab_runner.cli.output import refuse_input, unwritable
from ocpplab_runner.redaction.redactor import Redactor

if TYPE_CHECKING:
    from ocpplab_runner.plugin.events import Event
    from ocpplab_runner.plugin.results import Record


@contextmanager
def trace(
    path: Path | None, target: str, inputs: Iterable[Path], redactor: Redactor
) -> Iterator[Callable[[Event], None]]:
    """Write events to a file as long as the block; gives who takes them.

    Args:
        path: of the file; None writes nothing.
        target: what stands in the place of a run's target: the command.
        inputs: that the command reads, and that must not be written over.
        redactor: takes out what nobody may see.

    Raises:
        click.UsageError: the file cannot be written.
    """
    if path is None:
        yield lambda event: None
        return
    from ocpplab_runner.reports.jsonl import JsonLinesReport

    refuse_input("--jsonl", path, inputs)
    try:
        report = JsonLinesReport(path)
    except OSError as error:
        raise unwritable(error, path) from error

    def record(event: Event) -> None:
        line: Record = {"type": "event", "case": event.charger, "event": event.to_json()}
        report.handle(redactor.redact_ours(line))

    try:
        began = clock.wall_timestamp()
        report.handle({"type": "run", "phase": "start", "wall_time": began, "version": __version__, "target": target})
        yield record
    finally:
        report.close()
