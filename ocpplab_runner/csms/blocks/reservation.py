"""Reservations: OCPP 1.6 sections 5.1 and 5.13, H of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.core.block import V2, V16, Block, answers, hears, operation, sent
from ocpplab_runner.csms.core.datatypes_v2 import group, id_token
from ocpplab_runner.csms.core.events import TransactionBegun
from ocpplab_runner.csms.core.operations import NothingToOperateOn, Order, Payload, Request, given
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.durations import seconds_of

#: Seconds a reservation lasts unless said.
DEFAULT_RESERVATION = 3600.0


@dataclass(slots=True)
class Reservations:
    """The ids of the reservations that a station was asked to make.

    Attributes:
        known: all of them.
        kept: those that it was not asked to cancel, the latest last.
    """

    known: set[int] = field(default_factory=set)
    kept: list[int] = field(default_factory=list)


class ReservationBlock(Block):
    """Counts reservations, and minds those that were never made."""

    violations: ClassVar = {
        "unknown-reservation-id": ViolationRule(
            "used a reservation that the CSMS has not made",
            "1.6 StartTransaction.req.reservationId, 2.0.1 TransactionEventRequest.reservationId",
        )
    }

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._made = station.memory(Reservations)

    @sent("ReserveNow")
    def reserved(self, payload: Mapping[str, Any]) -> None:
        """It has been asked to make one."""
        # Its id is `reservationId` in 1.6, and `id` in 2.x.
        reservation = payload.get("reservationId", payload.get("id"))
        if isinstance(reservation, int):
            self._made.known.add(reservation)
            self._made.kept.append(reservation)

    @sent("CancelReservation")
    def cancelled(self, payload: Mapping[str, Any]) -> None:
        """It has been asked to cancel one."""
        self._made.kept = [other for other in self._made.kept if other != payload.get("reservationId")]

    @hears(TransactionBegun)
    def used(self, begun: TransactionBegun) -> None:
        """A transaction may use only what was made, by this CSMS where there was no other."""
        wanted = begun.reservation_id
        if self.station.shared.first_csms and wanted is not None and wanted not in self._made.known:
            self.station.report(begun.call, "unknown-reservation-id", f"there is no reservation {wanted}")

    @operation("cancel_reservation")
    def cancel_reservation(self, order: Order) -> Request:
        """CancelReservation: the latest unless one is named."""
        wanted = order.fields.get("reservation_id", self._made.kept[-1] if self._made.kept else None)
        if wanted is None:
            raise NothingToOperateOn("nothing has been reserved; name a reservation with `reservation_id`")
        return "CancelReservation", {"reservationId": wanted}

    def number(self, order: Order) -> int:
        """The id of a new reservation: counted unless said."""
        wanted: int = order.fields.get("reservation_id", max(self._made.known, default=0) + 1)
        return wanted


def _end(order: Order) -> str:
    """When a reservation that is made now ends."""
    seconds = seconds_of(order.fields.get("expires_in", DEFAULT_RESERVATION))
    return timestamp(order.now + timedelta(seconds=seconds))


class ReservationV16(ReservationBlock):
    """Connector 0 leaves the choice to the station."""

    versions = V16

    @operation("reserve_now")
    def reserve_now(self, order: Order) -> Request:
        """ReserveNow.req."""
        return "ReserveNow", given(
            connectorId=order.fields.get("evse_id", 0),
            expiryDate=_end(order),
            idTag=order.fields["id_tag"],
            parentIdTag=order.fields.get("parent_id_token"),
            reservationId=self.number(order),
        )


class ReservationV2(ReservationBlock):
    """H01 to H04."""

    versions = V2

    @operation("reserve_now")
    def reserve_now(self, order: Order) -> Request:
        """H01."""
        return "ReserveNow", given(
            id=self.number(order),
            expiryDateTime=_end(order),
            idToken=id_token(order.fields["id_tag"]),
            evseId=order.fields.get("evse_id"),
            groupIdToken=group(order.fields.get("parent_id_token")),
        )

    @answers("ReservationStatusUpdate")
    def ended(self, _: Call) -> Payload:
        """H04."""
        return {}


RESERVATION = (ReservationV16, ReservationV2)
