"""What the handler knows of its station, and what the world does to it: rules 15 to 19 of EVerest's Auth module.

The rules about presented tokens build on this in :mod:`ocpplab_runner.authorization.handler`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count

from ocpplab_runner.authorization.effects import (
    Effect,
    Publish,
    StopReason,
    StopTimer,
    StopTransaction,
    Timer,
    TimerKind,
    WithdrawGrant,
)
from ocpplab_runner.authorization.evse_state import EvseState, Holder
from ocpplab_runner.authorization.handler_settings import HandlerSettings
from ocpplab_runner.authorization.obstacles import obstacles
from ocpplab_runner.authorization.requests import Request, concluded
from ocpplab_runner.authorization.reservation_book import Place, Reservation, ReservationBook
from ocpplab_runner.authorization.types import (
    IdToken,
    ProvidedIdToken,
    ReservationCheckStatus,
    ReservationResult,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
    WithdrawAuthorizationRequest,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.vocabulary.quirks import Quirk


class StationState:
    """EVSEs with who holds them, cars in the order in which they came, and tokens that are being handled.

    Args:
        evses: EVSE id → ids of its connectors, in the order in which EVSEs are offered.
        settings: see :class:`HandlerSettings`.
        book: what is reserved; a new one unless the station's outlives the handler.
        types: the kinds of connectors that each EVSE has; empty for every kind.
    """

    def __init__(
        self,
        evses: Mapping[int, Iterable[int]],
        settings: HandlerSettings | None = None,
        book: ReservationBook | None = None,
        types: frozenset[str] = frozenset(),
    ) -> None:
        self.settings = settings or HandlerSettings()
        self.book = book or ReservationBook()
        self._types = types
        self._evses = {evse_id: EvseState(evse_id, frozenset(ids)) for evse_id, ids in evses.items()}
        self._plug_ins: list[int] = []
        self._requests: dict[int, Request] = {}
        self._numbers = count()
        self._stuck: set[str] = set()  # quirk stuck-sibling
        self._last_withdrawal: WithdrawAuthorizationRequest | None = None  # quirk lingering-withdrawal

    # -- questions --------------------------------------------------------------------------------------------------

    def holder(self, evse_id: int) -> ProvidedIdToken | None:
        """The token that holds an EVSE: granted, or of the running transaction."""
        holder = self._evses[evse_id].holder
        return holder.token if holder is not None else None

    def group(self, evse_id: int) -> IdToken | None:
        """The group of the token that holds an EVSE, as far as it is known."""
        holder = self._evses[evse_id].holder
        return holder.parent if holder is not None else None

    def available(self, evse_id: int) -> bool:
        """Whether a card could be granted that EVSE now; reservations are not looked at."""
        return self._is_available(self._evses[evse_id])

    def obstacles(self, token: ProvidedIdToken) -> str:
        """What keeps a token from every EVSE that it may mean, for people (rules 5 and 6)."""
        reserved = self.kept | {evse_id for evse_id in self._evses if self.book.of_evse(evse_id) is not None}
        return obstacles(token, self._evses, reserved, ignore_faults=self.settings.ignore_connector_faults)

    @property
    def waiting(self) -> tuple[ProvidedIdToken, ...]:
        """Accepted tokens that wait for a car."""
        return tuple(request.token for request in self._requests.values() if request.result is not None)

    def token_of(self, request: int) -> ProvidedIdToken:
        """What waits under the number of a ``WAIT`` timer."""
        return self._requests[request].token

    @property
    def in_process(self) -> tuple[ProvidedIdToken, ...]:
        """Every token that is being handled: validated, or waiting for a car or a choice."""
        return tuple(request.token for request in self._requests.values())

    # -- the world changes (rules 15, 16, 18) -----------------------------------------------------------------------

    def unplugged(self, evse_id: int) -> list[Effect]:
        """The car is gone (SessionFinished): whatever it held is free again, a transaction once it has ended."""
        evse = self._evses[evse_id]
        evse.plugged_in = False
        if not evse.transaction_active:
            evse.release()
        self._consume_plug_in(evse_id)
        return [StopTimer(Timer(TimerKind.GRANT, evse_id)), StopTimer(Timer(TimerKind.PLUG_IN, evse_id))]

    def transaction_started(
        self, evse_id: int, token: ProvidedIdToken | None = None, parent: IdToken | None = None
    ) -> list[Effect]:
        """A transaction has begun. ``token`` names its card when it was started without having been granted."""
        evse = self._evses[evse_id]
        evse.transaction_active = True
        evse.occupied = True
        if token is not None and evse.holder is None:
            evse.holder = Holder(token, parent or token.parent_id_token)
        return [StopTimer(Timer(TimerKind.GRANT, evse_id))]

    def transaction_finished(self, evse_id: int) -> list[Effect]:
        """A transaction has ended; the EVSE stays occupied until its car is gone."""
        evse = self._evses[evse_id]
        evse.transaction_active = False
        evse.holder = None
        # The cable may be out already: `unplugged` leaves an EVSE to the transaction that runs.
        if not evse.plugged_in:
            evse.release()
        return [StopTimer(Timer(TimerKind.GRANT, evse_id))]

    def revoked(self, evse_id: int) -> list[Effect]:
        """The station can no longer keep what it granted on an EVSE: it is out of order, or the CSMS stopped it."""
        evse = self._evses[evse_id]
        if evse.holder is None or evse.transaction_active:
            return []
        token, evse.holder = evse.holder.token, None
        stop = StopTimer(Timer(TimerKind.GRANT, evse_id))
        return [stop, WithdrawGrant(evse_id), Publish(token, TokenValidationStatus.WITHDRAWN)]

    def disabled(self, evse_id: int, connector_id: int) -> list[Effect]:
        """A connector goes out of service; ignored while occupied."""
        evse = self._evses[evse_id]
        # As in EVerest, whose connectors ignore it then: the station does it later.
        if not evse.occupied:
            evse.disabled |= {connector_id}
        return []

    def enabled(self, evse_id: int, connector_id: int) -> list[Effect]:
        """A connector is back in service."""
        evse = self._evses[evse_id]
        evse.disabled -= {connector_id}
        return []

    def faulted(self, evse_id: int, connector_id: int) -> list[Effect]:
        """A connector is out of order (rule 16)."""
        evse = self._evses[evse_id]
        evse.faulted |= {connector_id}
        return []

    def fault_cleared(self, evse_id: int, connector_id: int) -> list[Effect]:
        """A connector works again (rule 16)."""
        evse = self._evses[evse_id]
        evse.faulted -= {connector_id}
        return []

    def result_updated(self, evse_id: int, result: ValidationResult) -> list[Effect]:
        """A later verdict on the token that holds an EVSE (rule 18): its status and its group are taken over.

        What a refusal does to the transaction is the station's to decide (``StopTransactionOnInvalidId``).
        """
        holder = self._evses[evse_id].holder
        if holder is None:
            return []
        holder.result = result
        if result.parent_id_token is not None or self._has(Quirk.UPDATE_FORGETS_GROUP):
            holder.parent = result.parent_id_token
        if not result.accepted and not self._has(Quirk.UPDATE_ALWAYS_ACCEPTED):
            return []
        token = replace(holder.token.used_at(evse_id), parent_id_token=holder.parent)
        return [Publish(token, TokenValidationStatus.ACCEPTED, result.tariff_messages)]

    def timer_expired(self, timer: Timer) -> list[Effect]:
        """A timer that a ``StartTimer`` asked for has run out."""
        if timer.kind is TimerKind.WAIT:
            request = self._requests.get(timer.subject)
            if request is None or request.result is None:
                return []
            return self._end(request.token, TokenHandlingResult.TIMEOUT, request)
        evse = self._evses[timer.subject]
        if timer.kind is TimerKind.PLUG_IN:
            if evse.holder is not None or not evse.plugged_in:
                return []
            evse.plug_in_timed_out = True
            self._consume_plug_in(evse.evse_id)
            # Nothing was granted here, but EVerest has no other word to its EVSE that the time is over.
            return [WithdrawGrant(evse.evse_id)]
        if evse.holder is None or evse.transaction_active:
            return []
        token = evse.holder.token
        evse.holder = None
        return [WithdrawGrant(evse.evse_id), Publish(token, TokenValidationStatus.TIMED_OUT)]

    # -- withdrawal (rule 17) ---------------------------------------------------------------------------------------

    def withdraw(
        self, evse_id: int | None = None, id_token: IdToken | None = None
    ) -> tuple[WithdrawAuthorizationResult, list[Effect]]:
        """Take authorizations back: of one EVSE, of one token, of a token on an EVSE, or all of them.

        Values are compared without letter case, types must be the same. A token that is still being validated is
        taken back, too: its verdict comes too late.
        """
        if evse_id is not None and evse_id not in self._evses:
            return WithdrawAuthorizationResult.EVSE_NOT_FOUND, []
        # Kept beyond this call for the quirk lingering-withdrawal only.
        self._last_withdrawal = WithdrawAuthorizationRequest(evse_id, id_token)
        effects: list[Effect] = []
        for request in tuple(self._requests.values()):
            if self._is_withdrawn(request):
                effects.append(StopTimer(Timer(TimerKind.WAIT, request.number)))
                effects += self._end(request.token, TokenHandlingResult.WITHDRAWN, request)
        for evse in self._evses.values():
            if evse.holder is None or evse_id not in (None, evse.evse_id):
                continue
            if id_token is not None and not evse.holder.token.id_token.same_token_and_type(id_token):
                continue
            if evse.transaction_active:
                effects.append(StopTransaction(evse.evse_id, StopReason.DE_AUTHORIZED, None))
                continue
            effects.append(StopTimer(Timer(TimerKind.GRANT, evse.evse_id)))
            effects.append(WithdrawGrant(evse.evse_id, asked=True))
            effects.append(Publish(evse.holder.token, TokenValidationStatus.WITHDRAWN))
            evse.holder = None
        if not effects:
            return WithdrawAuthorizationResult.AUTHORIZATION_NOT_FOUND, []
        return WithdrawAuthorizationResult.ACCEPTED, effects

    def _is_withdrawn(self, request: Request) -> bool:
        """Whether the last withdrawal is meant for a token that is being handled."""
        wanted = self._last_withdrawal
        if wanted is None or (wanted.evse_id is not None and wanted.evse_id not in request.referenced):
            return False
        return wanted.id_token is None or request.token.id_token.same_token_and_type(wanted.id_token)

    # -- reservations -----------------------------------------------------------------------------------------------

    def reserve(self, reservation: Reservation, now: datetime) -> tuple[ReservationResult, Reservation | None]:
        """Make a reservation; returns the answer, and the one of the same number that is lost (AUTH-R1 to R4)."""
        return self.book.reserve(reservation, self.places, now)

    def reservation_check(
        self, evse_id: int | None, token: IdToken, parent: IdToken | None = None
    ) -> ReservationCheckStatus:
        """For whom an EVSE is reserved, or any of them (AUTH-R9)."""
        if evse_id is not None and self._has(Quirk.EXISTS_RESERVATION_ASKS_EVSE_1):
            evse_id = next(iter(self._evses))
        return self.book.check(evse_id, token, parent, self.places)

    @property
    def kept(self) -> frozenset[int]:
        """EVSEs that those who have reserved any cannot spare (AUTH-R5)."""
        return self.book.needed(self.places) if self.book.of_any else frozenset()

    @property
    def places(self) -> dict[int, Place]:
        """The station's EVSEs as reservations see them."""
        return {evse_id: evse.place(self._types) for evse_id, evse in self._evses.items()}

    # -- helpers ----------------------------------------------------------------------------------------------------

    def _has(self, quirk: Quirk) -> bool:
        return quirk in self.settings.quirks

    def _is_available(self, evse: EvseState) -> bool:
        if self.settings.ignore_connector_faults and evse.faulted:
            evse = replace(evse, faulted=set())
        return evse.available

    def _is_master_pass(self, parent: IdToken) -> bool:
        group = self.settings.master_pass_group_id
        return group != "" and parent.key == group.casefold()

    def _consume_plug_in(self, evse_id: int) -> None:
        if evse_id in self._plug_ins:
            self._plug_ins.remove(evse_id)

    def _end(
        self, token: ProvidedIdToken, outcome: TokenHandlingResult, request: Request | None = None
    ) -> list[Effect]:
        if request is not None:
            self._requests.pop(request.number, None)
        return concluded(token, outcome, judged=request is not None)
