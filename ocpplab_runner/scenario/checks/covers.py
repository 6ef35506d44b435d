"""The check of ``covers``: certification cases may have any id, rules of authorization have those that there are."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.rules import RULES
from ocpplab_runner.vocabulary.texts import shortened

_FAMILY = "AUTH-"


def check_covers(scope: Scope, root: dict[str, Any]) -> None:
    """Warn of an id that looks like a rule's and is none: nothing would ever count it."""
    covers = root.get("covers")
    for index, name in enumerate(covers if isinstance(covers, list) else ()):
        if isinstance(name, str) and name not in RULES and name.upper().startswith(_FAMILY):
            span = scope.document.value_span(covers, index)
            hint = did_you_mean(name, RULES) or "docs/reference/authorization-rules.md has them all"
            message = f"there is no rule '{shortened(name)}'"
            scope.check.report(scope.document, span, "no-such-rule", message, hint, severity="warning")
