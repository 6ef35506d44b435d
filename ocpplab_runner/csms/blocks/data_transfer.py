"""Vendor-specific messages: OCPP 1.6 sections 4.3 and 5.6, P of OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.vendors import on_the_wire, structure
from ocpplab_runner.vocabulary.versions import OcppVersion


class DataTransfer(Block):
    """Sends them, and answers those of vendors whom ``given.csms.vendors`` names, or another block knows."""

    versions = V16 | V2

    @answers("DataTransfer")
    def data_transfer(self, call: Call) -> Payload:
        """P02."""
        vendors = self.station.shared.config.vendors
        # What a scenario says of a vendor goes before what a block knows of it.
        if call.payload["vendorId"] not in vendors.known:
            answer = self.station.vendor_message(call, structure(call.payload.get("data")))
            if answer is not None:
                return answer
        return vendors.answer(call.payload, self._version)

    @operation("data_transfer")
    def send(self, order: Order) -> Request:
        """P01; in 1.6 data is text."""
        fields, data = order.fields, on_the_wire(order.fields.get("data"), self._version)
        return "DataTransfer", given(vendorId=fields["vendor_id"], messageId=fields.get("message_id"), data=data)

    @property
    def _version(self) -> OcppVersion:
        assert self.station.version is not None
        return self.station.version


DATA_TRANSFER = (DataTransfer,)
