"""Presented cards and remote starts: carries out what the authorization room decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ocpplab_runner import clock
from ocpplab_runner.authorization import effects as fx
from ocpplab_runner.authorization.evse_state import Reservation as HeldReservation
from ocpplab_runner.authorization.handler import AuthorizationHandler, HandlerSettings
from ocpplab_runner.authorization.local_decision import (
    AskCsms,
    AuthorizationPolicy,
    Decided,
    decide,
    learn,
)
from ocpplab_runner.authorization.types import (
    AuthorizationType,
    IdToken,
    ProvidedIdToken,
    TokenHandlingResult,
    ValidationResult,
)
from ocpplab_runner.charger.evse import Evse, Grant, Reservation
from ocpplab_runner.charger.model import SessionEvent, StartTrigger
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.records import SessionClosed
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


class CardDesk:
    """Where tokens are presented: feeds the pure handler, and does what it says."""

    __slots__ = ("_handler", "_plugging", "_station", "_timers")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self._plugging = False
        self._handler = self._new_handler()

    # -- tokens ---------------------------------------------------------------------------------------------------

    def present(self, token: ProvidedIdToken) -> None:
        """A token is presented: a card at the reader, or the one of a remote start."""
        self._run(self._handler.present(token))

    def can_start(self, evse: Evse) -> bool:
        """Whether a card could be granted that EVSE now; reservations are not looked at."""
        return self._handler.available(evse.evse_id)

    def learn(self, token: IdToken, result: ValidationResult) -> None:
        """The CSMS has given a verdict on a token: the cache may remember it."""
        station = self._station
        learn(
            token,
            result,
            policy=self.policy(),
            local_list=station.local_list,
            cache=station.cache,
            now=clock.utcnow(),
        )

    def later_verdict(self, evse: Evse, result: ValidationResult) -> None:
        """The CSMS has given a verdict on the card of a running transaction."""
        self._run(self._handler.result_updated(evse.evse_id, result))

    def policy(self) -> AuthorizationPolicy:
        """The settings that decide, as they stand now."""
        settings = self._station.settings
        return self._station.dialect.authorization_policy(
            AuthorizationPolicy(
                version=self._station.version,
                local_pre_authorize=settings.boolean("local_pre_authorize"),
                local_authorize_offline=settings.boolean("local_authorize_offline"),
                allow_offline_tx_for_unknown_id=settings.boolean("allow_offline_tx_for_unknown_id"),
                cache_enabled=settings.boolean("cache_enabled"),
                local_list_enabled=settings.boolean("local_list_enabled")
                and "LocalAuthListManagement" in self._station.config.features,
            )
        )

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
        self.usability_changed(evse)

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
            operative = connector.operative and self._station.operative
            self._run((self._handler.enabled if operative else self._handler.disabled)(*where))
            broken = connector.broken is not None or station_broken
            self._run((self._handler.faulted if broken else self._handler.fault_cleared)(*where))

    def withdraw(self, evse: Evse) -> None:
        """Take back what was granted on an EVSE, if no transaction has begun."""
        if evse.grant is not None:
            self._run(self._handler.withdraw(evse.evse_id)[1])

    def reserve(self, evse: Evse, reservation: Reservation | None) -> None:
        """An EVSE is reserved, or its reservation has ended."""
        held = None
        if reservation is not None:
            held = HeldReservation(reservation.reservation_id, reservation.token, reservation.group)
        self._run(self._handler.reserve(evse.evse_id, held))

    def settings_changed(self) -> None:
        """Timeout or master pass group have new values: they hold for the next card."""
        self._handler.settings = self._handler_settings()

    def forget(self) -> None:
        """The station starts anew: what was granted is gone, what is plugged stays plugged."""
        self._timers.stop_all()
        self._handler = self._new_handler()
        for evse in self._station.evses:
            evse.grant = None
            if evse.plugged_connector is not None:
                self._run(self._handler.plugged_in(evse.evse_id))
            self.usability_changed(evse)
            self.reserve(evse, evse.reservation)

    def stop(self) -> None:
        """No timer fires any more."""
        self._timers.stop_all()

    # -- effects --------------------------------------------------------------------------------------------------

    def _run(self, effects: Iterable[fx.Effect]) -> None:
        for effect in effects:
            match effect:
                case fx.Publish(token, status):
                    self._tell("token_status", token, {"is": status.value})
                case fx.Validate(request, token):
                    self._validate(request, token)
                case fx.Grant(evse_id, token, result):
                    self._granted(self._station.evses[evse_id - 1], token, result)
                case fx.WithdrawGrant(evse_id):
                    self._withdrawn(self._station.evses[evse_id - 1])
                case fx.StopTransaction(evse_id, reason, token):
                    evse = self._station.evses[evse_id - 1]
                    if evse.transaction is not None:
                        self._station.transactions.end(evse, reason.value, token)
                case fx.ReservationUsed(evse_id, _):
                    self._station.reservations.used(self._station.evses[evse_id - 1])
                case fx.StartTimer(timer, seconds):
                    self._timers.start(timer, seconds, lambda timer=timer: self._expired(timer))  # type: ignore[misc]
                case fx.StopTimer(timer):
                    self._timers.stop(timer)
                case fx.Handled(token, outcome, result):
                    self._handled(token, outcome, result)
                case fx.Deny():
                    pass

    def _expired(self, timer: fx.Timer) -> None:
        self._run(self._handler.timer_expired(timer))

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
        if token.prevalidated:
            self._verdict(token, AuthorizationRoute.STATION, result)
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

    def _withdrawn(self, evse: Evse) -> None:
        evse.grant = None
        evse.goal = None
        self.session(evse, SessionEvent.WITHDRAWN)
        self._station.statuses.refresh(evse)

    def _handled(self, token: ProvidedIdToken, outcome: TokenHandlingResult, result: ValidationResult | None) -> None:
        if outcome is TokenHandlingResult.NO_CONNECTOR_AVAILABLE and result is None:
            # The station has refused by itself, without asking anyone.
            self._verdict(token, AuthorizationRoute.STATION, ValidationResult(self.policy().refusal))

    # -- validation -----------------------------------------------------------------------------------------------

    def _validate(self, request: int, token: ProvidedIdToken) -> None:
        station = self._station
        decision = decide(
            token.id_token,
            online=station.online,
            policy=self.policy(),
            local_list=station.local_list,
            cache=station.cache,
            now=clock.utcnow(),
        )
        if isinstance(decision, Decided):
            self._verdict(token, decision.route, decision.result)
            self._validated(request, token, decision.route, decision.result)
            return
        assert isinstance(decision, AskCsms)
        handler = self._handler

        def answered(answer: Answer | Exception) -> None:
            if handler is self._handler and station.powered:
                self._authorized(request, token, answer)

        station.post_raw(station.dialect.authorize(token.id_token), answered)

    def _authorized(self, request: int, token: ProvidedIdToken, answer: Answer | Exception) -> None:
        station = self._station
        if isinstance(answer, SessionClosed):
            self._validate(request, token)  # offline now: list, cache and the rule for unknown cards decide
            return
        if isinstance(answer, CallResult):
            result = station.dialect.authorize_answer(answer.payload)
            self.learn(token.id_token, result)
            self._validated(request, token, AuthorizationRoute.AUTHORIZE, result)
            return
        result = station.dialect.failed_authorization
        self._verdict(token, AuthorizationRoute.STATION, result)
        self._validated(request, token, AuthorizationRoute.STATION, result)

    def _validated(
        self, request: int, token: ProvidedIdToken, route: AuthorizationRoute, result: ValidationResult
    ) -> None:
        self._tell(
            "validation_result",
            token,
            {"is": result.authorization_status.value, "via": route.value, **_group(result)},
        )
        self._run(self._handler.validated(request, result))

    def _verdict(self, token: ProvidedIdToken, route: AuthorizationRoute, result: ValidationResult) -> None:
        """A verdict that no frame shows."""
        self._tell(
            "auth_status", token, {"is": result.authorization_status.value, "via": route.value, **_group(result)}
        )

    def _tell(self, name: str, token: ProvidedIdToken, fields: Mapping[str, Any]) -> None:
        told = {**fields, "id_tag": token.id_token.value}
        if len(token.connectors) == 1:
            told["evse_id"] = token.connectors[0]
        self._station.observer.fact(name, told)

    # -- the handler ----------------------------------------------------------------------------------------------

    def _new_handler(self) -> AuthorizationHandler:
        evses = {evse.evse_id: [c.connector_id for c in evse.connectors] for evse in self._station.evses}
        return AuthorizationHandler(evses, self._handler_settings())

    def _handler_settings(self) -> HandlerSettings:
        station = self._station
        return HandlerSettings(
            connection_timeout=station.settings.integer("connection_timeout"),
            selection_algorithm=station.config.selection_algorithm,
            master_pass_group_id=station.settings.text("master_pass_group"),
        )


def _group(result: ValidationResult) -> dict[str, str]:
    parent = result.parent_id_token
    return {} if parent is None else {"parent_id_token": parent.value}
