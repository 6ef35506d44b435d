"""Vendor-specific messages: OCPP 1.6 section 5.6, 2.x P01."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.core.block import V2, V16, Block, Payload, answers
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult

_SWITCH = "CustomizationCtrlr.CustomImplementationEnabled"


class DataTransfer(Block):
    """Answers as ``given.charger.vendors`` says, and refuses all others in the way that is meant for it."""

    versions = V16 | V2

    @answers("DataTransfer")
    def data_transfer(self, payload: Payload) -> HandlerResult:
        """DataTransfer (P01.FR.06)."""
        name = f"{_SWITCH}.{payload['vendorId']}"
        if self.context.variables.has(name) and not self.context.variables.boolean(name):
            return {"status": "UnknownVendorId"}
        return self.context.config.vendors.answer(payload, self.context.version)

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
