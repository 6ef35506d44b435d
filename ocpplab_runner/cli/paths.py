"""The ``PATH`` arguments of ``run``: files, directories, ``FILE:LINE`` and ``FILE::id``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocpplab_runner.cli.output import is_there

if TYPE_CHECKING:
    from ocpplab_runner.engine.planning.options import Selector

_LINE = re.compile(r"(?P<file>.+?):(?P<line>[1-9][0-9]*)(?::[0-9]+)?")


@dataclass(slots=True)
class Selection:
    """What to load, and what in it.

    Attributes:
        paths: files and directories, each once.
        selectors: for the files that were given themselves.
    """

    paths: list[Path] = field(default_factory=list)
    selectors: list[Selector] = field(default_factory=list)


def select(arguments: Sequence[str]) -> Selection:
    """Take the arguments apart.

    Raises:
        click.UsageError: one of them leads nowhere.
    """
    from ocpplab_runner.engine.planning.options import Selector

    selection = Selection()
    for argument in arguments:
        path, line, name = _split(argument)
        if path not in selection.paths:
            selection.paths.append(path)
        if path.is_file():
            selection.selectors.append(Selector(path, line, name))
    return selection


def _split(argument: str) -> tuple[Path, int | None, str | None]:
    whole = Path(argument)
    # A file's own name may hold colons.
    if is_there(whole):
        return whole, None, None
    file, colons, name = argument.partition("::")
    if colons and is_there(Path(file)) and Path(file).is_file():
        return Path(file), None, name
    match = _LINE.fullmatch(argument)
    if match and is_there(Path(match["file"])) and Path(match["file"]).is_file():
        return Path(match["file"]), int(match["line"]), None
    raise click.UsageError(f"there is no file or directory {argument!r}{_suggestion(Path(file))}")


def _suggestion(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if is_there(entry)]
    except OSError:
        return ""
    close = get_close_matches(path.name, names, 1)
    return f"; did you mean {str(path.with_name(close[0]))!r}?" if close else ""
