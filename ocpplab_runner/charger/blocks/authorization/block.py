"""Presented cards and remote starts: carries out what the authorization room decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.authorization import effects as fx
from ocpplab_runner.authorization.cache import AuthorizationCache, CacheEntry
from ocpplab_runner.authorization.handler import AuthorizationHandler, HandlerSettings
from ocpplab_runner.authorization.local_decision import AuthorizationPolicy, learn, refusal
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
from ocpplab_runner.charger.blocks.authorization.contract import Contract, as_provided, looked_at
from ocpplab_runner.charger.blocks.authorization.payment_hold import PaymentHolds
from ocpplab_runner.charger.blocks.authorization.token_facts import TokenFacts
from ocpplab_runner.charger.blocks.authorization.validation import Validation
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import (
    Authorized,
    PoweredUp,
    Restarting,
    Resumed,
    TokenHandled,
    TokenWaits,
    UsabilityChanged,
    WentDown,
    Withdrawn,
)
from ocpplab_runner.charger.core.evse import CONNECTOR_TYPE, Evse, Grant
from ocpplab_runner.charger.core.json_values import known_token, token_out, verdict_in, verdict_out
from ocpplab_runner.charger.core.model import BootReason, Outgoing, SessionEvent, StartTrigger
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, LOCAL_LIST, RESERVATIONS
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion


class Authorization(Block):
    """Where tokens are presented: feeds the pure handler, and does what it says.

    Attributes:
        cache: the authorization cache; survives power cycles.
        failed: the verdict on a card when the CSMS could not be made to give one.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._plugging = False
        self.failed = refusal(context.version)
        self._facts = TokenFacts(context.observer)
        self._validation = Validation(context, self, self._facts)
        self._holds = PaymentHolds(self._timers, context.equipment.evses)
        self._handler: AuthorizationHandler
        self.cache = AuthorizationCache(match_types=context.version is not OcppVersion.V16)
        start = context.time.now()
        for card, data in context.config.cache.items():
            self.cache.update(IdToken(card), data.result(start), start)
        context.offer(AUTHORIZATION, self)

    def assembled(self) -> None:
        """The settings are there."""
        super().assembled()
        self._handler = self._new_handler()
        self._lifetime_changed()

    def variables(self) -> Iterable[Variable]:
        """What decides about cards."""
        return (
            setting("connection_timeout", minimum=1, changed=self._settings_changed),
            setting("local_pre_authorize"),
            setting("local_authorize_offline"),
            setting("allow_offline_tx_for_unknown_id"),
            setting("cache_enabled"),
            setting("cache_lifetime", changed=self._lifetime_changed),
            setting("master_pass_group", changed=self._settings_changed),
        )

    # -- one version's words --------------------------------------------------------------------------------------

    def request(self, token: IdToken, contract: Contract | None = None) -> Outgoing:
        """Authorize; of a contract with its certificate, or what names that."""
        raise NotImplementedError

    def wrong(self, provided: ProvidedIdToken) -> str | None:
        """What the version cannot say of a token, as Authorize would; None where it can."""
        outgoing = self.request(provided.id_token, as_provided(provided))
        breach = validate_request(self.context.version, outgoing.action, dict(outgoing.payload))
        return None if breach is None else str(breach)

    def contract(self, provided: ProvidedIdToken) -> Contract | None:
        """What is to be done with the contract certificate of a token; None where it has none."""
        return looked_at(self.context, provided)

    def verdict(self, token: IdToken, payload: Mapping[str, Any]) -> ValidationResult:
        """Read its answer about a token, which has passed the schema.

        Raises:
            ValueError: it says nothing of the token; the text says why.
        """
        raise NotImplementedError

    def policy(self) -> AuthorizationPolicy:
        """What decides whether list, cache or the CSMS is asked about a card, as it stands now."""
        variables = self.context.variables
        return AuthorizationPolicy(
            version=self.context.version,
            local_pre_authorize=variables.boolean("local_pre_authorize"),
            local_authorize_offline=variables.boolean("local_authorize_offline"),
            allow_offline_tx_for_unknown_id=variables.boolean("allow_offline_tx_for_unknown_id"),
            cache_enabled=variables.boolean("cache_enabled"),
            local_list_enabled=variables.boolean("local_list_enabled")
            and "LocalAuthListManagement" in self.context.config.features,
        )

    # -- tokens ---------------------------------------------------------------------------------------------------

    def why_ignored(self, token: ProvidedIdToken) -> str:
        """Why a token would be ignored if it were presented now (rule 2); empty when it would be handled."""
        return self._handler.why_ignored(token)

    def present(self, token: ProvidedIdToken) -> None:
        """A token is presented: a card at the reader, or the one of a remote start."""
        unknown = [str(number) for number in token.connectors if not 1 <= number <= len(self.context.equipment.evses)]
        if unknown:
            self.context.note(f"{token.id_token.value} names EVSE {' and '.join(unknown)}, which is not there")
        left = self._holds.left_of(token)
        if left is None:
            self._facts.verdict(token, AuthorizationRoute.STATION, self.failed, "somebody pays for it in a browser")
        else:
            self._run(self._handler.present(left))

    def hold_for_payment(self, evse: Evse, seconds: float) -> None:
        """Somebody pays for an EVSE elsewhere: nobody at the station takes it for so long, or until that has begun."""
        self._holds.hold(evse, seconds)

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
        learn(
            token,
            result,
            policy=self.policy(),
            local_list=self.context.ask(LOCAL_LIST).entries,
            cache=self.cache,
            now=self.context.time.now(),
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
        self._session(evse, SessionEvent.CABLE_PLUGGED)
        try:
            self._run(self._handler.plugged_in(evse.evse_id))
            if evse.grant is not None and evse.transaction is None:
                self._begin(evse, evse.grant)
        finally:
            self._plugging = False

    def unplugged(self, evse: Evse) -> None:
        """The EV is gone."""
        self._session(evse, SessionEvent.CABLE_UNPLUGGED)
        evse.grant = None
        self._run(self._handler.unplugged(evse.evse_id))
        self.context.ask(STATUS).prepared(evse)
        self._look_at(evse)

    def replugged(self, evse: Evse) -> None:
        """The car of an ended transaction counts as one that has just come."""
        self._run(self._handler.unplugged(evse.evse_id))
        self._run(self._handler.plugged_in(evse.evse_id))

    def _session(self, evse: Evse, event: SessionEvent) -> None:
        self.context.ask(TRANSACTIONS).session(evse, event)

    def start_raw(self, evse: Evse, token: IdToken) -> None:
        """Begin a transaction without authorizing its card; a car that has finished prepares anew (1.6 section 4.9)."""
        connector = evse.plugged_connector
        if connector is not None and connector.finished:
            connector.finished = False
            self.context.ask(STATUS).refresh(evse)
        self._begin(evse, Grant(token, None, StartTrigger.AUTHORIZED))

    def transaction_over(self, evse: Evse) -> None:
        """A transaction has ended."""
        self._run(self._handler.transaction_finished(evse.evse_id))
        if evse.plugged_connector is None:
            self._run(self._handler.unplugged(evse.evse_id))
        self._look_at(evse)

    def transaction_goes_on(self, evse: Evse) -> None:
        """What runs at an EVSE, if anything, holds it by its card."""
        if evse.transaction is not None:
            held = ProvidedIdToken(evse.transaction.token, connectors=(evse.evse_id,))
            self._run(self._handler.transaction_started(evse.evse_id, held, evse.transaction.group))

    @hears(UsabilityChanged)
    def usability_changed(self, event: UsabilityChanged) -> None:
        """What an EVSE was granted is taken back where it can no longer be used (rule 16)."""
        if not self._acceptable(event.evse):
            self.withdraw(event.evse)
        self._look_at(event.evse)

    def _look_at(self, evse: Evse) -> None:
        """The handler hears how an EVSE stands."""
        station_broken = self.context.equipment.broken
        for connector in evse.connectors:
            where = (evse.evse_id, connector.connector_id)
            operative = self.context.equipment.in_service(evse, connector)
            self._run((self._handler.enabled if operative else self._handler.disabled)(*where))
            broken = connector.broken is not None or station_broken
            self._run((self._handler.faulted if broken else self._handler.fault_cleared)(*where))

    def _acceptable(self, evse: Evse) -> bool:
        """Whether a card may hold an EVSE in its present condition (rule 16)."""
        equipment = self.context.equipment
        if not self.context.config.authorization.ignore_connector_faults:
            return equipment.usable(evse)
        return any(equipment.in_service(evse, connector) for connector in evse.connectors)

    def withdraw(self, evse: Evse) -> None:
        """Take back what was granted on an EVSE, if no transaction has begun."""
        if evse.grant is not None:
            self._run(self._handler.revoked(evse.evse_id))

    def give_up(self, token: IdToken) -> None:
        """A token waits for an EVSE no longer."""
        self._run(self._handler.withdraw(None, token)[1])

    def withdraw_authorization(self, evse_id: int | None, token: IdToken | None) -> WithdrawAuthorizationResult:
        """Take authorizations back: of an EVSE, of a token, of both, or every one (rule 17)."""
        answer, effects = self._handler.withdraw(evse_id, token)
        self._facts.withdrawal(answer, evse_id, token)
        self._run(effects)
        return answer

    # -- reservations ---------------------------------------------------------------------------------------------

    def reserve(self, reservation: Reservation) -> tuple[ReservationResult, Reservation | None]:
        """Make a reservation; returns the answer, and the one of the same number that is lost."""
        return self._handler.reserve(reservation, self.context.time.now())

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

    # -- power ----------------------------------------------------------------------------------------------------

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """What was granted is gone, what is plugged stays plugged."""
        self._handler = self._new_handler()
        for evse in self.context.equipment.evses:
            evse.grant = None
            self.transaction_goes_on(evse)
            if evse.plugged_connector is not None:
                self._run(self._handler.plugged_in(evse.evse_id))
            self._look_at(evse)

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """The station goes on where an earlier process of it has stopped: what runs holds its EVSE."""
        self.powered_up(PoweredUp(BootReason.POWER_UP))

    @hears(Restarting)
    def restarting(self, event: Restarting) -> None:
        """What waits for a cable does so no more."""
        self.withdraw(event.evse)

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """No timer fires any more."""
        self.stop()

    def stop(self) -> None:
        """No timer fires any more, and nobody waits for a verdict."""
        super().stop()
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
                    self._granted(self.context.equipment.evses[evse_id - 1], token, result)
                case fx.WithdrawGrant(evse_id, asked):
                    self._withdrawn(self.context.equipment.evses[evse_id - 1], asked)
                case fx.StopTransaction(evse_id, reason, token):
                    evse = self.context.equipment.evses[evse_id - 1]
                    if evse.transaction is not None:
                        self.context.ask(TRANSACTIONS).end(evse, reason.value, token)
                case fx.ReservationUsed(evse_id, reservation_id):
                    self.context.ask(RESERVATIONS).used(reservation_id, self.context.equipment.evses[evse_id - 1])
                    used = True
                case fx.StartTimer(timer, seconds):
                    self._timers.start(timer, seconds, lambda timer=timer: self._expired(timer))  # type: ignore[misc]
                    if timer.kind is fx.TimerKind.WAIT:
                        self.context.events.tell(TokenWaits(self._handler.token_of(timer.subject)))
                case fx.StopTimer(timer):
                    self._timers.stop(timer)
                case fx.Handled(token, outcome, judged):
                    self._handled(token, outcome, judged)
                case fx.Deny(evse_id, token, result):
                    self._facts.reaches(evse_id, token, result)
        # Not before the card has its EVSE: between reservation and grant the connector would be Available.
        if used or self._handler.book.of_any:
            self.context.ask(RESERVATIONS).refresh()

    def _validate(self, request: int, token: ProvidedIdToken) -> None:
        handler = self._handler
        self._validation.judge(token, lambda results: self._run(handler.validated(request, *results)))

    def _expired(self, timer: fx.Timer) -> None:
        self._run(self._handler.timer_expired(timer))
        if timer.kind is fx.TimerKind.PLUG_IN:
            evse = self.context.equipment.evses[timer.subject - 1]
            connector = evse.plugged_connector
            if connector is not None and evse.transaction is None and evse.grant is None:
                connector.finished = True  # it must leave before anybody can charge there (1.6 B6)
                self.context.ask(STATUS).refresh(evse)

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
        self.context.events.tell(Authorized(evse, token, result))
        if token.prevalidated:
            self._facts.verdict(token, AuthorizationRoute.STATION, result)
        if evse.plugged_connector is not None:
            self._begin(evse, grant)
        else:
            self._session(evse, SessionEvent.GRANTED)
            self.context.ask(STATUS).refresh(evse)

    def _begin(self, evse: Evse, grant: Grant) -> None:
        if self._plugging:
            grant.trigger = StartTrigger.CABLE_PLUGGED_IN
        self.context.ask(TRANSACTIONS).begin(evse, grant)
        self._run(self._handler.transaction_started(evse.evse_id))

    def _withdrawn(self, evse: Evse, asked: bool) -> None:
        evse.grant = None
        evse.goal = None
        self._session(evse, SessionEvent.DEAUTHORIZED if asked else SessionEvent.WITHDRAWN)
        self.context.ask(STATUS).prepared(evse)
        self.context.ask(STATUS).refresh(evse)
        self.context.events.tell(Withdrawn(evse))

    def _handled(self, token: ProvidedIdToken, outcome: TokenHandlingResult, judged: bool) -> None:
        if outcome is TokenHandlingResult.ALREADY_IN_PROCESS and judged:
            why = "a card of its group is granted an EVSE where no transaction runs yet (AUTH-8b)"
            self.context.note(f"{token.id_token.value} is ignored: {why}")
        if outcome is TokenHandlingResult.NO_CONNECTOR_AVAILABLE and not judged:
            # The station has refused by itself, without asking anyone.
            reason = self._handler.obstacles(token)
            self._facts.verdict(token, AuthorizationRoute.STATION, self.failed, reason)
        self.context.events.tell(TokenHandled(token, outcome))

    # -- the handler ----------------------------------------------------------------------------------------------

    def _new_handler(self) -> AuthorizationHandler:
        evses = {evse.evse_id: [c.connector_id for c in evse.connectors] for evse in self.context.equipment.evses}
        book = self.context.ask(RESERVATIONS).book
        return AuthorizationHandler(evses, self._settings(), book, frozenset({CONNECTOR_TYPE}))

    def _settings(self) -> HandlerSettings:
        options = self.context.config.authorization
        return HandlerSettings(
            connection_timeout=self.context.variables.integer("connection_timeout"),
            selection_algorithm=options.selection_algorithm,
            master_pass_group_id=self.context.variables.text("master_pass_group"),
            prioritize_authorization_over_stopping_transaction=(
                options.prioritize_authorization_over_stopping_transaction
            ),
            plug_in_timeout_enabled=options.plug_in_timeout,
            ignore_connector_faults=options.ignore_connector_faults,
            stop_transaction_on_reswipe=options.stop_transaction_on_reswipe,
            quirks=options.quirks,
        )

    def _settings_changed(self) -> None:
        """They hold for the next card."""
        self._handler.settings = self._settings()

    def _lifetime_changed(self) -> None:
        seconds = self.context.variables.integer("cache_lifetime")
        self.cache.lifetime = timedelta(seconds=seconds) if seconds > 0 else None

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """The cache; what is granted is not kept: the driver presents the card again."""
        return {
            "cache": [
                [token_out(entry.token), verdict_out(entry.result), entry.updated.isoformat()]
                for entry in self.cache.snapshot()
            ]
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put it back."""
        self.cache.restore(
            tuple(
                CacheEntry(known_token(token), verdict_in(result), datetime.fromisoformat(updated))
                for token, result, updated in memory["cache"]
            )
        )

    def snapshot(self) -> Mapping[str, Any]:
        """How many cards the cache knows."""
        return {"cache": len(self.cache)}
