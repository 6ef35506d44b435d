"""What a transaction costs, as CSMS and charger tell each other."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact, put
from ocpplab_runner.vocabulary.numbers import is_integer, is_number
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES, structure
from ocpplab_runner.vocabulary.versions import OcppVersion

_OF_MESSAGE = {"RunningCost": "running", "FinalCost": "total"}


class TariffAndCostV16(Block):
    """``cost``, told by DataTransfer."""

    versions = V16

    @shown_by_answer("DataTransfer", by_csms=True)
    def told(self, request: Any, answer: Any) -> list[Fact]:
        """RunningCost and FinalCost of the application note on pricing requirements."""
        kind = _OF_MESSAGE.get(request.get("messageId"))
        if request["vendorId"] != COST_MESSAGES or kind is None or answer["status"] != "Accepted":
            return NO_FACTS
        data = structure(request.get("data"))
        if data is None or not is_number(data["cost"]) or not is_integer(data["transactionId"]):
            return NO_FACTS
        return [_cost(kind, data["cost"], data["transactionId"], "csms")]


class TariffAndCost(Block):
    """``cost``; an event of a transaction that is none, or one that comes again, tells of none."""

    versions = V2

    @shown_by_answer("CostUpdated", by_csms=True)
    def updated(self, request: Any, _: Any) -> list[Fact]:
        """CostUpdatedRequest (I02)."""
        return [_cost("running", request["totalCost"], request["transactionId"], "csms")]

    @shown_by("TransactionEvent", "cost", versions=frozenset({OcppVersion.V21}))
    def counted(self, payload: Any) -> list[Fact]:
        """CostDetailsType of a charger that counts (I12)."""
        details = payload.get("costDetails")
        # failureToCalculate: what stands there is no cost (2.1, CostDetailsType).
        if details is None or details.get("failureToCalculate") or self.traffic.nothing_new:
            return NO_FACTS
        total = details["totalCost"]["total"]
        amount = total.get("inclTax", total.get("exclTax"))
        currency = details["totalCost"]["currency"]
        return [_cost(_kind(payload), amount, payload["transactionInfo"]["transactionId"], "charger", currency)]

    @shown_by_answer("TransactionEvent")
    def answered(self, request: Any, answer: Any) -> list[Fact]:
        """TransactionEventResponse.totalCost (I02, I03)."""
        if "totalCost" not in answer or self.traffic.nothing_new:
            return NO_FACTS
        return [_cost(_kind(request), answer["totalCost"], request["transactionInfo"]["transactionId"], "csms")]


def _kind(event: Any) -> str:
    return "total" if event["eventType"] == "Ended" else "running"


def _cost(kind: str, amount: Any, transaction_id: Any, by: str, currency: Any = None) -> Fact:
    fields = {"is": kind}
    put(fields, "amount", amount)
    fields |= {"transaction_id": transaction_id, "by": by}
    put(fields, "currency", currency)
    return "cost", fields


TARIFF_AND_COST = (TariffAndCostV16, TariffAndCost)
