"""Presented cards and remote starts: what reaches the authorization room, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.authorization.cache import AuthorizationCache, CacheEntry
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.local_decision import AuthorizationPolicy, learn, refusal
from ocpplab_runner.authorization.reservation_book import Reservation
from ocpplab_runner.authorization.types import (
    IdToken,
    ProvidedIdToken,
    ReservationCheckStatus,
    ReservationResult,
    ValidationResult,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.charger.blocks.authorization.contract import Contract, as_provided, looked_at
from ocpplab_runner.charger.blocks.authorization.handling import Handling
from ocpplab_runner.charger.blocks.authorization.payment_hold import PaymentHolds
from ocpplab_runner.charger.blocks.authorization.token_facts import TokenFacts
from ocpplab_runner.charger.blocks.authorization.validation import Validation
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import (
    PoweredUp,
    Restarting,
    Resumed,
    UsabilityChanged,
    WentDown,
)
from ocpplab_runner.charger.core.evse import Evse, Grant
from ocpplab_runner.charger.core.json_values import known_token, token_out, verdict_in, verdict_out
from ocpplab_runner.charger.core.model import BootReason, Outgoing, SessionEvent, StartTrigger
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, LOCAL_LIST
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion


class Authorization(Block):
    """Where tokens are presented: feeds the pure handler; what that says is done in :mod:`.handling`.

    Attributes:
        cache: the authorization cache; survives power cycles.
        failed: the verdict on a card when the CSMS could not be made to give one.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.failed = refusal(context.version)
        self._facts = TokenFacts(context.observer)
        self._validation = Validation(context, self, self._facts)
        self._holds = PaymentHolds(self._timers, context.equipment.evses)
        self._handling = Handling(context, self._timers, self._facts, self._validation, self._holds, self.failed)
        # An idTag of 1.6 has no type; in 2.x number and type together tell tokens apart.
        self.cache = AuthorizationCache(match_types=context.version is not OcppVersion.V16)
        start = context.time.now()
        for card, data in context.config.cache.items():
            self.cache.update(data.token(card), data.result(start), start)
        context.offer(AUTHORIZATION, self)

    @property
    def _handler(self) -> AuthorizationHandler:
        return self._handling.handler

    def assembled(self) -> None:
        """The settings are there."""
        super().assembled()
        self._handling.renew()
        self._lifetime_changed()

    def variables(self) -> Iterable[Variable]:
        """What decides about cards."""
        return (
            setting("connection_timeout", minimum=1, changed=self._handling.settings_changed),
            setting("local_pre_authorize"),
            setting("local_authorize_offline"),
            setting("allow_offline_tx_for_unknown_id"),
            setting("cache_enabled"),
            setting("cache_lifetime", changed=self._lifetime_changed),
            setting("master_pass_group", changed=self._handling.settings_changed),
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
        # The handler leaves out what is not there (AUTH-1), and nothing else would say why the card gets no EVSE.
        unknown = [str(number) for number in token.connectors if not 1 <= number <= len(self.context.equipment.evses)]
        if unknown:
            self.context.note(f"{token.id_token.value} names EVSE {' and '.join(unknown)}, which is not there")
        left = self._holds.left_of(token)
        if left is None:
            self._facts.verdict(token, AuthorizationRoute.STATION, self.failed, "somebody pays for it in a browser")
        else:
            self._handling.run(self._handler.present(left))

    def hold_for_payment(self, evse: Evse, seconds: float) -> None:
        """Somebody pays for an EVSE elsewhere: nobody at the station takes it for so long, or until that has begun."""
        self._holds.hold(evse, seconds)

    def select(self, evse: Evse) -> bool:
        """The driver chooses an EVSE; False when no token waits for that."""
        effects = self._handler.selected(evse.evse_id)
        if effects is None:
            return False
        self._handling.run(effects)
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
        self._handling.run(self._handler.result_updated(evse.evse_id, result))

    def is_held(self, evse: Evse) -> bool:
        """Whether a token holds an EVSE."""
        return self._handler.holder(evse.evse_id) is not None

    # -- the world ------------------------------------------------------------------------------------------------

    def plugged(self, evse: Evse) -> None:
        """An EV was plugged in: a card that waits for it may start."""
        self._handling.plugging = True
        # The cable before the card that waits: a transaction of 2.x may begin with it (TxStartPoint EVConnected).
        self._session(evse, SessionEvent.CABLE_PLUGGED)
        try:
            self._handling.run(self._handler.plugged_in(evse.evse_id))
            if evse.grant is not None and evse.transaction is None:
                self._handling.begin(evse, evse.grant)
        finally:
            self._handling.plugging = False

    def unplugged(self, evse: Evse) -> None:
        """The EV is gone."""
        self._session(evse, SessionEvent.CABLE_UNPLUGGED)
        evse.grant = None
        self._handling.run(self._handler.unplugged(evse.evse_id))
        self.context.ask(STATUS).prepared(evse)
        self._look_at(evse)

    def replugged(self, evse: Evse) -> None:
        """The car of an ended transaction counts as one that has just come."""
        self._handling.run(self._handler.unplugged(evse.evse_id))
        self._handling.run(self._handler.plugged_in(evse.evse_id))

    def _session(self, evse: Evse, event: SessionEvent) -> None:
        self.context.ask(TRANSACTIONS).session(evse, event)

    def start_raw(self, evse: Evse, token: IdToken) -> None:
        """Begin a transaction without authorizing its card; a car that has finished prepares anew (1.6 section 4.9)."""
        connector = evse.plugged_connector
        if connector is not None and connector.finished:
            connector.finished = False
            self.context.ask(STATUS).refresh(evse)
        self._handling.begin(evse, Grant(token, None, StartTrigger.AUTHORIZED))

    def transaction_over(self, evse: Evse) -> None:
        """A transaction has ended."""
        self._handling.run(self._handler.transaction_finished(evse.evse_id))
        # The EV has left while the transaction went on, which the handler does not know yet.
        if evse.plugged_connector is None:
            self._handling.run(self._handler.unplugged(evse.evse_id))
        self._look_at(evse)

    def transaction_goes_on(self, evse: Evse) -> None:
        """What runs at an EVSE, if anything, holds it by its card."""
        if evse.transaction is not None:
            held = ProvidedIdToken(evse.transaction.token, connectors=(evse.evse_id,))
            self._handling.run(self._handler.transaction_started(evse.evse_id, held, evse.transaction.group))

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
            self._handling.run((self._handler.enabled if operative else self._handler.disabled)(*where))
            broken = connector.broken is not None or station_broken
            self._handling.run((self._handler.faulted if broken else self._handler.fault_cleared)(*where))

    def _acceptable(self, evse: Evse) -> bool:
        """Whether a card may hold an EVSE in its present condition (rule 16)."""
        equipment = self.context.equipment
        if not self.context.config.authorization.ignore_connector_faults:
            return equipment.usable(evse)
        return any(equipment.in_service(evse, connector) for connector in evse.connectors)

    def withdraw(self, evse: Evse) -> None:
        """Take back what was granted on an EVSE, if no transaction has begun."""
        if evse.grant is not None:
            self._handling.run(self._handler.revoked(evse.evse_id))

    def give_up(self, token: IdToken) -> None:
        """A token waits for an EVSE no longer."""
        self._handling.run(self._handler.withdraw(None, token)[1])

    def withdraw_authorization(self, evse_id: int | None, token: IdToken | None) -> WithdrawAuthorizationResult:
        """Take authorizations back: of an EVSE, of a token, of both, or every one (rule 17)."""
        answer, effects = self._handler.withdraw(evse_id, token)
        self._facts.withdrawal(answer, evse_id, token)
        self._handling.run(effects)
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
        self._handling.renew()
        for evse in self.context.equipment.evses:
            evse.grant = None
            # Before the cable: an EV whose transaction goes on is none that waits for a card.
            self.transaction_goes_on(evse)
            if evse.plugged_connector is not None:
                self._handling.run(self._handler.plugged_in(evse.evse_id))
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

    # -- settings -------------------------------------------------------------------------------------------------

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
