"""How thoroughly the tests look: ``make test`` samples what ``make test-thorough`` looks at as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_ROOT = Path(__file__).parents[1]
THOROUGH = os.environ.get("OCPPLAB_TESTS") == "thorough"


def examples(number: int) -> int:
    """How many examples a property is tried with, of so many; a few always the same ones unless thorough."""
    return number if THOROUGH else max(20, number // 8)


def sample(things: Sequence[T], number: int, of: int) -> Sequence[T]:
    """One of so many parts, by turns; everything when thorough."""
    return things if THOROUGH else things[number % of :: of]


def one_of_each(things: Sequence[T], kind: Callable[[T], Hashable]) -> Sequence[T]:
    """The first of each kind, in order; everything when thorough."""
    return things if THOROUGH else list({kind(one): one for one in reversed(things)}.values())[::-1]


def crossed(of: int, *axes: Sequence[Any]) -> list[tuple[Any, ...]]:
    """One of so many combinations of some things, each of these among them; every combination when thorough.

    Args:
        of: not more than the smallest two axes have.
        axes: the things.
    """
    everything = product(*map(enumerate, axes))
    return [
        tuple(thing for _, thing in one) for one in everything if THOROUGH or sum(place for place, _ in one) % of == 0
    ]


def part(number: int, of: int) -> tuple[str, ...]:
    """One of so many parts of the library, by its files: nothing else is read. The whole library when thorough."""
    files = sorted(path.relative_to(_ROOT) for path in (_ROOT / "scenarios").rglob("*.yaml"))
    return ("scenarios",) if THOROUGH else tuple(map(str, sample(files, number, of)))


def at_least(number: int, of: int) -> int:
    """How many there are in one of so many parts, of at least so many in all; parts are not quite alike."""
    return number if THOROUGH else number // (2 * of)
