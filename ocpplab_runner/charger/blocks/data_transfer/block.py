"""Vendor-specific messages: OCPP 1.6 section 5.6, 2.x P01."""

from __future__ import annotations

from ocpplab_runner.charger.core.block import V2, V16, Block, Payload, answers
from ocpplab_runner.ocppj.records import HandlerResult


class DataTransfer(Block):
    """Answers as ``given.charger.vendors`` says, and refuses all others in the way that is meant for it."""

    versions = V16 | V2

    @answers("DataTransfer")
    def data_transfer(self, payload: Payload) -> HandlerResult:
        """DataTransfer (P01.FR.06)."""
        return self.context.config.vendors.answer(payload, self.context.version)
