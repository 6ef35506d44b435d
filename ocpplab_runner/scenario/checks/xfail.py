"""The check of ``xfail``: the step that it names is one of the scenario's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope
from ocpplab_runner.scenario.suggest import did_you_mean


def check_xfail(scope: Scope, root: dict[str, Any]) -> None:
    """Refuse a blank message, and a step that no step of the file is; those of other files are not known here."""
    declared = root.get("xfail")
    failure = declared.get("failure") if isinstance(declared, dict) else None
    container, key = (failure, "message") if isinstance(failure, dict) else (declared, "failure")
    message = container.get(key) if isinstance(container, dict) else None
    if isinstance(message, str) and message.isspace():
        scope.at_value(
            container, key, "value-not-allowed", "this text is blank: the message of any failure contains it"
        )
    step = failure.get("step") if isinstance(failure, dict) else None
    names = list(_names(root))
    if not isinstance(step, str) or step in names or None in names:
        return
    hint = did_you_mean(step, [name for name in names if name]) or "give that step an `id`"
    scope.at_value(failure, "step", "unknown-step-id", f"no step has the id or the name '{step}'", hint)


def _names(value: Any) -> Iterator[str | None]:
    """The ids and names of all steps; None for an include of another file."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("id", "name") and isinstance(item, str):
                yield item
            elif key == "include":
                target = item.get("file") if isinstance(item, dict) else item
                if not str(target).startswith("#"):
                    yield None
            else:
                yield from _names(item)
