"""CostDetailsType of OCPP 2.1 of what was counted (I12). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.tariffs.cost import Cost, Period
from ocpplab_runner.tariffs.exact import rounded
from ocpplab_runner.tariffs.taxes import Amount, TaxRate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Field of TariffType → that of TotalCostType.
_PARTS = {"fixedFee": "fixed"}


def cost_details(cost: Cost, *, periods: bool) -> dict[str, Any]:
    """What is sent of it; a running cost goes without its periods (I12.FR.02)."""
    details: dict[str, Any] = {
        "totalCost": {
            "currency": cost.currency,
            "typeOfCost": cost.kind,
            **{_PARTS.get(name, name): _part(*part) for name, part in cost.parts.items()},
            "total": _amount(cost.total),
        },
        "totalUsage": {
            "energy": rounded(cost.energy_wh),
            # Whole seconds: TotalUsageType has integers for times, and numbers for energy.
            "chargingTime": round(cost.charging_s),
            "idleTime": round(cost.idle_s),
        },
    }
    if cost.reserved_s is not None:
        details["totalUsage"]["reservationTime"] = round(cost.reserved_s)
    if periods:
        details["chargingPeriods"] = [_period(one) for one in cost.periods]
    return details


def _part(amount: Amount, rates: tuple[TaxRate, ...]) -> dict[str, Any]:
    wire: dict[str, Any] = _amount(amount)
    if rates:
        wire["taxRates"] = [{"type": one.type, "tax": rounded(one.percent), "stack": one.stack} for one in rates]
    return wire


def _amount(amount: Amount) -> dict[str, Any]:
    return {"exclTax": rounded(amount.excl), "inclTax": rounded(amount.incl)}


def _period(period: Period) -> dict[str, Any]:
    return {
        "startPeriod": timestamp(_EPOCH + timedelta(microseconds=round(period.start * 1_000_000))),
        "tariffId": period.tariff.tariff_id,
        "dimensions": [{"type": name, "volume": volume} for name, volume in _dimensions(period)],
    }


def _dimensions(period: Period) -> Iterator[tuple[str, float]]:
    """Energy in Wh, times in seconds, and power in W; the 2.1 schema does write IdleTIme."""
    yield "Energy", rounded(period.energy_wh)
    if period.charging_s:
        yield "ChargingTime", rounded(period.charging_s)
    if period.idle_s:
        yield "IdleTIme", rounded(period.idle_s)
    if any(measure == "power_w" for measure, _, _ in _bounds(period)) and period.powers_w:
        yield "MinPower", rounded(min(period.powers_w))
        yield "MaxPower", rounded(max(period.powers_w))


def _bounds(period: Period) -> Iterator[tuple[str, str, Fraction]]:
    for element in period.tariff.elements.values():
        for price in element.prices:
            yield from price.when.bounds
