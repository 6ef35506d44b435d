"""Durations as scenarios write them: a number with a unit, or a sum of such parts (``1h30m``)."""

from __future__ import annotations

import re
from typing import Any

#: The draft-07 pattern of a duration.
PATTERN = r"^(\d+(\.\d+)?(ms|s|m|h|d))+$"
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+\Z", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
#: A hundred years: beyond it a duration is a mistake, and floats lose their milliseconds.
LONGEST = 100 * 366 * 86400.0


class DurationError(ValueError):
    """The text is no duration."""


def parse_duration(text: str) -> float:
    """The duration in seconds.

    Args:
        text: such as ``500ms``, ``30s``, ``5m``, ``24h``, ``2d`` or ``1h30m``.

    Raises:
        DurationError: the text is something else, or longer than a hundred years.
    """
    if not isinstance(text, str) or not _WHOLE.match(text):
        raise DurationError(f"{text!r} is not a duration such as 500ms, 30s, 5m, 24h or 1h30m")
    total = 0.0
    for number, unit in _PART.findall(text):
        # Milliseconds divide, so that 500ms is exactly 0.5 and 30ms the float nearest to 0.03.
        total += float(number) / 1000 if unit == "ms" else float(number) * _SECONDS[unit]
    if total > LONGEST:
        raise DurationError(f"{text!r} is longer than a hundred years")
    return total


def seconds_of(value: Any) -> float:
    """Seconds of what data may hold for a duration: a number of seconds already, or text with units.

    Raises:
        DurationError: it is neither.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST:
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
