"""Taxes on prices: TaxRateType and PriceType of OCPP 2.1 (I12). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ocpplab_runner.tariffs.exact import exact


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax in per cent; ``stack`` 0 is on the price alone, 1 on that with every tax of 0 on it, and so on."""

    type: str
    percent: Fraction
    stack: int


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount without and with its taxes; ``by_excl`` when only the one without was given."""

    excl: Fraction
    incl: Fraction
    by_excl: bool = False

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.excl + other.excl, self.incl + other.incl)


#: No money.
NOTHING = Amount(Fraction(0), Fraction(0))


def tax_rates(wire: Sequence[Mapping[str, Any]]) -> tuple[TaxRate, ...]:
    """TaxRateTypes."""
    return tuple(TaxRate(one["type"], exact(one["tax"]), one.get("stack", 0)) for one in wire)


def factor(rates: Sequence[TaxRate]) -> Fraction:
    """What a price is multiplied with for its taxes (I12.FR.13): those of one stack level add up."""
    whole = Fraction(1)
    for stack in sorted({rate.stack for rate in rates}):
        whole *= 1 + sum((rate.percent for rate in rates if rate.stack == stack), Fraction(0)) / 100
    return whole


def amount_of(wire: Mapping[str, Any]) -> Amount:
    """A PriceType; of the two amounts one may be missing.

    Raises:
        ValueError: both are.
    """
    taxes = factor(tax_rates(wire.get("taxRates", ())))
    excl, incl = (None if name not in wire else exact(wire[name]) for name in ("exclTax", "inclTax"))
    if excl is None:
        if incl is None:
            raise ValueError("an amount is with or without tax")
        return Amount(incl / taxes, incl)
    return Amount(excl, excl * taxes, by_excl=True) if incl is None else Amount(excl, incl)
