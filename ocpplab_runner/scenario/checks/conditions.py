"""Checks of what operators are given: comparisons that never hold, and times that are added to as numbers are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from ocpplab_runner.scenario.checks.scope import ALL, Scope, spelled
from ocpplab_runner.scenario.expressions import ExpressionError, evaluate, parse, time_mistake, whole_expression
from ocpplab_runner.scenario.known_values import shown
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.scenario.values import instant
from ocpplab_runner.vocabulary.durations import is_duration

#: The functions that give a time, and any of those.
_GIVE_TIMES = frozenset({"now", "in_future", "in_past", "time_after", "time_before"})
_SOME_TIME = "2030-01-31T12:00:00Z"
_VERSION, _CASE = "ocpp_version", "case_name"
_EVERY_VERSION = tuple(version.value for version in ALL)


def never_equals(scope: Scope, expression: str) -> Iterator[tuple[int, int, str, str]]:
    """What the case's version or name is compared with and never is: (offset, length, message, hint)."""
    parsed = parse(expression)
    lead = len(expression) - len(expression.lstrip())
    for node in ast.walk(parsed.tree):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        left, right, operator = node.left, node.comparators[0], node.ops[0]
        if isinstance(operator, ast.Eq | ast.NotEq):
            pairs = [(left, right), (right, left)]
        elif isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple):
            pairs = [(left, item) for item in right.elts]
        else:
            continue
        for name, other in pairs:
            if isinstance(name, ast.Name) and isinstance(other, ast.Constant):
                values = _values(scope, name.id)
                if values and other.value not in values:
                    hint = _meant(other.value, values)
                    message = f"{name.id} is never {shown(other.value)}"
                    length = (other.end_col_offset or 0) - other.col_offset
                    yield lead + other.col_offset, length, message, hint


def moved_times(scope: Scope, expression: str) -> Iterator[tuple[int, int, str]]:
    """What is added to a time, or taken from it, as if it were a number: (offset, length, message)."""
    lead = len(expression) - len(expression.lstrip())
    for node in ast.walk(parse(expression).tree):
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
            continue
        taken = isinstance(node.op, ast.Sub)
        left, right = _known(scope, node.left), _known(scope, node.right)
        if left is None and taken and isinstance(right, str) and (is_duration(right) or instant(right)):
            left = _SOME_TIME  # it cannot be taken from anything, and only there somebody may think that it can
        if mistake := time_mistake(left, right, taken=taken):
            yield lead + node.col_offset, (node.end_col_offset or 0) - node.col_offset, mistake


def _known(scope: Scope, node: ast.expr) -> Any:
    """What an operand is, or some time where it is one; None where nobody knows."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Call):
        return _SOME_TIME if isinstance(node.func, ast.Name) and node.func.id in _GIVE_TIMES else None
    if not isinstance(node, ast.Name):
        return None
    if node.id in scope.world.times:
        return _SOME_TIME
    constant = scope.world.constants.get(node.id) if node.id not in scope.check.overridden else None
    inner = whole_expression(constant) if isinstance(constant, str) else None
    return constant if inner is None else _known(scope, parse(inner).tree)


def never_true(scope: Scope, expression: str) -> str:
    """Why a condition holds in no case of this file; empty when it may hold in one, or nobody can say."""
    names = {name for name, _ in parse(expression).names}
    if not names or not names <= {_VERSION, _CASE} or not scope.listed or len(scope.chain) != 1:
        return ""
    cases = _values(scope, _CASE) or ("",)
    for version in scope.versions:
        for case in cases:
            try:
                if evaluate(expression, {_VERSION: version.value, _CASE: case}) is not False:
                    return ""
            except ExpressionError:
                return ""
    where = spelled(scope.versions)
    return f"this is true in no case: here there is only {where}" if _CASE not in names else "this is true in no case"


def _values(scope: Scope, name: str) -> Sequence[str]:
    """Every value that a name of the case's own can have; none where that is not known."""
    if name == _VERSION:
        return _EVERY_VERSION
    if name == _CASE and len(scope.chain) == 1:
        return [str(row["name"]) for row, _ in scope.world.rows if "name" in row]
    return ()


def _meant(value: Any, values: Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"it is text: '{value}'" if str(value) in values else "it is text"
    inside = next((one for one in values if one and one in value), None)
    if inside is not None:
        return f"did you mean '{inside}'?"
    return did_you_mean(value, values) or f"it is {', '.join(values[:5])}"
