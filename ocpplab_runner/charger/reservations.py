"""Reservations of EVSEs: OCPP 1.6 section 5.13, 2.0.1 H01 to H03."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.evse import Evse, Reservation
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

Effect = Callable[[], None]
ReserveStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
ReservationEnd = Literal["Expired", "Removed"]


class Reservations:
    """Keeps EVSEs for cards until they come, the time is over, or the EVSE cannot be used any more."""

    __slots__ = ("_station", "_timers")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()

    def reserve(
        self, evse: Evse, reservation_id: int, token: IdToken, expires: datetime, group: IdToken | None
    ) -> tuple[ReserveStatus, Effect | None]:
        """Reserve an EVSE; the same reservation id replaces the reservation that it had.

        Returns:
            The answer, and what to do after it has been given.
        """
        seconds = (expires - clock.utcnow()) / timedelta(seconds=1)
        if seconds <= 0:
            return "Rejected", None
        refusal = self._refusal(evse, reservation_id)
        if refusal is not None:
            return refusal, None

        def change() -> None:
            self.cancel(reservation_id)
            reservation = Reservation(reservation_id, token, group)
            evse.reservation = reservation
            self._timers.start(reservation_id, seconds, lambda: self._ended_by_itself(reservation_id, "Expired"))
            self._station.cards.reserve(evse, reservation)
            self._station.statuses.refresh(evse)

        return "Accepted", change

    def exists(self, reservation_id: int) -> bool:
        """Whether an EVSE has that reservation."""
        return self._holder(reservation_id) is not None

    def cancel(self, reservation_id: int) -> bool:
        """End a reservation; False when there is none of that id."""
        evse = self._holder(reservation_id)
        if evse is None:
            return False
        self.used(evse)
        self._station.cards.reserve(evse, None)
        self._station.statuses.refresh(evse)
        return True

    def ended(self, reservation_id: int) -> None:
        """As :meth:`cancel`, for a reservation that may be gone."""
        self.cancel(reservation_id)

    def used(self, evse: Evse) -> None:
        """The card has come, and the reservation is spent."""
        reservation, evse.reservation = evse.reservation, None
        if reservation is not None:
            self._timers.stop(reservation.reservation_id)

    def unusable(self, evse: Evse) -> None:
        """The EVSE is faulted or out of service: its reservation ends."""
        if evse.reservation is not None:
            self._ended_by_itself(evse.reservation.reservation_id, "Removed")

    def stop(self) -> None:
        """No reservation runs out any more."""
        self._timers.stop_all()

    def _ended_by_itself(self, reservation_id: int, how: ReservationEnd) -> None:
        """2.x tells the CSMS of it (H04)."""
        if self.cancel(reservation_id):
            told = self._station.dialect.reservation_ended(reservation_id, how)
            if told is not None and self._station.online:
                self._station.post(told)

    def _holder(self, reservation_id: int) -> Evse | None:
        return next(
            (e for e in self._station.evses if e.reservation and e.reservation.reservation_id == reservation_id), None
        )

    def _refusal(self, evse: Evse, reservation_id: int) -> ReserveStatus | None:
        station = self._station
        statuses = {station.status(evse.evse_id, connector.connector_id) for connector in evse.connectors}
        if ConnectorStatus.FAULTED in statuses:
            return "Faulted"
        if ConnectorStatus.UNAVAILABLE in statuses:
            return "Unavailable"
        own = evse.reservation is not None and evse.reservation.reservation_id == reservation_id
        free = {ConnectorStatus.AVAILABLE, ConnectorStatus.RESERVED} if own else {ConnectorStatus.AVAILABLE}
        return None if statuses <= free else "Occupied"
