"""What a number is in JSON and YAML: Python's ``bool`` is an ``int``, theirs is none."""

from __future__ import annotations

from typing import TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number, whole or not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> TypeGuard[int]:
    """Whether it is a number that is written whole: 1, not 1.0."""
    return isinstance(value, int) and not isinstance(value, bool)
