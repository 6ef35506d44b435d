"""Who may charge: the handling of tokens, the local list and reservations."""

from __future__ import annotations

from typing import Protocol

from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.local_list import LocalAuthorizationList
from ocpplab_runner.authorization.reservation_book import Reservation, ReservationBook
from ocpplab_runner.authorization.types import (
    IdToken,
    ProvidedIdToken,
    ReservationCheckStatus,
    ReservationResult,
    ValidationResult,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.services.service import Service


class Authorization(Protocol):
    """Presented tokens, and who holds an EVSE.

    Attributes:
        cache: the authorization cache.
    """

    cache: AuthorizationCache

    def why_ignored(self, token: ProvidedIdToken) -> str:
        """Why a token would be ignored if it were presented now (rule 2); empty when it would be handled."""

    def present(self, token: ProvidedIdToken) -> None:
        """A token is presented: a card at the reader, or the one of a remote start."""

    def wrong(self, provided: ProvidedIdToken) -> str | None:
        """What the station's OCPP version cannot say of a token; None where it can."""

    def can_start(self, evse: Evse) -> bool:
        """Whether a card could be granted that EVSE now; reservations are not looked at."""

    def select(self, evse: Evse) -> bool:
        """The driver chooses an EVSE; False when no token waits for that."""

    def is_held(self, evse: Evse) -> bool:
        """Whether a token holds an EVSE."""

    def learn(self, token: IdToken, result: ValidationResult) -> None:
        """The CSMS has given a verdict on a token: the cache may remember it."""

    def later_verdict(self, evse: Evse, result: ValidationResult, via: str = "") -> None:
        """A later verdict on the token that holds an EVSE (rule 18); ``via`` where no frame shows it."""

    def plugged(self, evse: Evse) -> None:
        """An EV was plugged in: a card that waits for it may start."""

    def unplugged(self, evse: Evse) -> None:
        """The EV is gone."""

    def replugged(self, evse: Evse) -> None:
        """The car of an ended transaction counts as one that has just come."""

    def start_raw(self, evse: Evse, token: IdToken) -> None:
        """Begin a transaction without authorizing its card."""

    def transaction_over(self, evse: Evse) -> None:
        """A transaction has ended."""

    def transaction_goes_on(self, evse: Evse) -> None:
        """A transaction that was interrupted holds its EVSE again."""

    def hold_for_payment(self, evse: Evse, seconds: float) -> None:
        """Somebody pays for an EVSE elsewhere: nobody at the station takes it for so long, or until that has begun."""

    def withdraw(self, evse: Evse) -> None:
        """Take back what was granted on an EVSE, if no transaction has begun."""

    def give_up(self, token: IdToken) -> None:
        """A token waits for an EVSE no longer."""

    def withdraw_authorization(self, evse_id: int | None, token: IdToken | None) -> WithdrawAuthorizationResult:
        """Take authorizations back: of an EVSE, of a token, of both, or every one (rule 17)."""

    def reserve(self, reservation: Reservation) -> tuple[ReservationResult, Reservation | None]:
        """Make a reservation; returns the answer, and the one of the same number that is lost."""

    def reservation_check(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> ReservationCheckStatus:
        """For whom an EVSE is reserved, or the station."""

    def reservations_to_drop(self) -> tuple[Reservation, ...]:
        """What can no longer be kept."""

    @property
    def kept(self) -> frozenset[int]:
        """EVSEs that those need who have reserved any."""


class Reservations(Protocol):
    """EVSEs that are kept for a card.

    Attributes:
        book: what is reserved; outlives a restart (AUTH-R10).
    """

    book: ReservationBook

    def used(self, reservation_id: int, evse: Evse) -> None:
        """A card has used a reservation up on an EVSE; :meth:`refresh` lets it show."""

    def keeps_from(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> bool:
        """Whether reservations of others keep a remote start from that EVSE, or from every one (AUTH-R9)."""

    def refresh(self) -> None:
        """Let every connector show what is reserved now."""


class LocalList(Protocol):
    """The local authorization list."""

    @property
    def entries(self) -> LocalAuthorizationList:
        """What is on it."""


AUTHORIZATION: Service[Authorization] = Service("authorization")

RESERVATIONS: Service[Reservations] = Service("reservations")

LOCAL_LIST: Service[LocalList] = Service("local_list")
