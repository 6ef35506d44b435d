"""Availability: OCPP 1.6 sections 4.9 and 5.2, G of OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation
from ocpplab_runner.csms.core.datatypes_v2 import evse
from ocpplab_runner.csms.core.datatypes_v16 import connector
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.ocppj.frames import Call


class AvailabilityBlock(Block):
    """Hears what the connectors are."""

    def reported(self, call: Call, evse_id: int, connector_id: int, status: str) -> Payload:
        """Take a connector's status over; EVSE 0 is the whole station."""
        self.station.check_evse(call, evse_id)
        if self.station.earlier is not None:
            self.station.earlier.reported(evse_id, connector_id, status)
        return {}


class AvailabilityV16(AvailabilityBlock):
    """Every EVSE has one connector."""

    versions = V16

    @answers("StatusNotification")
    def status_notification(self, call: Call) -> Payload:
        """StatusNotification.req."""
        return self.reported(call, call.payload["connectorId"], 1, call.payload["status"])

    @operation("change_availability")
    def change_availability(self, order: Order) -> Request:
        """ChangeAvailability.req; the whole station unless said."""
        return "ChangeAvailability", {"connectorId": connector(order, 0), "type": order.fields["status"]}


class AvailabilityV2(AvailabilityBlock):
    """An EVSE may have several."""

    versions = V2

    @answers("StatusNotification")
    def status_notification(self, call: Call) -> Payload:
        """G01."""
        payload = call.payload
        return self.reported(call, payload["evseId"], payload["connectorId"], payload["connectorStatus"])

    @operation("change_availability")
    def change_availability(self, order: Order) -> Request:
        """G03, G04; the whole station unless said."""
        return "ChangeAvailability", given(operationalStatus=order.fields["status"], evse=evse(order))


AVAILABILITY = (AvailabilityV16, AvailabilityV2)
