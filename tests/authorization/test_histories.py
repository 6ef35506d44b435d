"""Whatever happens at a station of one to four EVSEs, these hold.

The histories have swipes, other providers' tokens, cars, faults, withdrawals, choices, reservations, later verdicts,
answers that come late or never, and time-outs; the station around the handler is ``bench.Bench``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.authorization.effects import (
    Effect,
    Grant,
    Handled,
    Publish,
    StopTransaction,
    TimerKind,
    WithdrawGrant,
)
from ocpplab_runner.authorization.handler import HandlerSettings
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    IdToken,
    IdTokenType,
    ProvidedIdToken,
    SelectionAlgorithm,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
)
from tests.authorization.bench import CARDS, Bench
from tests.thoroughness import examples

Status = TokenValidationStatus
EVSE = st.integers(1, 4)
GROUPS = st.sampled_from([None, "FLEET", "MASTER"])
CARD = st.sampled_from(["A", "a", "B", "C", "c", "D", "M", "X", "x", "FLEET"])
TYPE = st.sampled_from([IdTokenType.ISO14443, IdTokenType.ISO14443, IdTokenType.EMAID])
PROVIDER = st.sampled_from([AuthorizationType.RFID, *AuthorizationType])
WHERE = st.sampled_from([(), (), (1,), (2,), (4, 2), (9,)])
STATUS = st.sampled_from([AuthorizationStatus.ACCEPTED, *AuthorizationStatus])
STEP = st.one_of(
    st.tuples(st.just("token"), CARD, TYPE, PROVIDER, WHERE, st.booleans(), GROUPS),
    st.tuples(st.just("token"), CARD, TYPE, st.just(AuthorizationType.RFID), WHERE, st.just(False), st.none()),
    st.tuples(st.sampled_from(["plug", "plug", "unplug", "finish", "fault", "clear", "disable", "enable"]), EVSE),
    st.tuples(st.just("expire"), st.sampled_from(TimerKind)),
    st.tuples(st.just("answer"), STATUS, GROUPS, st.sampled_from([(), (1,), (2, 3)])),
    st.tuples(st.just("withdraw"), st.none() | EVSE, st.none() | CARD, TYPE),
    st.tuples(st.just("choose"), EVSE),
    st.tuples(st.just("reserve"), CARD, st.none() | EVSE, GROUPS),
    st.tuples(st.just("update"), EVSE, STATUS, GROUPS),
)
SETTINGS = st.builds(
    HandlerSettings,
    selection_algorithm=st.sampled_from(SelectionAlgorithm),
    master_pass_group_id=st.sampled_from(["", "MASTER", "master"]),
    prioritize_authorization_over_stopping_transaction=st.booleans(),
    plug_in_timeout_enabled=st.booleans(),
    ignore_connector_faults=st.booleans(),
    stop_transaction_on_reswipe=st.booleans(),
)


class Watched(Bench):
    """A station that looks at every effect of its handler."""

    def __init__(self, evses: int, settings: HandlerSettings, *, lower: bool = False) -> None:
        super().__init__(evses)
        self.settings = self.handler.settings = settings
        self.ids = tuple(range(1, evses + 1))
        self.lower = lower
        self.processing: Counter[str] = Counter()
        self.handled: Counter[str] = Counter()
        self.accepted: set[str] = set()
        self.authorized: dict[int, str] = {}
        self.open: dict[int, str] = {}
        for card, (status, group) in CARDS.items():
            self.know(card, status, group)

    def do(self, effects: list[Effect]) -> list[str]:
        start = len(self.log)
        before: Effect | None = None
        for effect in effects:
            self._look(effect, before)
            self._carry_out(effect)
            before = effect
        return self.log[start:]

    def _look(self, effect: Effect, before: Effect | None) -> None:
        match effect:
            case Publish(token, Status.PROCESSING):
                self.processing[token.id_token.key] += 1
            case Publish(token, Status.ACCEPTED):
                self.accepted.add(token.id_token.key)
            case Publish(token, Status.USED_TO_START):
                evse_id = token.connectors[0]
                if evse_id not in self.charging:
                    self.open[evse_id] = token.id_token.key
            case Publish(token, Status.TIMED_OUT | Status.WITHDRAWN) if isinstance(before, WithdrawGrant):
                assert before.evse_id not in self.charging, "taken back while a transaction runs"
                assert self.open.pop(before.evse_id) == token.id_token.key, "taken back twice"
            case Handled(token, outcome, judged):
                published = outcome is not TokenHandlingResult.ALREADY_IN_PROCESS or judged
                if published:
                    self.handled[token.id_token.key] += 1
            case Grant(evse_id, token, result):
                assert result.accepted
                assert token.prevalidated or token.id_token.key in self.accepted, "granted without a verdict"
                assert evse_id not in self.authorized, "two holders of one EVSE"
                assert evse_id not in self.charging, "granted while a transaction runs"
                assert not self.handler.settings.master_pass_group_id or not self._is_master(result)
                self.authorized[evse_id] = token.id_token.key
            case WithdrawGrant(evse_id):
                assert evse_id not in self.charging
                self.authorized.pop(evse_id, None)
            case StopTransaction(evse_id, _, _):
                assert evse_id in self.charging, "stopped where nothing runs"

    def _is_master(self, result: ValidationResult) -> bool:
        parent = result.parent_id_token
        return parent is not None and parent.key == self.handler.settings.master_pass_group_id.casefold()

    def _charge(self, evse_id: int) -> None:
        if evse_id in self.granted and evse_id in self.plugged:
            assert evse_id in self.authorized, "a withdrawn authorization has started a transaction"
            self.open.pop(evse_id, None)
        super()._charge(evse_id)

    def finish(self, evse_id: int) -> None:
        if evse_id in self.charging:
            self.authorized.pop(evse_id, None)
        super().finish(evse_id)

    def unplug(self, evse_id: int) -> list[str]:
        seen = super().unplug(evse_id)
        self.authorized.pop(evse_id, None)
        self.open.pop(evse_id, None)
        return seen

    def step(self, name: str, *words: Any) -> None:
        match name, words:
            case "token", [card, kind, provider, where, prevalidated, group]:
                parent = IdToken(group) if group else None
                self._present(card, kind, provider, where, prevalidated, parent)
            case "plug", [n] if n in self.ids and n not in self.plugged:
                self.plug(n)
            case "unplug", [n] if n in self.plugged:
                self.unplug(n)
            case "finish", [n] if n in self.ids:
                self.finish(n)
            case "fault", [n] if n in self.ids:
                self.do(self.handler.faulted(n, 1))
            case "clear", [n] if n in self.ids:
                self.do(self.handler.fault_cleared(n, 1))
            case "disable", [n] if n in self.ids:
                self.do(self.handler.disabled(n, 1))
            case "enable", [n] if n in self.ids:
                self.do(self.handler.enabled(n, 1))
            case "expire", [kind] if self.has_timer(kind):
                self.expire(kind)
            case "answer", [status, group, evse_ids] if self.asked:
                ask = self.asked.pop(0)
                parent = IdToken(group) if group else None
                verdict = ValidationResult(status, parent_id_token=parent, evse_ids=evse_ids)
                self.do(self.handler.validated(ask.request, verdict))
            case "withdraw", [n, card, kind]:
                token = None if card is None else IdToken(self._cased(card), kind)
                self.do(self.handler.withdraw(n, token)[1])
            case "choose", [n] if n in self.ids:
                self.do(self.handler.selected(n) or [])
            case "reserve", [card, n, group]:
                self.reserve(f"{self._cased(card)}{'/' + group if group else ''}@{'any' if n is None else n}")
            case "update", [n, status, group] if n in self.ids:
                parent = IdToken(group) if group else None
                self.do(self.handler.result_updated(n, ValidationResult(status, parent_id_token=parent)))

    def _present(
        self, card: str, kind: IdTokenType, provider: AuthorizationType, where: tuple[int, ...], prevalidated: bool,
        parent: IdToken | None,
    ) -> None:  # fmt: skip
        token = IdToken(self._cased(card), kind)
        self.do(self.handler.present(ProvidedIdToken(token, provider, None, parent, where, prevalidated)))

    def _cased(self, card: str) -> str:
        return card.lower() if self.lower else card

    def check(self) -> None:
        """What holds between any two steps."""
        waiting = Counter(token.id_token.key for token in self.handler.in_process)
        assert self.processing - self.handled == waiting, "one handling result for every Processing"
        for n in self.ids:
            holder = self.handler.holder(n)
            assert (holder is not None) == (n in self.charging or n in self.granted)
            assert (holder.id_token.key if holder else None) == self.authorized.get(n)
            assert not (self.handler.available(n) and holder is not None)
        assert {timer.subject for timer in self.timers if timer.kind is TimerKind.GRANT} == self.granted
        assert len([t for t in self.timers if t.kind is TimerKind.WAIT]) == len(self.handler.waiting)
        assert self.charging <= self.plugged


@settings(deadline=None, max_examples=examples(400))
@given(st.lists(STEP, max_size=60), st.integers(1, 4), SETTINGS)
def test_invariants(steps: list[tuple[Any, ...]], evses: int, chosen: HandlerSettings) -> None:
    """No transaction without an accepted token, one holder each, one result each, nothing withdrawn ever starts."""
    bench = Watched(evses, chosen)
    for name, *words in steps:
        bench.step(name, *words)
        bench.check()


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(STEP, max_size=40), st.integers(1, 4), SETTINGS)
def test_letter_case_does_not_matter(steps: list[tuple[Any, ...]], evses: int, chosen: HandlerSettings) -> None:
    """The same history with every card in lower case looks the same."""
    one, other = Watched(evses, chosen), Watched(evses, chosen, lower=True)
    for name, *words in steps:
        one.step(name, *words)
        other.step(name, *words)
    assert [line.casefold() for line in one.log] == [line.casefold() for line in other.log]


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(STEP, max_size=60), st.integers(1, 4), SETTINGS)
def test_every_token_comes_to_an_end(steps: list[tuple[Any, ...]], evses: int, chosen: HandlerSettings) -> None:
    """Once every question is answered and every time is over, nothing is in process and nothing granted."""
    bench = Watched(evses, chosen)
    for name, *words in steps:
        bench.step(name, *words)
    while bench.asked:
        bench.step("answer", AuthorizationStatus.ACCEPTED, None, ())
    for kind in (TimerKind.WAIT, TimerKind.GRANT):
        while bench.has_timer(kind):
            bench.expire(kind)
    assert bench.handler.in_process == ()
    assert bench.granted == set()
    assert bench.processing == bench.handled
    bench.check()
