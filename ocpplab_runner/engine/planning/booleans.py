"""Words joined by ``and``, ``or``, ``not`` and parentheses: the language of ``-k`` and ``--tag``."""

from __future__ import annotations

import re
from collections.abc import Callable

Predicate = Callable[[str], bool]
Expression = Callable[[Predicate], bool]

_TOKEN = re.compile(r"""\s*(?:(?P<mark>[()])|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<word>[^\s()"']+))""")
_OPERATORS = frozenset({"and", "or", "not"})


def parse(text: str) -> Expression:
    """Compile an expression; call the result with a predicate on words.

    Raises:
        ValueError: the text is not such an expression.
    """
    tokens = _tokens(text)
    expression, rest = _either(tokens, text)
    if rest:
        raise ValueError(f"{text!r}: {rest[0][1]!r} is not expected here{_phrase_hint(tokens, rest)}")
    return expression


_Tokens = list[tuple[str, str]]


def _tokens(text: str) -> _Tokens:
    found: _Tokens = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"{text!r}: a quotation mark is not closed")
        position = match.end()
        kind = str(match.lastgroup)
        value = match.group(kind)
        if kind == "word" and value in _OPERATORS:
            kind = "operator"
        elif kind != "mark":
            kind = "word"
        found.append((kind, value))
    return found


def _phrase_hint(tokens: _Tokens, rest: _Tokens) -> str:
    """Two words with nothing between them: a phrase that lacks its quotes."""
    before = tokens[len(tokens) - len(rest) - 1]
    if before[0] != "word" or rest[0][0] != "word":
        return ""
    if all(kind == "word" for kind, _ in tokens):
        phrase = " ".join(value for _, value in tokens)
        return f"; a phrase has quotes inside the shell's: '\"{phrase}\"'"
    return "; join words by `and` or `or`, or put a phrase into quotes of its own"


def _either(tokens: _Tokens, text: str) -> tuple[Expression, _Tokens]:
    left, tokens = _both(tokens, text)
    while tokens and tokens[0] == ("operator", "or"):
        right, tokens = _both(tokens[1:], text)
        left = _join(any, left, right)
    return left, tokens


def _both(tokens: _Tokens, text: str) -> tuple[Expression, _Tokens]:
    left, tokens = _single(tokens, text)
    while tokens and tokens[0] == ("operator", "and"):
        right, tokens = _single(tokens[1:], text)
        left = _join(all, left, right)
    return left, tokens


def _join(how: Callable[[list[bool]], bool], left: Expression, right: Expression) -> Expression:
    return lambda holds: how([left(holds), right(holds)])


def _single(tokens: _Tokens, text: str) -> tuple[Expression, _Tokens]:
    if not tokens:
        raise ValueError(f"{text!r}: a word is missing at the end")
    (kind, value), rest = tokens[0], tokens[1:]
    if (kind, value) == ("operator", "not"):
        inner, rest = _single(rest, text)
        return (lambda holds: not inner(holds)), rest
    if value == "(" and kind == "mark":
        inner, rest = _either(rest, text)
        if not rest or rest[0] != ("mark", ")"):
            raise ValueError(f"{text!r}: a closing parenthesis is missing")
        return inner, rest[1:]
    if kind == "word":
        return (lambda holds: holds(value)), rest
    raise ValueError(f"{text!r}: {value!r} is not expected here")
