"""Checks of ``${{ expressions }}``, bare conditions and ``save`` paths."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ocpplab_runner.ocppj.times import DATE_TIME
from ocpplab_runner.scenario.checks.conditions import moved_times, never_equals, never_true
from ocpplab_runner.scenario.checks.scope import Scope
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.expressions import (
    BUILT_IN_NAMES,
    CONSTANTS,
    FUNCTION_NAMES,
    ExpressionError,
    find,
    parse,
    whole_expression,
)
from ocpplab_runner.scenario.suggest import did_you_mean, nearest

_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_][\w-]*|\[-?\d+\])*\Z")


def check_value(scope: Scope, container: Any, key: str | int) -> None:
    """Check every expression in the value of a key, however deep."""
    value = container[key]
    if isinstance(value, str):
        if "${{" in value:
            _check_text(scope, container, key, value)
    elif isinstance(value, dict):
        for inner in value:
            check_value(scope, value, inner)
    elif isinstance(value, list):
        for index in range(len(value)):
            check_value(scope, value, index)


def check_condition(scope: Scope, container: dict[str, Any]) -> None:
    """Check the bare expression of ``if`` and ``until``."""
    value = container.get("condition")
    if not isinstance(value, str):
        return
    inner = whole_expression(value)
    if inner is None and "${{" in value:
        message = "a condition is one expression, without text around it"
        scope.at_value(container, "condition", "expression-error", message, "leave out the ${{ }}")
        return
    expression = value if inner is None else inner
    before = len(scope.check.diagnostics)
    _check_expression(scope, container, "condition", expression)
    if len(scope.check.diagnostics) == before and "else" not in container and (why := never_true(scope, expression)):
        hint = "take the step out, or give it an `else`" if "then" in container else "it would wait in vain"
        scope.at_value(container, "condition", "never-true", why, hint)


def check_save(scope: Scope, step: dict[str, Any], facets: set[str], missing: Mapping[str, str]) -> None:
    """Check the paths of ``save`` and declare its variables for the steps that follow.

    Args:
        scope: of the step.
        step: the step.
        facets: names of the facets of its ``expect``.
        missing: of ``response`` and ``outcome``, what the step has not, and why.
    """
    save = step.get("save")
    if not isinstance(save, dict):
        return
    check_names(scope, save)
    for name, path in save.items():
        # What is saved takes the place of a variable of that name, of which something may have been known.
        scope.names[name] = None
        scope.world.times.discard(name)
        scope.world.constants.pop(name, None)
        scope.world.row_names.pop(name, None)
        if not isinstance(path, str) or not path:
            continue
        root = re.split(r"[.\[]", path, maxsplit=1)[0]
        if not _PATH.match(path):
            message = f"'{path}' is not a path such as response.configurationKey[0].value"
            scope.at_value(save, name, "bad-save-path", message)
        elif root not in facets and root not in ("response", "outcome"):
            message = f"'{root}' is neither response nor outcome nor a facet of this step's expect"
            hint = did_you_mean(root, {*facets, "response", "outcome"})
            if not hint and root in scope.language.facets:
                hint = f"expect '{root}' in this step, then its fields can be saved"
            scope.at_value(save, name, "bad-save-path", message, hint)
        elif root == "response" and _wants_silence(step):
            message = "there is no 'response' to save: this step expects that none comes (`response: none`)"
            scope.at_value(save, name, "expectation-without-call", message)
        elif (meant := _meant_field(scope, path, facets)) is not None:
            message = f"'{root}' has no field '{re.split(r'[.[]', path)[1]}'"
            scope.at_value(save, name, "bad-save-path", message, f"did you mean '{meant}'?")
        elif root in missing and root not in facets:
            scope.at_value(save, name, "expectation-without-call", f"there is no '{root}' to save: {missing[root]}")
        elif root in facets and any(path == f"{root}.{time}" for time in _times_of(scope, root)):
            scope.world.times.add(name)


def _times_of(scope: Scope, facet: str) -> Iterator[str]:
    for one in scope.language.facets[facet].fields:
        if one.schema.get("pattern") == DATE_TIME["pattern"]:
            yield one.name


def _wants_silence(step: Mapping[str, Any]) -> bool:
    expect = step.get("expect")
    return isinstance(expect, dict) and expect.get("response") == "none"


def _meant_field(scope: Scope, path: str, facets: set[str]) -> str | None:
    """The field of a facet that a path of ``save`` misspells; None where it names one, or nobody knows."""
    root, *rest = path.split(".", 2)
    spec = scope.language.facets.get(root) if root in facets else None
    if spec is None or not rest or root in scope.language.payload_facets:
        return None
    name, known = rest[0].split("[", 1)[0], {field.name for field in spec.fields} | {"is"}
    return None if name in known else nearest(name, known)


def check_names(scope: Scope, variables: Any) -> None:
    """Check that no key takes a word of the expression language for the name of a variable."""
    if isinstance(variables, dict):
        for name in variables:
            if name in BUILT_IN_NAMES or name in CONSTANTS or keyword.iskeyword(name):
                scope.at_key(variables, name, "bad-name", f"'{name}' is a word of the expression language")


def _check_text(scope: Scope, container: Any, key: str | int, text: str) -> None:
    try:
        for found in find(text):
            _check_expression(scope, container, key, found.expression)
    except ExpressionError as error:
        scope.at_value(container, key, "expression-error", error.message)


def _check_expression(scope: Scope, container: Any, key: str | int, expression: str) -> None:
    try:
        parsed = parse(expression)
    except ExpressionError as error:
        span = _place(scope, container, key, expression, error.offset, 1)
        scope.report(span, "expression-error", error.message)
        return
    for offset, length, message in moved_times(scope, expression):
        scope.report(_place(scope, container, key, expression, offset, length), "expression-error", message)
    for offset, length, message, hint in never_equals(scope, expression):
        scope.report(_place(scope, container, key, expression, offset, length), "never-true", message, hint)
    members = {node.value for node in ast.walk(parsed.tree) if isinstance(node, ast.Attribute)}
    if any(isinstance(node, ast.Name) and node.id == "env" and node not in members for node in ast.walk(parsed.tree)):
        span = _place(scope, container, key, expression, expression.find("env"), 3)
        scope.report(span, "expression-error", "'env' is no value: name a variable, as in env.NAME")
    names = [name for name, _ in parsed.names]
    scope.read.update(names)
    scope.check.read.update(names)
    if scope.any_name:
        return
    for name, place in parsed.names:
        if name in scope.names:
            # To be read is enough: such a variable is one that `--var` may give.
            if name in scope.check.overridden:
                scope.check.variables.setdefault(name, [])
            missing = scope.world.row_names.get(name)
            if missing and name not in scope.world.constants:
                span = _place(scope, container, key, expression, place, len(name))
                rows = ", ".join(f"'{row}'" for row in missing[:3])
                hint = _other_name(scope, name)
                scope.report(span, "undefined-variable", f"the case {rows} does not set '{name}'", hint)
            continue
        span = _place(scope, container, key, expression, place, len(name))
        scope.report(span, "undefined-variable", f"there is no variable '{name}' here", _name_hint(scope, name))


def _name_hint(scope: Scope, name: str) -> str:
    if name in FUNCTION_NAMES:
        return f"'{name}' is a function: {name}(…)"
    meant = nearest(name, scope.names)
    if meant is not None:
        scope.check.meant.add(meant)
        return f"did you mean '{meant}'?"
    return "set it in vars, in cases, or with save in an earlier step"


def _other_name(scope: Scope, name: str) -> str:
    """What a row that lacks a variable may have in its place."""
    for row, _ in scope.world.rows:
        meant = nearest(name, (key for key in row if key not in ("name", "only"))) if name not in row else None
        if meant is not None and meant not in scope.read:
            scope.check.meant.add(meant)
            return f"it sets '{meant}'"
    return ""


def _place(scope: Scope, container: Any, key: str | int, expression: str, offset: int, length: int) -> Span:
    """The place of a part of an expression in the file; the whole scalar where it cannot be found."""
    document = scope.document
    span = document.value_span(container, key)
    for number in range(span.line, span.line + 40):
        column = document.line(number).find(expression, span.column - 1 if number == span.line else 0)
        if column >= 0:
            start = column + min(offset, max(len(expression) - 1, 0)) + 1
            return Span(number, start, number, start + max(length, 1))
    return span
