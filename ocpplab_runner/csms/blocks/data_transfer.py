"""Vendor-specific messages: OCPP 1.6 sections 4.3 and 5.6, P of OCPP 2.x."""

from __future__ import annotations

import json

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.ocppj.frames import Call


class DataTransfer(Block):
    """Sends them, and knows no vendor itself."""

    versions = V16 | V2

    @answers("DataTransfer")
    def data_transfer(self, _: Call) -> Payload:
        """P02."""
        return {"status": "UnknownVendorId"}

    @operation("data_transfer", V16)
    def send_text(self, order: Order) -> Request:
        """DataTransfer.req, whose data is text."""
        data = order.fields.get("data")
        return self._request(order, json.dumps(data, separators=(",", ":")) if _structured(data) else data)

    @operation("data_transfer", V2)
    def send(self, order: Order) -> Request:
        """P01."""
        return self._request(order, order.fields.get("data"))

    def _request(self, order: Order, data: object) -> Request:
        fields = order.fields
        return "DataTransfer", given(vendorId=fields["vendor_id"], messageId=fields.get("message_id"), data=data)


def _structured(data: object) -> bool:
    return data is not None and not isinstance(data, str)


DATA_TRANSFER = (DataTransfer,)
