"""Reservations of an EVSE or of any: OCPP 1.6 section 5.13, 2.0.1 H01 to H04.

The book (:mod:`ocpplab_runner.authorization.reservation_book`) decides; here are its timers, what the connectors show,
and what the CSMS hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from ocpplab_runner.authorization.reservation_book import Reservation, ReservationBook
from ocpplab_runner.authorization.types import IdToken, ReservationCheckStatus, ReservationResult
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import ClockSet, Reserved, Resumed, UsabilityChanged
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.json_values import known_token, moment_in, moment_out, token_in, token_out
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, RESERVATIONS
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.vocabulary.quirks import Quirk

Effect = Callable[[], None]
#: ConnectorEnumType values that name no kind of connector.
_ANY_TYPE = frozenset({"Undetermined", "Unknown"})
EndedByItself = Literal["Expired", "Removed"]
ReservationNews = Literal["Placed", "Used", "Expired", "Cancelled", "Removed"]


class ReservationBlock(Block):
    """Keeps EVSEs for cards until they come, the time is over, or there is nothing left to keep.

    Attributes:
        book: what is reserved; outlives a restart (AUTH-R10).
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.book = ReservationBook()
        context.offer(RESERVATIONS, self)

    def tell_ended(self, reservation_id: int, how: EndedByItself) -> None:
        """Let the CSMS know that a reservation has run out, or its EVSE cannot be used, where the version does."""

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
        answer, lost = self.context.ask(AUTHORIZATION).reserve(reservation)

        def change() -> None:
            # The number stands for something else from now on (H01.FR.02).
            if lost is not None:
                self._timers.stop(reservation_id)
                self._tell(lost, "Cancelled")
            if answer is ReservationResult.ACCEPTED and self.book.find(reservation_id) is reservation:
                self._expire_later(reservation)
                self._tell(reservation, "Placed")
                self.context.events.tell(Reserved(reservation_id))
            self.refresh()

        return answer.value, change

    def exists(self, reservation_id: int) -> bool:
        """Whether there is a reservation of that id."""
        return self.book.find(reservation_id) is not None

    def cancel(self, reservation_id: int) -> None:
        """End a reservation, if it is still there (1.6 section 5.1, 2.x H02)."""
        gone = self.book.remove(reservation_id)
        if gone is not None:
            self._over(gone, "Cancelled")

    def used(self, reservation_id: int, evse: Evse) -> None:
        """A card has used a reservation up on an EVSE; :meth:`refresh` lets it show."""
        self._timers.stop(reservation_id)
        if Quirk.USED_RESERVATION_IS_SILENT not in self.context.config.authorization.quirks:
            self.context.fact("reservation", {"is": "Used", "reservation_id": reservation_id, "evse_id": evse.evse_id})

    def keeps_from(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> bool:
        """Whether reservations of others keep a remote start from that EVSE, or from every one (AUTH-R9)."""
        check = self.context.ask(AUTHORIZATION).reservation_check(evse, token, group)
        return check is ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN

    @hears(UsabilityChanged)
    def review(self, _: UsabilityChanged) -> None:
        """What can no longer be kept ends (AUTH-R8)."""
        for reservation in self.context.ask(AUTHORIZATION).reservations_to_drop():
            self._ended_by_itself(reservation.reservation_id, "Removed")
        self.refresh()

    def refresh(self) -> None:
        """Let every connector show what is reserved now."""
        kept = self.context.ask(AUTHORIZATION).kept
        # At every EVSE: a reservation of any may keep another one than before.
        for evse in self.context.equipment.evses:
            before = evse.reservation, evse.kept
            evse.reservation, evse.kept = self.book.of_evse(evse.evse_id), evse.evse_id in kept
            if before != (evse.reservation, evse.kept):
                self.context.ask(STATUS).refresh(evse)

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """An earlier process has promised something: it shows."""
        self.refresh()

    @hears(ClockSet)
    def clock_set(self, _: ClockSet) -> None:
        """They run out sooner or later than before."""
        for reservation in self.book.everything:
            self._expire_later(reservation)

    def remember(self) -> Mapping[str, Any]:
        """What is reserved."""
        return {"reservations": [_out(one) for one in self.book.everything]}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Keep what an earlier process has promised."""
        for data in memory["reservations"]:
            reservation = _in(data)
            self.book.put(reservation)
            # What has run out while no process was there ends now.
            self._expire_later(reservation)

    def _expire_later(self, reservation: Reservation) -> None:
        """Let it run out by the station's clock, at once where its time is over."""
        if reservation.expires is not None:
            number = reservation.reservation_id
            left = max(0.0, (reservation.expires - self.context.time.now()) / timedelta(seconds=1))
            self._timers.start(number, left, lambda: self._ended_by_itself(number, "Expired"))

    def _ended_by_itself(self, reservation_id: int, how: EndedByItself) -> None:
        gone = self.book.remove(reservation_id)
        if gone is None:
            return
        self._over(gone, how)
        if self.context.online:
            self.tell_ended(reservation_id, how)

    def _over(self, reservation: Reservation, how: ReservationNews) -> None:
        self._timers.stop(reservation.reservation_id)
        self._tell(reservation, how)
        self.refresh()

    def _tell(self, reservation: Reservation, how: ReservationNews) -> None:
        fields: dict[str, object] = {"is": how, "reservation_id": reservation.reservation_id}
        if reservation.evse_id is not None:
            fields["evse_id"] = reservation.evse_id
        self.context.fact("reservation", fields)


def _out(reservation: Reservation) -> dict[str, Any]:
    return {
        "reservation_id": reservation.reservation_id,
        "id_token": token_out(reservation.id_token),
        "parent_id_token": token_out(reservation.parent_id_token),
        "evse_id": reservation.evse_id,
        "connector_type": reservation.connector_type,
        "expires": moment_out(reservation.expires),
    }


def _in(data: Mapping[str, Any]) -> Reservation:
    return Reservation(
        data["reservation_id"],
        known_token(data["id_token"]),
        token_in(data["parent_id_token"]),
        data["evse_id"],
        data["connector_type"],
        moment_in(data["expires"]),
    )
