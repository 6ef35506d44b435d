"""Paths into plain data, as ``save`` writes them: ``response.configurationKey[0].value``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_PART = re.compile(r"\.?([A-Za-z_$][\w$-]*)|\[(-?\d+)\]")


class PathError(ValueError):
    """The path is ill-formed, or leads nowhere."""


def split_path(path: str) -> list[str | int]:
    """A path's parts: keys as text, indexes as numbers.

    Raises:
        PathError: the text is no path.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(path):
        match = _PART.match(path, position)
        if match is None or (position == 0 and match.group(1) is None):
            raise PathError(f"{path!r} is not a path such as response.status or meter.values[0]")
        parts.append(match.group(1) if match.group(1) is not None else int(match.group(2)))
        position = match.end()
    if not parts:
        raise PathError("the path is empty")
    return parts


def follow(value: Any, parts: Sequence[str | int], path: str) -> Any:
    """What stands at the end of a path.

    Raises:
        PathError: it leads nowhere; the message says how far it went.
    """
    for number, part in enumerate(parts):
        try:
            if isinstance(part, int):
                if not isinstance(value, list | tuple):
                    raise KeyError(part)
                value = value[part]
            elif isinstance(value, Mapping):
                value = value[part]
            else:
                raise KeyError(part)
        except (KeyError, IndexError):
            there = ", ".join(map(str, value)) if isinstance(value, Mapping) else f"{type(value).__name__} {value!r}"
            raise PathError(f"{path}: there is no {part!r} (part {number + 1}) in {there or 'nothing'}") from None
    return value
