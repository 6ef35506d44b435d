"""Finding out whether a token may charge: every validator is asked in its order (rule 7 of EVerest's Auth module)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.local_decision import AskCsms, AuthorizationPolicy, Decided, decide
from ocpplab_runner.authorization.types import IdToken, ProvidedIdToken, ValidationResult
from ocpplab_runner.authorization.validators import ScriptedValidator, Validator
from ocpplab_runner.charger.blocks.authorization.contract import Contract
from ocpplab_runner.charger.blocks.authorization.token_facts import TokenFacts
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.authorization import LOCAL_LIST
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.ocppj.frames import Answer, CallError, CallResult
from ocpplab_runner.ocppj.records import CallTimeout, SessionClosed
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute

Results = Callable[[tuple[ValidationResult, ...]], None]
_One = Callable[[str, ValidationResult], None]


class Judge(Protocol):
    """How the station asks its CSMS, and what it knows; see ``block.Authorization``, which is one."""

    cache: AuthorizationCache
    failed: ValidationResult

    def policy(self) -> AuthorizationPolicy: ...

    def contract(self, provided: ProvidedIdToken) -> Contract | None: ...

    def request(self, token: IdToken, contract: Contract | None = None) -> Outgoing: ...

    def verdict(self, token: IdToken, payload: Mapping[str, Any]) -> ValidationResult: ...

    def learn(self, token: IdToken, result: ValidationResult) -> None: ...


class Validation:
    """The station's validators: those of the scenario, and the CSMS with list and cache before it.

    Args:
        context: the station.
        judge: asks the CSMS.
        facts: hears of every verdict.
    """

    __slots__ = ("_context", "_era", "_facts", "_judge", "_last", "_timers")

    def __init__(self, context: Context, judge: Judge, facts: TokenFacts) -> None:
        self._context = context
        self._judge = judge
        self._facts = facts
        self._timers = Timers()
        self._era = 0
        self._last = 0

    def judge(self, token: ProvidedIdToken, done: Results) -> None:
        """Ask them all; ``done`` gets their verdicts in their order, unless the station has restarted meanwhile."""
        self._ask(token, self._context.config.authorization.validators, (), done)

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
            then(validator.name, verdict.at(self._context.time.now()))
            return
        self._last += 1
        self._timers.start(
            self._last, verdict.delay, lambda: then(validator.name, verdict.at(self._context.time.now()))
        )

    def _ask_csms(self, token: ProvidedIdToken, then: _One) -> None:
        contract, policy, online = self._judge.contract(token), self._judge.policy(), self._context.online
        if contract is not None and contract.refused:
            self._by_itself(
                token, replace(self._judge.failed, certificate_status=contract.status), contract.refused, then
            )
            return
        decision = decide(
            token.id_token,
            online=online,
            # C07.FR.01: online the CSMS is asked about each contract.
            policy=policy if contract is None or not online else replace(policy, local_pre_authorize=False),
            local_list=self._context.ask(LOCAL_LIST).entries,
            cache=self._judge.cache,
            now=self._context.time.now(),
        )
        if isinstance(decision, Decided):
            self._facts.verdict(token, decision.route, decision.result)
            then(decision.route.value, decision.result)
            return
        assert isinstance(decision, AskCsms)
        era = self._era

        def answered(answer: Answer | Exception) -> None:
            # A station that has gone down since then has forgotten the card: it is presented again.
            if era == self._era and self._context.powered:
                self._answered(token, answer, then)

        self._context.post_raw(self._judge.request(token.id_token, contract), answered)

    def _answered(self, token: ProvidedIdToken, answer: Answer | Exception, then: _One) -> None:
        if isinstance(answer, SessionClosed):
            self._ask_csms(token, then)  # offline now: list, cache and the rule for unknown cards decide
        elif isinstance(answer, CallResult):
            try:
                result = self._judge.verdict(token.id_token, answer.payload)
            except ValueError as error:
                self._by_itself(token, self._judge.failed, str(error), then)
                return
            # Only what the CSMS has said itself: what the station makes of its silence is nothing for the cache.
            self._judge.learn(token.id_token, result)
            then(AuthorizationRoute.AUTHORIZE.value, result)
        else:
            self._by_itself(token, self._judge.failed, _no_verdict(answer), then)

    def _by_itself(self, token: ProvidedIdToken, result: ValidationResult, reason: str, then: _One) -> None:
        self._facts.verdict(token, AuthorizationRoute.STATION, result, reason)
        then(AuthorizationRoute.STATION.value, result)


def _no_verdict(answer: Answer | Exception) -> str:
    """Why the CSMS has given none."""
    if isinstance(answer, CallError):
        return f"Authorize was answered with the CALLERROR {answer.code}"
    return "Authorize was not answered in time" if isinstance(answer, CallTimeout) else f"Authorize failed: {answer}"
