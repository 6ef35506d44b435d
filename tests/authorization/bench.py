"""A station around the pure handler, and a short script language to play histories on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ocpplab_runner.authorization.effects import (
    Deny,
    Effect,
    Grant,
    Handled,
    Publish,
    ReservationUsed,
    StartTimer,
    StopTimer,
    StopTransaction,
    Timer,
    TimerKind,
    Validate,
    WithdrawGrant,
)
from ocpplab_runner.authorization.handler import AuthorizationHandler, HandlerSettings
from ocpplab_runner.authorization.reservation_book import Reservation
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    AuthorizationType,
    IdToken,
    IdTokenType,
    ProvidedIdToken,
    ValidationResult,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Bench:
    """A station around the handler: it charges as soon as an EVSE is both granted and plugged."""

    def __init__(self, evses: int = 1, **options: object) -> None:
        self.settings = HandlerSettings(**options)  # type: ignore[arg-type]
        self.handler = AuthorizationHandler({n: [1] for n in range(1, evses + 1)}, self.settings)
        self.known: dict[str, ValidationResult] = {}
        self.log: list[str] = []
        self.plugged: set[int] = set()
        self.granted: set[int] = set()
        self.charging: set[int] = set()
        self.timers: dict[Timer, float] = {}
        self.asked: list[Validate] = []
        self.several: dict[str, list[ValidationResult]] = {}
        self.reservations = 0

    def know(self, card: str, status: str = "Accepted", group: str | None = None, **more: object) -> None:
        parent = IdToken(group) if group else None
        self.known[card.upper()] = ValidationResult(AuthorizationStatus(status), parent_id_token=parent, **more)  # type: ignore[arg-type]

    def do(self, effects: list[Effect]) -> list[str]:
        """Carry effects out; returns what became visible, as short texts."""
        start = len(self.log)
        for effect in effects:
            self._carry_out(effect)
        return self.log[start:]

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Publish(token, status):
                self.log.append(f"{token.id_token.value} {status}")
            case Validate(request, token):
                self.log.append(f"ask {token.id_token.value}")
                self.asked.append(effect)
                card = token.id_token.value.upper()
                results = self.several.get(card) or ([self.known[card]] if card in self.known else [])
                if results:
                    self.asked.pop()
                    self.do(self.handler.validated(request, *results))
            case Grant(evse_id, _, result):
                assert result.accepted
                self.granted.add(evse_id)
                self.log.append(f"grant {evse_id}")
                self._charge(evse_id)
            case Deny(evse_id, _, result):
                self.log.append(f"deny {evse_id} {result.authorization_status}")
            case WithdrawGrant(evse_id):
                self.granted.discard(evse_id)
                self.log.append(f"withdraw {evse_id}")
            case StopTransaction(evse_id, reason, _):
                self.log.append(f"stop {evse_id} {reason}")
                self.finish(evse_id)
            case StartTimer(timer, seconds):
                self.timers[timer] = seconds
            case StopTimer(timer):
                self.timers.pop(timer, None)
            case ReservationUsed(evse_id, reservation_id):
                self.log.append(f"reservation {reservation_id} used on {evse_id}")
            case Handled(token, outcome, _):
                if outcome in ("AlreadyInProcess", "NoConnectorAvailable"):
                    self.log.append(f"{token.id_token.value} {outcome}")

    def _charge(self, evse_id: int) -> None:
        if evse_id in self.granted and evse_id in self.plugged:
            self.granted.discard(evse_id)
            self.charging.add(evse_id)
            self.log.append(f"start {evse_id}")
            self.do(self.handler.transaction_started(evse_id))

    def finish(self, evse_id: int) -> None:
        if evse_id in self.charging:
            self.charging.discard(evse_id)
            self.log.append(f"end {evse_id}")
            self.do(self.handler.transaction_finished(evse_id))

    def swipe(self, card: str, *evses: int, **more: object) -> list[str]:
        token = ProvidedIdToken(IdToken(card), connectors=evses, **more)  # type: ignore[arg-type]
        return self.do(self.handler.present(token))

    def remote(self, card: str, *evses: int, prevalidated: bool = True) -> list[str]:
        return self.do(
            self.handler.present(
                ProvidedIdToken(
                    IdToken(card, IdTokenType.CENTRAL), AuthorizationType.OCPP, 1, None, evses, prevalidated
                )
            )
        )

    def plug(self, evse_id: int) -> list[str]:
        start = len(self.log)
        self.plugged.add(evse_id)
        self.do(self.handler.plugged_in(evse_id))
        self._charge(evse_id)
        return self.log[start:]

    def unplug(self, evse_id: int) -> list[str]:
        start = len(self.log)
        self.plugged.discard(evse_id)
        self.finish(evse_id)
        self.granted.discard(evse_id)
        self.do(self.handler.unplugged(evse_id))
        return self.log[start:]

    def expire(self, kind: TimerKind) -> list[str]:
        timer = next(timer for timer in self.timers if timer.kind is kind)
        del self.timers[timer]
        return self.do(self.handler.timer_expired(timer))

    def has_timer(self, kind: TimerKind) -> bool:
        return any(timer.kind is kind for timer in self.timers)

    def reserve(self, text: str) -> str:
        """``A/GROUP@1`` or ``A@any``; returns the answer."""
        who, _, where = text.partition("@")
        name, _, group = who.partition("/")
        self.reservations += 1
        reservation = Reservation(
            self.reservations,
            IdToken(name),
            IdToken(group) if group else None,
            None if where == "any" else int(where),
            expires=NOW + timedelta(hours=1),
        )
        return self.handler.reserve(reservation, NOW)[0].value

    def set(self, name: str, value: str) -> None:
        """Change a setting at run time."""
        typed = float(value) if name == "connection_timeout" else value
        self.handler.settings = replace(self.handler.settings, **{name: typed})  # type: ignore[arg-type]


#: What the cards of a script are, unless it says otherwise: A and B of one group, C of none, D blocked, M the master.
CARDS: Mapping[str, tuple[str, str | None]] = {
    "A": ("Accepted", "FLEET"),
    "B": ("Accepted", "FLEET"),
    "C": ("Accepted", None),
    "D": ("Blocked", "FLEET"),
    "M": ("Accepted", "MASTER"),
    "N": ("Blocked", "MASTER"),
    "FLEET": ("Accepted", None),
}


def play(script: str, *, evses: int = 1, cards: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    """Play a history; returns what became visible in its last step.

    Args:
        script: steps with ``;`` between them. ``plug 1``, ``unplug 1``, ``finish 1``, ``fault 1``, ``repair 1``,
            ``disable 1``, ``enable 1``; ``card A``, ``card A@1,2``, ``card A:eMAID``, ``Autocharge A@1``,
            ``prevalidated A/GROUP@1``; ``choose 1``; ``time grant``; ``withdraw``, ``withdraw 1``, ``withdraw A``,
            ``withdraw 1 A:eMAID``; ``update 1 Blocked/GROUP``; ``reserve A/GROUP@1``, ``reserve A@any``;
            ``answer A Accepted/GROUP`` for a card that is in ``cards`` with None; ``set NAME VALUE``.
        evses: how many the station has.
        cards: instead of :data:`CARDS`: token value → (status, group), list of results, or None for no answer yet.
        options: of :class:`HandlerSettings`.
    """
    bench = Bench(evses, **options)
    for card, said in {**CARDS, **(cards or {})}.items():
        if isinstance(said, list):
            bench.several[card] = said
        elif said is not None:
            bench.know(card, said[0], said[1])
    seen: list[str] = []
    for step in script.split(";"):
        seen = _step(bench, *step.split())
    return seen


def rows(*table: tuple[str, Sequence[str]] | tuple[str, Sequence[str], Mapping[str, Any]]) -> pytest.MarkDecorator:
    """A rule's table: script → what its last step makes visible, with options of :func:`play`."""
    cases = [
        pytest.param(row[0], list(row[1]), dict(row[2]) if len(row) > 2 else {}, id=f"{number}: {row[0]}")
        for number, row in enumerate(table, 1)
    ]
    return pytest.mark.parametrize(("script", "seen", "options"), cases)


