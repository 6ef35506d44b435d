"""What charging costs, as the driver is shown it, whatever the version."""

from __future__ import annotations

from typing import Any, Literal

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.tariff_and_cost.ended import Charged
from ocpplab_runner.charger.core.block import Block
from ocpplab_runner.charger.core.model import Transaction

Shown = Literal["tariff", "running_cost", "total_cost"]


class TariffAndCost(Block):
    """Shows prices and costs at the EVSE that they are of."""

    # -- one version's words --------------------------------------------------------------------------------------

    def currency(self) -> str | None:
        """In which amounts are, as ISO 4217 has it; None where nobody has said."""
        raise NotImplementedError

    # -- the display ----------------------------------------------------------------------------------------------

    def show_tariff(self, evse_id: int, token: IdToken | None, text: str) -> None:
        """Show what charging will cost, if anything says it.

        Args:
            evse_id: where.
            token: whose tariff it is.
            text: empty where there is none.
        """
        if text:
            self._show("tariff", evse_id, token, text=text)

    def show_cost(
        self, transaction: Charged, amount: float, *, final: bool, currency: str | None = None, text: str = ""
    ) -> None:
        """Show what a transaction costs, taxes included, so far or in all; in the station's currency unless said."""
        kind: Shown = "total_cost" if final else "running_cost"
        currency = currency or self.currency()
        more = {} if currency is None else {"currency": currency}
        if text:
            more["text"] = text
        self._show(kind, transaction.evse_id, transaction.token, amount=amount, **more)

    def show_no_cost(self, transaction: Transaction, text: str) -> None:
        """Show a text, if there is one, since the cost of a transaction cannot be known."""
        if text:
            self._show("total_cost", transaction.evse_id, transaction.token, text=text)

    def _show(self, kind: Shown, evse_id: int, token: IdToken | None, **more: Any) -> None:
        fields: dict[str, Any] = {"is": kind, "evse_id": evse_id}
        if token is not None and token.value:
            fields["id_tag"] = token.value
        self.context.fact("price_display", {**fields, **more})
