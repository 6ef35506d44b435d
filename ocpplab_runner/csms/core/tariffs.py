"""TariffTypes of OCPP 2.1 from what scenarios write, which may be shorter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.names import payload_names
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Fields that may be a bare price → what a price is called there.
_PRICES = {
    "energy": "priceKwh",
    "chargingTime": "priceMinute",
    "idleTime": "priceMinute",
    "fixedFee": "priceFixed",
    "reservationTime": "priceMinute",
    "reservationFixed": "priceFixed",
}
_BOUNDS = ("minCost", "maxCost")
DEFAULT_CURRENCY = "EUR"


def tariff_type(written: Mapping[str, Any], tariff_id: str) -> Payload:
    """A TariffType.

    Args:
        written: one, its fields also in snake_case. A number is a price without conditions, or an amount with taxes; a
            text is a description; ``tax`` is a percentage that is on every price.
        tariff_id: where it has none.
    """
    renamed = payload_names(OcppVersion.V21, "SetDefaultTariff", {"tariff": dict(written)}, "request")
    fields = dict(renamed["tariff"])
    tax = fields.pop("tax", None)
    for name, price in _PRICES.items():
        if is_number(fields.get(name)):
            fields[name] = {"prices": [{price: fields[name]}]}
        if tax is not None and isinstance(fields.get(name), Mapping):
            fields[name] = {**fields[name], "taxRates": [{"type": "VAT", "tax": tax}]}
    for name in _BOUNDS:
        if is_number(fields.get(name)):
            fields[name] = {
                "inclTax": fields[name],
                **({} if tax is None else {"taxRates": [{"type": "VAT", "tax": tax}]}),
            }
    if isinstance(fields.get("description"), str):
        fields["description"] = [{"format": "UTF8", "content": fields["description"]}]
    return {"tariffId": tariff_id, "currency": DEFAULT_CURRENCY, **fields}
