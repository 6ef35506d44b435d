"""Which files are scenarios: the configured paths, and the keys at a file's top, say it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

_PATHS = pytest.StashKey["ScenarioPaths"]()
_DEFAULT = "scenarios"
_KEY = re.compile(r"""^(?P<quote>["']?)(?P<key>[A-Za-z_][\w .-]*)(?P=quote)[ \t]*:(?=\s|$)""", re.MULTILINE)
#: What may stand deeper there makes no difference: a file in braces is small.
_IN_BRACES = re.compile(r"""[{,]\s*(?P<quote>["']?)(?P<key>[A-Za-z_][\w .-]*)(?P=quote)\s*:(?=\s|$)""")
#: No other kind of file that is found beside scenarios has these at its top.
_TELLING = frozenset({"steps", "fragments", "given", "finally", "ocpp", "covers"})


class ScenarioPaths:
    """The files that ``run`` would take of the configured paths.

    Args:
        root: what the paths are relative to.
        patterns: files and directories, ``*`` and ``**`` among them.
    """

    def __init__(self, root: Path, patterns: Iterable[str]) -> None:
        roots = [root / one for pattern in patterns for one in sorted(root.glob(pattern))]
        self._files: frozenset[str] = frozenset()
        if roots:
            from ocpplab_runner.scenario.sources import scenario_files

            self._files = frozenset(os.path.abspath(file) for file in scenario_files(roots))  # noqa: PTH100

    @classmethod
    def of(cls, config: pytest.Config) -> ScenarioPaths:
        """Those of a session, looked for once."""
        if _PATHS not in config.stash:
            config.stash[_PATHS] = cls(config.rootpath, config.getini("ocpplab_scenarios") or [_DEFAULT])
        return config.stash[_PATHS]

    def takes(self, file: Path, *, named: bool) -> bool:
        """Whether a file is a scenario, or holds fragments of some.

        Args:
            file: any YAML file.
            named: whether the user has named this very file, which then may lie anywhere.
        """
        return (named or str(file) in self._files) and is_scenario(file)


def is_scenario(file: Path) -> bool:
    """Whether the keys at the top of a file are those of a scenario, a wrong one too."""
    try:
        text = file.read_text("utf-8", errors="replace")
    except OSError:
        return False
    keys = {match["key"] for match in (_IN_BRACES if text.lstrip().startswith("{") else _KEY).finditer(text)}
    if keys & _TELLING:
        return True
    from ocpplab_runner.scenario.suggest import nearest

    return "name" in keys and any(nearest(key, ("steps",)) for key in keys)
