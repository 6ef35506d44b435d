"""Finds the ``${{ expressions }}`` of a text and reads them: names with their places, and what is not allowed."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAX_LENGTH = 1000

_WHOLE = re.compile(r"\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*\Z", re.DOTALL)

#: Words that are values, not variables.
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
#: Names that are always there; the engine gives their values.
BUILT_IN_NAMES = frozenset({"env", "ocpp_version", "case_name"})

#: The functions of the language that need neither clock nor randomness.
PURE_FUNCTION_NAMES = frozenset(
    {
        *("int", "float", "str", "len", "min", "max", "abs", "round", "upper", "lower"),
        *("seconds", "time_after", "time_before", "seconds_between"),
    }
)
#: The functions that the engine must pass in.
ENGINE_FUNCTIONS = frozenset({"now", "in_future", "in_past", "random_int", "random_hex"})
FUNCTION_NAMES = PURE_FUNCTION_NAMES | ENGINE_FUNCTIONS

_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod)


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
    # A line break ends an expression for Python. One blank for each sign keeps the places of what follows.
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
    # What is nested too deeply is no SyntaxError to Python's parser.
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
            case ast.BinOp(op=op) if not isinstance(op, _BINARY):
                raise ExpressionError(f"'{_symbol(op)}' is not part of the expression language", offset)
            case ast.UnaryOp(op=ast.Invert()):
                raise ExpressionError("'~' is not part of the expression language", offset)
            case ast.Constant(value=value) if not isinstance(value, str | int | float | bool | None):
                raise ExpressionError("this is not a value of the expression language", offset)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in functions and node.id not in CONSTANTS:
            yield node.id, lead + _column(node, text)


def _column(node: ast.AST, text: str) -> int:
    # Python counts the bytes of UTF-8.
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
