"""Reservations of one EVSE, and of any EVSE: the rules AUTH-R1 to AUTH-R9, pure.

A reservation names its token by value alone; types play no part. The book holds what is reserved and answers from
that and from what its station says of its EVSEs; it outlives a restart (AUTH-R10), unlike the handler.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ocpplab_runner.authorization.types import IdToken, ReservationCheckStatus, ReservationResult


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation.

    Attributes:
        reservation_id: its number.
        id_token: the card it is for.
        parent_id_token: the group whose cards may use it too.
        evse_id: the EVSE that is kept; None for any.
        connector_type: the kind of connector that is needed; None for any.
        expires: when it ends; None for never.
    """

    reservation_id: int
    id_token: IdToken
    parent_id_token: IdToken | None = None
    evse_id: int | None = None
    connector_type: str | None = None
    expires: datetime | None = None

    def matches(self, token: IdToken, parent: IdToken | None) -> bool:
        """Whether that card, or its group, may use it."""
        return self.id_token.same_token(token) or (parent is not None and parent.same_token(self.parent_id_token))


@dataclass(frozen=True, slots=True)
class Place:
    """What a reservation must know of an EVSE.

    Attributes:
        plugged: a car is plugged in.
        held: a token holds it, or its last car has not gone.
        faulted: out of order.
        out_of_service: taken out of service.
        types: the kinds of its connectors; empty for every kind.
    """

    plugged: bool
    held: bool
    faulted: bool
    out_of_service: bool
    types: frozenset[str]

    @property
    def open(self) -> bool:
        """Whether somebody could be granted it."""
        return not (self.held or self.faulted or self.out_of_service)

    @property
    def refusal(self) -> ReservationResult | None:
        """Why it cannot be reserved, the heaviest reason first (AUTH-R3); None when it can."""
        if self.plugged or self.held:
            return ReservationResult.OCCUPIED
        if self.faulted:
            return ReservationResult.FAULTED
        return ReservationResult.UNAVAILABLE if self.out_of_service else None

    def has(self, connector_type: str | None) -> bool:
        """Whether a car that needs that kind of connector can charge there."""
        return connector_type is None or not self.types or connector_type in self.types


Places = Mapping[int, Place]


