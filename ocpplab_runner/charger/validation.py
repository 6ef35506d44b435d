"""Finding out whether a token may charge: every validator is asked in its order (rule 7 of EVerest's Auth module)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocpplab_runner.authorization.local_decision import AskCsms, Decided, decide
from ocpplab_runner.authorization.types import ProvidedIdToken, ValidationResult
from ocpplab_runner.authorization.validators import ScriptedValidator, Validator
from ocpplab_runner.charger.card_rules import policy_of
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.charger.token_facts import TokenFacts
from ocpplab_runner.ocppj.frames import Answer, CallError, CallResult
from ocpplab_runner.ocppj.records import CallTimeout, SessionClosed
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

Results = Callable[[tuple[ValidationResult, ...]], None]
_One = Callable[[str, ValidationResult], None]


class Validation:
    """The station's validators: those of the scenario, and the CSMS with list and cache before it."""

    __slots__ = ("_era", "_facts", "_last", "_station", "_timers")

    def __init__(self, station: SimulatedCharger, facts: TokenFacts) -> None:
        self._station = station
        self._facts = facts
        self._timers = Timers()
        self._era = 0
        self._last = 0

    def judge(self, token: ProvidedIdToken, done: Results) -> None:
        """Ask them all; ``done`` gets their verdicts in their order, unless the station has restarted meanwhile."""
        self._ask(token, self._station.config.authorization.validators, (), done)

    def forget(self) -> None:
        """The station starts anew: nobody waits for a verdict any more."""
        self._era += 1
        self._timers.stop_all()

    def _ask(
        self, token: ProvidedIdToken, left: tuple[Validator, ...], said: tuple[ValidationResult, ...], done: Results
    ) -> None:
        if not left:
            done(said)
            return
        first, *others = left

        def then(via: str, result: ValidationResult) -> None:
            self._facts.validation_result(token, via, result)
            self._ask(token, tuple(others), (*said, result), done)

        if isinstance(first, ScriptedValidator):
            self._ask_script(token, first, then)
        else:
            self._ask_csms(token, then)

    def _ask_script(self, token: ProvidedIdToken, validator: ScriptedValidator, then: _One) -> None:
        verdict = validator.judge(token)
        if verdict.delay <= 0:
            then(validator.name, verdict.at(self._station.time.now()))
            return
        self._last += 1
        self._timers.start(
            self._last, verdict.delay, lambda: then(validator.name, verdict.at(self._station.time.now()))
        )

    def _ask_csms(self, token: ProvidedIdToken, then: _One) -> None:
        station = self._station
        decision = decide(
            token.id_token,
            online=station.online,
            policy=policy_of(station),
            local_list=station.local_list,
            cache=station.cache,
            now=self._station.time.now(),
        )
        if isinstance(decision, Decided):
            self._facts.verdict(token, decision.route, decision.result)
            then(decision.route.value, decision.result)
            return
        assert isinstance(decision, AskCsms)
        era = self._era

        def answered(answer: Answer | Exception) -> None:
            if era == self._era and station.powered:
                self._answered(token, answer, then)

        station.post_raw(station.dialect.authorize(token.id_token, token), answered)

    def _answered(self, token: ProvidedIdToken, answer: Answer | Exception, then: _One) -> None:
        station = self._station
        if isinstance(answer, SessionClosed):
            self._ask_csms(token, then)  # offline now: list, cache and the rule for unknown cards decide
        elif isinstance(answer, CallResult):
            result = station.dialect.authorize_answer(answer.payload)
            station.cards.learn(token.id_token, result)
            then(AuthorizationRoute.AUTHORIZE.value, result)
        else:
            result = station.dialect.failed_authorization
            self._facts.verdict(token, AuthorizationRoute.STATION, result, _no_verdict(answer))
            then(AuthorizationRoute.STATION.value, result)


def _no_verdict(answer: Answer | Exception) -> str:
    """Why the CSMS has given none."""
    if isinstance(answer, CallError):
        return f"Authorize was answered with the CALLERROR {answer.code}"
    return "Authorize was not answered in time" if isinstance(answer, CallTimeout) else f"Authorize failed: {answer}"
