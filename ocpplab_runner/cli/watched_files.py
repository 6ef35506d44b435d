"""Which files scenarios are made of, and which scenarios a change touches."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocpplab_runner.scenario.sources import scenario_files

_NAMED = re.compile(r"[^\s'\"\[\]{},:]+\.ya?ml\b")
#: What decides where scenarios run: a change of it touches every one.
CONFIGURATION = Path("ocpplab.yaml")
#: When it was written, and how long it is; None for a file that is gone.
_Stamp = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Files as they were.

    Attributes:
        scenarios: the scenario files, each with itself and every file that it names, and these name.
        stamps: what each of the files was like.
    """

    scenarios: Mapping[Path, frozenset[Path]]
    stamps: Mapping[Path, _Stamp]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Snapshot:
        """The present state.

        Args:
            paths: files and directories of scenarios.
        """
        named: dict[Path, frozenset[Path]] = {}
        scenarios = {path: _closure(path, named) for path in scenario_files([one for one in paths if one.exists()])}
        files = {CONFIGURATION, *(file for made_of in scenarios.values() for file in made_of)}
        return cls(scenarios, {file: _stamp(file) for file in files})

    @property
    def directories(self) -> set[Path]:
        """Where the files are."""
        return {file.absolute().parent for file in self.stamps}

    def changed_since(self, earlier: Snapshot) -> set[Path]:
        """The files that are new, gone, or not what they were."""
        files = self.stamps.keys() | earlier.stamps.keys()
        return {file for file in files if self.stamps.get(file) != earlier.stamps.get(file)}

    def touched_by(self, changed: set[Path]) -> list[Path]:
        """The scenario files that a change of these files touches, in their order."""
        if CONFIGURATION in changed:
            return list(self.scenarios)
        return [path for path, made_of in self.scenarios.items() if made_of & changed]


def _closure(path: Path, named: dict[Path, frozenset[Path]]) -> frozenset[Path]:
    found, open_ends = {path}, [path]
    while open_ends:
        one = open_ends.pop()
        if one not in named:
            named[one] = frozenset(_names(one))
        open_ends += named[one] - found
        found |= named[one]
    return frozenset(found)


def _names(path: Path) -> Iterable[Path]:
    """The files that a text names, relative to it as an include is; a word that only looks like one does no harm."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return []
    beside = (Path(os.path.normpath(path.parent / name)) for name in _NAMED.findall(text))
    return [one for one in beside if one.is_file()]


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    # Both: within one tick of the file system's clock only the length tells two versions apart.
    return status.st_mtime_ns, status.st_size
