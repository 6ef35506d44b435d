"""The small safe language of ``${{ expressions }}``.

Operators are Python's (``+ - * / %``, comparisons, ``and or not in``, indexing, ``a if c else b``); names and functions
are given by the caller. Nothing here reads a clock or a source of randomness.
"""

from __future__ import annotations

import ast
import functools
import json
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ocpplab_runner.scenario.expression_bounds import (
    MAX_RENDERED,
    MAX_WEIGHT,
    Account,
    TooMuch,
    check_digits,
    check_product,
    too_heavy,
    weigh,
)
from ocpplab_runner.scenario.expression_parser import (
    BUILT_IN_NAMES,
    CONSTANTS,
    ENGINE_FUNCTIONS,
    FUNCTION_NAMES,
    ExpressionError,
    find,
    parse,
    whole_expression,
)
from ocpplab_runner.scenario.values import instant
from ocpplab_runner.vocabulary.durations import is_duration, parse_duration
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.texts import shortened

__all__ = [
    "BUILT_IN_NAMES",
    "CONSTANTS",
    "ENGINE_FUNCTIONS",
    "FUNCTION_NAMES",
    "PURE_FUNCTIONS",
    "ExpressionError",
    "condition",
    "evaluate",
    "find",
    "parse",
    "render",
    "time_mistake",
    "whole_expression",
]

Functions = Mapping[str, Callable[..., Any]]


def _upper(text: Any) -> str:
    return _text_of(text).upper()


def _lower(text: Any) -> str:
    return _text_of(text).lower()


def _round(number: Any, digits: int = 0) -> Any:
    check_digits(digits)
    return round(number, digits) if digits else round(number)


def _moment(text: Any) -> datetime:
    moment = instant(text) if isinstance(text, str) else None
    if moment is None:
        raise ExpressionError(f"{_brief(_text_of(text))!r} is no time such as 2030-01-31T12:00:00Z")
    return moment


def _span(duration: Any) -> timedelta:
    number = is_number(duration)
    seconds = duration if number else parse_duration(duration)
    if seconds < 0:
        raise ExpressionError(f"a duration is not negative, and {_text_of(duration)} is")
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ExpressionError(f"{_brief(_text_of(duration))} is too long a duration") from None


def _stamp(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    exact = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=exact).replace("+00:00", "Z")


def _time_after(text: Any, duration: Any) -> str:
    return _stamp(_moment(text) + _span(duration))


def _time_before(text: Any, duration: Any) -> str:
    return _stamp(_moment(text) - _span(duration))


def _seconds_between(first: Any, second: Any) -> float | int:
    seconds = (_moment(second) - _moment(first)).total_seconds()
    return int(seconds) if seconds == int(seconds) else seconds


#: The functions that need neither clock nor randomness.
PURE_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "str": lambda value: _text_of(value),
    "len": len,
    "min": min,
    "max": max,
    "abs": abs,
    "round": _round,
    "upper": _upper,
    "lower": _lower,
    "seconds": parse_duration,
    "time_after": _time_after,
    "time_before": _time_before,
    "seconds_between": _seconds_between,
}


def time_mistake(a: Any, b: Any, *, taken: bool) -> str:
    """What is wrong with ``a + b``, or ``a - b``, where ``a`` is a time, which is a text; empty where nothing is."""
    if not isinstance(a, str) or instant(a) is None:
        return ""
    if isinstance(b, int | float) or (isinstance(b, str) and is_duration(b)):
        by = b if isinstance(b, str) else "5m"
        return f"a time is moved by time_after(time, '{by}') and time_before(time, '{by}')"
    return "the time between two times is seconds_between(first, second)" if taken else ""


def _add(a: Any, b: Any) -> Any:
    if mistake := time_mistake(a, b, taken=False):
        raise ExpressionError(mistake)
    return a + b


def _subtract(a: Any, b: Any) -> Any:
    if mistake := time_mistake(a, b, taken=True):
        raise ExpressionError(mistake)
    return a - b


def _multiply(a: Any, b: Any) -> Any:
    check_product(a, b)
    return a * b


def _modulo(a: Any, b: Any) -> Any:
    if isinstance(a, str):
        raise ExpressionError("'%' takes numbers; insert values into a text with several ${{ }}")
    return a % b


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: _multiply,
    ast.Div: operator.truediv,
    ast.Mod: _modulo,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: operator.contains(b, a),
    ast.NotIn: lambda a, b: not operator.contains(b, a),
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
#: An expression, or a value of one, for a message.
_brief = functools.partial(shortened, most=80)
#: The operators and functions whose result may be as large as what they take.
_GROWING = frozenset({ast.Add, "str", "upper", "lower"})


def evaluate(
    expression: str, names: Mapping[str, Any], functions: Functions | None = None, account: Account | None = None
) -> Any:
    """The value of an expression.

    Args:
        expression: without ``${{ }}``.
        names: every variable; ``env`` is a mapping.
        functions: those of :data:`ENGINE_FUNCTIONS`; the pure ones are always there.
        account: what it may cost together with others; None gives it one of its own.

    Raises:
        ExpressionError: it cannot be read or computed.
    """
    tree = parse(expression).tree
    evaluated = _evaluator(names, {**PURE_FUNCTIONS, **(functions or {})}, account or Account())
    try:
        value = evaluated(tree)
    except TooMuch as error:
        raise TooMuch(f"{_brief(expression.strip())}: {error.message}") from None
    except ExpressionError:
        raise
    except RecursionError:
        raise ExpressionError("the expression is too deep") from None
    except Exception as error:  # whatever Python says of these values: the writer's mistake, not ours
        raise ExpressionError(f"{expression.strip()}: {_reason(error)}") from None
    return list(value) if isinstance(value, tuple) else value


