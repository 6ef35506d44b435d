"""What a payment terminal tells the CSMS: VatNumberValidation and NotifySettlement of OCPP 2.1 (C18, C21, C22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Outgoing, Refused
from ocpplab_runner.clock import timestamp


class Settlements:
    """Settlements on their way; what is settled without a connection is told afterwards.

    Args:
        context: the station.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._unsent: list[Outgoing] = []

    def validate(
        self, number: str, evse_id: int | None, then: Callable[[Mapping[str, Any]], None] | None = None
    ) -> None:
        """Ask the CSMS whether a tax number is one; ``then`` gets its answer.

        Raises:
            Refused: there is no connection.
        """
        payload: dict[str, Any] = {"vatNumber": number}
        if evse_id is not None:
            payload["evseId"] = self._context.equipment.evse(evse_id).evse_id
        if not self._context.online:
            raise Refused("there is no connection to ask over")
        self._context.post(Outgoing("VatNumberValidation", payload), then)

    def settle(self, payload: Mapping[str, Any]) -> None:
        """Tell the CSMS how a payment has been settled, now."""
        told = {**payload, "settlementTime": timestamp(self._context.time.now())}
        self._unsent.append(Outgoing("NotifySettlement", told))
        self.send()

    def send(self) -> None:
        """Tell what has not been told."""
        while self._unsent and self._context.online:
            self._context.post(self._unsent.pop(0), self._receipt)

    def out(self) -> list[dict[str, Any]]:
        """What has not been told, as JSON data."""
        return [dict(one.payload) for one in self._unsent]

    def recall(self, told: list[Mapping[str, Any]]) -> None:
        """The opposite of :meth:`out`."""
        self._unsent = [Outgoing("NotifySettlement", one) for one in told]

    def _receipt(self, payload: Mapping[str, Any]) -> None:
        """Where the CSMS has a receipt, the driver sees where it is (C21.FR.03)."""
        if "receiptUrl" in payload:
            self.show_receipt(payload["receiptUrl"])

    def show_receipt(self, url: str) -> None:
        """The driver sees where the receipt is."""
        self._context.fact("price_display", {"is": "receipt", "text": url})
