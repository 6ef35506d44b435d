"""The files of a new plugin: a verb, a facet, a scenario, and tests that pass."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from importlib import resources
from string import Template

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
#: Path in the plugin, with its ``$module`` → template.
_FILES: Mapping[str, str] = {
    "pyproject.toml": "pyproject.toml.tmpl",
    "README.md": "README.md.tmpl",
    "$module.py": "module.py.tmpl",
    "scenarios/light.yaml": "scenario.yaml.tmpl",
    "tests/test_$module.py": "test.py.tmpl",
}


def plugin_files(name: str) -> dict[str, str]:
    """Every file of the plugin: path → content.

    Args:
        name: of its distribution; the module, and the prefix of its words, have ``_`` for ``-``.

    Raises:
        ValueError: no plugin can be called so.
    """
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name):
        raise ValueError(f"no plugin can be called {name!r}: lower-case letters, digits and hyphens, a letter first")
    if keyword.iskeyword(module) or module in sys.stdlib_module_names or module in {"ocpplab_runner", "pytest"}:
        raise ValueError(f"no plugin can be called {name!r}: Python has a word of that name")
    words = {"name": name, "module": module}
    templates = resources.files(__package__) / "plugin"
    return {
        Template(path).substitute(words): Template((templates / template).read_text("utf-8")).substitute(words)
        for path, template in _FILES.items()
    }
