"""Deterministic message ids: from a counter or from a passed source of randomness."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random
from uuid import UUID


def counter_ids(prefix: str = "", start: int = 1) -> Callable[[], str]:
    """Ids ``prefix1``, ``prefix2`` …: short, and readable in a trace.

    Args:
        prefix: what stands before the number; with the number it must fit in 36 characters.
        start: the first number.
    """
    numbers = count(start)
    return lambda: f"{prefix}{next(numbers)}"


def uuid_ids(random: Random) -> Callable[[], str]:
    """Version 4 UUIDs drawn from ``random``: one seed, one sequence."""
    return lambda: str(UUID(int=random.getrandbits(128), version=4))
