"""``ocpplab-runner frames``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner.cli.ending import signals_interrupt
from ocpplab_runner.cli.output import say, say_json
from ocpplab_runner.cli.secrets import redactor_of, secret_option
from ocpplab_runner.reports.text import plural
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.redaction.redactor import Redactor
    from ocpplab_runner.tools.frames.judging import Frame

_STANDARD_INPUT = "-"
_NOTHING = 5


@click.command("frames")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--ocpp",
    "version",
    type=click.Choice([version.value for version in OcppVersion]),
    help="Of all frames. [default: what the recording says, or that in which most frames are right]",
)
@click.option("--json", "as_json", is_flag=True, help="All frames, for programs.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="The same, each on a line of its own.")
@secret_option
@click.option("--quiet", "-q", is_flag=True, help="Only what is wrong.")
def command(
    files: tuple[str, ...],
    version: str | None,
    as_json: bool,
    as_jsonl: bool,
    quiet: bool,
    secret_names: tuple[str, ...],
) -> int:
    """Check recorded OCPP-J frames against their schemas, and print them with answers beside their calls.

    FILE is JSON Lines of this program, a frame on each line, or any log in which frames stand somewhere; - is the
    standard input. Exits with 0 when nothing is wrong, 1 when something is, 5 when there is no frame.
    """
    from ocpplab_runner.tools.frames.finding import find
    from ocpplab_runner.tools.frames.judging import judge
    from ocpplab_runner.tools.frames.lines import as_data, summary

    if as_json and as_jsonl:
        raise click.UsageError("--json and --jsonl exclude each other")
    spoken = None if version is None else OcppVersion(version)
    redactor = redactor_of(secret_names)
    data: list[dict[str, Any]] = []
    codes = set()
    with signals_interrupt():
        for name, text in texts(files):
            found, lines_without = find(text)
            if not found:
                say(f"{name}: no frame in {plural(lines_without, 'line')}", err=True)
                continue
            frames = judge(found, spoken)
            codes.add(int(any(frame.errors for frame in frames)))
            if as_json or as_jsonl:
                data += (redactor.redact_ours(as_data(name, frame)) for frame in frames)
                continue
            _print(name, frames, redactor, quiet=quiet)
            say(redactor.redact_text(summary(name, frames, lines_without)))
    if as_json:
        say_json(json.dumps(data, indent=2, ensure_ascii=False))
    for one in data if as_jsonl else ():
        say_json(json.dumps(one, ensure_ascii=False))
    return max(codes, default=_NOTHING)


def _print(name: str, frames: list[Frame], redactor: Redactor, *, quiet: bool) -> None:
    from ocpplab_runner.tools.frames.lines import pretty, problems

    for frame in frames:
        if not quiet:
            for line in pretty(name, frame, redactor):
                say(line)
        for line in problems(name, frame, redactor, quiet=quiet):
            say(line)


def texts(files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each file's name and text.

    Raises:
        click.UsageError: one cannot be read.
    """
    for name in files:
        if not name:
            raise click.UsageError("the name of the file is empty")
        if name != _STANDARD_INPUT and Path(name).is_char_device():
            raise click.UsageError(f"{name} cannot be read: it is a device, not a file")  # it may never end
        try:
            data = sys.stdin.buffer.read() if name == _STANDARD_INPUT else Path(name).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise click.UsageError(f"{name} cannot be read: {why}") from error
        # What is not UTF-8 is not JSON either, and must not hide the rest of a log.
        yield name, data.decode("utf-8-sig", "backslashreplace").replace("\r\n", "\n")
