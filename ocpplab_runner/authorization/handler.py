"""The one place where it is decided who may charge: the token handling rules of EVerest's Auth module.

A pure state machine. Inputs are methods; each returns the effects that the station carries out in that order. The rule
numbers are those of the project's list of EVerest's rules: 1 referenced EVSEs, 2 duplicates, 3 Processing, 4 the same
card stops, 5 nothing free, 6 all reserved, 7 validation, 8 master pass and group stop, 9 nothing free after validation,
10 held EVSEs, 11 start, 12 priority, 13 selection, 14 grant, 15 session events, 16 faults, 17 withdrawal, 18 later
verdicts, 19 changed settings.

:mod:`ocpplab_runner.vocabulary.rules` has each in one sentence. Where EVerest's code does something other than the
rule evidently means, the rule's meaning is what stands here, and the oddity is a quirk that a station may have
(:mod:`ocpplab_runner.vocabulary.quirks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocpplab_runner.authorization.effects import (
    Deny,
    Effect,
    Grant,
    Handled,
    Publish,
    ReservationUsed,
    StartTimer,
    StopReason,
    StopTimer,
    StopTransaction,
    Timer,
    TimerKind,
    Validate,
)
from ocpplab_runner.authorization.evse_state import EvseState, Holder, held_by
from ocpplab_runner.authorization.handler_settings import HandlerSettings
from ocpplab_runner.authorization.requests import Request
from ocpplab_runner.authorization.selection import select_evse, waits
from ocpplab_runner.authorization.station_state import StationState
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    ProvidedIdToken,
    SelectionAlgorithm,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
)
from ocpplab_runner.vocabulary.quirks import Quirk

__all__ = ["AuthorizationHandler", "HandlerSettings"]


class AuthorizationHandler(StationState):
    """Decides what a presented token does; made as its :class:`StationState`."""

    # -- a token is presented (rules 1 to 7) ------------------------------------------------------------------------

    def present(self, token: ProvidedIdToken) -> list[Effect]:
        """A token is presented; ends with a ``Handled``, or with a ``Validate`` that waits for its answer."""
        referenced = self._referenced(token)
        if self._is_duplicate(token, referenced):
            return [Handled(token, TokenHandlingResult.ALREADY_IN_PROCESS, judged=False)]
        effects: list[Effect] = [Publish(token, TokenValidationStatus.PROCESSING)]  # rule 3
        if token.authorization_type is AuthorizationType.RFID:  # rule 4
            # Nobody is asked: to end its own transaction the card need not be good any more.
            anyway = self._has(Quirk.STOP_BY_IDENTIFIER_WITHOUT_TRANSACTION)
            own = held_by((evse for evse in referenced if evse.transaction_active or anyway), token.id_token)
            if own is not None:
                return effects + self._stop(own, token)
        # No Authorize leaves the station for a card that cannot charge anyway (certification: TC_046_1_CS, TC_068_CS).
        if not self._may_lead_anywhere(token, referenced):
            return effects + self._end(token, TokenHandlingResult.NO_CONNECTOR_AVAILABLE)
        request = Request(next(self._numbers), token, tuple(evse.evse_id for evse in referenced))
        self._requests[request.number] = request
        if token.prevalidated:  # rule 7
            accepted = ValidationResult(AuthorizationStatus.ACCEPTED, parent_id_token=token.parent_id_token)
            return effects + self.validated(request.number, accepted)
        return [*effects, Validate(request.number, token)]

    def why_ignored(self, token: ProvidedIdToken) -> str:
        """Why a token would be ignored now (rule 2), for people; empty when it would be handled."""
        referenced = self._referenced(token)
        if not self._is_duplicate(token, referenced):
            return ""
        if any(request.token.id_token.key == token.id_token.key for request in self._requests.values()):
            return "it is being handled already (AUTH-2)"
        for evse in referenced:
            holds = evse.holder is not None and evse.holder.token.id_token.same_token_and_type(token.id_token)
            if holds and not evse.transaction_active:
                return f"it holds EVSE {evse.evse_id}, where no transaction runs yet (AUTH-2)"
        return "it was ignored before, and is never let go (quirk stuck-sibling)"

    def _referenced(self, token: ProvidedIdToken) -> list[EvseState]:
        """Rule 1."""
        wanted = token.connectors or tuple(self._evses)
        known = (self._evses[evse_id] for evse_id in wanted if evse_id in self._evses)
        return [evse for evse in known if not evse.out_of_service]

    def _is_duplicate(self, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        """Rule 2."""
        exactly = self._has(Quirk.CASE_SENSITIVE_DUPLICATES)
        name = token.id_token.value if exactly else token.id_token.key
        for request in self._requests.values():
            if name == (request.token.id_token.value if exactly else request.token.id_token.key):
                return True
        if name in self._stuck:
            return True
        return any(
            evse.holder is not None
            and not evse.transaction_active
            and evse.holder.token.id_token.same_token_and_type(token.id_token)
            for evse in referenced
        )

    def _may_lead_anywhere(self, token: ProvidedIdToken, referenced: Sequence[EvseState]) -> bool:
        """Rules 5 and 6: False when no verdict could change that the token is refused."""
        # A card of such a group stops one: for that nothing need be free, but only a verdict says the group.
        someone_may_stop = self.settings.master_pass_group_id != "" or any(
            evse.holder is not None and evse.holder.parent is not None for evse in referenced
        )
        if not any(self._is_available(evse) for evse in referenced) and not someone_may_stop:
            return False
        kept = self.kept
        if not referenced or any(
            self.book.of_evse(evse.evse_id) is None and evse.evse_id not in kept for evse in referenced
        ):
            return True
        own = [r for evse in referenced if (r := self.book.of_evse(evse.evse_id)) is not None]
        # An EVSE with a reservation of its own is opened by no other one (AUTH-R6).
        others = self.book.of_any if len(own) < len(referenced) else ()
        # Which group a card is of only a verdict says: where a group has reserved, somebody must be asked.
        return any(r.parent_id_token is not None or r.matches(token.id_token, None) for r in (*own, *others))

    # -- validators have spoken (rules 8 to 14) ---------------------------------------------------------------------

    def validated(self, request: int, *results: ValidationResult) -> list[Effect]:
        """Every validator has given its verdict on the token of a ``Validate``; nothing for an unknown request."""
        pending = self._requests.get(request)
        # A late or repeated verdict: the token has gone, or waits for a car already.
        if pending is None or pending.result is not None:
            return []
        token = pending.token
        # While validators were asked an EVSE may have gone out of service.
        referenced = [evse for evse_id in pending.referenced if not (evse := self._evses[evse_id]).out_of_service]
        available = [evse for evse in referenced if self._is_available(evse)]
        # Rule 8, and rule 12 by its setting; 8e is what follows for a master pass while an EVSE is free.
        if not self.settings.prioritize_authorization_over_stopping_transaction or not available:
            stopped = self._stop_by_group(pending, referenced, results)
            if stopped is not None:
                return stopped
        if not available:  # rules 9 and 10: a held EVSE is not available
            return self._end(token, TokenHandlingResult.NO_CONNECTOR_AVAILABLE, pending)
        return self._start(pending, available, results)

    def _stop_by_group(
        self, request: Request, referenced: Sequence[EvseState], results: Sequence[ValidationResult]
    ) -> list[Effect] | None:
        """Rule 8 (certification: TC_069_CS; 2.0.1 C09, and C16 for master passes)."""
        for result in results:
            parent = result.parent_id_token
            if not result.accepted or parent is None:  # rule 8d, OCPP 2.0.1 C09.FR.11
                continue
            token = replace(request.token, parent_id_token=parent)
            if self._is_master_pass(parent):  # rule 8a
                effects: list[Effect] = [
                    StopTransaction(evse.evse_id, StopReason.MASTER_PASS, token.id_token)
                    for evse in referenced
                    if evse.transaction_active
                ]
                # Also when there was nothing to stop: a master pass never starts (AUTH-8a, 11a).
                used = TokenHandlingResult.USED_TO_STOP_TRANSACTION
                return effects + self._end(token, used, request)
            held = held_by(referenced, parent)  # rule 8b
            if held is None:
                continue
            # Processing stays the last that an observer sees of it (AUTH-8b).
            if not held.transaction_active:
                self._requests.pop(request.number, None)
                if self._has(Quirk.STUCK_SIBLING):
                    exactly = self._has(Quirk.CASE_SENSITIVE_DUPLICATES)
                    self._stuck.add(token.id_token.value if exactly else token.id_token.key)
                return [Handled(token, TokenHandlingResult.ALREADY_IN_PROCESS, judged=True)]
            return self._stop(held, token, request)
        return None

    def _start(
        self, request: Request, available: Sequence[EvseState], results: Sequence[ValidationResult]
    ) -> list[Effect]:
        """Rule 11."""
        effects: list[Effect] = []
        told: list[int] = []
        last = results[0]
        for result in results:
            last = result
            if not result.accepted:
                continue
            if result.parent_id_token is not None and self._is_master_pass(result.parent_id_token):  # rule 11a
                return effects + self._end(request.token, TokenHandlingResult.REJECTED, request)
            token = request.token.used_at(None, result.parent_id_token)
            # As in EVerest before an EVSE is looked for: Rejected or TimedOut may follow.
            effects.append(Publish(token, TokenValidationStatus.ACCEPTED, result.tariff_messages))  # rule 11b
            fitting = self._fitting(available, result)
            if not fitting:  # rule 11d
                last = result.with_status(AuthorizationStatus.NOT_AT_THIS_LOCATION)
                told += self._tell_chosen(available, request.token, last, effects)
                continue
            usable = [evse for evse in fitting if self._may_be_offered(evse, token)]
            if not usable:  # rules 11e and 11f
                last = result.with_status(AuthorizationStatus.NOT_AT_THIS_TIME)
                told += self._tell_chosen(fitting, request.token, last, effects)
                continue
            request.token = token
            request.result = result
            request.candidates = tuple(evse.evse_id for evse in usable)
            return effects + self._select(request)
        # An EV that has shown its contract waits at each of them for an answer (ISO 15118).
        named = [evse_id for evse_id in request.token.connectors if evse_id in self._evses and evse_id not in told]
        effects += [Deny(evse_id, request.token, last) for evse_id in named]  # rule 11g
        return effects + self._end(request.token, TokenHandlingResult.REJECTED, request)

    def _fitting(self, available: Sequence[EvseState], result: ValidationResult) -> list[EvseState]:
        """Rule 11d: the EVSEs that a verdict holds for."""
        fitting = [evse for evse in available if not result.evse_ids or evse.evse_id in result.evse_ids]
        return list(available) if fitting and self._has(Quirk.EVSE_IDS_OVERLAP_ONLY) else fitting

    def _may_be_offered(self, evse: EvseState, token: ProvidedIdToken) -> bool:
        """Rules 11e and 11f."""
        return self._has(Quirk.CHOOSE_BEFORE_RESERVATION_CHECK) or self._may_use(evse, token)

    def _may_use(self, evse: EvseState, token: ProvidedIdToken) -> bool:
        return self.book.allows(evse.evse_id, token.id_token, token.parent_id_token, self.places)

    def _tell_chosen(
        self, evses: Sequence[EvseState], token: ProvidedIdToken, result: ValidationResult, effects: list[Effect]
    ) -> list[int]:
        """Rule 11g: the EVSE that the token would have been led to hears of the refusal."""
        ids = [evse.evse_id for evse in evses]
        chosen = ids[0] if len(ids) == 1 else select_evse(self.settings.selection_algorithm, ids, self._plug_ins)
        if chosen is None:
            return []
        effects.append(Deny(chosen, token, result))
        return [chosen]

    def _select(self, request: Request, *, waiting: bool = False) -> list[Effect]:
        """Rule 13: grant, wait, or give up."""
        assert request.result is not None
        candidates = self._candidates(request)
        algorithm = self.settings.selection_algorithm
        if not waiting and len(request.candidates) == 1:  # 13e
            chosen: int | None = candidates[0] if candidates else None
        else:
            chosen = select_evse(algorithm, candidates, self._plug_ins)
        if chosen is not None:
            return self._grant(request, self._evses[chosen])
        if waiting:
            return []
        # In EVerest that counts as a time-out, too, though nobody has waited.
        if not waits(algorithm):  # 11c
            return self._end(request.token, TokenHandlingResult.TIMEOUT, request)
        if self._has(Quirk.LINGERING_WITHDRAWAL) and self._is_withdrawn(request):
            return self._end(request.token, TokenHandlingResult.WITHDRAWN, request)
        return [StartTimer(Timer(TimerKind.WAIT, request.number), self.settings.connection_timeout)]

    def _candidates(self, request: Request) -> list[int]:
        """What a waiting token could still be led to (rule 10: nothing that somebody holds)."""
        evses = [self._evses[evse_id] for evse_id in request.candidates]
        return [e.evse_id for e in evses if self._is_available(e) and self._may_be_offered(e, request.token)]

    def _grant(self, request: Request, evse: EvseState) -> list[Effect]:
        """Rule 14, and 11f and 11g where it goes well."""
        assert request.result is not None
        result = request.result
        stop_waiting: Effect = StopTimer(Timer(TimerKind.WAIT, request.number))
        if not self._may_use(evse, request.token):  # quirk choose-before-reservation-check
            refused = result.with_status(AuthorizationStatus.NOT_AT_THIS_TIME)
            told = dict.fromkeys((evse.evse_id, *(n for n in request.token.connectors if n in self._evses)))
            denials: list[Effect] = [Deny(evse_id, request.token, refused) for evse_id in told]
            ended = self._end(request.token, TokenHandlingResult.REJECTED, request)
            return [stop_waiting, *denials, *ended]
        effects: list[Effect] = []
        token = request.token
        reservation = self.book.match(evse.evse_id, token.id_token, token.parent_id_token, evse.place(self._types))
        if reservation is not None:  # AUTH-R7
            result = replace(result, reservation_id=reservation.reservation_id)
            effects.append(ReservationUsed(evse.evse_id, reservation.reservation_id))
            self.book.remove(reservation.reservation_id)
        token = token.used_at(evse.evse_id)
        evse.holder = Holder(token, token.parent_id_token, result)
        self._consume_plug_in(evse.evse_id)
        effects.append(stop_waiting)
        effects.append(StopTimer(Timer(TimerKind.PLUG_IN, evse.evse_id)))
        effects.append(StartTimer(Timer(TimerKind.GRANT, evse.evse_id), self.settings.connection_timeout))
        # Before it is published as used, as in EVerest: who sees that finds the EVSE granted.
        effects.append(Grant(evse.evse_id, token, result))
        started = TokenHandlingResult.USED_TO_START_TRANSACTION
        return effects + self._end(token, started, request)

    def selected(self, evse_id: int) -> list[Effect] | None:
        """The driver chooses an EVSE (13d).

        Returns:
            What follows; None when no token waits for a choice that may have that EVSE.
        """
        if self.settings.selection_algorithm is not SelectionAlgorithm.USER_INPUT:
            return None
        # Of several that wait the earliest is meant: EVerest knows the algorithm by name only, and says nothing of it.
        for request in self._requests.values():
            if request.result is not None and evse_id in self._candidates(request):
                return self._grant(request, self._evses[evse_id])
        return None

    # -- a car comes (rules 13 and 15) ------------------------------------------------------------------------------

    def plugged_in(self, evse_id: int) -> list[Effect]:
        """A car is plugged in (SessionStarted for EVConnected)."""
        evse = self._evses[evse_id]
        evse.plugged_in = True
        self._consume_plug_in(evse_id)
        # A car that a grant waits for has come for that one, and queues up for nobody else.
        if evse.holder is not None:
            return []
        self._plug_ins.append(evse_id)
        for request in [r for r in self._requests.values() if r.result is not None]:
            granted = self._select(request, waiting=True)
            if granted:
                return granted
        # With one EVSE EVerest has no such timer.
        if self.settings.plug_in_timeout_enabled and len(self._evses) > 1:
            return [StartTimer(Timer(TimerKind.PLUG_IN, evse_id), self.settings.connection_timeout)]
        return []

    def _stop(self, evse: EvseState, token: ProvidedIdToken, request: Request | None = None) -> list[Effect]:
        """Rules 4 and 8b, where a transaction runs (1.6, 3.6; 2.0.1 E07); 8c: whatever kind of token it is."""
        used = token.used_at(evse.evse_id)
        if not self.settings.stop_transaction_on_reswipe:
            return self._end(used, TokenHandlingResult.USED_TO_REAUTHORIZE, request)
        stop = StopTransaction(evse.evse_id, StopReason.LOCAL, token.id_token)
        return [stop, *self._end(used, TokenHandlingResult.USED_TO_STOP_TRANSACTION, request)]
