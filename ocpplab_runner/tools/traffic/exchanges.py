"""Calls and their answers as one thing: what a reader of a log looks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ocpplab_runner.plugin.events import Event

#: What became of a call. ``lost``: no answer will come, or none in time. ``one-way`` is no call: nobody answers it.
Outcome = Literal["waiting", "result", "error", "lost", "one-way", "stray"]
#: A peer that leaves more calls unanswered than this has the oldest forgotten.
_MOST_WAITING = 256
_OTHER_WAY = {"to_csms": "to_charger", "to_charger": "to_csms"}


@dataclass(slots=True)
class Exchange:
    """A call and what became of it; or a message that is neither a call nor the answer to one.

    Attributes:
        number: counted from 1 in the order in which they began.
        station: identity of the station.
        direction: of the call, ``to_csms`` or ``to_charger``.
        action: of the call; ``?`` where nobody knows.
        message_id: of the call, where it can be read.
        payload: of the call; of garbage its text.
        at: when it was sent or came, in seconds on the loop's clock.
        outcome: see :data:`Outcome`.
        answer: payload of the answer; of a CALLERROR its code and description.
        answered: when the answer was sent or came.
    """

    number: int
    station: str
    direction: str
    action: str
    message_id: str | None
    payload: Any
    at: float
    outcome: Outcome = "waiting"
    answer: Any = None
    answered: float | None = None

    @property
    def latency(self) -> float | None:
        """Seconds from the call to its answer."""
        return None if self.answered is None else self.answered - self.at


class Exchanges:
    """Puts frames together.

    Args:
        changed: told of every exchange when it begins, and when it has ended.
    """

    def __init__(self, changed: Callable[[Exchange], None]) -> None:
        self._changed = changed
        self._waiting: dict[str, dict[tuple[str, str], Exchange]] = {}
        self._count = 0

    def hear(self, event: Event) -> None:
        """Take the next event in."""
        if event.kind == "frame":
            self._frame(event)
        elif event.kind == "violation" and event.name == "no-answer":
            self._end(event.charger, ("to_charger", event.fields.get("message_id")), "lost")
        elif event.kind == "fact" and event.name == "connection" and event.fields.get("is") == "closed":
            for key in list(self._waiting.get(event.charger, ())):
                self._end(event.charger, key, "lost")

    def _frame(self, event: Event) -> None:
        fields = event.fields
        direction, message_id = fields["direction"], fields.get("message_id")
        match fields["type"]:
            case "call":
                waiting = self._waiting.setdefault(event.charger, {})
                exchange = self._begin(event, fields.get("payload"))
                if len(waiting) == _MOST_WAITING:
                    self._end(event.charger, next(iter(waiting)), "lost")
                waiting[direction, str(message_id)] = exchange
                self._changed(exchange)
            case "result":
                key = (_OTHER_WAY[direction], message_id)
                if not self._end(event.charger, key, "result", fields.get("payload"), event.at):
                    self._stray(event, fields.get("payload"))
            case "error":
                said = {"code": fields.get("error_code"), "description": fields.get("error_description")}
                if not self._end(event.charger, (_OTHER_WAY[direction], message_id), "error", said, event.at):
                    self._stray(event, said)
            case "send":
                exchange = self._begin(event, fields.get("payload"))
                exchange.outcome = "one-way"
                self._changed(exchange)
            case _:
                self._stray(event, fields.get("text", fields.get("error_description")))

    def _begin(self, event: Event, payload: Any) -> Exchange:
        self._count += 1
        fields = event.fields
        return Exchange(
            self._count,
            event.charger,
            fields["direction"],
            event.name,
            fields.get("message_id"),
            payload,
            event.at,
        )

    def _stray(self, event: Event, payload: Any) -> None:
        exchange = self._begin(event, payload)
        exchange.outcome = "stray"
        self._changed(exchange)

    def _end(self, station: str, key: Any, outcome: Outcome, answer: Any = None, at: float | None = None) -> bool:
        exchange = self._waiting.get(station, {}).pop(key, None)
        if exchange is None:
            return False
        exchange.outcome, exchange.answer, exchange.answered = outcome, answer, at
        self._changed(exchange)
        return True
