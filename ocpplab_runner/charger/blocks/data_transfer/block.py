"""Vendor-specific messages: OCPP 1.6 section 5.6, 2.x P01."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.core.block import V2, V16, Block, Payload, answers
from ocpplab_runner.charger.core.services.station import VENDOR_MESSAGES
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.vocabulary.vendors import structure

_SWITCH = "CustomizationCtrlr.CustomImplementationEnabled"


class DataTransfer(Block):
    """Answers as ``given.charger.vendors`` says, then as other blocks do; refuses the rest as it is meant for it."""

    versions = V16 | V2

    @answers("DataTransfer")
    def data_transfer(self, payload: Payload) -> HandlerResult:
        """DataTransfer (P01.FR.06)."""
        vendor_id, vendors = payload["vendorId"], self.context.config.vendors
        name = f"{_SWITCH}.{vendor_id}"
        if self.context.variables.has(name) and not self.context.variables.boolean(name):
            return {"status": "UnknownVendorId"}
        built_in = self.context.ask(VENDOR_MESSAGES)
        if vendor_id in vendors.known or all(vendor != vendor_id for vendor, _ in built_in):
            return vendors.answer(payload, self.context.version)
        handler = built_in.get((vendor_id, payload.get("messageId", "")))
        if handler is None:
            return {"status": "UnknownMessageId"}
        data = structure(payload.get("data", {}))
        if data is None:
            self.context.note(f"the data of {payload['messageId']} is no JSON object")
            return {"status": "Rejected"}
        return handler(data)

    def variables(self) -> Iterable[Variable]:
        """CustomizationCtrlr of 2.x: whether the agreements with a vendor hold."""
        if self.context.version in V2:
            for vendor in self.context.config.vendors.known:
                yield of_2x(
                    "CustomizationCtrlr",
                    "CustomImplementationEnabled",
                    "boolean",
                    "true",
                    instance=vendor,
                    mutability="ReadWrite",
                )
