"""Mutants of what happens before validators are asked, and of asking them: rules 1 to 7."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from ocpplab_runner.authorization.effects import Effect, Handled, Publish
from ocpplab_runner.authorization.evse_state import EvseState, Holder
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.reservation_book import Reservation
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    IdToken,
    ProvidedIdToken,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
)
from ocpplab_runner.authorization.validators import Validator, Verdict
from ocpplab_runner.charger.blocks.authorization.validation import Validation
from tests.mutants.kit import Mutants

MUTANTS = Mutants()
_PRESENT = AuthorizationHandler.present
_DUPLICATE = AuthorizationHandler._is_duplicate
_MAY_LEAD = AuthorizationHandler._may_lead_anywhere


def presenting(patch: pytest.MonkeyPatch, change: Callable[[ProvidedIdToken], ProvidedIdToken]) -> None:
    """Every token is presented as another."""
    patch.setattr(AuthorizationHandler, "present", lambda self, token: _PRESENT(self, change(token)))


@MUTANTS("AUTH-1", "the EVSEs that a token names are not looked at")
def _(patch: pytest.MonkeyPatch) -> None:
    presenting(patch, lambda token: replace(token, connectors=()))


@MUTANTS("AUTH-1", "an EVSE that does not exist stands for all", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def referenced(self: AuthorizationHandler, token: ProvidedIdToken) -> list[EvseState]:
        wanted = token.connectors if set(token.connectors) <= set(self._evses) else ()
        return [self._evses[evse_id] for evse_id in wanted or self._evses if not self._evses[evse_id].out_of_service]

    patch.setattr(AuthorizationHandler, "_referenced", referenced)


@MUTANTS("AUTH-1", "an EVSE out of service counts", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def referenced(self: AuthorizationHandler, token: ProvidedIdToken) -> list[EvseState]:
        return [self._evses[evse_id] for evse_id in token.connectors or self._evses if evse_id in self._evses]

    patch.setattr(AuthorizationHandler, "_referenced", referenced)


@MUTANTS("AUTH-2", "nothing is a duplicate")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_is_duplicate", lambda self, token, referenced: False)


@MUTANTS("AUTH-2", "only who holds an EVSE is a duplicate", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def duplicate(self: AuthorizationHandler, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        requests, self._requests = self._requests, {}
        found = _DUPLICATE(self, token, referenced)
        self._requests = requests
        return found

    patch.setattr(AuthorizationHandler, "_is_duplicate", duplicate)


@MUTANTS("AUTH-2", "only who is being handled is a duplicate")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_is_duplicate", lambda self, token, referenced: _DUPLICATE(self, token, ()))


@MUTANTS("AUTH-2", "letter case tells tokens apart")
def _(patch: pytest.MonkeyPatch) -> None:
    def duplicate(self: AuthorizationHandler, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        holders = [evse.holder.token for evse in referenced if evse.holder and not evse.transaction_active]
        handled = [request.token for request in self._requests.values()]
        return token.id_token.value in {other.id_token.value for other in (*holders, *handled)}

    patch.setattr(AuthorizationHandler, "_is_duplicate", duplicate)


@MUTANTS("AUTH-2", "the holder's type does not matter", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(IdToken, "same_token_and_type", IdToken.same_token)


@MUTANTS("AUTH-2", "a duplicate is published as Rejected")
def _(patch: pytest.MonkeyPatch) -> None:
    def present(self: AuthorizationHandler, token: ProvidedIdToken) -> list[Effect]:
        effects = _PRESENT(self, token)
        if effects == [Handled(token, TokenHandlingResult.ALREADY_IN_PROCESS, judged=False)]:
            return [Publish(token, TokenValidationStatus.REJECTED)]
        return effects

    patch.setattr(AuthorizationHandler, "present", present)


@MUTANTS("AUTH-3", "Processing is not published")
def _(patch: pytest.MonkeyPatch) -> None:
    def present(self: AuthorizationHandler, token: ProvidedIdToken) -> list[Effect]:
        effects = _PRESENT(self, token)
        return [e for e in effects if not isinstance(e, Publish) or e.status is not TokenValidationStatus.PROCESSING]

    patch.setattr(AuthorizationHandler, "present", present)


@MUTANTS("AUTH-4", "no card stops without validation")
def _(patch: pytest.MonkeyPatch) -> None:
    presenting(patch, lambda token: replace(token, authorization_type=AuthorizationType.BANK_CARD))


@MUTANTS("AUTH-4", "every kind of token stops without validation")
def _(patch: pytest.MonkeyPatch) -> None:
    presenting(patch, lambda token: replace(token, authorization_type=AuthorizationType.RFID))


@MUTANTS("AUTH-4", "letter case keeps a card from stopping")
def _(patch: pytest.MonkeyPatch) -> None:
    def is_token(self: Holder, token: IdToken | None) -> bool:
        values = {self.token.id_token.value, self.parent.value if self.parent else None}
        return token is not None and token.value in values

    patch.setattr(Holder, "is_parent_or_token", is_token)


@MUTANTS("AUTH-4", "the card that is the group stops nothing")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Holder, "is_parent_or_token", lambda self, token: token is not None and self.token.id_token.same_token(token)
    )


@MUTANTS("AUTH-4", "it stops although the station is set to reauthorize", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    stop = AuthorizationHandler._stop

    def always(
        self: AuthorizationHandler, evse: EvseState, token: ProvidedIdToken, result: ValidationResult | None
    ) -> list[Effect]:
        self.settings = replace(self.settings, stop_transaction_on_reswipe=True)
        return stop(self, evse, token, result)

    patch.setattr(AuthorizationHandler, "_stop", always)


@MUTANTS("AUTH-4", "it counts as used to stop although nothing runs", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def present(self: AuthorizationHandler, token: ProvidedIdToken) -> list[Effect]:
        granted = [evse for evse in self._evses.values() if evse.holder and not evse.transaction_active]
        held = [evse for evse in granted if evse.holder and evse.holder.is_parent_or_token(token.id_token)]
        if held and not _DUPLICATE(self, token, held):
            return self._end(token, TokenHandlingResult.USED_TO_STOP_TRANSACTION)
        return _PRESENT(self, token)

    patch.setattr(AuthorizationHandler, "present", present)


@MUTANTS("AUTH-5", "somebody is asked although nothing is free")
def _(patch: pytest.MonkeyPatch) -> None:
    def may_lead(self: AuthorizationHandler, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        free = any(self._is_available(evse) for evse in referenced)
        return not free or _MAY_LEAD(self, token, referenced)

    patch.setattr(AuthorizationHandler, "_may_lead_anywhere", may_lead)


@MUTANTS("AUTH-5", "nobody is asked although a group is known or a master pass might come")
def _(patch: pytest.MonkeyPatch) -> None:
    def may_lead(self: AuthorizationHandler, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        free = any(self._is_available(evse) for evse in referenced)
        return free and _MAY_LEAD(self, token, referenced)

    patch.setattr(AuthorizationHandler, "_may_lead_anywhere", may_lead)


@MUTANTS("AUTH-6", "somebody is asked although everything is reserved for others")
def _(patch: pytest.MonkeyPatch) -> None:
    def may_lead(self: AuthorizationHandler, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        return any(self._is_available(evse) for evse in referenced) or _MAY_LEAD(self, token, referenced)

    patch.setattr(AuthorizationHandler, "_may_lead_anywhere", may_lead)


@MUTANTS("AUTH-6", "nobody is asked although a group could change it")
def _(patch: pytest.MonkeyPatch) -> None:
    def may_lead(self: AuthorizationHandler, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        reserved: list[Reservation | None] = [self.book.of_evse(evse.evse_id) for evse in referenced]
        if reserved and all(r is not None and not r.matches(token.id_token, None) for r in reserved):
            return False
        return _MAY_LEAD(self, token, referenced)

    patch.setattr(AuthorizationHandler, "_may_lead_anywhere", may_lead)


@MUTANTS("AUTH-7", "a prevalidated token is asked about all the same")
def _(patch: pytest.MonkeyPatch) -> None:
    presenting(patch, lambda token: replace(token, prevalidated=False))


def judging(patch: pytest.MonkeyPatch, change: Callable[[tuple[Validator, ...]], tuple[Validator, ...]]) -> None:
    """Other validators are asked than the station's own."""

    def judge(self: Validation, token: ProvidedIdToken, done: object) -> None:
        self._ask(token, change(self._context.config.authorization.validators), (), done)  # type: ignore[arg-type]

    patch.setattr(Validation, "judge", judge)


@MUTANTS("AUTH-7", "only the first validator is asked")
def _(patch: pytest.MonkeyPatch) -> None:
    judging(patch, lambda validators: validators[:1])


@MUTANTS("AUTH-7", "validators are asked in reverse")
def _(patch: pytest.MonkeyPatch) -> None:
    judging(patch, lambda validators: validators[::-1])


@MUTANTS("AUTH-7", "a validator that fails has accepted", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    at = Verdict.at

    def other(self: Verdict, now: datetime) -> ValidationResult:
        return ValidationResult(AuthorizationStatus.ACCEPTED) if self.fails else at(self, now)

    patch.setattr(Verdict, "at", other)


@MUTANTS("AUTH-7", "every token counts as prevalidated")
def _(patch: pytest.MonkeyPatch) -> None:
    presenting(patch, lambda token: replace(token, prevalidated=True))
