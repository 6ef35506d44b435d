"""From one charger's frames to version-neutral facts: binding answers to calls, and asking the blocks.

A frame that breaks its schema, or that its receiver does not take, proves nothing. What a call says is therefore held
until its answer: a CALLRESULT releases it, a CALLERROR or the end of the connection drops it. An answer means something
only together with its call. A call is forgotten once it is answered, so a second answer with the same message id shows
no fact. A repetition of a call that is still unanswered (same action, same payload) takes its place: the sender has
given up on the older one, and a late answer to it shows no fact either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ocpplab_runner.engine.interpreter.blocks import BLOCKS
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact
from ocpplab_runner.engine.interpreter.core.traffic import Contradiction, Held, Traffic
from ocpplab_runner.vocabulary.versions import OcppVersion


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


Place = tuple[str, str]
CallReader = Callable[[Any], list[Fact]]
CallLost = Callable[[Any], None]
AnswerReader = Callable[[Any, Any], list[Fact]]

NOTHING: list[Shown] = []
#: A charger that leaves more calls unanswered than this gets no facts from the oldest.
_MOST_PENDING = 256


class Interpreter:
    """Reads the frames of one charger.

    Args:
        version: the OCPP version that it speaks.

    Attributes:
        contradictions: what the frames read so far have contradicted; whoever reports them empties it.
    """

    def __init__(self, version: OcppVersion) -> None:
        self._traffic = Traffic()
        self.contradictions: list[Contradiction] = self._traffic.contradictions
        self._pending = self._traffic.pending
        self._calls: dict[Place, list[CallReader]] = {}
        self._answers: dict[Place, list[AnswerReader]] = {}
        self._losses: dict[str, CallLost] = {}
        self._shows: dict[str, frozenset[str]] = {}
        for one in (one for block in BLOCKS for one in block if version in one.versions):
            block = one(self._traffic)
            for place, mark in one.marks("calls", version).items():
                self._calls.setdefault(place, []).append(getattr(block, mark.method))
                if mark.more:
                    self._shows[place[1]] = self._shows.get(place[1], frozenset()) | mark.more
            for place, mark in one.marks("answers", version).items():
                self._answers.setdefault(place, []).append(getattr(block, mark.method))
            for action, mark in one.marks("lost", version).items():
                self._losses[action] = getattr(block, mark.method)

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
            if kind == "send":  # nobody answers it, so a valid one suffices
                return self._read_call(action, fields, cause, answerable=False)
            if kind == "result":
                return self._read_result(fields, cause)
            # One that its receiver ignores leaves the call open: its answer may still come.
            if kind == "error" and "ignored" not in fields:
                call = self._pending.pop((_OTHER_WAY[fields["direction"]], fields["message_id"]), None)
                if call is not None:
                    self._lost(call)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            pass
        return NOTHING

    def disconnected(self) -> None:
        """The connection is gone: what has not been answered on it will not be."""
        for call in self._pending.values():
            self._lost(call)
        self._pending.clear()

    def held(self) -> Iterator[tuple[int, frozenset[str]]]:
        """The calls that wait for an answer: their numbers, and the facts that each may show."""
        for call in self._pending.values():
            shows = self._shows.get(call.action)
            if shows is not None:
                yield call.cause, shows

    def _lost(self, call: Held) -> None:
        """A call was not taken, or nobody knows whether it was."""
        if call.action in self._losses:
            self._losses[call.action](call.payload)

    def _read_call(self, action: str, fields: Mapping[str, Any], cause: int, answerable: bool) -> list[Shown]:
        place = (fields["direction"], action)
        readers = self._calls.get(place, ())
        if (not readers and place not in self._answers) or "invalid" in fields:
            return NOTHING
        payload = fields["payload"]
        self._traffic.reads(cause)
        if not answerable:
            return [Shown(cause, *fact) for reader in readers for fact in reader(payload)]
        pending = self._pending
        if pending and place in self._answers:
            self._supersede(place, payload)
        pending[place[0], fields["message_id"]] = Held(cause, action, payload)
        return NOTHING

    def _supersede(self, place: tuple[str, str], payload: Any) -> None:
        # The same call under a new id: the old one has been given up, and an answer to it would count twice.
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
        # The call is over, however bad its answer: nobody waits for another one.
        if call is None or "invalid" in fields:
            return NOTHING
        self._traffic.reads(call.cause)
        place = (direction, call.action)
        readers, answer_readers = self._calls.get(place, ()), self._answers.get(place, ())
        shown = [Shown(call.cause, *fact) for reader in readers for fact in _facts(reader, call.payload)]
        for answer_reader in answer_readers:
            shown += [Shown(cause, *fact) for fact in _facts(answer_reader, call.payload, fields["payload"])]
        return shown


def _facts(reader: Callable[..., list[Fact]], *payloads: Any) -> list[Fact]:
    """What a reader makes of payloads that need not fit their schema: some logs hold what nobody has judged."""
    try:
        return reader(*payloads)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        return NO_FACTS


_OTHER_WAY = {"to_csms": "to_charger", "to_charger": "to_csms"}
