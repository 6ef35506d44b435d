"""Payments at the station: VatNumberValidation and NotifySettlement of OCPP 2.1 (C18 to C22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Outgoing, Refused
from ocpplab_runner.clock import timestamp

_FIELDS = {
    "psp_ref": "pspRef",
    "amount": "settlementAmount",
    "status": "status",
    "transaction_id": "transactionId",
    "vat_number": "vatNumber",
    "receipt_id": "receiptId",
    "receipt_url": "receiptUrl",
}


class PaymentTerminal:
    """The terminal of a station; what it settles without a connection is told afterwards.

    Args:
        context: the station.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._unsent: list[Outgoing] = []

    def validate_vat_number(self, number: str, evse_id: int | None) -> None:
        """Ask the CSMS whether a tax number is one."""
        payload: dict[str, Any] = {"vatNumber": number}
        if evse_id is not None:
            payload["evseId"] = self._context.equipment.evse(evse_id).evse_id
        if not self._context.online:
            raise Refused("there is no connection to ask over")
        self._context.post(Outgoing("VatNumberValidation", payload))

    def settle(self, fields: Mapping[str, Any]) -> None:
        """Tell the CSMS how a payment has been settled."""
        payload: dict[str, Any] = {
            name: fields[field] for field, name in _FIELDS.items() if fields.get(field) is not None
        }
        payload.setdefault("status", "Settled")
        payload["settlementTime"] = timestamp(self._context.time.now())
        self._unsent.append(Outgoing("NotifySettlement", payload))
        self.send()

    def send(self) -> None:
        """Tell what has not been told."""
        while self._unsent and self._context.online:
            self._context.post(self._unsent.pop(0), self._receipt)

    def _receipt(self, payload: Mapping[str, Any]) -> None:
        """Where the CSMS has a receipt, the driver sees where it is (C22)."""
        if "receiptUrl" in payload:
            self._context.fact("price_display", {"is": "receipt", "text": payload["receiptUrl"]})
