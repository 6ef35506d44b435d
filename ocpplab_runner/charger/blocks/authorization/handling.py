"""Carries out what the authorization room decides: its effects become grants, transactions, timers and facts."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.authorization import effects as fx
from ocpplab_runner.authorization.handler import AuthorizationHandler, HandlerSettings
from ocpplab_runner.authorization.types import (
    AuthorizationType,
    ProvidedIdToken,
    TokenHandlingResult,
    ValidationResult,
)
from ocpplab_runner.charger.blocks.authorization.payment_hold import PaymentHolds
from ocpplab_runner.charger.blocks.authorization.token_facts import TokenFacts
from ocpplab_runner.charger.blocks.authorization.validation import Validation
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Authorized, TokenHandled, TokenWaits, Withdrawn
from ocpplab_runner.charger.core.evse import CONNECTOR_TYPE, Evse, Grant
from ocpplab_runner.charger.core.model import SessionEvent, StartTrigger
from ocpplab_runner.charger.core.services.authorization import RESERVATIONS
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute


class Handling:
    """The pure handler of one life of the station, and what it has the station do.

    Args:
        context: the station.
        timers: run out for the handler.
        facts: hear of every step of a token.
        validation: asks the validators.
        holds: what somebody pays for elsewhere.
        failed: the verdict of a station that refuses by itself.

    Attributes:
        handler: decides; made by :meth:`renew`.
        plugging: whether an EV is being plugged in: what begins meanwhile begins for that.
    """

    __slots__ = ("_context", "_facts", "_failed", "_holds", "_timers", "_validation", "handler", "plugging")

    def __init__(
        self,
        context: Context,
        timers: Timers,
        facts: TokenFacts,
        validation: Validation,
        holds: PaymentHolds,
        failed: ValidationResult,
    ) -> None:
        self._context = context
        self._timers = timers
        self._facts = facts
        self._validation = validation
        self._holds = holds
        self._failed = failed
        self.handler: AuthorizationHandler
        self.plugging = False

    def renew(self) -> None:
        """Begin with a handler that knows of nothing but the reservations: the station has started."""
        equipment = self._context.equipment
        evses = {evse.evse_id: [one.connector_id for one in evse.connectors] for evse in equipment.evses}
        book = self._context.ask(RESERVATIONS).book
        self.handler = AuthorizationHandler(evses, self._settings(), book, frozenset({CONNECTOR_TYPE}))

    def settings_changed(self) -> None:
        """They hold for the next card."""
        self.handler.settings = self._settings()

    def _settings(self) -> HandlerSettings:
        options, variables = self._context.config.authorization, self._context.variables
        return HandlerSettings(
            connection_timeout=variables.integer("connection_timeout"),
            selection_algorithm=options.selection_algorithm,
            master_pass_group_id=variables.text("master_pass_group"),
            prioritize_authorization_over_stopping_transaction=(
                options.prioritize_authorization_over_stopping_transaction
            ),
            plug_in_timeout_enabled=options.plug_in_timeout,
            ignore_connector_faults=options.ignore_connector_faults,
            stop_transaction_on_reswipe=options.stop_transaction_on_reswipe,
            quirks=options.quirks,
        )

    def run(self, effects: Iterable[fx.Effect]) -> None:
        """Do what the handler says, in its order."""
        used = False
        for effect in effects:
            match effect:
                case fx.Publish(token, status, messages):
                    self._facts.token_status(token, status.value, messages)
                case fx.Validate(request, token):
                    self._validate(request, token)
                case fx.Grant(evse_id, token, result):
                    self._granted(self._evse(evse_id), token, result)
                case fx.WithdrawGrant(evse_id, asked):
                    self._withdrawn(self._evse(evse_id), asked)
                case fx.StopTransaction(evse_id, reason, token):
                    evse = self._evse(evse_id)
                    if evse.transaction is not None:
                        self._context.ask(TRANSACTIONS).end(evse, reason.value, token)
                case fx.ReservationUsed(evse_id, reservation_id):
                    self._context.ask(RESERVATIONS).used(reservation_id, self._evse(evse_id))
                    used = True
                case fx.StartTimer(timer, seconds):
                    self._timers.start(timer, seconds, lambda timer=timer: self._expired(timer))  # type: ignore[misc]
                    if timer.kind is fx.TimerKind.WAIT:
                        self._context.events.tell(TokenWaits(self.handler.token_of(timer.subject)))
                case fx.StopTimer(timer):
                    self._timers.stop(timer)
                case fx.Handled(token, outcome, judged):
                    self._handled(token, outcome, judged)
                case fx.Deny(evse_id, token, result):
                    self._facts.reaches(evse_id, token, result)
        # Not before the card has its EVSE: between reservation and grant the connector would be Available.
        if used or self.handler.book.of_any:
            self._context.ask(RESERVATIONS).refresh()

    def begin(self, evse: Evse, grant: Grant) -> None:
        """Begin the transaction that an EVSE is granted for."""
        if self.plugging:
            grant.trigger = StartTrigger.CABLE_PLUGGED_IN
        self._context.ask(TRANSACTIONS).begin(evse, grant)
        self.run(self.handler.transaction_started(evse.evse_id))

    def _evse(self, evse_id: int) -> Evse:
        return self._context.equipment.evses[evse_id - 1]

    def _validate(self, request: int, token: ProvidedIdToken) -> None:
        handler = self.handler
        self._validation.judge(token, lambda results: self.run(handler.validated(request, *results)))

    def _expired(self, timer: fx.Timer) -> None:
        self.run(self.handler.timer_expired(timer))
        if timer.kind is fx.TimerKind.PLUG_IN:
            evse = self._evse(timer.subject)
            connector = evse.plugged_connector
            if connector is not None and evse.transaction is None and evse.grant is None:
                connector.finished = True  # it must leave before anybody can charge there (1.6 B6)
                self._context.ask(STATUS).refresh(evse)

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
        self._holds.release(evse)
        self._facts.reaches(evse.evse_id, token, result)
        self._context.events.tell(Authorized(evse, token, result))
        # Nobody was asked, so that no frame and no validator shows the verdict (AUTH-7).
        if token.prevalidated:
            self._facts.verdict(token, AuthorizationRoute.STATION, result)
        if evse.plugged_connector is not None:
            self.begin(evse, grant)
        else:
            self._context.ask(TRANSACTIONS).session(evse, SessionEvent.GRANTED)
            self._context.ask(STATUS).refresh(evse)

    def _withdrawn(self, evse: Evse, asked: bool) -> None:
        evse.grant = None
        evse.goal = None
        event = SessionEvent.DEAUTHORIZED if asked else SessionEvent.WITHDRAWN
        self._context.ask(TRANSACTIONS).session(evse, event)
        self._context.ask(STATUS).prepared(evse)
        self._context.ask(STATUS).refresh(evse)
        self._context.events.tell(Withdrawn(evse))

    def _handled(self, token: ProvidedIdToken, outcome: TokenHandlingResult, judged: bool) -> None:
        if outcome is TokenHandlingResult.ALREADY_IN_PROCESS and judged:
            why = "a card of its group is granted an EVSE where no transaction runs yet (AUTH-8b)"
            self._context.note(f"{token.id_token.value} is ignored: {why}")
        if outcome is TokenHandlingResult.NO_CONNECTOR_AVAILABLE and not judged:
            # The station has refused by itself, without asking anyone.
            reason = self.handler.obstacles(token)
            self._facts.verdict(token, AuthorizationRoute.STATION, self._failed, reason)
        self._context.events.tell(TokenHandled(token, outcome))
