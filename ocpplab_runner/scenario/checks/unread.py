"""Variables that are brought and that nobody reads: a misspelt name would leave the test without its value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope
from ocpplab_runner.scenario.suggest import nearest

#: With these, what is read is not known to the end.
_UNKNOWN_AFTER = frozenset(
    {
        "expression-error",
        "unknown-include",
        "include-cycle",
        "too-deep",
        "too-large",
        "unreadable-file",
        "file-not-found",
    }
)
_NOT_VARIABLES = frozenset({"name", "only"})
_WORD = re.compile(r"[A-Za-z]\w*")


def check_read(scope: Scope, variables: Any, read: Iterable[str], nobody: str) -> None:
    """Check that somebody reads each variable of a mapping.

    Args:
        scope: of the place where the mapping stands.
        variables: the mapping, whose values have been checked; ``name`` and ``only`` of a row are no variables.
        read: the variables that somebody reads.
        nobody: who might, denied: ``nothing in the scenario``.
    """
    if not isinstance(variables, dict) or any(one.code in _UNKNOWN_AFTER for one in scope.check.diagnostics):
        return
    known = set(read)
    for name in variables:
        if name not in known and name not in scope.check.meant:
            meant = nearest(name, known.difference(variables, _NOT_VARIABLES))
            hint = f"did you mean '{meant}'?" if meant else f"read it (${{{{ {name} }}}}), or take it out"
            scope.at_key(variables, name, "unread-variable", f"{nobody} reads '{name}'", hint)


def check_rows(scope: Scope, rows: Any) -> None:
    """Check that somebody reads each variable of the rows of ``cases``; one of several rows is reported once."""
    known = {*_NOT_VARIABLES, *scope.read}
    for row in rows if isinstance(rows, list) else ():
        check_read(scope, row, known, "nothing in the scenario")
        known.update(row if isinstance(row, dict) else ())


def note_words(scope: Scope, value: Any) -> None:
    """Count every word of a plugin's fields as read: only the plugin knows which of them it computes."""
    if isinstance(value, str):
        scope.read.update(_WORD.findall(value))
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            note_words(scope, item)
