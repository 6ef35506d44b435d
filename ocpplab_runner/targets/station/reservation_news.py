"""What OCPP tells of the reservations of a station that nobody looks into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Doubt

FACT = "reservation"
#: 2.x ReservationUpdateStatusEnumType in the words of the fact.
_TOLD = {"Expired": "Expired", "Removed": "Removed"}
_ASKED = {"ReserveNow": "Placed", "CancelReservation": "Cancelled"}
#: A station may end a reservation, or let a card use it up, without a message.
UNTOLD = Doubt(FACT, {}, "of a reservation only what OCPP has a message for is seen here")


class ReservationNews:
    """Reads the frames of one station in one case.

    Placed and Cancelled are answers of the station's. Used is a transaction's ``reservationId``, "the reservation that
    terminates as a result of this transaction" (OCPP 1.6 section 6.45, 2.0.1 TransactionEventRequest). Expired and
    Removed are what ReservationStatusUpdate says; 1.6 has no such message.
    """

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, Any]] = {}
        self._used: set[Any] = set()

    def read(self, observation: Observation) -> Mapping[str, Any] | None:
        """The fields of the fact that a frame shows; None for most."""
        fields = observation.fields
        payload = fields.get("payload")
        if observation.kind != "frame" or not isinstance(payload, Mapping) or fields.get("invalid"):
            return None
        to_csms, kind = fields.get("direction") == "to_csms", fields.get("type")
        if kind == "result" and to_csms:
            asked = self._asked.pop(str(fields.get("message_id")), None)
            return asked if payload.get("status") == "Accepted" else None
        if kind == "call" and to_csms:
            return self._said(observation.name, payload)
        if kind == "call" and observation.name in _ASKED:
            told = {"is": _ASKED[observation.name], **_which(payload)}
            self._asked[str(fields.get("message_id"))] = told
            if told["is"] == "Placed":
                self._used.discard(told.get("reservation_id"))
        return None

    def _said(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if action == "ReservationStatusUpdate":
            status = _TOLD.get(str(payload.get("reservationUpdateStatus")))
            return None if status is None else {"is": status, **_which(payload)}
        number = payload.get("reservationId")
        if action not in ("StartTransaction", "TransactionEvent") or number is None or number in self._used:
            return None
        self._used.add(number)
        return {"is": "Used", **_which(payload)}


def _which(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The reservation, and its EVSE: none, and in 1.6 connector 0, is for any."""
    found: dict[str, Any] = {"reservation_id": payload.get("reservationId", payload.get("id"))}
    evse = payload.get("evse")
    place = payload.get("connectorId", payload.get("evseId", evse.get("id") if isinstance(evse, Mapping) else None))
    return {**found, "evse_id": place} if place else found
