"""Warns of scenarios that do nothing or judge nothing in some version: such a case is skipped, never passed."""

from __future__ import annotations

import ast
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope, Versions, spelled
from ocpplab_runner.scenario.expressions import ExpressionError, parse

_JUDGING = frozenset({"expect", "still", "never"})


def note_step(scope: Scope, step: dict[str, Any], verb: str | None) -> None:
    """Take down in which versions a step does and judges something."""
    world = scope.world
    spec = scope.language.verbs.get(verb) if verb else None
    if spec is None or not (spec.nested or spec.includes or (spec.idle and not world.smoke)):
        world.doing.update(scope.versions)
    by_itself = verb == "until" and asks_something(_condition(step[verb]))
    if _JUDGING.intersection(step) or by_itself or "." in (verb or "") or (verb == "if" and _fails(step)):
        world.judging.update(scope.versions)


def warn_of_idleness(scope: Scope, root: dict[str, Any]) -> None:
    """Warn of the versions in which nothing is done, or else nothing judged; a file with errors has other worries."""
    if any(diagnostic.severity == "error" for diagnostic in scope.check.diagnostics):
        return
    world = scope.world
    for step in root.get("steps", ()):
        if "skip" in step or "fail" in step:  # its author has said what becomes of it
            wanted = step.get("only", [version.value for version in scope.versions])
            ended = {version for version in scope.versions if version.value in wanted}
            world.doing.update(ended)
            world.judging.update(ended)
    if "throughout" in root or world.smoke:
        world.judging.update(scope.versions)
    idle = _in_which(scope, world.doing)
    if idle:
        message = f"{_where(scope, idle)}no step does anything, so this never passes"
        hint = "see `only`; to `log` is to do nothing"
        scope.report(scope.document.key_span(root, "steps"), "nothing-done", message, hint, severity="warning")
        return
    blind = _in_which(scope, world.judging)
    if blind:
        message = f"{_where(scope, blind)}nothing is judged, so this never passes"
        hint = "give a step an `expect`, a `still` or a `never`, or say `smoke: true`: it must merely run"
        scope.report(scope.document.key_span(root, "steps"), "nothing-judged", message, hint, severity="warning")


def asks_something(condition: Any) -> bool:
    """Whether what a condition gives is not known beforehand: it reads a variable, or calls a function."""
    if isinstance(condition, bool):
        return False
    try:
        parsed = parse(str(condition))
    except ExpressionError:
        return True
    return bool(parsed.names) or any(isinstance(node, ast.Call) for node in ast.walk(parsed.tree))


def _condition(value: Any) -> Any:
    return value.get("condition") if isinstance(value, dict) else value


def _in_which(scope: Scope, active: set[Any]) -> Versions:
    """The versions that are left out: where the target decides in which it runs, all of them or none."""
    idle = tuple(version for version in scope.versions if version not in active)
    return idle if scope.listed or len(idle) == len(scope.versions) else ()


def _where(scope: Scope, versions: Versions) -> str:
    return "" if len(versions) == len(scope.versions) else f"{spelled(versions)}: "


def _fails(value: Any) -> bool:
    """Whether a ``fail`` may stand somewhere in it; of an include nobody knows here."""
    if isinstance(value, dict):
        return "fail" in value or "include" in value or any(_fails(item) for item in value.values())
    return isinstance(value, list) and any(_fails(item) for item in value)
