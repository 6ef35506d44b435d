"""Mutants of stopping by group, before or after starting: rules 8 and 12."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ocpplab_runner.authorization import handler
from ocpplab_runner.authorization.effects import (
    Effect,
    Handled,
    StopReason,
    StopTransaction,
)
from ocpplab_runner.authorization.evse_state import EvseState
from ocpplab_runner.authorization.handler import AuthorizationHandler, HandlerSettings
from ocpplab_runner.authorization.requests import Request
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    IdToken,
    TokenHandlingResult,
    ValidationResult,
)
from tests.mutants.kit import Mutants

MUTANTS = Mutants()
_BY_GROUP = AuthorizationHandler._stop_by_group
_END = AuthorizationHandler._end
_VALIDATED = AuthorizationHandler.validated

Evses = Sequence[EvseState]
Results = Sequence[ValidationResult]


def with_settings(patch: pytest.MonkeyPatch, change: Callable[[HandlerSettings], HandlerSettings]) -> None:
    """What a verdict leads to is decided with other settings."""

    def validated(self: AuthorizationHandler, request: int, *results: ValidationResult) -> list[Effect]:
        settings, self.settings = self.settings, change(self.settings)
        try:
            return _VALIDATED(self, request, *results)
        finally:
            self.settings = settings

    patch.setattr(AuthorizationHandler, "validated", validated)


def by_group_leads_to(
    patch: pytest.MonkeyPatch, change: Callable[[AuthorizationHandler, Request, list[Effect]], list[Effect] | None]
) -> None:
    """Where a token stops by group, something else follows."""

    def other(self: AuthorizationHandler, request: Request, referenced: Evses, results: Results) -> list[Effect] | None:
        effects = _BY_GROUP(self, request, referenced, results)
        return None if effects is None else change(self, request, effects)

    patch.setattr(AuthorizationHandler, "_stop_by_group", other)


def by_group_looks_at(
    patch: pytest.MonkeyPatch, change: Callable[[AuthorizationHandler, Request, Results], Results]
) -> None:
    """Whether a token stops by group is decided from other verdicts."""

    def other(self: AuthorizationHandler, request: Request, referenced: Evses, results: Results) -> list[Effect] | None:
        return _BY_GROUP(self, request, referenced, change(self, request, results))

    patch.setattr(AuthorizationHandler, "_stop_by_group", other)


def of_masters(self: AuthorizationHandler, results: Results) -> Results:
    """The verdicts that name the master pass group."""
    return [r for r in results if r.parent_id_token is not None and self._is_master_pass(r.parent_id_token)]


def stopped(effects: Sequence[Effect], reason: StopReason) -> list[StopTransaction]:
    """Transactions that are stopped for that reason."""
    return [effect for effect in effects if isinstance(effect, StopTransaction) and effect.reason is reason]


@MUTANTS("AUTH-8", "nobody stops by group")
def _(patch: pytest.MonkeyPatch) -> None:
    by_group_looks_at(patch, lambda self, request, results: ())


@MUTANTS("AUTH-8", "nobody stops by group when nothing is free")
def _(patch: pytest.MonkeyPatch) -> None:
    def free(self: AuthorizationHandler, request: Request, results: Results) -> Results:
        return results if any(self.available(evse_id) for evse_id in request.referenced) else ()

    by_group_looks_at(patch, free)


@MUTANTS("AUTH-8a", "only the first transaction is stopped")
def _(patch: pytest.MonkeyPatch) -> None:
    def one(self: AuthorizationHandler, request: Request, effects: list[Effect]) -> list[Effect]:
        others = stopped(effects, StopReason.MASTER_PASS)[1:]
        return [effect for effect in effects if effect not in others]

    by_group_leads_to(patch, one)


@MUTANTS("AUTH-8a", "transactions on EVSEs that were not meant are stopped, too", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def all_evses(
        self: AuthorizationHandler, request: Request, referenced: Evses, results: Results
    ) -> list[Effect] | None:
        return _BY_GROUP(self, request, list(self._evses.values()), results)

    patch.setattr(AuthorizationHandler, "_stop_by_group", all_evses)


@MUTANTS("AUTH-8a", "with nothing to stop it is refused", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def refused(self: AuthorizationHandler, request: Request, effects: list[Effect]) -> list[Effect]:
        some = any(isinstance(effect, StopTransaction | Handled) for effect in effects[:1])
        return effects if some else _END(self, request.token, TokenHandlingResult.REJECTED)

    by_group_leads_to(patch, refused)


@MUTANTS("AUTH-8a", "the reason is Local", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def local(self: AuthorizationHandler, request: Request, effects: list[Effect]) -> list[Effect]:
        return [replace(e, reason=StopReason.LOCAL) if isinstance(e, StopTransaction) else e for e in effects]

    by_group_leads_to(patch, local)


@MUTANTS("AUTH-8a", "letter case matters to the group", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        AuthorizationHandler,
        "_is_master_pass",
        lambda self, parent: parent.value == self.settings.master_pass_group_id,
    )


@MUTANTS("AUTH-8a", "where re-swiping does not stop, it does not either", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def by_setting(self: AuthorizationHandler, request: Request, effects: list[Effect]) -> list[Effect]:
        if stopped(effects, StopReason.MASTER_PASS) and not self.settings.stop_transaction_on_reswipe:
            return _END(self, request.token, TokenHandlingResult.USED_TO_REAUTHORIZE)
        return effects

    by_group_leads_to(patch, by_setting)


@MUTANTS("AUTH-8b", "siblings do not stop")
def _(patch: pytest.MonkeyPatch) -> None:
    by_group_looks_at(patch, lambda self, request, results: of_masters(self, results))


@MUTANTS("AUTH-8b", "a card of any group stops")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handler, "held_by", lambda evses, token: next((e for e in evses if e.holder and token), None))


@MUTANTS("AUTH-8b", "letter case matters to the group", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def exactly(evses: Evses, token: IdToken | None) -> EvseState | None:
        for evse in evses:
            if evse.holder is not None and token in (evse.holder.token.id_token, evse.holder.parent):
                same = {evse.holder.token.id_token.value, evse.holder.parent.value if evse.holder.parent else ""}
                return evse if token is not None and token.value in same else None
        return None

    patch.setattr(handler, "held_by", exactly)


@MUTANTS("AUTH-8b", "a sibling before the start is stuck for ever")
def _(patch: pytest.MonkeyPatch) -> None:
    def stuck(self: AuthorizationHandler, request: Request, effects: list[Effect]) -> list[Effect]:
        if isinstance(effects[0], Handled):
            self._stuck.add(request.token.id_token.key)
        return effects

    by_group_leads_to(patch, stuck)


@MUTANTS("AUTH-8b", "a sibling before the start is refused", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def refused(self: AuthorizationHandler, request: Request, effects: list[Effect]) -> list[Effect]:
        ignored = isinstance(effects[0], Handled)
        return _END(self, request.token, TokenHandlingResult.REJECTED) if ignored else effects

    by_group_leads_to(patch, refused)


@MUTANTS("AUTH-8c", "only cards at the reader stop by group")
def _(patch: pytest.MonkeyPatch) -> None:
    def cards(self: AuthorizationHandler, request: Request, results: Results) -> Results:
        return results if request.token.authorization_type is AuthorizationType.RFID else ()

    by_group_looks_at(patch, cards)


@MUTANTS("AUTH-8d", "a token that was refused stops by its group")
def _(patch: pytest.MonkeyPatch) -> None:
    by_group_looks_at(
        patch, lambda self, request, results: [r.with_status(AuthorizationStatus.ACCEPTED) for r in results]
    )


@MUTANTS("AUTH-8e", "a master pass stops also where starting goes first and an EVSE is free")
def _(patch: pytest.MonkeyPatch) -> None:
    def validated(self: AuthorizationHandler, request: int, *results: ValidationResult) -> list[Effect]:
        pending = self._requests[request]
        evses = [self._evses[evse_id] for evse_id in pending.referenced]
        effects = _BY_GROUP(self, pending, evses, of_masters(self, results))
        return _VALIDATED(self, request, *results) if effects is None else effects

    patch.setattr(AuthorizationHandler, "validated", validated)


@MUTANTS("AUTH-12", "stopping always goes first")
def _(patch: pytest.MonkeyPatch) -> None:
    with_settings(patch, lambda s: replace(s, prioritize_authorization_over_stopping_transaction=False))


@MUTANTS("AUTH-12", "starting always goes first")
def _(patch: pytest.MonkeyPatch) -> None:
    with_settings(patch, lambda s: replace(s, prioritize_authorization_over_stopping_transaction=True))
