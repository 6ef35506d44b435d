"""The small safe language of ``${{ expressions }}``.

Operators are Python's (``+ - * / %``, comparisons, ``and or not in``, indexing, ``a if c else b``); names and functions
are given by the caller. Nothing here reads a clock or a source of randomness.
"""

from __future__ import annotations

import ast
import functools
import json
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.scenario.durations import parse_duration

MAX_LENGTH = 1000
MAX_TEXT = 100_000
_MAX_BITS = 4096

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WHOLE = re.compile(r"\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*\Z", re.DOTALL)

#: Words that are values, not variables.
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
#: Names that are always there; the engine gives their values.
BUILT_IN_NAMES = frozenset({"env", "ocpp_version", "case_name"})

Functions = Mapping[str, Callable[..., Any]]


class ExpressionError(Exception):
    """An expression cannot be read or computed.

    Attributes:
        message: what is wrong, in English.
        offset: where in the expression's text, counted from 0.
    """

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message, self.offset = message, offset


@dataclass(frozen=True, slots=True)
class Found:
    """One ``${{ … }}`` of a text: the expression without its braces, and its offset in the text."""

    expression: str
    offset: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression that can be evaluated, with every variable it reads and where: (name, offset)."""

    tree: ast.expr
    names: tuple[tuple[str, int], ...]


def _upper(text: Any) -> str:
    return _text_of(text).upper()


def _lower(text: Any) -> str:
    return _text_of(text).lower()


def _round(number: Any, digits: int = 0) -> Any:
    return round(number, digits) if digits else round(number)


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
}
#: The functions that the engine must pass in.
ENGINE_FUNCTIONS = frozenset({"now", "in_future", "in_past", "random_int", "random_hex"})
FUNCTION_NAMES = frozenset(PURE_FUNCTIONS) | ENGINE_FUNCTIONS

_NODES: tuple[type[ast.AST], ...] = (
    ast.UnaryOp,
    ast.BinOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.Name,
    ast.Constant,
    ast.Subscript,
    ast.Attribute,
    ast.List,
    ast.Tuple,
    ast.Load,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
)
_WORDS = {
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.Dict: "a mapping",
    ast.Set: "a set",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Slice: "a slice",
    ast.Starred: "a star",
    ast.Await: "await",
}


def has_expression(text: str) -> bool:
    """Whether a text holds a ``${{``."""
    return "${{" in text


def whole_expression(text: str) -> str | None:
    """The expression when the text is nothing else, so that the value keeps its type; else None."""
    match = _WHOLE.match(text)
    return match.group(1) if match else None


def find(text: str) -> Iterator[Found]:
    """Every expression of a text.

    Raises:
        ExpressionError: a ``${{`` is not closed; the offset is that of the text.
    """
    position = 0
    while (start := text.find("${{", position)) >= 0:
        end = text.find("}}", start + 3)
        if end < 0:
            raise ExpressionError("'${{' is not closed by '}}'", start)
        yield Found(text[start + 3 : end], start + 3)
        position = end + 2


@functools.lru_cache(maxsize=4096)
def parse(expression: str) -> Parsed:
    """Read an expression.

    Args:
        expression: without ``${{ }}``.

    Raises:
        ExpressionError: it is empty, longer than 1000 characters, no expression, or uses what the language lacks.
    """
    stripped = expression.strip()
    lead = len(expression) - len(expression.lstrip())
    if not stripped:
        raise ExpressionError("the expression is empty")
    if len(stripped) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
    if not stripped.isprintable():
        stripped = re.sub(r"\s", " ", stripped)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of an unknown escape such as "\\d"
            tree = ast.parse(stripped, mode="eval").body
        names = tuple(_names(tree, stripped, lead))
    except SyntaxError as error:
        offset = _offset(stripped, error.lineno or 1, max((error.offset or 1) - 1, 0))
        raise ExpressionError(_syntax(error, stripped), lead + min(offset, len(stripped) - 1)) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("this is not an expression") from None
    return Parsed(tree, names)


def _syntax(error: SyntaxError, text: str) -> str:
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return "'=' assigns nothing here; compare with '=='"
    if "&&" in text or "||" in text:
        return "write 'and' and 'or' instead of '&&' and '||'"
    return f"this is not an expression: {error.msg}"


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column


def _names(tree: ast.expr, text: str, lead: int) -> Iterator[tuple[str, int]]:
    functions: set[int] = set()
    for node in ast.walk(tree):
        offset = lead + _column(node, text)
        if not isinstance(node, _NODES):
            what = next((word for kind, word in _WORDS.items() if isinstance(node, kind)), "this")
            raise ExpressionError(f"{what} is not part of the expression language", offset)
        match node:
            case ast.Call(func=ast.Name(id=name) as function, keywords=keywords):
                functions.add(id(function))
                if name not in FUNCTION_NAMES:
                    raise ExpressionError(_unknown_function(name), offset)
                if keywords:
                    raise ExpressionError(f"'{name}' takes no named arguments", offset)
            case ast.Call():
                raise ExpressionError("only the functions of the language can be called", offset)
            case ast.Attribute(attr=name) if name.startswith("_"):
                raise ExpressionError(f"'{name}' cannot be read: it begins with an underscore", offset)
            case ast.Name(id=name) if name.startswith("_"):
                raise ExpressionError(f"'{name}' cannot be read: it begins with an underscore", offset)
            case ast.BinOp(op=op) if type(op) not in _OPERATORS:
                raise ExpressionError(f"'{_symbol(op)}' is not part of the expression language", offset)
            case ast.UnaryOp(op=ast.Invert()):
                raise ExpressionError("'~' is not part of the expression language", offset)
            case ast.Constant(value=value) if not isinstance(value, str | int | float | bool | None):
                raise ExpressionError("this is not a value of the expression language", offset)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in functions and node.id not in CONSTANTS:
            yield node.id, lead + _column(node, text)


def _column(node: ast.AST, text: str) -> int:
    column = getattr(node, "col_offset", 0)
    return column if text.isascii() else len(text.encode()[:column].decode("utf-8", "ignore"))


def _unknown_function(name: str) -> str:
    from ocpplab_runner.scenario.suggest import did_you_mean

    hint = did_you_mean(name, FUNCTION_NAMES)
    return f"there is no function '{name}'" + (f"; {hint}" if hint else "")


def _symbol(op: ast.operator) -> str:
    symbols = {ast.Pow: "**", ast.FloorDiv: "//", ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>"}
    symbols |= {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"}
    return symbols.get(type(op), "this")


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, str | list) and isinstance(b, str | list) and len(a) + len(b) > MAX_TEXT:
        raise ExpressionError(f"the text has more than {MAX_TEXT:,} characters")
    return a + b


def _multiply(a: Any, b: Any) -> Any:
    for many, times in ((a, b), (b, a)):
        if isinstance(many, str | list | tuple) and isinstance(times, int) and len(many) * times > MAX_TEXT:
            raise ExpressionError(f"the text has more than {MAX_TEXT:,} characters")
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > _MAX_BITS:
        raise ExpressionError("the number is too large")
    return a * b


def _modulo(a: Any, b: Any) -> Any:
    if isinstance(a, str):
        raise ExpressionError("'%' takes numbers; insert values into a text with several ${{ }}")
    return a % b


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _add,
    ast.Sub: operator.sub,
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


def evaluate(expression: str, names: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """The value of an expression.

    Args:
        expression: without ``${{ }}``.
        names: every variable; ``env`` is a mapping.
        functions: those of :data:`ENGINE_FUNCTIONS`; the pure ones are always there.

    Raises:
        ExpressionError: it cannot be read or computed.
    """
    tree = parse(expression).tree
    evaluator = _evaluator(names, {**PURE_FUNCTIONS, **(functions or {})})
    try:
        value = evaluator._eval(tree)
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
            f"the condition {_clip(str(expression))!r} is {_clip(_text_of(value))!r}, not true or false"
        )
    return value


def render(value: Any, names: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """The value with every ``${{ }}`` in it computed, also deep inside mappings and lists; keys stay as they are.

    A text that is nothing but one expression becomes the expression's value and keeps its type.

    Raises:
        ExpressionError: one of them cannot be computed.
    """
    if isinstance(value, str):
        return _render_text(value, names, functions) if "${{" in value else value
    if isinstance(value, Mapping):
        return {key: render(item, names, functions) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render(item, names, functions) for item in value]
    return value


def _render_text(text: str, names: Mapping[str, Any], functions: Functions | None) -> Any:
    whole = whole_expression(text)
    if whole is not None:
        return evaluate(whole, names, functions)
    parts: list[str] = []
    position = 0
    for found in find(text):
        parts.append(text[position : found.offset - 3])
        parts.append(_text_of(evaluate(found.expression, names, functions)))
        position = found.offset + len(found.expression) + 2
    parts.append(text[position:])
    joined = "".join(parts)
    if len(joined) > MAX_TEXT:
        raise ExpressionError(f"the text has more than {MAX_TEXT:,} characters")
    return joined


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
        return f"there is no {_clip(str(error))}"
    return _clip(str(error) or type(error).__name__, 200)


def _clip(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _evaluator(names: Mapping[str, Any], functions: Functions) -> Any:
    kind = _evaluator_class()
    return kind(operators=_OPERATORS, functions=functions, names=names)


@functools.cache
def _evaluator_class() -> type[Any]:
    import simpleeval  # type: ignore[import-untyped]  # only runs that compute something need it

    class Evaluator(simpleeval.SimpleEval):  # type: ignore[misc]
        """simpleeval with attributes that are only mapping keys, list literals, and no calls on values."""

        def __init__(self, operators: Any, functions: Any, names: Any) -> None:
            super().__init__(operators, functions, names)
            self.nodes.update({ast.List: self._eval_items, ast.Tuple: self._eval_items})

        def _eval_name(self, node: ast.Name) -> Any:
            if node.id in self.names:
                return self.names[node.id]
            if node.id in CONSTANTS:
                return CONSTANTS[node.id]
            raise ExpressionError(f"there is no variable '{node.id}'", node.col_offset)

        def _eval_attribute(self, node: ast.Attribute) -> Any:
            value = self._eval(node.value)
            if not isinstance(value, Mapping):
                raise ExpressionError(f"'{node.attr}' can only be read from a mapping", node.col_offset)
            if node.attr not in value:
                if isinstance(node.value, ast.Name) and node.value.id == "env":
                    raise ExpressionError(f"the environment variable {node.attr} is not set", node.col_offset)
                raise ExpressionError(f"there is no '{node.attr}' in it", node.col_offset)
            return value[node.attr]

        def _eval_items(self, node: Any) -> list[Any]:
            return [self._eval(item) for item in node.elts]

    return Evaluator
