"""Numbers of JSON as they were written, and what was counted with them as numbers of JSON. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

#: Digits behind the point of amounts and volumes.
_DIGITS = 6


# Fractions, not decimals: prices of an hour and a minute divide by 3600 and 60, which no decimal writes out.
def exact(number: float) -> Fraction:
    """A number as it was written: 0.1 is a tenth."""
    return Fraction(Decimal(str(number)))


def rounded(value: Fraction) -> float:
    """A number to the millionth."""
    return float(round(value, _DIGITS))
