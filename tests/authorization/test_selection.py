"""Which EVSE a token gets: rule 13."""

from __future__ import annotations

import pytest

from ocpplab_runner.authorization.selection import select_evse, waits
from ocpplab_runner.authorization.types import SelectionAlgorithm as Algorithm


@pytest.mark.parametrize(
    ("algorithm", "candidates", "plug_ins", "expected"),
    [
        (Algorithm.FIND_FIRST, [1, 2, 3], [3, 2], 3),
        (Algorithm.FIND_FIRST, [2, 1], [], 2),
        (Algorithm.FIND_FIRST, [1, 2], [3], 1),
        (Algorithm.FIND_FIRST, [], [], None),
        (Algorithm.PLUG_EVENTS, [1, 2, 3], [3, 2], 3),
        (Algorithm.PLUG_EVENTS, [1, 2], [3, 2], 2),
        (Algorithm.PLUG_EVENTS, [1, 2], [], None),
        (Algorithm.PLUG_EVENTS_LIFO, [1, 2, 3], [3, 2], 2),
        (Algorithm.PLUG_EVENTS_LIFO, [1, 2], [1, 3], 1),
        (Algorithm.PLUG_EVENTS_LIFO, [1, 2], [], None),
    ],
)
def test_each_algorithm_chooses(
    algorithm: Algorithm, candidates: list[int], plug_ins: list[int], expected: int | None
) -> None:
    """First in, last in, or the first that is free."""
    assert select_evse(algorithm, candidates, plug_ins) == expected


def test_only_find_first_does_not_wait() -> None:
    """FindFirst decides at once, the others wait for a car."""
    assert [waits(a) for a in (Algorithm.FIND_FIRST, Algorithm.PLUG_EVENTS, Algorithm.PLUG_EVENTS_LIFO)] == [
        False,
        True,
        True,
    ]


def test_user_input_never_chooses() -> None:
    """Rule 13d: only the driver does."""
    assert select_evse(Algorithm.USER_INPUT, [1], [1]) is None
    assert waits(Algorithm.USER_INPUT)
