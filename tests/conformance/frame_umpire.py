"""Watches one receiver: which answers are due, which have come, what it asks on its own, and where it breaks the rules.

The umpire sees only what crosses the wire and judges it by :mod:`tests.conformance.frame_oracle`.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance import ocpp_schemas as schemas
from tests.conformance.frame_oracle import CHARGER, CODES, CSMS, Expected, expect, goes_to, read
from tests.conformance.ocpp_schemas import V16, V21

#: Seconds in which a CALL has to be answered, and after which the receiver may give up a call of its own.
CALL_TIMEOUT = 30.0
#: What a receiver sends in place of an answer when it was told to send nonsense.
GARBAGE = "garbage, as it was programmed"


@dataclass(slots=True)
class Score:
    """What became of the frames that were thrown at one receiver.

    Attributes:
        thrown: frames that were put on the wire.
        results, errors: its CALLRESULTs; its CALLERRORs by code.
        ignored: frames that it ignored, as it should.
        refused: its CALLRESULTERRORs (2.1).
        waived: CALLs that it was programmed to leave unanswered.
        lost: frames that went down with a connection that had a reason to close.
        states: frames by the state that the receiver was in.
        connections: how many there were.
        breaches: everything that it did wrong.
        slowest: wall seconds that the slowest frame took.
    """

    role: str
    version: OcppVersion
    thrown: int = 0
    results: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    ignored: int = 0
    refused: int = 0
    waived: int = 0
    lost: int = 0
    states: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    breaches: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def answered(self) -> int:
        """Frames that it answered, in whatever way."""
        return self.results + self.errors.total()

    def __str__(self) -> str:
        errors = ", ".join(f"{code} {times:,}" for code, times in self.errors.most_common())
        return (
            f"{self.role} {self.version.value}: {self.thrown:,} sent, {self.answered:,} answered "
            f"(CALLRESULT {self.results:,}; CALLERROR {errors}), {self.ignored:,} ignored, "
            f"{self.refused:,} answers refused, "
            f"{self.waived:,} unanswered as programmed, {self.lost:,} lost in {self.connections:,} connections; "
            f"{len(self.breaches):,} breaches"
        )


@dataclass(slots=True, eq=False)
class _Due:
    line: object
    text: str | bytes
    expected: Expected
    deadline: float
    answer: list[Any] | None = None
    programmed: bool = False


class Umpire:
    """Judges one receiver.

    Args:
        score: where it keeps the count.
        got: told of each CALLRESULT: what was expected, and its payload.

    Attributes:
        registered: whether the charger's boot is known to be accepted.
        programmed: CALLs by action that the receiver was told to answer oddly.
    """

    def __init__(self, score: Score, got: Callable[[Expected, dict[str, Any]], None]) -> None:
        self.score = score
        self._got = got
        self.registered = False
        self.programmed: Counter[str] = Counter()
        self._due: deque[_Due] = deque()  # answered ones, too, until their time is over
        self._by_id: defaultdict[tuple[object, str], list[_Due]] = defaultdict(list)
        self._asking: dict[object, tuple[str, float]] = {}
        self._ids: set[str] = set()
        self._calls: dict[str, str] = {}
        self._wrong_answers: Counter[str] = Counter()
        self._asks = set(goes_to(CSMS if score.role == CHARGER else CHARGER, score.version))

    def breach(self, text: str) -> None:
        """The receiver did something wrong."""
        self.score.breaches.append(f"at {clock.now():g} s, frame {self.score.thrown}: {text}")

    def thrown(self, line: object, data: str | bytes) -> Expected:
        """A frame goes out; call it before the frame is sent."""
        expected = expect(data, self.score.version, self.score.role, registered=self.registered)
        twins = [due for message_id in expected.ids for due in self._by_id[line, message_id]]
        if any(due.answer is None or due.expected.optional for due in twins):  # such a call may still be in hand
            code = "GenericError" if self.score.version is V16 else "RpcFrameworkError"
            expected = replace(expected, codes=expected.codes | {code}, sure=False)
        action, programmed = expected.action, False
        if action is not None and self.programmed[action]:
            expected = replace(expected, codes=CODES[self.score.version], result=action, optional=True)
            programmed = expected.sure
            self.programmed[action] -= programmed
        if self.score.role == CHARGER and self.score.version is V16 and not self.registered:
            expected = replace(expected, optional=True)  # 1.6 section 4.2: once its boot is rejected it keeps silent
        self.score.thrown += 1
        if expected.ids:
            due = _Due(line, data, expected, clock.now() + CALL_TIMEOUT, programmed=programmed)
            self._due.append(due)
            for message_id in expected.ids:
                self._by_id[line, message_id].append(due)
        else:
            self.score.ignored += 1
        asked = self._asking.get(line)
        if asked is not None and asked[0] in (data if isinstance(data, str) else data.decode("utf-8", "replace")):
            del self._asking[line]
        return expected

    def heard(self, line: object, text: str | bytes) -> list[Any] | None:
        """A message of the receiver has come; returns the frame when it is a call of its own."""
        try:
            frame: Any = read(text)[0] if isinstance(text, str) else None
        except ValueError:
            frame = None
        match frame:
            case [2, str(message_id), str(action), dict(payload)]:
                self._heard_call(line, message_id, action, payload)
                return [2, message_id, action, payload]
            case [3, str(message_id), dict()]:
                self._heard_answer(line, message_id, None, frame)
            case [4, str(message_id), str(code), str(description), dict()]:
                if code not in CODES[self.score.version] or len(description) > 255:
                    self.breach(f"a CALLERROR that OCPP does not have: {short(text)}")
                self._heard_answer(line, message_id, code, frame)
            case [5, str(message_id), str(code), str(description), dict()] if self.score.version is V21:
                if code not in CODES[V21] or len(description) > 255 or not self._wrong_answers[message_id]:
                    self.breach(f"an error about an answer that was right: {short(text)}")
                self.score.refused += 1
            case [6, str(message_id), str(action), dict(payload)] if self.score.version is V21:
                bad = schemas.breaches(V21, action, payload) if action in schemas.sends(V21) else {"action"}
                if self.score.role != CHARGER or bad - {schemas.UNSURE} or message_id in self._ids:
                    self.breach(f"no unconfirmed message of a charger: {short(text)}")
                self._ids.add(message_id)
            case _ if text != GARBAGE:
                self.breach(f"no OCPP-J message: {short(text)}")
        return None

    def answering(self, line: object, message_id: str) -> None:
        """A call of the receiver is about to be answered."""
        if self._asking.get(line, ("",))[0] == message_id:
            del self._asking[line]

    def sent(self, data: object) -> None:
        """Something goes out; whether it is a wrong answer to a call of the receiver."""
        if self.score.version is not V21 or not isinstance(data, str):
            return
        try:
            frame: Any = read(data)[0]
        except (ValueError, RecursionError):
            frame = None  # nobody can say what is wrong with it
        match frame:
            case [3, str(message_id), payload] if message_id in self._calls:
                answer = {} if payload is None else payload
                self._wrong_answers[message_id] += bool(
                    schemas.breaches(V21, self._calls[message_id], answer, answer=True)
                )

    def overdue(self) -> None:
        """Report every answer that should have come by now."""
        while self._due and self._due[0].deadline <= clock.now():
            due = self._due.popleft()
            self._forget(due)
            if due.answer is None and due.expected.optional:
                self.score.waived += 1
            elif due.answer is None:
                self.breach(f"not answered within {CALL_TIMEOUT:g} s: {short(due.text)}")

    def closed(self, line: object, excuse: str, why: str) -> None:
        """A connection has ended; with an excuse its frames need no answer any more."""
        mine = [due for due in self._due if due.line is line]
        self._due = deque(due for due in self._due if due.line is not line)
        self._asking.pop(line, None)
        gone = [due for due in mine if due.answer is None]
        self.score.lost += len(gone)
        for due in mine:
            self._forget(due)
        for due in gone:
            if due.programmed and due.expected.action is not None:
                self.programmed[due.expected.action] += 1  # it may not have got there
        if not excuse:
            last = short(gone[-1].text) if gone else "nothing"
            self.breach(f"closed the connection without a reason ({why}); last due: {last}")

    def _forget(self, due: _Due) -> None:
        for message_id in due.expected.ids:
            known = self._by_id[due.line, message_id]
            known.remove(due)
            if not known:
                del self._by_id[due.line, message_id]

    def _heard_call(self, line: object, message_id: str, action: str, payload: dict[str, Any]) -> None:
        version, now = self.score.version, clock.now()
        if action not in self._asks:
            self.breach(f"asked for {action}, which is not its to ask")
        elif bad := schemas.breaches(version, action, payload) - {schemas.UNSURE}:
            self.breach(f"{action} breaks its schema ({', '.join(sorted(bad))}): {short(payload)}")
        if len(message_id) > 36 or message_id in self._ids:
            self.breach(f"used the message id {message_id} again, or it is too long")
        self._ids.add(message_id)
        self._calls[message_id] = action
        before = self._asking.get(line)
        if before is not None and now - before[1] < CALL_TIMEOUT - 0.001:
            self.breach(f"sent {action} while its call {before[0]}, {now - before[1]:g} s old, was unanswered")
        self._asking[line] = message_id, now

    def _heard_answer(self, line: object, message_id: str, code: str | None, frame: list[Any]) -> None:
        if code is None:
            self.score.results += 1
        else:
            self.score.errors[code] += 1
        due = self._assign(line, frame, set())
        if due is not None:
            if code is None:
                self._got(due.expected, frame[2])
            return
        open_ones = [due for due in self._by_id.get((line, message_id), ()) if due.answer is None]
        if not open_ones:
            self.breach(f"an answer to nothing: {short(frame)}")
            return
        open_ones[0].answer = frame
        wanted = open_ones[0].expected
        right = ", ".join([*([f"a valid {wanted.result} CALLRESULT"] if wanted.result else []), *sorted(wanted.codes)])
        self.breach(f"{short(frame)} for {short(open_ones[0].text)}; right: {right}")

    def _assign(self, line: object, frame: list[Any], tried: set[_Due]) -> _Due | None:
        """Find the call that an answer is for; of several with one id, so that every answer has one."""
        fitting = [due for due in self._by_id.get((line, frame[1]), ()) if self._fits(due.expected, frame)]
        for due in sorted(fitting, key=lambda due: (due.expected.optional, len(due.expected.codes))):
            if due in tried:
                continue
            tried.add(due)
            if due.answer is None or self._assign(line, due.answer, tried) is not None:
                due.answer = frame
                return due
        return None

    def _fits(self, expected: Expected, frame: list[Any]) -> bool:
        if frame[0] == 4:
            return frame[2] in expected.codes
        if expected.result is None:
            return False
        return not schemas.breaches(self.score.version, expected.result, frame[2], answer=True) - {schemas.UNSURE}


def short(value: Any) -> str:
    """A value for a report."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 400 else f"{text[:300]} … {text[-80:]} ({len(text):,} characters)"
