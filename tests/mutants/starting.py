"""Mutants of starting with a verdict: rules 9 to 11."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ocpplab_runner.authorization import requests
from ocpplab_runner.authorization.effects import (
    Deny,
    Effect,
    Grant,
    Publish,
)
from ocpplab_runner.authorization.evse_state import EvseState
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.requests import Request
from ocpplab_runner.authorization.reservation_book import Reservation, ReservationBook
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
)
from tests.mutants.kit import Mutants

MUTANTS = Mutants()
_BY_GROUP = AuthorizationHandler._stop_by_group
_GRANT = AuthorizationHandler._grant
_START = AuthorizationHandler._start
_VALIDATED = AuthorizationHandler.validated

Evses = Sequence[EvseState]
Results = Sequence[ValidationResult]


def starting(patch: pytest.MonkeyPatch, change: Callable[[list[Effect]], list[Effect]]) -> None:
    """What the start path (rule 11) has led to is changed."""
    patch.setattr(AuthorizationHandler, "_start", lambda self, *given: change(_START(self, *given)))


@MUTANTS("AUTH-9", "a token for which nothing is free waits")
def _(patch: pytest.MonkeyPatch) -> None:
    def validated(self: AuthorizationHandler, request: int, *results: ValidationResult) -> list[Effect]:
        pending = self._requests[request]
        evses = [self._evses[evse_id] for evse_id in pending.referenced]
        if any(self._is_available(evse) for evse in evses) or _BY_GROUP(self, pending, evses, results) is not None:
            self._requests[request] = pending
            return _VALIDATED(self, request, *results)
        return self._start(pending, evses, results)

    patch.setattr(AuthorizationHandler, "validated", validated)


@MUTANTS("AUTH-10", "an EVSE that somebody holds is offered")
def _(patch: pytest.MonkeyPatch) -> None:
    def available(self: EvseState) -> bool:
        usable = self.connectors - self.disabled - self.faulted
        return not self.plug_in_timed_out and not self.occupied and bool(usable)

    patch.setattr(EvseState, "available", property(available))


@MUTANTS("AUTH-11", "only the first verdict counts")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        AuthorizationHandler,
        "_start",
        lambda self, request, available, results: _START(self, request, available, results[:1]),
    )


@MUTANTS("AUTH-11", "a refusal starts, too")
def _(patch: pytest.MonkeyPatch) -> None:
    def start(self: AuthorizationHandler, request: Request, available: Evses, results: Results) -> list[Effect]:
        accepted = [result.with_status(AuthorizationStatus.ACCEPTED) for result in results]
        return _START(self, request, available, accepted)

    patch.setattr(AuthorizationHandler, "_start", start)


@MUTANTS("AUTH-11a", "a master pass starts like any card")
def _(patch: pytest.MonkeyPatch) -> None:
    def start(self: AuthorizationHandler, request: Request, available: Evses, results: Results) -> list[Effect]:
        settings, self.settings = self.settings, replace(self.settings, master_pass_group_id="")
        try:
            return _START(self, request, available, results)
        finally:
            self.settings = settings

    patch.setattr(AuthorizationHandler, "_start", start)


@MUTANTS("AUTH-11a", "every card with a group is a master pass", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_is_master_pass", lambda self, parent: True)


def _is_accepted(effect: Effect) -> bool:
    return isinstance(effect, Publish) and effect.status is TokenValidationStatus.ACCEPTED


@MUTANTS("AUTH-11b", "Accepted is not published")
def _(patch: pytest.MonkeyPatch) -> None:
    starting(patch, lambda effects: [effect for effect in effects if not _is_accepted(effect)])


@MUTANTS("AUTH-11b", "Accepted is published last")
def _(patch: pytest.MonkeyPatch) -> None:
    starting(patch, lambda effects: sorted(effects, key=_is_accepted))


@MUTANTS("AUTH-11c", "a wait that is over is published as Rejected")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(requests._PUBLISHED, TokenHandlingResult.TIMEOUT, TokenValidationStatus.REJECTED)


@MUTANTS("AUTH-11c", "a wait that was withdrawn is published as TimedOut")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(requests._PUBLISHED, TokenHandlingResult.WITHDRAWN, TokenValidationStatus.TIMED_OUT)


@MUTANTS("AUTH-11d", "a verdict holds for every EVSE")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_fitting", lambda self, available, result: list(available))


@MUTANTS("AUTH-11d", "a verdict holds for all when one of its EVSEs is free", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def fitting(
        self: AuthorizationHandler, available: Sequence[EvseState], result: ValidationResult
    ) -> list[EvseState]:
        overlap = not result.evse_ids or any(evse.evse_id in result.evse_ids for evse in available)
        return list(available) if overlap else []

    patch.setattr(AuthorizationHandler, "_fitting", fitting)


@MUTANTS("AUTH-11e", "who has reserved any EVSE may find none")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ReservationBook, "needed", lambda self, places: frozenset())


@MUTANTS("AUTH-11f", "a reserved EVSE is for anybody")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_may_use", lambda self, evse, token: True)


@MUTANTS("AUTH-11f", "the group does not help")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Reservation, "matches", lambda self, token, parent: self.id_token.same_token(token))


@MUTANTS("AUTH-11f", "a reservation that is used stays")
def _(patch: pytest.MonkeyPatch) -> None:
    def grant(self: AuthorizationHandler, request: Request, evse: EvseState) -> list[Effect]:
        own = self.book.of_evse(evse.evse_id)
        effects = _GRANT(self, request, evse)
        if own is not None:
            self.book.put(own)
        return effects

    patch.setattr(AuthorizationHandler, "_grant", grant)


@MUTANTS("AUTH-11g", "a refusal is told to no EVSE")
def _(patch: pytest.MonkeyPatch) -> None:
    starting(patch, lambda effects: [effect for effect in effects if not isinstance(effect, Deny)])


@MUTANTS("AUTH-11g", "a refusal is told to the first EVSE only", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def one(effects: list[Effect]) -> list[Effect]:
        denials = [effect for effect in effects if isinstance(effect, Deny)]
        return [effect for effect in effects if effect not in denials[1:]]

    starting(patch, one)


@MUTANTS("AUTH-11g", "every EVSE hears of a grant", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def grant(self: AuthorizationHandler, request: Request, evse: EvseState) -> list[Effect]:
        effects = _GRANT(self, request, evse)
        given = next(effect for effect in effects if isinstance(effect, Grant))
        others = [evse_id for evse_id in self._evses if evse_id != evse.evse_id]
        return effects + [Deny(evse_id, given.token, given.result) for evse_id in others]

    patch.setattr(AuthorizationHandler, "_grant", grant)


@MUTANTS("AUTH-11g", "a card that names no EVSE is refused to all", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def start(self: AuthorizationHandler, request: Request, available: Evses, results: Results) -> list[Effect]:
        if not any(result.accepted for result in results):
            request.token = replace(request.token, connectors=tuple(self._evses))
        return _START(self, request, available, results)

    patch.setattr(AuthorizationHandler, "_start", start)
