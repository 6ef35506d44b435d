"""What the interpreters of all OCPP versions share: binding answers to calls, and the facts that are alike in all.

An answer means something only together with its call. A call is forgotten once it is answered, so a second answer
with the same message id shows no fact. A repetition of a call that is still unanswered (same action, same payload)
takes its place: the sender has given up on the older one, and a late answer to it shows no fact either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

#: A fact's name and its fields.
Fact = tuple[str, dict[str, Any]]
CallReader = Callable[[Any], list[Fact]]
AnswerReader = Callable[[Any, Any], list[Fact]]

NO_FACTS: list[Fact] = []
#: A charger that leaves more calls unanswered than this gets no facts from the oldest.
_MOST_PENDING = 256
_MOST_REMEMBERED = 256


class Interpreter:
    """Dispatches frames to the readers of one OCPP version.

    Args:
        calls: (direction, action) → reader of the CALL's payload.
        answers: (direction of the call, action) → reader of the call's and the CALLRESULT's payload.
    """

    def __init__(
        self,
        calls: Mapping[tuple[str, str], CallReader],
        answers: Mapping[tuple[str, str], AnswerReader],
    ) -> None:
        self._calls = calls
        self._answers = answers
        self._pending: dict[tuple[str, str], tuple[str, Any]] = {}

    def read(self, action: str, fields: Mapping[str, Any]) -> list[Fact]:
        """The facts that a frame shows, in the order in which they come about.

        A payload that breaks its schema shows no fact; this never raises.

        Args:
            action: the frame event's name; not used for answers, which are bound by message id.
            fields: the frame event's fields (see :class:`ocpplab_runner.plugin.events.Observation`).
        """
        try:
            kind = fields["type"]
            if kind == "call":
                return self._read_call(action, fields)
            if kind == "result":
                return self._read_result(fields)
            if kind == "error":
                self._pending.pop((_OTHER_WAY[fields["direction"]], fields["message_id"]), None)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            pass
        return NO_FACTS

    def _read_call(self, action: str, fields: Mapping[str, Any]) -> list[Fact]:
        place = (fields["direction"], action)
        payload = fields["payload"]
        if place in self._answers:
            pending = self._pending
            if pending:
                self._supersede(fields["direction"], action, payload)
            pending[fields["direction"], fields["message_id"]] = (action, payload)
        reader = self._calls.get(place)
        return reader(payload) if reader is not None else NO_FACTS

    def _supersede(self, direction: str, action: str, payload: Any) -> None:
        pending = self._pending
        for key, (older, its_payload) in list(pending.items()):
            if older == action and key[0] == direction and its_payload == payload:
                del pending[key]
        while len(pending) >= _MOST_PENDING:
            del pending[next(iter(pending))]

    def _read_result(self, fields: Mapping[str, Any]) -> list[Fact]:
        direction = _OTHER_WAY[fields["direction"]]
        call = self._pending.pop((direction, fields["message_id"]), None)
        if call is None:
            return NO_FACTS
        action, request = call
        return self._answers[direction, action](request, fields["payload"])


_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?")
_OTHER_WAY = {"to_csms": "to_charger", "to_charger": "to_csms"}


def put(fields: dict[str, Any], name: str, value: Any) -> None:
    """Set a field unless its value is None: a fact has no empty fields."""
    if value is not None:
        fields[name] = value


def moment(timestamp: Any) -> str | None:
    """A message's timestamp for a fact: one without an offset is read as UTC; None for what is no time."""
    found = _TIME.fullmatch(timestamp) if isinstance(timestamp, str) else None
    if found is None:
        return None
    return timestamp if found["offset"] else f"{timestamp}Z"


def remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    """Set an entry of a memory that keeps only the latest ones: a charger may live for years."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > _MOST_REMEMBERED:
        del memory[next(iter(memory))]


def heartbeat(_payload: Any) -> list[Fact]:
    """A Heartbeat has come."""
    return [("heartbeat", {})]


def auth_status(status: Any, card: Any, via: str, evse_id: Any, group: Any) -> Fact:
    """A verdict of the CSMS on a card, with its group where it has one."""
    fields = {"is": status}
    put(fields, "id_tag", card)
    fields["via"] = via
    put(fields, "evse_id", evse_id)
    put(fields, "parent_id_token", group)
    return "auth_status", fields
