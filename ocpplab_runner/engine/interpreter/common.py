"""What the interpreters of all OCPP versions share: binding answers to calls, and the facts that are alike in all.

A frame that breaks its schema, or that its receiver does not take, proves nothing. What a call says is therefore held
until its answer: a CALLRESULT releases it, a CALLERROR or the end of the connection drops it. An answer means something
only together with its call. A call is forgotten once it is answered, so a second answer with the same message id shows
no fact. A repetition of a call that is still unanswered (same action, same payload) takes its place: the sender has
given up on the older one, and a late answer to it shows no fact either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

#: A fact's name and its fields.
Fact = tuple[str, dict[str, Any]]


class Shown(NamedTuple):
    """A fact, and the frame that it is read from: the call that an answer has released, or the answer itself.

    Attributes:
        cause: the number that was given with that frame.
        name: the fact's name.
        fields: its fields.
    """

    cause: int
    name: str
    fields: dict[str, Any]


class Contradiction(NamedTuple):
    """A valid message that speaks of a transaction which is none, as the charger's own traffic shows.

    Attributes:
        cause: the number that was given with the call.
        code: of the violation.
        told: what is wrong, for people.
    """

    cause: int
    code: str
    told: str


CallReader = Callable[[Any], list[Fact]]
AnswerReader = Callable[[Any, Any], list[Fact]]

NO_FACTS: list[Fact] = []
NOTHING: list[Shown] = []
#: A charger that leaves more calls unanswered than this gets no facts from the oldest.
_MOST_PENDING = 256
_MOST_REMEMBERED = 256


class _Held(NamedTuple):
    """A call that waits for its answer."""

    cause: int
    action: str
    payload: Any


class Interpreter:
    """Dispatches frames to the readers of one OCPP version.

    Args:
        calls: (direction, action) → reader of the CALL's payload.
        answers: (direction of the call, action) → reader of the call's and the CALLRESULT's payload.
        shows: action → the facts that its call may show.

    Attributes:
        contradictions: what the frames read so far have contradicted; whoever reports them empties it.
    """

    def __init__(
        self,
        calls: Mapping[tuple[str, str], CallReader],
        answers: Mapping[tuple[str, str], AnswerReader],
        shows: Mapping[str, frozenset[str]],
    ) -> None:
        self._calls = calls
        self._answers = answers
        self._shows = shows
        self._pending: dict[tuple[str, str], _Held] = {}
        self._reading = 0
        self.contradictions: list[Contradiction] = []

    def read(self, action: str, fields: Mapping[str, Any], cause: int = 0, *, answerable: bool = True) -> list[Shown]:
        """The facts that a frame shows or releases, in the order in which they come about.

        A payload that breaks its schema shows no fact; this never raises.

        Args:
            action: the frame event's name; not used for answers, which are bound by message id.
            fields: the frame event's fields (see :class:`ocpplab_runner.plugin.events.Observation`).
            cause: the frame's number; the facts that it shows come back with it.
            answerable: whether the answer to this call could be seen. Where it could not, a valid call suffices.
        """
        try:
            kind = fields["type"]
            if kind == "call":
                return self._read_call(action, fields, cause, answerable)
            if kind == "result":
                return self._read_result(fields, cause)
            if kind == "error" and "ignored" not in fields:
                call = self._pending.pop((_OTHER_WAY[fields["direction"]], fields["message_id"]), None)
                if call is not None:
                    self._lost(call.action, call.payload)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            pass
        return NOTHING

    def disconnected(self) -> None:
        """The connection is gone: what has not been answered on it will not be."""
        for call in self._pending.values():
            self._lost(call.action, call.payload)
        self._pending.clear()

    def held(self) -> Iterator[tuple[int, frozenset[str]]]:
        """The calls that wait for an answer: their numbers, and the facts that each may show."""
        for call in self._pending.values():
            shows = self._shows.get(call.action)
            if shows is not None:
                yield call.cause, shows

    def contradicts(self, code: str, told: str) -> None:
        """What is being read cannot be."""
        del self.contradictions[:-_MOST_REMEMBERED]
        self.contradictions.append(Contradiction(self._reading, code, told))

    def _unanswered(self, action: str) -> Iterator[Any]:
        """The payloads of that action's calls that wait for their answers."""
        return (call.payload for call in self._pending.values() if call.action == action)

    def _lost(self, action: str, payload: Any) -> None:
        """A call was not taken, or nobody knows whether it was."""

    def _read_call(self, action: str, fields: Mapping[str, Any], cause: int, answerable: bool) -> list[Shown]:
        place = (fields["direction"], action)
        reader = self._calls.get(place)
        if (reader is None and place not in self._answers) or "invalid" in fields:
            return NOTHING
        payload = fields["payload"]
        self._reading = cause
        if not answerable:
            return NOTHING if reader is None else [Shown(cause, *fact) for fact in reader(payload)]
        pending = self._pending
        if pending and place in self._answers:
            self._supersede(place, payload)
        pending[place[0], fields["message_id"]] = _Held(cause, action, payload)
        return NOTHING

    def _supersede(self, place: tuple[str, str], payload: Any) -> None:
        pending = self._pending
        for key, older in list(pending.items()):
            if (key[0], older.action) == place and older.payload == payload:
                del pending[key]
        while len(pending) >= _MOST_PENDING:
            del pending[next(iter(pending))]

    def _read_result(self, fields: Mapping[str, Any], cause: int) -> list[Shown]:
        if "ignored" in fields:
            return NOTHING
        direction = _OTHER_WAY[fields["direction"]]
        call = self._pending.pop((direction, fields["message_id"]), None)
        if call is None or "invalid" in fields:
            return NOTHING
        self._reading = call.cause
        place = (direction, call.action)
        reader, answer_reader = self._calls.get(place), self._answers.get(place)
        shown = NOTHING if reader is None else [Shown(call.cause, *fact) for fact in _facts(reader, call.payload)]
        if answer_reader is None:
            return shown
        return [*shown, *(Shown(cause, *fact) for fact in _facts(answer_reader, call.payload, fields["payload"]))]


def _facts(reader: Callable[..., list[Fact]], *payloads: Any) -> list[Fact]:
    """What a reader makes of payloads that need not fit their schema: some logs hold what nobody has judged."""
    try:
        return reader(*payloads)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        return NO_FACTS


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
