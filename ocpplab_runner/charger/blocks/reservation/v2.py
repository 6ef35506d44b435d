"""Reservations in OCPP 2.x: use cases H01 to H04."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.blocks.reservation.block import EndedByItself, ReservationBlock
from ocpplab_runner.charger.core.block import V2, Payload, answers
from ocpplab_runner.charger.core.datatypes_v2 import rejected, token_of
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply


class ReservationV2(ReservationBlock):
    """The CSMS is told of a reservation that ends by itself."""

    versions = V2
    sends = frozenset({"ReservationStatusUpdate"})

    def variables(self) -> Iterable[Variable]:
        """ReservationCtrlr."""
        there = "Reservation" in self.context.config.features
        return (
            of_2x("ReservationCtrlr", "Available", "boolean", lambda: str(there).lower()),
            of_2x("ReservationCtrlr", "Enabled", "boolean", "true", mutability="ReadWrite", feature="Reservation"),
            of_2x("ReservationCtrlr", "NonEvseSpecific", "boolean", "true", feature="Reservation"),
        )

    @answers("ReserveNow", feature="Reservation")
    def reserve_now(self, payload: Payload) -> HandlerResult:
        """H01."""
        if not self.context.variables.boolean("ReservationCtrlr.Enabled"):  # H01.FR.01
            return rejected("NotEnabled")
        evse = None
        if "evseId" in payload:
            evse = self.context.equipment.find(payload["evseId"])
            if evse is None:
                return rejected("UnknownEvse")
        elif not self.context.variables.boolean("ReservationCtrlr.NonEvseSpecific"):  # H01.FR.19
            return rejected("UnsupportedRequest", "this station reserves a named EVSE only")
        group = payload.get("groupIdToken")
        status, change = self.reserve(
            evse,
            payload["id"],
            token_of(payload["idToken"]),
            moment(payload["expiryDateTime"]),
            None if group is None else token_of(group),
            payload.get("connectorType"),
        )
        return Reply({"status": status}, then=change)

    @answers("CancelReservation", feature="Reservation")
    def cancel_reservation(self, payload: Payload) -> HandlerResult:
        """H02."""
        reservation_id = payload["reservationId"]
        if not self.exists(reservation_id):
            return rejected("UnknownReservation")
        return Reply({"status": "Accepted"}, then=lambda: self.cancel(reservation_id))

    def tell_ended(self, reservation_id: int, how: EndedByItself) -> None:
        """H04."""
        payload = {"reservationId": reservation_id, "reservationUpdateStatus": how}
        self.context.post(Outgoing("ReservationStatusUpdate", payload))
