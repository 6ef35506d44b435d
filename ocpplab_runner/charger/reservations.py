"""Reservations of an EVSE or of any: OCPP 1.6 section 5.13, 2.0.1 H01 to H04.

The book (:mod:`ocpplab_runner.authorization.reservation_book`) decides; here are its timers, what the connectors show,
and what the CSMS hears of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ocpplab_runner.authorization.reservation_book import Reservation, ReservationBook
from ocpplab_runner.authorization.types import IdToken, ReservationCheckStatus, ReservationResult
from ocpplab_runner.charger.evse import Evse
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.vocabulary.quirks import Quirk

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

Effect = Callable[[], None]
#: ConnectorEnumType values that name no kind of connector.
_ANY_TYPE = frozenset({"Undetermined", "Unknown"})
ReservationNews = Literal["Placed", "Used", "Expired", "Cancelled", "Removed"]


class Reservations:
    """Keeps EVSEs for cards until they come, the time is over, or there is nothing left to keep.

    Attributes:
        book: what is reserved; outlives a restart (AUTH-R10).
    """

    __slots__ = ("_station", "_timers", "book")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self.book = ReservationBook()

    def reserve(
        self,
        evse: Evse | None,
        reservation_id: int,
        token: IdToken,
        expires: datetime,
        group: IdToken | None,
        connector_type: str | None = None,
    ) -> tuple[str, Effect]:
        """Reserve an EVSE, or any when none is named; the same reservation id replaces what it stood for.

        Returns:
            The answer, and what to do after it has been given.
        """
        evse_id = None if evse is None else evse.evse_id
        if connector_type in _ANY_TYPE:
            connector_type = None
        reservation = Reservation(reservation_id, token, group, evse_id, connector_type, expires)
        answer, lost = self._station.cards.reserve(reservation)

        def change() -> None:
            if lost is not None:
                self._timers.stop(reservation_id)
                self._tell(lost, "Cancelled")
            if answer is ReservationResult.ACCEPTED and self.book.find(reservation_id) is reservation:
                seconds = (expires - self._station.time.now()) / timedelta(seconds=1)
                self._timers.start(reservation_id, seconds, lambda: self._ended_by_itself(reservation_id, "Expired"))
                self._tell(reservation, "Placed")
            self.refresh()

        return answer.value, change

    def restore(self, reservation: Reservation) -> None:
        """Keep what an earlier process has promised."""
        self.book.put(reservation)
        if reservation.expires is not None:
            seconds = max(0.0, (reservation.expires - self._station.time.now()) / timedelta(seconds=1))
            number = reservation.reservation_id
            self._timers.start(number, seconds, lambda: self._ended_by_itself(number, "Expired"))

    def exists(self, reservation_id: int) -> bool:
        """Whether there is a reservation of that id."""
        return self.book.find(reservation_id) is not None

    def cancel(self, reservation_id: int) -> None:
        """End a reservation, if it is still there."""
        gone = self.book.remove(reservation_id)
        if gone is not None:
            self._over(gone, "Cancelled")

    def used(self, reservation_id: int, evse: Evse) -> None:
        """A card has used a reservation up on an EVSE; :meth:`refresh` lets it show."""
        self._timers.stop(reservation_id)
        if Quirk.USED_RESERVATION_IS_SILENT not in self._station.config.authorization.quirks:
            self._station.observer.fact(
                "reservation", {"is": "Used", "reservation_id": reservation_id, "evse_id": evse.evse_id}
            )

    def keeps_from(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> bool:
        """Whether reservations of others keep a remote start from that EVSE, or from every one (AUTH-R9)."""
        check = self._station.cards.reservation_check(evse, token, group)
        return check is ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN

    def review(self) -> None:
        """Availability or faults have changed: what can no longer be kept ends (AUTH-R8)."""
        for reservation in self._station.cards.reservations_to_drop():
            self._ended_by_itself(reservation.reservation_id, "Removed")
        self.refresh()

    def refresh(self) -> None:
        """Let every connector show what is reserved now."""
        kept = self._station.cards.kept
        for evse in self._station.evses:
            before = evse.reservation, evse.kept
            evse.reservation, evse.kept = self.book.of_evse(evse.evse_id), evse.evse_id in kept
            if before != (evse.reservation, evse.kept):
                self._station.statuses.refresh(evse)

    def stop(self) -> None:
        """No reservation runs out any more."""
        self._timers.stop_all()

    def _ended_by_itself(self, reservation_id: int, how: Literal["Expired", "Removed"]) -> None:
        """2.x tells the CSMS of it (H04)."""
        gone = self.book.remove(reservation_id)
        if gone is None:
            return
        self._over(gone, how)
        told = self._station.dialect.reservation_ended(reservation_id, how)
        if told is not None and self._station.online:
            self._station.post(told)

    def _over(self, reservation: Reservation, how: ReservationNews) -> None:
        self._timers.stop(reservation.reservation_id)
        self._tell(reservation, how)
        self.refresh()

    def _tell(self, reservation: Reservation, how: ReservationNews) -> None:
        fields: dict[str, object] = {"is": how, "reservation_id": reservation.reservation_id}
        if reservation.evse_id is not None:
            fields["evse_id"] = reservation.evse_id
        self._station.observer.fact("reservation", fields)
