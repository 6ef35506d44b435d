"""Configuration values as text on the wire: what is a number, a list, and what is neither. Pure."""

from __future__ import annotations

#: The largest value of OCPP's integer type.
MAX_INTEGER = 2**31 - 1
_LONGEST = len(str(MAX_INTEGER))


def whole_number(text: str, least: int = 0, most: int = MAX_INTEGER) -> int | None:
    """The number that a text is: ASCII digits and nothing else; None when it is none, or out of range.

    Blanks, signs, underscores and the digits of other scripts make no number, whatever ``int`` takes them for.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    # Looked at as text: Python's ``int`` raises where there are more than 4300 digits.
    if len(digits) > _LONGEST:
        return None
    number = int(digits)
    return number if least <= number <= most else None


def members(text: str) -> tuple[str, ...]:
    """The members of a comma-separated list; blanks beside a comma do not count (1.6 section 9.1.8 writes them).

    Raises:
        ValueError: there is nothing between two commas.
    """
    if not text.strip():
        return ()
    found = tuple(member.strip() for member in text.split(","))
    if "" in found:
        raise ValueError("an empty member")
    return found
