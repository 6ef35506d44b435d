"""Mutants of which EVSE is granted, and for how long: rules 13 and 14."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ocpplab_runner.authorization import handler
from ocpplab_runner.authorization.effects import (
    Effect,
    Publish,
    StartTimer,
    Timer,
    TimerKind,
)
from ocpplab_runner.authorization.evse_state import EvseState
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.requests import Request
from ocpplab_runner.authorization.selection import select_evse, waits
from ocpplab_runner.authorization.types import (
    SelectionAlgorithm,
)
from tests.mutants.kit import Mutants

MUTANTS = Mutants()
_GRANT = AuthorizationHandler._grant
_SELECT = AuthorizationHandler._select

Select = Callable[[SelectionAlgorithm, Sequence[int], Sequence[int]], "int | None"]


def selecting(patch: pytest.MonkeyPatch, algorithm: SelectionAlgorithm, other: Select) -> None:
    """One algorithm selects otherwise."""

    def select(used: SelectionAlgorithm, candidates: Sequence[int], plug_ins: Sequence[int]) -> int | None:
        return (other if used is algorithm else select_evse)(used, candidates, plug_ins)

    patch.setattr(handler, "select_evse", select)


def first(algorithm: SelectionAlgorithm, candidates: Sequence[int], plug_ins: Sequence[int]) -> int | None:
    """Selects the first EVSE that could be meant, car or no car."""
    return candidates[0] if candidates else None


def waiting(by: SelectionAlgorithm) -> Select:
    """Selects only where a car waits, as another algorithm would."""
    return lambda algorithm, candidates, plug_ins: select_evse(by, candidates, plug_ins)


# -- rule 13: which EVSE ----------------------------------------------------------------------------------------------


@MUTANTS("AUTH-13", "the first EVSE is taken whatever the algorithm")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handler, "select_evse", first)


@MUTANTS("AUTH-13a", "FindFirst does not look at cars")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.FIND_FIRST, first)


@MUTANTS("AUTH-13a", "FindFirst waits for a car")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.FIND_FIRST, waiting(SelectionAlgorithm.PLUG_EVENTS))


@MUTANTS("AUTH-13b", "PlugEvents takes the last car")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.PLUG_EVENTS, waiting(SelectionAlgorithm.PLUG_EVENTS_LIFO))


@MUTANTS("AUTH-13b", "PlugEvents does not wait")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.PLUG_EVENTS, waiting(SelectionAlgorithm.FIND_FIRST))


@MUTANTS("AUTH-13b", "a waiting card does not see the next car")
def _(patch: pytest.MonkeyPatch) -> None:
    def select(self: AuthorizationHandler, request: Request, *, waiting: bool = False) -> list[Effect]:
        return [] if waiting else _SELECT(self, request)

    patch.setattr(AuthorizationHandler, "_select", select)


@MUTANTS("AUTH-13c", "PlugEventsLIFO takes the first car")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.PLUG_EVENTS_LIFO, waiting(SelectionAlgorithm.PLUG_EVENTS))


@MUTANTS("AUTH-13c", "PlugEventsLIFO does not wait")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.PLUG_EVENTS_LIFO, waiting(SelectionAlgorithm.FIND_FIRST))


@MUTANTS("AUTH-13d", "UserInput takes the first car")
def _(patch: pytest.MonkeyPatch) -> None:
    selecting(patch, SelectionAlgorithm.USER_INPUT, waiting(SelectionAlgorithm.PLUG_EVENTS))


@MUTANTS("AUTH-13d", "UserInput does not hear the driver")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "selected", lambda self, evse_id: [])


@MUTANTS("AUTH-13d", "the driver may choose what is taken", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def selected(self: AuthorizationHandler, evse_id: int) -> list[Effect] | None:
        request = next((r for r in self._requests.values() if r.result is not None), None)
        return None if request is None else _GRANT(self, request, self._evses[evse_id])

    patch.setattr(AuthorizationHandler, "selected", selected)


@MUTANTS("AUTH-13e", "the only EVSE waits for its car, too")
def _(patch: pytest.MonkeyPatch) -> None:
    def select(self: AuthorizationHandler, request: Request, *, waiting: bool = False) -> list[Effect]:
        granted = _SELECT(self, request, waiting=True)
        if granted or waiting or not waits(self.settings.selection_algorithm):
            return granted
        return [StartTimer(Timer(TimerKind.WAIT, request.number), self.settings.connection_timeout)]

    patch.setattr(AuthorizationHandler, "_select", select)


# -- rule 14: how long a grant lasts ----------------------------------------------------------------------------------


def granting(patch: pytest.MonkeyPatch, change: Callable[[Effect], Effect | None]) -> None:
    """What a grant leads to is changed, effect by effect."""

    def grant(self: AuthorizationHandler, request: Request, evse: EvseState) -> list[Effect]:
        changed = [change(effect) for effect in _GRANT(self, request, evse)]
        return [effect for effect in changed if effect is not None]

    patch.setattr(AuthorizationHandler, "_grant", grant)


@MUTANTS("AUTH-14", "a grant lasts for ever")
def _(patch: pytest.MonkeyPatch) -> None:
    granting(patch, lambda effect: None if isinstance(effect, StartTimer) else effect)


@MUTANTS("AUTH-14", "a grant lasts half as long")
def _(patch: pytest.MonkeyPatch) -> None:
    granting(patch, lambda e: replace(e, seconds=e.seconds / 2) if isinstance(e, StartTimer) else e)


@MUTANTS("AUTH-14", "a grant that is over is not published")
def _(patch: pytest.MonkeyPatch) -> None:
    expired = AuthorizationHandler.timer_expired

    def silent(self: AuthorizationHandler, timer: Timer) -> list[Effect]:
        effects = expired(self, timer)
        return [e for e in effects if timer.kind is not TimerKind.GRANT or not isinstance(e, Publish)]

    patch.setattr(AuthorizationHandler, "timer_expired", silent)


@MUTANTS("AUTH-14", "a grant that is over still holds the EVSE")
def _(patch: pytest.MonkeyPatch) -> None:
    expired = AuthorizationHandler.timer_expired

    def holding(self: AuthorizationHandler, timer: Timer) -> list[Effect]:
        if timer.kind is not TimerKind.GRANT:
            return expired(self, timer)
        evse = self._evses[timer.subject]
        holder = evse.holder
        effects = expired(self, timer)
        evse.holder = holder
        return effects

    patch.setattr(AuthorizationHandler, "timer_expired", holding)
