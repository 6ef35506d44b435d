"""A TariffType of OCPP 2.1: prices for energy, time and a start, each with the conditions under which it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from ocpplab_runner.tariffs.conditions import Conditions
from ocpplab_runner.tariffs.exact import exact
from ocpplab_runner.tariffs.taxes import Amount, TaxRate, amount_of, tax_rates

#: Fields that hold prices → what a price is called there.
_PRICED: Mapping[str, str] = {
    "energy": "priceKwh",
    "chargingTime": "priceMinute",
    "idleTime": "priceMinute",
    "fixedFee": "priceFixed",
    "reservationTime": "priceMinute",
    "reservationFixed": "priceFixed",
}


#: Prices, bounds and percentages beyond it are none, and would end beyond all numbers of JSON.
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Price:
    """A price without tax: for a kWh, for a minute, or once; and when it holds."""

    price: Fraction
    when: Conditions


@dataclass(frozen=True, slots=True)
class Element:
    """What one thing costs: of its prices the first holds whose conditions are met."""

    prices: tuple[Price, ...]
    taxes: tuple[TaxRate, ...]


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff.

    Attributes:
        tariff_id, currency: as it calls itself, and counts.
        elements: by the field of TariffType: what energy (for a kWh), chargingTime and idleTime (for a minute),
            fixedFee, reservationTime and reservationFixed cost.
        min_cost, max_cost: what a transaction costs at least, and at most.
        description: what a driver is shown of it.
        valid_from: when it begins; None for at once.
        wire: as it was written.
    """

    tariff_id: str
    currency: str
    elements: Mapping[str, Element]
    min_cost: Amount | None
    max_cost: Amount | None
    description: tuple[str, ...]
    valid_from: datetime | None
    wire: Mapping[str, Any]

    @property
    def conditional(self) -> bool:
        """Whether any of its prices has conditions."""
        return any(price.when.wire for element in self.elements.values() for price in element.prices)

    @property
    def most_prices(self) -> int:
        """How many prices its longest element has."""
        return max((len(element.prices) for element in self.elements.values()), default=0)


def tariff_of(wire: Mapping[str, Any]) -> Tariff:
    """A TariffType that fits its schema.

    Raises:
        ValueError: a time, a date or an amount in it is none.
    """
    begins = wire.get("validFrom")
    tariff = Tariff(
        tariff_id=wire["tariffId"],
        currency=wire["currency"],
        elements=dict(_elements(wire)),
        min_cost=_bound(wire.get("minCost")),
        max_cost=_bound(wire.get("maxCost")),
        description=tuple(text["content"] for text in wire.get("description", ())),
        valid_from=None if begins is None else datetime.fromisoformat(begins),
        wire=wire,
    )
    if any(abs(amount) > _MOST for amount in _amounts(tariff)):
        raise ValueError(f"an amount in it is beyond {_MOST:g}")
    return tariff


def _amounts(tariff: Tariff) -> Iterator[Fraction]:
    for element in tariff.elements.values():
        yield from (price.price for price in element.prices)
        yield from (rate.percent for rate in element.taxes)
    for bound in (tariff.min_cost, tariff.max_cost):
        if bound is not None:
            yield from (bound.excl, bound.incl)


def _elements(wire: Mapping[str, Any]) -> Iterator[tuple[str, Element]]:
    for name, price in _PRICED.items():
        if name in wire:
            prices = wire[name]["prices"]
            yield (
                name,
                Element(
                    tuple(Price(exact(one[price]), Conditions.of(one.get("conditions", {}))) for one in prices),
                    tax_rates(wire[name].get("taxRates", ())),
                ),
            )


def _bound(wire: Mapping[str, Any] | None) -> Amount | None:
    return None if wire is None else amount_of(wire)


def prices_of(tariff: Tariff) -> Sequence[Price]:
    """Every price of a tariff."""
    return [price for element in tariff.elements.values() for price in element.prices]
