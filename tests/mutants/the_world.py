"""Mutants of what the world does to a station: rules 15 to 19."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ocpplab_runner.authorization.effects import (
    Effect,
    Publish,
    StartTimer,
    StopReason,
    StopTransaction,
    Timer,
    TimerKind,
)
from ocpplab_runner.authorization.evse_state import EvseState
from ocpplab_runner.authorization.handler import AuthorizationHandler
from ocpplab_runner.authorization.types import (
    IdToken,
    TokenValidationStatus,
    ValidationResult,
    WithdrawAuthorizationRequest,
    WithdrawAuthorizationResult,
)
from ocpplab_runner.charger.blocks.authorization.handling import Handling
from tests.mutants.kit import Mutants

MUTANTS = Mutants()
_FINISHED = AuthorizationHandler.transaction_finished
_PLUGGED = AuthorizationHandler.plugged_in
_UNPLUGGED = AuthorizationHandler.unplugged
_WITHDRAW = AuthorizationHandler.withdraw
_UPDATED = AuthorizationHandler.result_updated

Withdrawn = tuple[WithdrawAuthorizationResult, list[Effect]]


# -- rule 15: sessions ------------------------------------------------------------------------------------------------


@MUTANTS("AUTH-15", "an EVSE is free as soon as its transaction has ended")
def _(patch: pytest.MonkeyPatch) -> None:
    def finished(self: AuthorizationHandler, evse_id: int) -> list[Effect]:
        effects = _FINISHED(self, evse_id)
        self._evses[evse_id].occupied = False
        return effects

    patch.setattr(AuthorizationHandler, "transaction_finished", finished)


@MUTANTS("AUTH-15", "an EVSE is not free when its car has gone")
def _(patch: pytest.MonkeyPatch) -> None:
    def unplugged(self: AuthorizationHandler, evse_id: int) -> list[Effect]:
        evse = self._evses[evse_id]
        occupied, timed_out = evse.occupied, evse.plug_in_timed_out
        effects = _UNPLUGGED(self, evse_id)
        evse.occupied, evse.plug_in_timed_out = occupied, timed_out
        return effects

    patch.setattr(AuthorizationHandler, "unplugged", unplugged)


@MUTANTS("AUTH-15", "a car that has gone stays in the queue")
def _(patch: pytest.MonkeyPatch) -> None:
    def unplugged(self: AuthorizationHandler, evse_id: int) -> list[Effect]:
        queue = list(self._plug_ins)
        effects = _UNPLUGGED(self, evse_id)
        self._plug_ins[:] = queue
        return effects

    patch.setattr(AuthorizationHandler, "unplugged", unplugged)


def plug_in_timers(patch: pytest.MonkeyPatch, wanted: Callable[[AuthorizationHandler], bool]) -> None:
    """The plug-in timeout runs under other conditions."""

    def plugged(self: AuthorizationHandler, evse_id: int) -> list[Effect]:
        settings = self.settings
        self.settings = replace(settings, plug_in_timeout_enabled=False)
        effects = _PLUGGED(self, evse_id)
        self.settings = settings
        if effects or not wanted(self):
            return effects
        return [StartTimer(Timer(TimerKind.PLUG_IN, evse_id), settings.connection_timeout)]

    patch.setattr(AuthorizationHandler, "plugged_in", plugged)


@MUTANTS("AUTH-15", "a plugged car may wait for ever")
def _(patch: pytest.MonkeyPatch) -> None:
    plug_in_timers(patch, lambda self: False)


@MUTANTS("AUTH-15", "a plugged car never may wait longer than the timeout", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    plug_in_timers(patch, lambda self: True)


@MUTANTS("AUTH-15", "an EVSE stays out of service for ever", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "enabled", lambda self, evse_id, connector_id=None: [])


# -- rule 16: faults --------------------------------------------------------------------------------------------------


@MUTANTS("AUTH-16", "faults do not matter")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "faulted", lambda self, evse_id, connector_id=None: [])


@MUTANTS("AUTH-16", "faults always matter", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_is_available", lambda self, evse: evse.available)


@MUTANTS("AUTH-16", "a repair does not help", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "fault_cleared", lambda self, evse_id, connector_id=None: [])


@MUTANTS("AUTH-16", "a faulted EVSE is not referred to", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(EvseState, "out_of_service", property(lambda self: self.connectors <= self.disabled | self.faulted))


# -- rule 17: withdrawal ----------------------------------------------------------------------------------------------


@MUTANTS("AUTH-17", "nothing is withdrawn")
def _(patch: pytest.MonkeyPatch) -> None:
    def withdraw(self: AuthorizationHandler, evse_id: int | None = None, id_token: IdToken | None = None) -> Withdrawn:
        return WithdrawAuthorizationResult.ACCEPTED, []

    patch.setattr(AuthorizationHandler, "withdraw", withdraw)


@MUTANTS("AUTH-17", "the EVSE does not matter")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        AuthorizationHandler, "withdraw", lambda self, evse_id=None, id_token=None: _WITHDRAW(self, None, id_token)
    )


@MUTANTS("AUTH-17", "the token does not matter")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        AuthorizationHandler, "withdraw", lambda self, evse_id=None, id_token=None: _WITHDRAW(self, evse_id, None)
    )


@MUTANTS("AUTH-17", "the token's type does not matter", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(IdToken, "same_token_and_type", IdToken.same_token)


@MUTANTS("AUTH-17", "letter case matters to the token", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def exactly(self: IdToken, other: IdToken | None) -> bool:
        return other is not None and (self.value, self.type) == (other.value, other.type)

    patch.setattr(IdToken, "same_token_and_type", exactly)


@MUTANTS("AUTH-17", "an EVSE that does not exist holds nothing", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def withdraw(self: AuthorizationHandler, evse_id: int | None = None, id_token: IdToken | None = None) -> Withdrawn:
        answer, effects = _WITHDRAW(self, evse_id, id_token)
        if answer is WithdrawAuthorizationResult.EVSE_NOT_FOUND:
            return WithdrawAuthorizationResult.AUTHORIZATION_NOT_FOUND, effects
        return answer, effects

    patch.setattr(AuthorizationHandler, "withdraw", withdraw)


@MUTANTS("AUTH-17", "finding nothing is Accepted")
def _(patch: pytest.MonkeyPatch) -> None:
    def withdraw(self: AuthorizationHandler, evse_id: int | None = None, id_token: IdToken | None = None) -> Withdrawn:
        answer, effects = _WITHDRAW(self, evse_id, id_token)
        return answer if effects or evse_id == 7 else WithdrawAuthorizationResult.ACCEPTED, effects

    patch.setattr(AuthorizationHandler, "withdraw", withdraw)


@MUTANTS("AUTH-17", "waiting tokens are not withdrawn")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "_is_withdrawn", lambda self, request: False)


def withdrawing(patch: pytest.MonkeyPatch, change: Callable[[list[Effect]], list[Effect]]) -> None:
    """What a withdrawal leads to is changed."""

    def withdraw(self: AuthorizationHandler, evse_id: int | None = None, id_token: IdToken | None = None) -> Withdrawn:
        answer, effects = _WITHDRAW(self, evse_id, id_token)
        return answer, change(effects)

    patch.setattr(AuthorizationHandler, "withdraw", withdraw)


@MUTANTS("AUTH-17", "what runs goes on")
def _(patch: pytest.MonkeyPatch) -> None:
    withdrawing(patch, lambda effects: [effect for effect in effects if not isinstance(effect, StopTransaction)])


@MUTANTS("AUTH-17", "what runs is stopped as Local")
def _(patch: pytest.MonkeyPatch) -> None:
    withdrawing(
        patch,
        lambda found: [replace(e, reason=StopReason.LOCAL) if isinstance(e, StopTransaction) else e for e in found],
    )


@MUTANTS("AUTH-17", "Withdrawn is not published")
def _(patch: pytest.MonkeyPatch) -> None:
    withdrawing(patch, lambda effects: [effect for effect in effects if not isinstance(effect, Publish)])


@MUTANTS("AUTH-17", "a withdrawal holds for what comes later", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    select = AuthorizationHandler._select

    def lingering(self: AuthorizationHandler, request: object, *, waiting: bool = False) -> list[Effect]:
        if isinstance(self._last_withdrawal, WithdrawAuthorizationRequest) and not waiting:
            self.withdraw(self._last_withdrawal.evse_id, self._last_withdrawal.id_token)
            return [Publish(request.token, TokenValidationStatus.WITHDRAWN)]  # type: ignore[attr-defined]
        return select(self, request, waiting=waiting)  # type: ignore[arg-type]

    patch.setattr(AuthorizationHandler, "_select", lingering)


# -- rule 18: later verdicts, and rule 19: settings -------------------------------------------------------------------


@MUTANTS("AUTH-18", "a later verdict is not heard")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AuthorizationHandler, "result_updated", lambda self, evse_id, result: [])


@MUTANTS("AUTH-18", "a later verdict brings no group")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        AuthorizationHandler,
        "result_updated",
        lambda self, evse_id, result: _UPDATED(self, evse_id, replace(result, parent_id_token=None)),
    )


@MUTANTS("AUTH-18", "a later verdict without a group takes it away", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    def updated(self: AuthorizationHandler, evse_id: int, result: ValidationResult) -> list[Effect]:
        holder = self._evses[evse_id].holder
        if holder is not None:
            holder.parent = result.parent_id_token
        return _UPDATED(self, evse_id, result)

    patch.setattr(AuthorizationHandler, "result_updated", updated)


@MUTANTS("AUTH-18", "a later refusal is published as Accepted")
def _(patch: pytest.MonkeyPatch) -> None:
    def updated(self: AuthorizationHandler, evse_id: int, result: ValidationResult) -> list[Effect]:
        effects = _UPDATED(self, evse_id, result)
        holder = self._evses[evse_id].holder
        return effects or ([Publish(holder.token, TokenValidationStatus.ACCEPTED)] if holder else [])

    patch.setattr(AuthorizationHandler, "result_updated", updated)


@MUTANTS("AUTH-19", "changed settings wait for a restart")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Handling, "settings_changed", lambda self: None)


@MUTANTS("AUTH-19", "a changed timeout waits for a restart", enough=1)
def _(patch: pytest.MonkeyPatch) -> None:
    changed = Handling.settings_changed

    def keeping(self: Handling) -> None:
        timeout = self.handler.settings.connection_timeout
        changed(self)
        self.handler.settings = replace(self.handler.settings, connection_timeout=timeout)

    patch.setattr(Handling, "settings_changed", keeping)


@MUTANTS("AUTH-19", "a changed master pass group waits for a restart")
def _(patch: pytest.MonkeyPatch) -> None:
    changed = Handling.settings_changed

    def keeping(self: Handling) -> None:
        group = self.handler.settings.master_pass_group_id
        changed(self)
        self.handler.settings = replace(self.handler.settings, master_pass_group_id=group)

    patch.setattr(Handling, "settings_changed", keeping)
