"""Meter values outside of what tells of a transaction: OCPP 1.6 section 4.7, J of OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import V2, V16, Block, answers
from ocpplab_runner.csms.core.events import TransactionMetered
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call


class Metering(Block):
    """Minds of whom they are."""

    versions = V16 | V2

    @answers("MeterValues", versions=V16)
    def meter_values_v16(self, call: Call) -> Payload:
        """MeterValues.req."""
        payload = call.payload
        self.station.check_evse(call, payload["connectorId"])
        if (transaction_id := payload.get("transactionId")) is not None:
            moment = payload["meterValue"][0]["timestamp"]
            self.station.tell(TransactionMetered(call, transaction_id, payload["connectorId"], moment))
        return {}

    @answers("MeterValues", versions=V2)
    def meter_values_v2(self, call: Call) -> Payload:
        """J01."""
        self.station.check_evse(call, call.payload["evseId"])
        return {}


METERING = (Metering,)
