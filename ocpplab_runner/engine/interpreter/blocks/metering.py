"""Meter values outside of what tells of a transaction."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by
from ocpplab_runner.engine.interpreter.core.facts import Fact
from ocpplab_runner.engine.interpreter.core.readings import meter


class MeteringV16(Block):
    """One ``meter`` for each meterValue element."""

    versions = V16

    @shown_by("MeterValues", "meter")
    def meter_values(self, payload: Any) -> list[Fact]:
        """MeterValues.req."""
        connector, transaction = payload["connectorId"], payload.get("transactionId")
        return [meter(element, connector, transaction) for element in payload["meterValue"]]


class MeteringV2(Block):
    """One ``meter`` for each meterValue element."""

    versions = V2

    @shown_by("MeterValues", "meter")
    def meter_values(self, payload: Any) -> list[Fact]:
        """MeterValuesRequest."""
        return [meter(element, payload["evseId"]) for element in payload["meterValue"]]


METERING = (MeteringV16, MeteringV2)
