"""A truth value is no number."""

from __future__ import annotations

import pytest

from ocpplab_runner.vocabulary.numbers import is_integer, is_number


@pytest.mark.parametrize(
    ("value", "number", "integer"),
    [
        (0, True, True),
        (-3, True, True),
        (1.0, True, False),
        (0.5, True, False),
        (True, False, False),
        (False, False, False),
        ("1", False, False),
        (None, False, False),
    ],
)
def test_what_is_a_number(value: object, number: bool, integer: bool) -> None:
    """As JSON has it, and one that is written whole."""
    assert (is_number(value), is_integer(value)) == (number, integer)
