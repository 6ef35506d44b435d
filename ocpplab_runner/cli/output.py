"""Whether to use colours, where text goes, and what of it is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

import click

from ocpplab_runner.reports.text import clean, harmless

_YAML = (".yaml", ".yml")
COLOR_CHOICES = ("auto", "always", "never")
#: What this process knows and must not tell; looked at when something has to be told that may hold it.
_HIDDEN: list[Iterable[Any]] = []


def use_color(choice: str, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Decide about colours.

    Args:
        choice: ``auto`` means on a terminal, unless ``NO_COLOR`` is set or the terminal is dumb.
        stream: where the text goes.
        environment: to look ``NO_COLOR`` and ``TERM`` up in.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def hide(values: Iterable[Any]) -> None:
    """Let none of these values stand in what the program says of its own troubles; taken only when there are any."""
    _HIDDEN.append(values)


def without_secrets(text: str) -> str:
    """The text without what :func:`hide` was given, and without what itself says to be secret."""
    from ocpplab_runner.redaction.redactor import Redactor

    _HIDDEN[:] = [tuple(values) for values in _HIDDEN]
    return Redactor(value for values in _HIDDEN for value in values).redact_text(text)


def shown(text: str) -> str:
    """The text for a terminal or a CI log: nothing in it is an escape sequence or a command."""
    return harmless(clean(text))


def say(text: str, *, err: bool = False) -> None:
    """Print lines in which the names of files, or the words of others, may stand."""
    click.echo(shown(text), err=err)


def say_json(text: str) -> None:
    """Print JSON as it is, but for what a CI log would take for a command within a text: that is escaped."""
    click.echo(text.replace("##[", "##\\u005b"))


def unwritable(error: OSError, path: object) -> click.UsageError:
    """What to raise when a file that the user named cannot be written: exit code 2, nothing has failed yet."""
    return click.UsageError(f"{error.filename or path} cannot be written: {error.strerror or error}")


def is_there(path: Path) -> bool:
    """Whether there is something; a loop of links and a name that no file can have are nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def refuse_input(option: str, path: Path, inputs: Iterable[Path]) -> None:
    """See that a report is not written over something that people have written.

    Args:
        option: that names the file, such as ``--junit``.
        path: where the report is to go.
        inputs: what the command reads.

    Raises:
        click.UsageError: it is one of these, or any YAML file that exists.
    """
    if not is_there(path):
        return
    if any(is_there(one) and one.samefile(path) for one in inputs):
        raise click.UsageError(f"{option} {path} would overwrite what is read")
    if path.suffix.lower() in _YAML:
        raise click.UsageError(f"{option} {path} would overwrite a YAML file; give the report a name of its own")


def open_standard_streams() -> None:
    """Put the null device where a standard stream has been closed.

    Otherwise the next file that is opened, a report say, would get its descriptor, and with it what is printed.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", closefd=False))


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads along."""
    try:
        return stream.isatty()
    except ValueError:
        return False


color_option = click.option(
    "--color",
    type=click.Choice(COLOR_CHOICES),
    default="auto",
    show_default=True,
    help="Colours; auto means on a terminal, unless NO_COLOR is set.",
)
