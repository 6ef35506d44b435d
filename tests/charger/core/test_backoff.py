"""How long a station waits before it dials again."""

from __future__ import annotations

from random import Random

import pytest

from ocpplab_runner.charger.core.backoff import RANDOM_RANGE, REPEAT_TIMES, WAIT_MINIMUM, BackOff
from ocpplab_runner.charger.core.variables import Variables, of_2x

NAMES = (WAIT_MINIMUM, REPEAT_TIMES, RANDOM_RANGE)


def _variables(*values: str | None) -> Variables:
    """Of a 2.x station: wait, repeat and range; None for one that was never set."""
    variables = Variables()
    defaults = ("5", "4", "0")
    variables.declare(
        of_2x("OCPPCommCtrlr", name.partition(".")[2], "integer", default, mutability="ReadWrite")
        for name, default in zip(NAMES, defaults, strict=True)
    )
    for name, value in zip(NAMES, values, strict=True):
        if value is not None:
            variables.set(name, value)
    return variables


@pytest.mark.parametrize(
    ("variables", "pauses"),
    [
        (Variables(), [0.5, 1, 2, 4, 8, 8]),  # 1.6 has no variables of it
        (_variables(None, None, None), [0.5, 1, 2, 4, 8, 8]),
        (_variables("10", None, None), [10, 20, 40, 80, 160, 160]),
        (_variables("10", "2", None), [10, 20, 40, 40, 40, 40]),
        (_variables(None, "0", None), [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
    ],
)
def test_pauses_double_for_a_while(variables: Variables, pauses: list[float]) -> None:
    """As often as it is set to; the first is that of the configuration until it is set."""
    backoff = BackOff(variables, 0.5, Random(1))
    assert [backoff.pause(attempts) for attempts in range(6)] == pauses


def test_some_seconds_by_chance() -> None:
    """They lie in the range, differ, and are the same for one seed."""
    variables = _variables("10", "0", "5")
    first, second = ([BackOff(variables, 1.0, Random(seed)).pause(0) for seed in range(20)] for _ in range(2))
    assert first == second
    assert all(10 <= pause <= 15 for pause in first)
    assert len(set(first)) == 20
