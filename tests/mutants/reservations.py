"""Mutants of reservations: the rules R1 to R10."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ocpplab_runner.authorization import reservation_book
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.reservation_book import Place, Places, Reservation, ReservationBook
from ocpplab_runner.authorization.types import IdToken, ReservationResult
from ocpplab_runner.charger.blocks.authorization.block import Authorization
from ocpplab_runner.charger.blocks.reservation.block import ReservationBlock
from ocpplab_runner.charger.core.events import PoweredUp
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, RESERVATIONS
from tests.mutants.kit import Mutants

MUTANTS = Mutants()
_RESERVE = ReservationBook.reserve
_MATCH = ReservationBook.match
_TOO_MANY = ReservationBook.too_many

Reserved = tuple[ReservationResult, Reservation | None]


@MUTANTS("AUTH-R1", "the past may be reserved")
def _(patch: pytest.MonkeyPatch) -> None:
    def reserve(self: ReservationBook, reservation: Reservation, places: Places, now: datetime) -> Reserved:
        return _RESERVE(self, reservation, places, datetime(2000, 1, 1, tzinfo=UTC))

    patch.setattr(ReservationBook, "reserve", reserve)


@MUTANTS("AUTH-R2", "a number may be used once")
def _(patch: pytest.MonkeyPatch) -> None:
    def reserve(self: ReservationBook, reservation: Reservation, places: Places, now: datetime) -> Reserved:
        if self.find(reservation.reservation_id) is not None:
            return ReservationResult.REJECTED, None
        return _RESERVE(self, reservation, places, now)

    patch.setattr(ReservationBook, "reserve", reserve)


@MUTANTS("AUTH-R2", "the old reservation comes back when the new one fails", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def reserve(self: ReservationBook, reservation: Reservation, places: Places, now: datetime) -> Reserved:
        answer, lost = _RESERVE(self, reservation, places, now)
        if lost is not None and answer is not ReservationResult.ACCEPTED:
            self.put(lost)
            return answer, None
        return answer, lost

    patch.setattr(ReservationBook, "reserve", reserve)


@MUTANTS("AUTH-R3", "an EVSE that is not free may be reserved")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Place, "refusal", None)


@MUTANTS("AUTH-R3", "a fault weighs more than a car", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    ask = vars(Place)["refusal"].fget
    patch.setattr(Place, "refusal", property(lambda self: ReservationResult.FAULTED if self.faulted else ask(self)))


@MUTANTS("AUTH-R4", "any number of cars find an EVSE")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reservation_book, "every_order_fits", lambda cars, evses: True)


@MUTANTS("AUTH-R4", "every EVSE has every kind of connector", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Place, "has", lambda self, connector_type: True)


@MUTANTS("AUTH-R5", "EVSEs that are needed are kept for nobody")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBook, "needed", lambda self, places: frozenset())


@MUTANTS("AUTH-R5", "EVSEs that are needed show it to nobody")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "kept", frozenset())


@MUTANTS("AUTH-R6", "a reservation of any EVSE goes first")
def _(patch: pytest.MonkeyPatch) -> None:
    def match(
        self: ReservationBook, evse_id: int, token: IdToken, parent: IdToken | None, place: Place
    ) -> Reservation | None:
        of_any = next((r for r in self.of_any if r.matches(token, parent)), None)
        return of_any or _MATCH(self, evse_id, token, parent, place)

    patch.setattr(ReservationBook, "match", match)


@MUTANTS("AUTH-R7", "a cancelled reservation stays")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBlock, "cancel", lambda self, reservation_id: None)


@MUTANTS("AUTH-R7", "a reservation has no end")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBlock, "_ended_by_itself", lambda self, reservation_id, how: None)


@MUTANTS("AUTH-R7", "what was never reserved can be cancelled", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBlock, "exists", lambda self, reservation_id: True)


@MUTANTS("AUTH-R7", "nobody says that it was used")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBlock, "used", lambda self, reservation_id, evse: self._timers.stop(reservation_id))


@MUTANTS("AUTH-R8", "an EVSE that cannot be used keeps its reservation")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBook, "too_many", lambda self, places: ())


@MUTANTS("AUTH-R8", "the oldest reservation of any is lost", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def too_many(self: ReservationBook, places: Places) -> tuple[Reservation, ...]:
        found = _TOO_MANY(self, places)
        oldest = {
            r.reservation_id: o for r, o in zip((r for r in found if r.evse_id is None), self.of_any, strict=False)
        }
        return tuple(oldest.get(r.reservation_id, r) for r in found)

    patch.setattr(ReservationBook, "too_many", too_many)


@MUTANTS("AUTH-R9", "a remote start is never refused at once")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBlock, "keeps_from", lambda self, evse, token, group: False)


@MUTANTS("AUTH-R9", "a remote start is refused at once although it may be of the group", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def keeps(self: ReservationBlock, evse: object, token: IdToken, group: IdToken | None) -> bool:
        check = self.context.ask(AUTHORIZATION).reservation_check(evse, token, group)  # type: ignore[arg-type]
        return check.value.startswith("ReservedForOther")

    patch.setattr(ReservationBlock, "keeps_from", keeps)


@MUTANTS("AUTH-R10", "a restart forgets reservations")
def _(patch: pytest.MonkeyPatch) -> None:
    forget = Authorization.powered_up

    def forgetting(self: Authorization, event: PoweredUp) -> None:
        self.context.ask(RESERVATIONS).book = ReservationBook()
        forget(self, event)

    patch.setattr(Authorization, "powered_up", forgetting)


@MUTANTS("AUTH-R10", "a restart brings cancelled reservations back", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    forget, cancel = Authorization.powered_up, ReservationBlock.cancel
    cancelled: list[Reservation] = []

    def cancelling(self: ReservationBlock, reservation_id: int) -> None:
        found = self.book.find(reservation_id)
        if found is not None:
            cancelled.append(replace(found))
        cancel(self, reservation_id)

    def returning(self: Authorization, event: PoweredUp) -> None:
        while cancelled:
            self.context.ask(RESERVATIONS).book.put(cancelled.pop())
        forget(self, event)

    patch.setattr(ReservationBlock, "cancel", cancelling)
    patch.setattr(Authorization, "powered_up", returning)
