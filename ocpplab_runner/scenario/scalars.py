"""What an unquoted YAML scalar means: the YAML 1.2 core rules, with the exceptions of ``docs/language.md``."""

from __future__ import annotations

import re
from typing import Any

CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
# No zero in front: 010 is a card, or an octal number to YAML 1.1, but no ten.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_LONGEST_NUMBER = 40
NUMBER_STARTS = frozenset("-+.0123456789")


def resolve(text: str) -> Any:
    """The value of an unquoted scalar: null, a boolean, a number that JSON can carry, or the text itself."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    return number(text) if text[0] in NUMBER_STARTS else text


def number(text: str) -> Any:
    """The number that a text is, or the text itself."""
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.match(text):
        number = int(text)
        # What has more than 64 bits would be another number to many a reader of JSON.
        return number if -(2**63) <= number < 2**63 else text
    # Digits alone that make no integer (too many, a zero in front) are no float either: a card would lose them.
    if _FLOAT.match(text) and not text.lstrip("+-").isdecimal():
        value = float(text)
        # Neither infinite nor NaN, which JSON has not.
        return value if value - value == 0 else text
    return text
