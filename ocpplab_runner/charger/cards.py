"""Presented cards and remote starts: carries out what the authorization room decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ocpplab_runner.authorization import effects as fx
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.local_decision import learn
from ocpplab_runner.authorization.reservation_book import Reservation
from ocpplab_runner.authorization.types import (
    AuthorizationType,
    IdToken,
    ProvidedIdToken,
    ReservationCheckStatus,
    ReservationResult,
    TokenHandlingResult,
    ValidationResult,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.charger.card_rules import handler_settings, policy_of
from ocpplab_runner.charger.evse import CONNECTOR_TYPE, Evse, Grant
from ocpplab_runner.charger.model import SessionEvent, StartTrigger
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.charger.token_facts import TokenFacts
from ocpplab_runner.charger.validation import Validation
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


class CardDesk:
    """Where tokens are presented: feeds the pure handler, and does what it says."""

    __slots__ = ("_facts", "_handler", "_plugging", "_station", "_timers", "_validation")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self._plugging = False
        self._facts = TokenFacts(station.observer)
        self._validation = Validation(station, self._facts)
        self._handler = self._new_handler()

    # -- tokens ---------------------------------------------------------------------------------------------------

    def why_ignored(self, token: ProvidedIdToken) -> str:
        """Why a token would be ignored if it were presented now (rule 2); empty when it would be handled."""
        return self._handler.why_ignored(token)

    def present(self, token: ProvidedIdToken) -> None:
        """A token is presented: a card at the reader, or the one of a remote start."""
        unknown = [str(number) for number in token.connectors if not 1 <= number <= len(self._station.evses)]
        if unknown:
            self._station.note(f"{token.id_token.value} names EVSE {' and '.join(unknown)}, which is not there")
        self._run(self._handler.present(token))

    def select(self, evse: Evse) -> bool:
        """The driver chooses an EVSE; False when no token waits for that."""
        effects = self._handler.selected(evse.evse_id)
        if effects is None:
            return False
        self._run(effects)
        return True

    def can_start(self, evse: Evse) -> bool:
        """Whether a card could be granted that EVSE now; reservations are not looked at."""
        return self._handler.available(evse.evse_id)

    def learn(self, token: IdToken, result: ValidationResult) -> None:
        """The CSMS has given a verdict on a token: the cache may remember it."""
        station = self._station
        learn(
            token,
            result,
            policy=policy_of(station),
            local_list=station.local_list,
            cache=station.cache,
            now=self._station.time.now(),
        )

    def later_verdict(self, evse: Evse, result: ValidationResult, via: str = "") -> None:
        """A later verdict on the token that holds an EVSE (rule 18).

        Args:
            evse: the EVSE.
            result: the verdict.
            via: who has given it, where no frame shows it.
        """
        holder = self._handler.holder(evse.evse_id)
        if via and holder is not None:
            self._facts.validation_result(holder.used_at(evse.evse_id), via, result)
        if result.parent_id_token is not None and evse.transaction is not None:
            evse.transaction.group = result.parent_id_token
        self._run(self._handler.result_updated(evse.evse_id, result))

    def is_held(self, evse: Evse) -> bool:
        """Whether a token holds an EVSE."""
        return self._handler.holder(evse.evse_id) is not None

    # -- the world ------------------------------------------------------------------------------------------------

    def plugged(self, evse: Evse) -> None:
        """An EV was plugged in: a card that waits for it may start."""
        self._plugging = True
        self.session(evse, SessionEvent.CABLE_PLUGGED)
        try:
            self._run(self._handler.plugged_in(evse.evse_id))
            if evse.grant is not None and evse.transaction is None:
                self._begin(evse, evse.grant)
        finally:
            self._plugging = False

    def unplugged(self, evse: Evse) -> None:
        """The EV is gone."""
        self.session(evse, SessionEvent.CABLE_UNPLUGGED)
        evse.grant = None
        self._run(self._handler.unplugged(evse.evse_id))
        self._station.availability.prepared(evse)
        self.usability_changed(evse)

    def replugged(self, evse: Evse) -> None:
        """The car of an ended transaction counts as one that has just come."""
        self._run(self._handler.unplugged(evse.evse_id))
        self._run(self._handler.plugged_in(evse.evse_id))

    def session(self, evse: Evse, event: SessionEvent) -> None:
        """Something happened at an EVSE that the version may count to a transaction."""
        messages = self._station.dialect.session_event(evse, event)
        if messages:
            self._station.outbox.put(messages)

    def start_raw(self, evse: Evse, token: IdToken) -> None:
        """Begin a transaction without authorizing its card; a car that has finished prepares anew (1.6 section 4.9)."""
        connector = evse.plugged_connector
        if connector is not None and connector.finished:
            connector.finished = False
            self._station.statuses.refresh(evse)
        self._begin(evse, Grant(token, None, StartTrigger.AUTHORIZED))

    def transaction_over(self, evse: Evse) -> None:
        """A transaction has ended."""
        self._run(self._handler.transaction_finished(evse.evse_id))
        if evse.plugged_connector is None:
            self._run(self._handler.unplugged(evse.evse_id))
        self.usability_changed(evse)

    def usability_changed(self, evse: Evse) -> None:
        """Availability or faults of an EVSE have changed, or an EVSE that was occupied is free for the change."""
        station_broken = self._station.broken
        for connector in evse.connectors:
            where = (evse.evse_id, connector.connector_id)
            operative = self._station.in_service(evse, connector)
            self._run((self._handler.enabled if operative else self._handler.disabled)(*where))
            broken = connector.broken is not None or station_broken
            self._run((self._handler.faulted if broken else self._handler.fault_cleared)(*where))

    def acceptable(self, evse: Evse) -> bool:
        """Whether a card may hold an EVSE in its present condition (rule 16)."""
        station = self._station
        if not station.config.authorization.ignore_connector_faults:
            return station.usable(evse)
        return any(station.in_service(evse, connector) for connector in evse.connectors)

    def withdraw(self, evse: Evse) -> None:
        """Take back what was granted on an EVSE, if no transaction has begun."""
        if evse.grant is not None:
            self._run(self._handler.revoked(evse.evse_id))

    def withdraw_authorization(self, evse_id: int | None, token: IdToken | None) -> WithdrawAuthorizationResult:
        """Take authorizations back: of an EVSE, of a token, of both, or every one (rule 17)."""
        answer, effects = self._handler.withdraw(evse_id, token)
        self._facts.withdrawal(answer, evse_id, token)
        self._run(effects)
        return answer

    # -- reservations ---------------------------------------------------------------------------------------------

    def reserve(self, reservation: Reservation) -> tuple[ReservationResult, Reservation | None]:
        """Make a reservation; returns the answer, and the one of the same number that is lost."""
        return self._handler.reserve(reservation, self._station.time.now())

    def reservation_check(self, evse: Evse | None, token: IdToken, group: IdToken | None) -> ReservationCheckStatus:
        """For whom an EVSE is reserved, or the station."""
        return self._handler.reservation_check(None if evse is None else evse.evse_id, token, group)

    def reservations_to_drop(self) -> tuple[Reservation, ...]:
        """What can no longer be kept."""
        return self._handler.book.too_many(self._handler.places)

    @property
    def kept(self) -> frozenset[int]:
        """EVSEs that those need who have reserved any."""
        return self._handler.kept

    def settings_changed(self) -> None:
        """Timeout or master pass group have new values: they hold for the next card."""
        self._handler.settings = handler_settings(self._station)

    def forget(self) -> None:
        """The station starts anew: what was granted is gone, what is plugged stays plugged."""
        self._timers.stop_all()
        self._validation.forget()
        self._handler = self._new_handler()
        for evse in self._station.evses:
            evse.grant = None
            if evse.plugged_connector is not None:
                self._run(self._handler.plugged_in(evse.evse_id))
            self.usability_changed(evse)

    def resume(self) -> None:
        """The station goes on where an earlier process of it has stopped: what runs holds its EVSE."""
        self.forget()
        for evse in self._station.evses:
            if evse.transaction is not None:
                held = ProvidedIdToken(evse.transaction.token, connectors=(evse.evse_id,))
                self._run(self._handler.transaction_started(evse.evse_id, held, evse.transaction.group))

    def stop(self) -> None:
        """No timer fires any more."""
        self._timers.stop_all()
        self._validation.forget()

    # -- effects --------------------------------------------------------------------------------------------------

    def _run(self, effects: Iterable[fx.Effect]) -> None:
        used = False
        for effect in effects:
            match effect:
                case fx.Publish(token, status, messages):
                    self._facts.token_status(token, status.value, messages)
                case fx.Validate(request, token):
                    self._validate(request, token)
                case fx.Grant(evse_id, token, result):
                    self._granted(self._station.evses[evse_id - 1], token, result)
                case fx.WithdrawGrant(evse_id, asked):
                    self._withdrawn(self._station.evses[evse_id - 1], asked)
                case fx.StopTransaction(evse_id, reason, token):
                    evse = self._station.evses[evse_id - 1]
                    if evse.transaction is not None:
                        self._station.transactions.end(evse, reason.value, token)
                case fx.ReservationUsed(evse_id, reservation_id):
                    self._station.reservations.used(reservation_id, self._station.evses[evse_id - 1])
                    used = True
                case fx.StartTimer(timer, seconds):
                    self._timers.start(timer, seconds, lambda timer=timer: self._expired(timer))  # type: ignore[misc]
                case fx.StopTimer(timer):
                    self._timers.stop(timer)
                case fx.Handled(token, outcome, result):
                    self._handled(token, outcome, result)
                case fx.Deny(evse_id, token, result):
                    self._facts.reaches(evse_id, token, result)
        # Not before the card has its EVSE: between reservation and grant the connector would be Available.
        if used or self._handler.book.of_any:
            self._station.reservations.refresh()

    def _validate(self, request: int, token: ProvidedIdToken) -> None:
        handler = self._handler
        self._validation.judge(token, lambda results: self._run(handler.validated(request, *results)))

    def _expired(self, timer: fx.Timer) -> None:
        self._run(self._handler.timer_expired(timer))
        if timer.kind is fx.TimerKind.PLUG_IN:
            evse = self._station.evses[timer.subject - 1]
            connector = evse.plugged_connector
            if connector is not None and evse.transaction is None and evse.grant is None:
                connector.finished = True  # it must leave before anybody can charge there (1.6 B6)
                self._station.statuses.refresh(evse)

    def _granted(self, evse: Evse, token: ProvidedIdToken, result: ValidationResult) -> None:
        remote = token.authorization_type is AuthorizationType.OCPP
        trigger = StartTrigger.REMOTE_START if remote else StartTrigger.AUTHORIZED
        grant = Grant(
            token.id_token,
            result.parent_id_token or token.parent_id_token,
            trigger,
            token.request_id,
            result.reservation_id,
        )
        evse.grant = grant
        self._facts.reaches(evse.evse_id, token, result)
        if token.prevalidated:
            self._facts.verdict(token, AuthorizationRoute.STATION, result)
        if evse.plugged_connector is not None:
            self._begin(evse, grant)
        else:
            self.session(evse, SessionEvent.GRANTED)
            self._station.statuses.refresh(evse)

    def _begin(self, evse: Evse, grant: Grant) -> None:
        if self._plugging:
            grant.trigger = StartTrigger.CABLE_PLUGGED_IN
        transaction = self._station.transactions.begin(evse, grant)
        held = ProvidedIdToken(transaction.token, connectors=(evse.evse_id,))
        self._run(self._handler.transaction_started(evse.evse_id, held, transaction.group))

    def _withdrawn(self, evse: Evse, asked: bool) -> None:
        evse.grant = None
        evse.goal = None
        self.session(evse, SessionEvent.DEAUTHORIZED if asked else SessionEvent.WITHDRAWN)
        self._station.availability.prepared(evse)
        self._station.statuses.refresh(evse)

    def _handled(self, token: ProvidedIdToken, outcome: TokenHandlingResult, result: ValidationResult | None) -> None:
        if outcome is TokenHandlingResult.ALREADY_IN_PROCESS and result is not None:
            why = "a card of its group is granted an EVSE where no transaction runs yet (AUTH-8b)"
            self._station.note(f"{token.id_token.value} is ignored: {why}")
        if outcome is TokenHandlingResult.NO_CONNECTOR_AVAILABLE and result is None:
            # The station has refused by itself, without asking anyone.
            reason = self._handler.obstacles(token)
            self._facts.verdict(
                token, AuthorizationRoute.STATION, ValidationResult(policy_of(self._station).refusal), reason
            )

    # -- the handler ----------------------------------------------------------------------------------------------

    def _new_handler(self) -> AuthorizationHandler:
        evses = {evse.evse_id: [c.connector_id for c in evse.connectors] for evse in self._station.evses}
        return AuthorizationHandler(
            evses, handler_settings(self._station), self._station.reservations.book, frozenset({CONNECTOR_TYPE})
        )
