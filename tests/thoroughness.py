"""How thoroughly the tests look: ``make test`` samples what ``make test-thorough`` looks at as a whole."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("OCPPLAB_TESTS") == "thorough"


def examples(number: int) -> int:
    """How many examples a property is tried with, of so many; a few always the same ones unless thorough."""
    return number if THOROUGH else max(20, number // 5)


def part(number: int, of: int) -> tuple[str, ...]:
    """Options of a run over one of so many parts of the library; over the whole of it when thorough."""
    return () if THOROUGH else ("--shard", f"{number}/{of}")
