"""Tariff and cost: I of OCPP 2.x, and in 1.6 the DataTransfers of its application note on pricing requirements."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.core.block import V2, V16, Block, answered, hears, operation, vendor
from ocpplab_runner.csms.core.events import TransactionMetered
from ocpplab_runner.csms.core.operations import (
    NothingToOperateOn,
    OperationNotAvailable,
    Order,
    Payload,
    Request,
    given,
)
from ocpplab_runner.csms.core.requests import transaction_meant
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.csms.core.tariffs import tariff_type
from ocpplab_runner.csms.core.transactions import TransactionRecord
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES, on_the_wire
from ocpplab_runner.vocabulary.versions import OcppVersion

_REGISTER = "Energy.Active.Import.Register"
_ONLY_2_1 = frozenset({OcppVersion.V21})


@dataclass(slots=True)
class TariffNumbers:
    """How many tariffs without an id of their own a station was sent."""

    given: int = 0


@dataclass(slots=True)
class Meters:
    """The latest register that a station has told of each transaction, in Wh."""

    known: dict[int | str, float] = field(default_factory=dict)


class TariffAndCostV16(Block):
    """Tells a station, and so its driver, what charging costs."""

    versions = V16

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._meters = station.memory(Meters)

    @operation("set_user_price")
    def set_user_price(self, order: Order) -> Request:
        """SetUserPrice."""
        return _message("SetUserPrice", idToken=order.fields["id_tag"], priceText=order.fields["text"])

    @operation("update_cost")
    def update_cost(self, order: Order) -> Request:
        """RunningCost."""
        transaction_id = transaction_meant(self.station, order)
        known = self._meters.known.get(transaction_id)
        fields: Payload = {
            "transactionId": transaction_id,
            "timestamp": timestamp(order.now),
            # As long as no register was told, that of the begin.
            "meterValue": self._meter_start(transaction_id) if known is None else known,
            "cost": order.fields["total"],
            "state": "Charging",
            "chargingPrice": {},
        }
        return _message("RunningCost", **{**fields, **order.fields.get("details", {})})

    @operation("final_cost")
    def final_cost(self, order: Order) -> Request:
        """FinalCost; of the transaction that has ended last unless one is named."""
        wanted = order.fields.get("transaction_id")
        if wanted is None:
            over = [one for one in self.station.shared.transactions if self._is_over(one)]
            if not over:
                raise NothingToOperateOn("no transaction of the station has ended; name one with `transaction_id`")
            wanted = over[-1].transaction_id
        fields = order.fields
        return _message(
            "FinalCost",
            transactionId=wanted,
            cost=fields["total"],
            priceText=fields.get("text", ""),
            qrCodeText=fields.get("qr_code"),
        )

    @vendor(COST_MESSAGES, "ConnectorUnplugged")
    def connector_unplugged(self, call: Call, data: Mapping[str, Any]) -> Payload:
        """The cable of a transaction that has ended is out."""
        number = data.get("transactionId")
        known = isinstance(number, int | str) and self.station.shared.transactions.find(self.station.identity, number)
        return {"status": "Accepted" if known else "Rejected"}

    @answered("Authorize")
    def authorized(self, call: Call, answer: Mapping[str, Any], programmed: bool) -> None:
        """Whoever may charge is told what that costs, where a scenario says it."""
        card = call.payload["idTag"]
        text = self.station.shared.config.tariff_texts.get(card.casefold())
        if text is not None and answer.get("idTagInfo", {}).get("status") == "Accepted":
            action, payload = _message("SetUserPrice", idToken=card, priceText=text)
            # Not before the answer is out: the price is for whoever has been accepted.
            asyncio.get_running_loop().call_soon(self.station.send, action, payload)

    @hears(TransactionMetered)
    def metered(self, metered: TransactionMetered) -> None:
        """What a cost is counted from."""
        for reading in metered.call.payload["meterValue"]:
            for value in reading["sampledValue"]:
                register = _register_wh(value)
                if register is not None:
                    self._meters.known[metered.transaction_id] = register

    def _meter_start(self, transaction_id: int | str) -> float:
        record = self.station.shared.transactions.find(self.station.identity, transaction_id)
        return 0.0 if record is None else float(record.started.get("meterStart", 0))

    def _is_over(self, record: TransactionRecord) -> bool:
        return record.station == self.station.identity and not record.running


class TariffAndCost(Block):
    """Tells a station what its transactions cost, or by which tariffs it shall count."""

    versions = V2

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._numbers = station.memory(TariffNumbers)

    @operation("update_cost")
    def update_cost(self, order: Order) -> Request:
        """I02."""
        if order.fields.get("details"):
            raise OperationNotAvailable("CostUpdated of OCPP 2.x has no further details")
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


def _register_wh(value: Mapping[str, Any]) -> float | None:
    """The whole register that a sampled value of 1.6 tells, in Wh; None for all else, and for no number."""
    if value.get("measurand", _REGISTER) != _REGISTER or "phase" in value or value.get("format") == "SignedData":
        return None
    try:
        register = float(value["value"]) * (1000 if value.get("unit") == "kWh" else 1)
    except ValueError:
        return None
    return register if isfinite(register) else None


def _message(message_id: str, **data: Any) -> Request:
    text = on_the_wire(given(**data), OcppVersion.V16)
    return "DataTransfer", {"vendorId": COST_MESSAGES, "messageId": message_id, "data": text}


TARIFF_AND_COST = (TariffAndCostV16, TariffAndCost)
