"""Reservations in OCPP 1.6: sections 5.1 (CancelReservation) and 5.13 (ReserveNow)."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.reservation.block import ReservationBlock
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult, Reply


class ReservationV16(ReservationBlock):
    """How a reservation ends shows only by the connector's status."""

    versions = V16

    def variables(self) -> Iterable[Variable]:
        """Section 9.3."""
        return (
            Variable(
                name="ReserveConnectorZeroSupported",
                type="boolean",
                default="true",
                key="ReserveConnectorZeroSupported",
                feature="Reservation",
            ),
        )

    @answers("ReserveNow", feature="Reservation")
    def reserve_now(self, payload: Payload) -> HandlerResult:
        """ReserveNow.req; connector 0 is any."""
        connector = payload["connectorId"]
        evse = self.context.equipment.find(connector)
        any_one = connector == 0 and self.context.variables.boolean("ReserveConnectorZeroSupported")
        if evse is None and not any_one:
            return {"status": "Rejected"}
        parent = payload.get("parentIdTag")
        answer, change = self.reserve(
            evse,
            payload["reservationId"],
            IdToken(payload["idTag"]),
            moment(payload["expiryDate"]),
            None if parent is None else IdToken(parent),
        )
        return Reply({"status": answer}, then=change)

    @answers("CancelReservation", feature="Reservation")
    def cancel_reservation(self, payload: Payload) -> HandlerResult:
        """CancelReservation.req."""
        reservation_id = payload["reservationId"]
        if not self.exists(reservation_id):
            return {"status": "Rejected"}
        return Reply({"status": "Accepted"}, then=lambda: self.cancel(reservation_id))
