"""What a payment terminal tells the CSMS: VatNumberValidation and NotifySettlement of OCPP 2.1 (C18, C21, C22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.kept_messages import KeptMessages
from ocpplab_runner.charger.core.model import Outgoing, Refused
from ocpplab_runner.clock import timestamp


class Settlements:
    """Settlements on their way; what the CSMS has not taken, for want of a connection, is told afterwards.

    Args:
        context: the station.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._messages = KeptMessages(context, "NotifySettlement", self._receipt)

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
        # The time is that of the settlement, however late the CSMS hears of it.
        self._messages.put({**payload, "settlementTime": timestamp(self._context.time.now())})

    def send(self) -> None:
        """Tell what has not been told."""
        self._messages.flush()

    def disconnected(self) -> None:
        """What was not answered goes again after the next connection."""
        self._messages.disconnected()

    def stop(self) -> None:
        """Tell nothing more by itself."""
        self._messages.stop()

    def out(self) -> list[dict[str, Any]]:
        """What the CSMS has not taken, as JSON data."""
        return [dict(one) for one in self._messages.waiting]

    def recall(self, told: list[Mapping[str, Any]]) -> None:
        """The opposite of :meth:`out`."""
        self._messages.waiting = list(told)

    def _receipt(self, payload: Mapping[str, Any]) -> None:
        """Where the CSMS has a receipt, the driver sees where it is (C21.FR.03)."""
        if "receiptUrl" in payload:
            self.show_receipt(payload["receiptUrl"])

    def show_receipt(self, url: str) -> None:
        """The driver sees where the receipt is."""
        self._context.fact("price_display", {"is": "receipt", "text": url})