def condition(expression: Any, names: Mapping[str, Any], functions: Functions | None = None) -> bool:
    """The value of a condition: a bare expression, one in ``${{ }}``, or a boolean.

    Raises:
        ExpressionError: also when the value is neither true nor false.
    """
    value = expression
    if isinstance(expression, str):
        inner = whole_expression(expression)
        value = evaluate(expression if inner is None else inner, names, functions)
    if not isinstance(value, bool):
        raise ExpressionError(
            f"the condition {_brief(str(expression))!r} is {_brief(_text_of(value))!r}, not true or false"
        )
    return value


def render(value: Any, names: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """The value with every ``${{ }}`` in it computed, also deep inside mappings and lists; keys stay as they are.

    A text that is nothing but one expression becomes the expression's value and keeps its type.

    Raises:
        ExpressionError: one of them cannot be computed, or all together are too large.
    """
    left = MAX_RENDERED
    account = Account()

    def computed(text: str) -> Any:
        nonlocal left
        found = _render_text(text, names, functions, account)
        left -= weigh(found, left)
        if left < 0:
            raise TooMuch(f"{_brief(text)}: the computed values have more than {MAX_RENDERED:,} characters and items")
        return found

    return _each_text(value, computed)


def _each_text(value: Any, computed: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return computed(value) if "${{" in value else value
    if isinstance(value, Mapping):
        return {key: _each_text(item, computed) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, computed) for item in value]
    return value


def _render_text(text: str, names: Mapping[str, Any], functions: Functions | None, account: Account) -> Any:
    whole = whole_expression(text)
    if whole is not None:
        return evaluate(whole, names, functions, account)
    parts: list[str] = []
    position = length = 0
    for found in find(text):
        parts.append(text[position : found.offset - 3])
        value = evaluate(found.expression, names, functions, account)
        if weigh(value, MAX_WEIGHT) > MAX_WEIGHT:
            raise TooMuch(f"{_brief(found.expression.strip())}: {too_heavy().message}")
        parts.append(_text_of(value))
        length += len(parts[-1])
        if length > MAX_WEIGHT:
            raise TooMuch(f"{_brief(text)}: the text has more than {MAX_WEIGHT:,} characters")
        position = found.offset + len(found.expression) + 2
    parts.append(text[position:])
    return "".join(parts)


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    if isinstance(error, KeyError):
        return f"there is no {_brief(str(error))}"
    return shortened(str(error) or type(error).__name__, 200)


def _evaluator(names: Mapping[str, Any], functions: Functions, account: Account) -> Callable[[ast.AST], Any]:
    """simpleeval with attributes that are only mapping keys, list literals, and no calls on values."""
    import simpleeval  # type: ignore[import-untyped]  # only runs that compute something need it

    operators, known = _Accounted(_OPERATORS, account), _Accounted(functions, account)
    simple = simpleeval.SimpleEval(operators, known, {})

    def value(node: ast.AST) -> Any:
        return simple.eval("", previously_parsed=node)

    def name(node: ast.Name) -> Any:
        if node.id == "env":
            raise ExpressionError("'env' is no value: name a variable, as in env.NAME", node.col_offset)
        if node.id in names:
            return names[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        raise ExpressionError(f"there is no variable '{node.id}'", node.col_offset)

    def attribute(node: ast.Attribute) -> Any:
        of_env = isinstance(node.value, ast.Name) and node.value.id == "env"
        holder = names["env"] if of_env else value(node.value)
        if not isinstance(holder, Mapping):
            raise ExpressionError(f"'{node.attr}' can only be read from a mapping", node.col_offset)
        if node.attr not in holder:
            if of_env:
                raise ExpressionError(f"the environment variable {node.attr} is not set", node.col_offset)
            raise ExpressionError(f"there is no '{node.attr}' in it", node.col_offset)
        return holder[node.attr]

    def items(node: ast.List | ast.Tuple) -> list[Any]:
        found = [value(item) for item in node.elts]
        account.charge_for_result(*found)
        return found

    simple.nodes |= {ast.Name: name, ast.Attribute: attribute, ast.List: items, ast.Tuple: items}
    return value


class _Accounted(dict[Any, Callable[..., Any]]):
    """Operators or functions that are paid for before they work; each is wrapped when it is first used."""

    def __init__(self, works: Mapping[Any, Callable[..., Any]], account: Account) -> None:
        super().__init__()
        self._works, self._account = works, account

    def __missing__(self, key: Any) -> Callable[..., Any]:
        work = self._works[key]
        pay = self._account.charge_for_result if key in _GROWING else self._account.charge

        def paid(*values: Any) -> Any:
            pay(*values)
            return work(*values)

        self[key] = paid
        return paid
