"""The files of one load: each read once, found from the file that names it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.yaml_text import parse, read_file

_SUFFIXES = (".yaml", ".yml")


def location(path: Path) -> str:
    """Tells one file from another without asking the file system, as ``Path.resolve`` would."""
    return os.path.abspath(path)  # noqa: PTH100


class Sources:
    """Documents by path."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def read(self, path: Path, *, keep: bool = True) -> Document:
        """The document of that file; it keeps the spelling under which it was read first.

        Args:
            path: of the file.
            keep: False for a file that is most likely looked at once: a scenario.
        """
        key = location(path)
        document = self._documents.get(key)
        if document is None:
            document = read_file(path)
            if keep:
                self._documents[key] = document
        return document

    def put(self, path: Path, text: str | bytes) -> Document:
        """Use this text in the place of the file's content."""
        document = self._documents[location(path)] = parse(text, path)
        return document

    def beside(self, document: Document, name: str) -> Document:
        """The file of that name, relative to the file that names it."""
        return self.read(Path(os.path.normpath(document.path.parent / name)))


@dataclass(frozen=True, slots=True)
class Included:
    """What an ``include`` leads to.

    Attributes:
        document: the file that holds the steps.
        steps: the steps as plain data.
        fragment: name of the fragment, empty for the file's own ``steps``.
        variables: the file's own ``vars``: values for what the include's ``with`` does not give.
    """

    document: Document
    steps: list[Any]
    fragment: str
    variables: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """Tells one include from another, for finding cycles."""
        return location(self.document.path), self.fragment


class IncludeError(Exception):
    """An ``include`` leads nowhere.

    Attributes:
        names: what there would have been, for a suggestion.
    """

    def __init__(self, message: str, names: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.names = tuple(names)


def resolve_include(sources: Sources, document: Document, target: str) -> Included:
    """The steps behind ``file`` or ``file#fragment``; ``#fragment`` alone is one of the same file.

    Raises:
        IncludeError: there is no such file or fragment, or it holds no steps.
    """
    name, _, fragment = target.partition("#")
    other = sources.beside(document, name) if name else document
    if other.broken:
        problem = other.diagnostics[0]
        if problem.code == "file-not-found":
            raise IncludeError(f"there is no file '{name}' beside this one", _neighbours(document))
        raise IncludeError(f"'{name}' cannot be used: {problem.message}")
    root = other.root
    if not isinstance(root, dict):
        raise IncludeError(f"'{name}' holds no steps")
    variables = root.get("vars")
    # Those of the same file are set already.
    variables = variables if isinstance(variables, dict) and other is not document else {}
    if not fragment:
        steps = root.get("steps")
        if not isinstance(steps, list):
            raise IncludeError(f"'{name}' has no 'steps'; name one of its fragments: '{name}#…'", ())
        return Included(other, steps, "", variables)
    fragments = root.get("fragments")
    fragments = fragments if isinstance(fragments, dict) else {}
    steps = fragments.get(fragment)
    if not isinstance(steps, list):
        where = f"'{name}'" if name else "this file"
        raise IncludeError(f"{where} has no fragment '{fragment}'", (f"{name}#{known}" for known in fragments))
    return Included(other, steps, fragment, variables)


def _neighbours(document: Document) -> Iterator[str]:
    try:
        entries = sorted(entry.name for entry in document.path.parent.iterdir())[:200]
    except OSError:
        return
    yield from (entry for entry in entries if entry.endswith(_SUFFIXES))


def scenario_files(paths: Iterable[Path]) -> list[Path]:
    """Every scenario file of these files and directories, in a stable order, each once.

    A file that is named is taken as it is. In a directory (and the ones below it) these are no scenarios: files
    whose name, or whose directory's name, begins with ``_`` or ``.``, and ``ocpplab.yaml``.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for file in _walk(path) if path.is_dir() else (path,):
            found.setdefault(location(file), file)
    return list(found.values())


def _walk(directory: Path, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    real = os.path.realpath(directory)
    if real in above:  # a link to a directory that it lies in
        return
    above |= {real}
    with os.scandir(directory) as entries:
        sorted_entries = sorted(entries, key=lambda entry: entry.name)
    for entry in sorted_entries:
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            yield from _walk(directory / entry.name, above)
        elif entry.name.endswith(_SUFFIXES) and entry.name not in ("ocpplab.yaml", "ocpplab.yml"):
            yield directory / entry.name
