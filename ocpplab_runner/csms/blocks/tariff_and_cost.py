"""Tariff and cost: I of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.csms.core.block import V2, Block, operation
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import transaction_meant
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.csms.core.tariffs import tariff_type
from ocpplab_runner.vocabulary.versions import OcppVersion

_ONLY_2_1 = frozenset({OcppVersion.V21})


@dataclass(slots=True)
class TariffNumbers:
    """How many tariffs without an id of their own a station was sent."""

    given: int = 0


class TariffAndCost(Block):
    """Tells a station what its transactions cost, or by which tariffs it shall count."""

    versions = V2

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._numbers = station.memory(TariffNumbers)

    @operation("update_cost")
    def update_cost(self, order: Order) -> Request:
        """I02."""
        transaction_id = transaction_meant(self.station, order)
        return "CostUpdated", {"totalCost": order.fields["total"], "transactionId": str(transaction_id)}

    @operation("set_default_tariff", versions=_ONLY_2_1)
    def set_default_tariff(self, order: Order) -> Request:
        """I07; for every EVSE unless one is named."""
        tariff = self._tariff(order.fields["tariff"])
        return "SetDefaultTariff", {"evseId": order.fields.get("evse_id", 0), "tariff": tariff}

    @operation("get_tariffs", versions=_ONLY_2_1)
    def get_tariffs(self, order: Order) -> Request:
        """I09; of every EVSE unless one is named."""
        return "GetTariffs", {"evseId": order.fields.get("evse_id", 0)}

    @operation("clear_tariffs", versions=_ONLY_2_1)
    def clear_tariffs(self, order: Order) -> Request:
        """I10; all of them unless something is named."""
        return "ClearTariffs", given(tariffIds=order.fields.get("tariff_ids"), evseId=order.fields.get("evse_id"))

    @operation("change_transaction_tariff", versions=_ONLY_2_1)
    def change_transaction_tariff(self, order: Order) -> Request:
        """I11."""
        transaction_id = transaction_meant(self.station, order)
        return "ChangeTransactionTariff", {
            "tariff": self._tariff(order.fields["tariff"]),
            "transactionId": str(transaction_id),
        }

    def _tariff(self, written: Mapping[str, Any]) -> Payload:
        self._numbers.given += 1
        return tariff_type(written, f"TARIFF-{self._numbers.given}")


TARIFF_AND_COST = (TariffAndCost,)
