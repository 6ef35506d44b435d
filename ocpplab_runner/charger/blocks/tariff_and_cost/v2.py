"""Tariff and cost in OCPP 2.x, where the CSMS counts: I01 to I06."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.blocks.tariff_and_cost.block import TariffAndCost
from ocpplab_runner.charger.core.block import V2, Payload, answers, hears
from ocpplab_runner.charger.core.events import Authorized, CostTold, TransactionAnswered, TransactionOver
from ocpplab_runner.charger.core.model import Transaction
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult

CONTROLLER = "TariffCostCtrlr"
#: In which a simulated station counts unless somebody says otherwise.
_CURRENCY = "EUR"


class TariffAndCostV2(TariffAndCost):
    """The CSMS says what is shown; where it cannot, texts of the station's own do."""

    versions = V2

    def variables(self) -> Iterable[Variable]:
        """TariffCostCtrlr."""
        for instance in ("Tariff", "Cost"):
            yield of_2x(CONTROLLER, "Available", "boolean", "true", instance=instance, settable=False)
            yield of_2x(CONTROLLER, "Enabled", "boolean", "true", instance=instance, mutability="ReadWrite")
        yield of_2x(CONTROLLER, "Currency", "string", _CURRENCY, mutability="ReadWrite")
        for name in ("TariffFallbackMessage", "TotalCostFallbackMessage"):
            yield of_2x(CONTROLLER, name, "string", "", mutability="ReadWrite")

    def currency(self) -> str | None:
        """The configured one."""
        return self.context.variables.text(f"{CONTROLLER}.Currency") or None

    # -- what 2.1 does otherwise ------------------------------------------------------------------------------------

    @property
    def shows_tariffs(self) -> bool:
        """Whether drivers see them."""
        return self.context.variables.boolean(f"{CONTROLLER}.Enabled.Tariff")

    @property
    def shows_costs(self) -> bool:
        """Whether drivers see them."""
        return self.context.variables.boolean(f"{CONTROLLER}.Enabled.Cost")

    def text(self, event: Authorized) -> str:
        """What there is to show of a driver's tariff; of several languages the first."""
        messages = event.result.tariff_messages
        return messages[0].content if messages else self.fallback()

    def fallback(self) -> str:
        """What is shown where there is none."""
        return self.context.variables.text(f"{CONTROLLER}.TariffFallbackMessage")

    def knows_cost(self, transaction: Transaction) -> bool:
        """Whether the station counts a transaction itself, or has done so."""
        return False

    # -- what the CSMS says -----------------------------------------------------------------------------------------

    @answers("CostUpdated")
    def cost_updated(self, payload: Payload) -> HandlerResult:
        """I02; the answer has no room for a refusal."""
        transaction = self.context.ask(OPEN_TRANSACTIONS).find(payload["transactionId"])
        if transaction is None:
            self.context.note(f"CostUpdated is of {payload['transactionId']}, which does not run")
        else:
            self.context.events.tell(CostTold(transaction, payload["totalCost"]))
            if self.shows_costs:
                self.show_cost(transaction, payload["totalCost"], final=False)
        return {}

    @hears(Authorized)
    def authorized(self, event: Authorized) -> None:
        """I01, I04."""
        if self.shows_tariffs:
            self.show_tariff(event.evse.evse_id, event.token.id_token, self.text(event))

    @hears(TransactionAnswered)
    def answered(self, event: TransactionAnswered) -> None:
        """I02, I03, I06: costs so far and in all, and a tariff that has changed."""
        transaction = event.message.transaction
        text, total = event.payload.get("updatedPersonalMessage"), event.payload.get("totalCost")
        if text is not None and self.shows_tariffs:
            self.show_tariff(transaction.evse_id, transaction.token, text["content"])
        if total is not None and self.shows_costs and not self.knows_cost(transaction):
            self.show_cost(transaction, total, final=event.message.kind == "stop")

    @hears(TransactionOver)
    def over(self, event: TransactionOver) -> None:
        """I05: nobody says what a transaction costs that ends without a connection."""
        if not self.context.online and self.shows_costs and not self.knows_cost(event.transaction):
            self.show_no_cost(event.transaction, self.context.variables.text(f"{CONTROLLER}.TotalCostFallbackMessage"))