def token(text: str, kind: str = "ISO14443") -> IdToken:
    """``A`` or ``A:eMAID``."""
    value, _, said = text.partition(":")
    return IdToken(value, IdTokenType(said or kind))


def provided(text: str, provider: AuthorizationType, *, prevalidated: bool = False) -> ProvidedIdToken:
    """``A/GROUP@1,2``."""
    who, _, where = text.partition("@")
    name, _, group = who.partition("/")
    return ProvidedIdToken(
        token(name),
        provider,
        parent_id_token=IdToken(group) if group else None,
        connectors=tuple(int(number) for number in where.split(",")) if where else (),
        prevalidated=prevalidated,
    )


def result(text: str) -> ValidationResult:
    """``Accepted`` or ``Accepted/GROUP``."""
    status, _, group = text.partition("/")
    return ValidationResult(AuthorizationStatus(status), parent_id_token=IdToken(group) if group else None)


def _step(bench: Bench, verb: str, *words: str) -> list[str]:
    handler = bench.handler
    match verb, words:
        case (("plug" | "unplug"), [number]):
            return (bench.plug if verb == "plug" else bench.unplug)(int(number))
        case "finish", [number]:
            start = len(bench.log)
            bench.finish(int(number))
            return bench.log[start:]
        case "fault", [number]:
            return bench.do(handler.faulted(int(number), 1))
        case "repair", [number]:
            return bench.do(handler.fault_cleared(int(number), 1))
        case (("disable" | "enable"), [number]):
            return bench.do((handler.disabled if verb == "disable" else handler.enabled)(int(number), 1))
        case "card", [text]:
            return bench.do(handler.present(provided(text, AuthorizationType.RFID)))
        case "prevalidated", [text]:
            return bench.do(handler.present(provided(text, AuthorizationType.OCPP, prevalidated=True)))
        case "choose", [number]:
            effects = handler.selected(int(number))
            return ["nobody chooses"] if effects is None else bench.do(effects)
        case "time", [kind]:
            return bench.expire(TimerKind(kind)) if bench.has_timer(TimerKind(kind)) else [f"no {kind} timer"]
        case "withdraw", _:
            evse_id = int(words[0]) if words and words[0].isdigit() else None
            rest = words[1:] if evse_id is not None else words
            answer, effects = handler.withdraw(evse_id, token(rest[0]) if rest else None)
            return [answer.value, *bench.do(effects)]
        case "update", [number, text]:
            return bench.do(handler.result_updated(int(number), result(text)))
        case "reserve", [text]:
            return [bench.reserve(text)]
        case "answer", [name, text]:
            ask = next(ask for ask in bench.asked if ask.token.id_token.key == name.casefold())
            bench.asked.remove(ask)
            return bench.do(handler.validated(ask.request, result(text)))
        case "set", [name, value]:
            bench.set(name, value)
            return []
        case kind, [text]:
            return bench.do(handler.present(provided(text, AuthorizationType(kind))))
    raise AssertionError(f"no step {verb} {words}")
