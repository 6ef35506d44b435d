"""What an expression may cost: its steps and the sizes of its values, weighed before the work is done.

A value's *weight* is the number of values in it, a text's characters counted in; what stands in it twice weighs twice,
since it is written, compared and sent twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ocpplab_runner.scenario.expression_parser import ExpressionError

#: What one computed value weighs at most.
MAX_WEIGHT = 100_000
#: What the computed values of one field weigh together at most.
MAX_RENDERED = 1_000_000
#: What the expressions of one field handle together at most: the weights of all that its operations take.
MAX_STEPS = 1_000_000
#: How deep lists and mappings are nested at most.
MAX_DEPTH = 64
#: The bits of a whole number, about 1,200 digits.
MAX_BITS = 4096


class TooMuch(ExpressionError):
    """An expression would cost more than is allowed."""


def too_heavy() -> TooMuch:
    """The error of a value that is too large."""
    return TooMuch(f"a value has more than {MAX_WEIGHT:,} characters and items")


def weigh(value: Any, most: int) -> int:
    """The weight of a value.

    Args:
        value: anything that an expression can take or give.
        most: the weight from which on the rest is not looked at.

    Returns:
        The weight; some number above ``most`` when it is more than that.

    Raises:
        TooMuch: it is nested too deeply, or holds too large a whole number.
    """
    if isinstance(value, str):
        return 1 + len(value)
    weight = 0
    # Layer by layer instead of by recursion: how deep it goes is what is not known yet.
    layer = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for one in layer:
            weight += 1
            if isinstance(one, str):
                weight += len(one)
            elif isinstance(one, Mapping):
                inner.extend(one.values())
                weight += sum(len(key) if isinstance(key, str) else 1 for key in one)
            elif isinstance(one, list | tuple):
                # Before its items are gathered: there may be very many.
                if weight + len(inner) + len(one) > most:
                    return most + 1
                inner.extend(one)
            elif isinstance(one, int) and one.bit_length() > MAX_BITS:
                raise TooMuch("a number is too large")
            if weight > most:
                return most + 1
        if not inner:
            return weight
        layer = inner
    raise TooMuch(f"a value is nested more than {MAX_DEPTH} deep")


class Account:
    """What one expression, or all of one field, may still cost."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def charge(self, *values: Any) -> int:
        """Pay for an operation on these values, before it is done.

        Returns:
            What they weigh together.

        Raises:
            TooMuch: the expression has cost too much.
        """
        weight = 0
        for value in values:
            weight += weigh(value, self._left)
        self._left -= weight
        if self._left < 0:
            raise TooMuch(f"more than {MAX_STEPS:,} characters and items are handled")
        return weight

    def charge_for_result(self, *values: Any) -> None:
        """Pay for an operation whose result is as large as all that it takes.

        Raises:
            TooMuch: as :meth:`charge`, or the result would be too large.
        """
        if self.charge(*values) > MAX_WEIGHT:
            raise too_heavy()


def check_product(a: Any, b: Any) -> None:
    """Refuse ``a * b`` when it would be too large.

    Raises:
        TooMuch: it would be.
    """
    for many, times in ((a, b), (b, a)):
        if isinstance(many, str | list | tuple) and isinstance(times, int) and times > 0:
            weight = len(many) if isinstance(many, str) else weigh(many, MAX_WEIGHT)
            if weight * times > MAX_WEIGHT:
                raise too_heavy()
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > MAX_BITS:
        raise TooMuch("the number is too large")


def check_digits(digits: Any) -> None:
    """Refuse a rounding that computes a power of ten without bounds.

    Raises:
        TooMuch: the places are more than a floating-point number has.
    """
    most = math.floor(math.log10(1.7e308))
    if isinstance(digits, int) and abs(digits) > most:
        raise TooMuch(f"a number is rounded to {most} places at most, before or behind the point")
