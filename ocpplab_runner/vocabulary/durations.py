"""Durations as scenarios write them: a number with a unit, or a sum of such parts (``1h30m``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.texts import shortened

#: How many digits the whole part of a number may have: each part stays below 320 years. Beyond them a duration is a
#: mistake, floats lose their milliseconds, and dates end.
_DIGITS = {"ms": 13, "s": 10, "m": 8, "h": 6, "d": 5}
_PARTS = 9
_NUMBER_AND_UNIT = "|".join(rf"\d{{1,{digits}}}(\.\d+)?{unit}" for unit, digits in _DIGITS.items())
#: The draft-07 pattern of a duration.
PATTERN = rf"^({_NUMBER_AND_UNIT}){{1,{_PARTS}}}$"
# To Python `$` also stands before a line break at the end, and `\d` for the digits of any script.
_WHOLE = re.compile(PATTERN.replace("$", r"\Z"), re.ASCII)
_ANY_LENGTH = re.compile(r"(\d+(\.\d+)?(ms|s|m|h|d))+\Z", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
#: What the longest parts are, for people.
LIMITS = f"{_PARTS} parts, none above " + ", ".join(f"{'9' * digits}{unit}" for unit, digits in _DIGITS.items())
#: The most seconds that a bare number may give: a hundred years.
LONGEST = 100 * 366 * 86400.0


class DurationError(ValueError):
    """The text is no duration."""


def parse_duration(text: str) -> float:
    """The duration in seconds.

    Args:
        text: such as ``500ms``, ``30s``, ``5m``, ``24h``, ``2d`` or ``1h30m``.

    Raises:
        DurationError: the text is something else, or far too long.
    """
    if not isinstance(text, str) or not _WHOLE.match(text):
        if is_too_long(text):
            raise DurationError(f"{shortened(text)!r} is too long for a duration: at most {LIMITS}")
        raise DurationError(f"{text!r} is not a duration such as 500ms, 30s, 5m, 24h or 1h30m")
    total = 0.0
    for number, unit in _PART.findall(text):
        # Milliseconds divide, so that 500ms is exactly 0.5 and 30ms the float nearest to 0.03.
        total += float(number) / 1000 if unit == "ms" else float(number) * _SECONDS[unit]
    return total


def is_too_long(text: Any) -> bool:
    """Whether a text would be a duration if it had fewer digits, or fewer parts."""
    return isinstance(text, str) and not _WHOLE.match(text) and _ANY_LENGTH.match(text) is not None


#: Words for units → the unit; the longer ones with and without their plural.
_WORDS = {
    **dict.fromkeys(("ms", "msec", "millisecond"), "ms"),
    **dict.fromkeys(("s", "sec", "second"), "s"),
    **dict.fromkeys(("m", "min", "minute"), "m"),
    **dict.fromkeys(("h", "hr", "hour"), "h"),
    **dict.fromkeys(("d", "day"), "d"),
}
_SPOKEN = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*(?:,|and)?\s*", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})", re.ASCII)
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)


def meant_duration(text: str) -> str:
    """How a duration in another notation is written here; empty when nobody can say.

    >>> [meant_duration(one) for one in ("10", "10 sec", "2 hours", "00:10:00", "PT1H30M", "soon")]
    ['10s', '10s', '2h', '10m', '1h30m', '']
    """
    text = text.strip()
    found = ""
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        found = f"{text}s"
    elif match := _CLOCK.fullmatch(text):
        found = _sum(zip(match.groups(), "hms", strict=True))
    elif (match := _ISO.fullmatch(text)) and any(match.groups()):
        found = _sum(zip(match.groups(), "dhms", strict=True))
    elif text and not _SPOKEN.sub("", text):
        units = [(number, meant_unit(word)) for number, word in _SPOKEN.findall(text)]
        found = "".join(f"{number}{unit}" for number, unit in units) if all(unit for _, unit in units) else ""
    return found if is_duration(found) else ""


def _sum(parts: Iterable[tuple[str | None, str]]) -> str:
    return "".join(f"{int(number)}{unit}" for number, unit in parts if number and int(number))


def meant_unit(word: str) -> str:
    """The unit that a word such as ``seconds`` means; empty for another word."""
    folded = word if word in _WORDS else word.lower()
    return _WORDS.get(folded) or _WORDS.get(folded.removesuffix("s"), "")


def duration_option(name: str, options: Mapping[str, Any], default: float) -> float:
    """The seconds of an option, which has a unit as every duration that people write.

    Args:
        name: of the option, for people.
        options: as written.
        default: in seconds, where it is left out.

    Raises:
        ValueError: it is no duration, or a bare number, of which nobody knows the unit.
    """
    if name not in options:
        return default
    value = options[name]
    if not isinstance(value, str):
        meant = f", such as {value}s" if is_number(value) else " such as 30s"
        raise ValueError(f"`{name}` is a duration with a unit{meant}, not {value!r}")
    try:
        return parse_duration(value)
    except DurationError as error:
        raise ValueError(f"`{name}`: {error}") from None


def is_duration(text: str) -> bool:
    """Whether a text is one."""
    return _WHOLE.match(text) is not None


def seconds_of(value: Any) -> float:
    """Seconds of what data may hold for a duration: a number of seconds already, or text with units.

    Raises:
        DurationError: it is neither.
    """
    if is_number(value) and 0 <= value <= LONGEST:
        return float(value)
    return parse_duration(value)


def format_duration(seconds: float) -> str:
    """The shortest spelling that :func:`parse_duration` reads back, to the millisecond: ``5400`` is ``1h30m``.

    Raises:
        ValueError: the number is negative, or no number.
    """
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{seconds} seconds is no duration")
    rest = round(seconds * 1000)
    text = ""
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, length)
        if count:
            text += f"{count}{unit}"
    return text or "0s"
