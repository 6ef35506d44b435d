"""How thoroughly the tests look: ``make test`` samples what ``make test-thorough`` looks at as a whole."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).parents[1]
THOROUGH = os.environ.get("OCPPLAB_TESTS") == "thorough"


def examples(number: int) -> int:
    """How many examples a property is tried with, of so many; a few always the same ones unless thorough."""
    return number if THOROUGH else max(20, number // 5)


def part(number: int, of: int) -> tuple[str, ...]:
    """One of so many parts of the library, by its files: nothing else is read. The whole library when thorough."""
    return ("scenarios",) if THOROUGH else tuple(_shipped()[number - 1 :: of])


def _shipped() -> list[str]:
    return [str(path.relative_to(_ROOT)) for path in sorted((_ROOT / "scenarios").rglob("*.yaml"))]