class ReservationBook:
    """What is reserved at a station, at most one reservation of each EVSE and any number of any EVSE."""

    def __init__(self) -> None:
        self._of_evse: dict[int, Reservation] = {}
        self._of_any: list[Reservation] = []

    # -- questions --------------------------------------------------------------------------------------------------

    def of_evse(self, evse_id: int) -> Reservation | None:
        """The reservation of that EVSE."""
        return self._of_evse.get(evse_id)

    @property
    def of_any(self) -> tuple[Reservation, ...]:
        """Reservations of any EVSE, the oldest first."""
        return tuple(self._of_any)

    @property
    def everything(self) -> tuple[Reservation, ...]:
        """Every reservation."""
        return (*self._of_evse.values(), *self._of_any)

    def find(self, reservation_id: int) -> Reservation | None:
        """The reservation of that number."""
        return next((r for r in self.everything if r.reservation_id == reservation_id), None)

    def match(self, evse_id: int, token: IdToken, parent: IdToken | None, place: Place) -> Reservation | None:
        """The reservation by which a token may use an EVSE (AUTH-R6); None when it has none."""
        own = self._of_evse.get(evse_id)
        if own is not None:
            return own if own.matches(token, parent) else None
        return next((r for r in self._of_any if r.matches(token, parent) and place.has(r.connector_type)), None)

    def needed(self, places: Places) -> frozenset[int]:
        """EVSEs that those who have reserved any cannot spare (AUTH-R5, AUTH-11e)."""
        if not self._of_any:
            return frozenset()
        usable = self._usable(places)
        return frozenset(evse_id for evse_id in usable if not self._all_fit(places, usable - {evse_id}))

    def allows(self, evse_id: int, token: IdToken, parent: IdToken | None, places: Places) -> bool:
        """Whether a token may charge there (AUTH-11e, AUTH-11f)."""
        if self.match(evse_id, token, parent, places[evse_id]) is not None:
            return True
        return evse_id not in self._of_evse and evse_id not in self.needed(places)

    def check(
        self, evse_id: int | None, token: IdToken, parent: IdToken | None, places: Places
    ) -> ReservationCheckStatus:
        """For whom an EVSE, or the station, is reserved (AUTH-R9).

        Args:
            evse_id: the EVSE; None for any that could be granted.
            token: who asks.
            parent: its group, as far as it is known.
            places: the station's EVSEs.
        """
        asked = [evse_id] if evse_id is not None else [number for number, place in places.items() if place.open]
        if any(self.match(number, token, parent, places[number]) is not None for number in asked):
            return ReservationCheckStatus.RESERVED_FOR_TOKEN
        if any(self.allows(number, token, parent, places) for number in asked) or not asked:
            return ReservationCheckStatus.NOT_RESERVED
        others = [*(r for number in asked if (r := self._of_evse.get(number)) is not None), *self._of_any]
        if parent is None and any(r.parent_id_token is not None for r in others):
            return ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN_AND_HAS_PARENT_TOKEN
        return ReservationCheckStatus.RESERVED_FOR_OTHER_TOKEN

    # -- changes ----------------------------------------------------------------------------------------------------

    def reserve(
        self, reservation: Reservation, places: Places, now: datetime
    ) -> tuple[ReservationResult, Reservation | None]:
        """Make a reservation.

        Returns:
            The answer, and the reservation of the same number that is lost, whatever the answer (AUTH-R2).
        """
        if reservation.expires is not None and reservation.expires <= now:
            return ReservationResult.REJECTED, None  # AUTH-R1
        # Whether or not the new one can be kept, as in EVerest (AUTH-R2).
        lost = self.remove(reservation.reservation_id)
        refusal = self._refusal(reservation, places)
        if refusal is not None:
            return refusal, lost
        self.put(reservation)
        return ReservationResult.ACCEPTED, lost

    def put(self, reservation: Reservation) -> None:
        """Write a reservation down, whatever stands against it."""
        if reservation.evse_id is None:
            self._of_any.append(reservation)
        else:
            self._of_evse[reservation.evse_id] = reservation

    def remove(self, reservation_id: int) -> Reservation | None:
        """Strike a reservation off (AUTH-R7); returns it."""
        gone = self.find(reservation_id)
        if gone is None:
            return None
        if gone.evse_id is None:
            self._of_any.remove(gone)
        else:
            del self._of_evse[gone.evse_id]
        return gone

    def too_many(self, places: Places) -> tuple[Reservation, ...]:
        """What can no longer be kept (AUTH-R8): of EVSEs that cannot be used; of any, the latest first."""
        broken = [
            reservation
            for evse_id, reservation in self._of_evse.items()
            if places[evse_id].faulted or places[evse_id].out_of_service
        ]
        kept = list(self._of_any)
        usable = frozenset(evse_id for evse_id in self._usable(places) if evse_id not in self._of_evse)
        while kept and not self._all_fit(places, usable, kept):
            broken.append(kept.pop())
        return tuple(broken)

    # -- helpers ----------------------------------------------------------------------------------------------------

    def _refusal(self, reservation: Reservation, places: Places) -> ReservationResult | None:
        asked = places if reservation.evse_id is None else places.keys() & {reservation.evse_id}
        if not any(places[evse_id].has(reservation.connector_type) for evse_id in asked):
            return ReservationResult.REJECTED
        if reservation.evse_id is None:
            return self._refusal_of_any(reservation, places)
        if reservation.evse_id in self._of_evse:
            return ReservationResult.OCCUPIED
        refusal = places[reservation.evse_id].refusal
        if refusal is not None:
            return refusal
        rest = self._usable(places) - {reservation.evse_id}
        return None if self._all_fit(places, rest) else ReservationResult.OCCUPIED

    def _refusal_of_any(self, reservation: Reservation, places: Places) -> ReservationResult | None:
        """AUTH-R4."""
        free = frozenset(evse_id for evse_id in self._usable(places) if places[evse_id].refusal is None)
        if self._all_fit(places, free, [*self._of_any, reservation]):
            return None
        if self._of_evse or self._of_any:
            return ReservationResult.OCCUPIED
        found = {place.refusal for place in places.values() if place.has(reservation.connector_type)}
        for answer in (ReservationResult.OCCUPIED, ReservationResult.FAULTED, ReservationResult.UNAVAILABLE):
            if answer in found:
                return answer
        return ReservationResult.OCCUPIED

    def _usable(self, places: Places) -> frozenset[int]:
        return frozenset(number for number, place in places.items() if place.open and number not in self._of_evse)

    def _all_fit(self, places: Places, evses: Collection[int], wanted: Sequence[Reservation] | None = None) -> bool:
        cars = [r.connector_type for r in (self._of_any if wanted is None else wanted)]
        return every_order_fits(cars, [places[evse_id].types for evse_id in evses])


def every_order_fits(cars: Sequence[str | None], evses: Sequence[frozenset[str]]) -> bool:
    """Whether each car finds an EVSE, in whatever order they come and whichever fitting EVSE each takes (AUTH-R4).

    Args:
        cars: the kind of connector that each needs; None for any.
        evses: the kinds of connectors of each; empty for every kind.
    """
    if len(cars) > len(evses):
        return False
    if all(car is None or not kinds or car in kinds for car in set(cars) for kinds in set(evses)):
        return True
    # Orders of n cars are n!, but what counts after each is how many of each kind are left. Texts stand for the kinds:
    # neither sets nor None can be sorted.
    return _fits(_counted(["" if car is None else car for car in cars]), _counted([",".join(sorted(e)) for e in evses]))


_Counts = tuple[tuple[str, int], ...]


def _counted(items: Sequence[str]) -> _Counts:
    return tuple(sorted(Counter(items).items()))


def _without(counts: _Counts, item: str) -> _Counts:
    return tuple((name, n - (name == item)) for name, n in counts if n - (name == item) > 0)


@lru_cache(maxsize=4096)
def _fits(cars: _Counts, evses: _Counts) -> bool:
    for car, _ in cars:
        fitting = [kinds for kinds, _ in evses if not car or not kinds or car in kinds.split(",")]
        if not fitting:
            return False
        if not all(_fits(_without(cars, car), _without(evses, kinds)) for kinds in fitting):
            return False
    return True
