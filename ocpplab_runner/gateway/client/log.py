"""From a Gateway's log to frames: repaired, put in order, each once. Pure.

What the API says of a log is little (an entry holds a string with the frame, the time is RFC 3339), so nothing is taken
for granted: frames may stand as text in text, as JSON or without their first elements; payloads may be in snake_case;
entries may come late, in any order, and more than once; the Gateway's clock may be wrong.
"""

from __future__ import annotations

import json
import re
from bisect import insort
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from math import inf
from operator import attrgetter
from typing import Any

from ocpplab_runner.gateway.client.model import LogEntry
from ocpplab_runner.ocppj.names import camel_case, payload_names
from ocpplab_runner.vocabulary.versions import OcppVersion

_CALL, _RESULT, _ERROR = 2, 3, 4
#: The API documents cp_to_csms alone; other words for the two ways are taken for what they say.
_TO_CSMS = frozenset({"cp_to_csms", "cs_to_csms", "charger_to_csms", "to_csms", "outgoing", "sent", "up", "tx"})
_TO_CHARGER = frozenset(
    {"csms_to_cp", "csms_to_cs", "csms_to_charger", "to_charger", "incoming", "received", "down", "rx"}
)
#: So often JSON may stand as text within JSON.
_DEEPEST = 3
_FRACTION = re.compile(r"\.(\d+)")


@dataclass(frozen=True, slots=True)
class LoggedFrame:
    """A frame that a log tells of.

    Attributes:
        stamp: the Gateway's time in seconds since 1970; None when the entry has none.
        grain: to how many seconds that time is cut.
        to_csms: who sent it.
        kind: 2, 3 or 4, as in OCPP-J.
        message_id: of the frame.
        action: of a CALL, as OCPP spells it; of an answer what the entry says, else empty.
        payload: with OCPP's own names; of a CALLERROR its details.
        error: code and description of a CALLERROR.
        tied: whether calls have the very same time in a log without an order: nobody knows which was first.
    """

    stamp: float | None
    grain: float
    to_csms: bool
    kind: int
    message_id: str
    action: str
    payload: Any
    error: tuple[str, str] | None = None
    tied: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """Two entries with the same key tell of the same frame, unless their times differ.

        A charger may count its message ids from 1 after each boot.
        """
        return self.to_csms, self.kind, self.message_id, json.dumps(self.payload, sort_keys=True, default=str)


def frame_of(entry: LogEntry, version: OcppVersion) -> LoggedFrame | None:
    """The frame of an entry; None when it holds none."""
    to_csms = _direction(entry.direction)
    message = _unpacked(entry.message)
    stamp, grain = _moment(entry.timestamp)
    if to_csms is None or not isinstance(message, list) or len(message) < 3:
        return None
    kind, message_id = message[0], message[1]
    if isinstance(kind, bool) or not isinstance(message_id, str | int):
        return None
    if kind == _CALL and len(message) >= 4 and isinstance(message[2], str):
        action = camel_case(version, message[2])
        payload = payload_names(version, action, _unpacked(message[3]), "request")
        return LoggedFrame(stamp, grain, to_csms, _CALL, str(message_id), action, payload)
    action = camel_case(version, entry.action) if entry.action else ""
    if kind == _RESULT:
        payload = _unpacked(message[2])
        return LoggedFrame(stamp, grain, to_csms, _RESULT, str(message_id), action, payload)
    if kind == _ERROR:
        code, description = str(message[2]), str(message[3]) if len(message) > 3 else ""
        details = message[4] if len(message) > 4 else {}
        return LoggedFrame(stamp, grain, to_csms, _ERROR, str(message_id), action, details, (code, description))
    return None


@dataclass(slots=True)
class _LoggedCall:
    """A call that has been released.

    Attributes:
        place: its time, then its place in the log.
        action: of it.
        answered: whether an answer has been found for it.
    """

    place: tuple[float, int]
    action: str
    answered: bool = False


#: A frame and its key.
_Read = tuple[LoggedFrame, tuple[Any, ...]]


class LogBook:
    """What a charger's log has told so far: each frame comes out once, in order, when nothing older can come any more.

    Args:
        version: that the charger speaks.

    Attributes:
        answers: whether an answer has been among the frames; some logs hold calls only.
        disordered: whether entries have stood in no order of time, so that of the same time their order means nothing.
    """

    def __init__(self, version: OcppVersion) -> None:
        self._version = version
        #: What has been read before: a log tells of the same again at each reading.
        self._read: dict[LogEntry, _Read | None] = {}
        #: A frame's key → its times, each with its grain.
        self._seen: dict[tuple[Any, ...], dict[float | None, float]] = {}
        self._calls: dict[tuple[bool, str], list[_LoggedCall]] = {}
        self._waiting: list[tuple[float, int, LoggedFrame]] = []
        self._count = 0
        self._latest = -inf
        self.answers = self.disordered = False

    def take(self, entries: Sequence[LogEntry], moment: Callable[[LoggedFrame], float]) -> None:
        """Take a reading of the log, of all of it or of its end.

        Args:
            entries: in whatever order.
            moment: when a frame crossed, in seconds on the run's clock.
        """
        frames = [read for entry in entries if (read := self._read_of(entry)) is not None]
        stamps = [frame.stamp for frame, _ in frames if frame.stamp is not None]
        if len(stamps) > 1 and stamps[0] > stamps[-1]:
            frames.reverse()  # the newest first: what has the same time stands in that order too
            stamps.reverse()
        self.disordered = self.disordered or any(earlier > later for earlier, later in pairwise(stamps))
        for frame, key in frames:
            seen = self._seen.setdefault(key, {})
            if frame.stamp in seen or any(_same_time(frame, stamp, grain) for stamp, grain in seen.items()):
                continue
            seen[frame.stamp] = frame.grain
            self._count += 1
            self.answers = self.answers or frame.kind != _CALL
            self._waiting.append((moment(frame), self._count, frame))

    def release(self, until: float) -> list[tuple[float, LoggedFrame]]:
        """The frames up to a time on the run's clock, which is the watermark, oldest first.

        The order is that of the Gateway's own times. Ours are worked out anew with each reading, from a skew that is
        then better known, so two frames of different readings may seem to have changed places.
        """
        # What the Gateway has before the last of these goes with them, wherever our clock now places it.
        horizon = max((self._stamp(one) for one in self._waiting if one[0] <= until), default=-inf)
        ready = [one for one in self._waiting if one[0] <= until or self._stamp(one) <= horizon]
        self._waiting = [one for one in self._waiting if one[0] > until and self._stamp(one) > horizon]
        # All calls before anything is put in order: a log may have an answer before its call.
        for one in ready:
            _, _, frame = one
            if frame.kind == _CALL:
                calls = self._calls.setdefault((frame.to_csms, frame.message_id), [])
                insort(calls, _LoggedCall(self._place(one), frame.action), key=attrgetter("place"))
        # By what the entry is counted as.
        called = {one[1]: self._call_of(one) for one in sorted(ready, key=self._place) if one[2].kind != _CALL}
        stamps = Counter(frame.stamp for _, _, frame in ready if frame.kind == _CALL) if self.disordered else Counter()
        released = []
        for at, count, frame in sorted(ready, key=lambda one: self._order(one, called.get(one[1]))):
            # The skew may have become another since the last release: times do not go back, nor beyond the watermark.
            self._latest = max(self._latest, min(at, until))
            bound = self._bound(frame, called.get(count))
            released.append((self._latest, replace(bound, tied=stamps[frame.stamp] > 1)))
        return released

    def _read_of(self, entry: LogEntry) -> _Read | None:
        known = isinstance(entry.message, str)  # JSON cannot be looked up
        if known and entry in self._read:
            return self._read[entry]
        frame = frame_of(entry, self._version)
        read = None if frame is None else (frame, frame.key)
        if known:
            self._read[entry] = read
        return read

    @staticmethod
    def _stamp(waiting: tuple[float, int, LoggedFrame]) -> float:
        at, _, frame = waiting
        return at if frame.stamp is None else frame.stamp

    def _place(self, waiting: tuple[float, int, LoggedFrame]) -> tuple[float, int]:
        """By time, then as the log has it."""
        return self._stamp(waiting), waiting[1]

    def _call_of(self, waiting: tuple[float, int, LoggedFrame]) -> _LoggedCall | None:
        """The call that an answer belongs to: of those of its id the last before it that has no answer yet.

        Where there is none, the next one: a log may have an answer before its call. Ids may come again: a charger may
        count them from 1 after each boot.
        """
        _, _, frame = waiting
        calls = self._calls.get((not frame.to_csms, frame.message_id), [])
        place = self._place(waiting)
        unanswered = [call for call in calls if not call.answered]
        before = [call for call in unanswered if call.place < place]
        found = before[-1:] or unanswered[:1] or calls[-1:]
        if not found:
            return None
        found[0].answered = True
        return found[0]

    def _order(self, waiting: tuple[float, int, LoggedFrame], called: _LoggedCall | None) -> tuple[float, bool, int]:
        """By time, an answer never before its call, then as the log has it."""
        _, count, frame = waiting
        stamp = self._stamp(waiting)
        if called is not None:
            stamp = max(stamp, called.place[0])
        return stamp, frame.kind != _CALL, count

    def _bound(self, frame: LoggedFrame, called: _LoggedCall | None) -> LoggedFrame:
        """An answer gets its call's action and the names that go with it."""
        if frame.kind == _CALL:
            return frame
        action = frame.action if called is None else called.action
        payload = frame.payload
        if frame.kind == _RESULT and action:
            payload = payload_names(self._version, action, payload, "response")
        return replace(frame, action=action, payload=payload)


def _same_time(frame: LoggedFrame, stamp: float | None, grain: float) -> bool:
    """Whether a frame may be the one that has crossed then: an entry without a time tells of any."""
    if frame.stamp is None or stamp is None:
        return True
    return abs(frame.stamp - stamp) < max(frame.grain, grain)


def _direction(word: str) -> bool | None:
    folded = word.strip().lower().replace("-", "_").replace(" ", "_")
    if folded in _TO_CSMS:
        return True
    return False if folded in _TO_CHARGER else None


def _unpacked(value: Any) -> Any:
    """JSON that stands as text, once or several times over."""
    for _ in range(_DEEPEST):
        if not isinstance(value, str):
            return value
        try:
            value = json.loads(value)
        except ValueError:
            return value
    return value


def _moment(text: str | None) -> tuple[float | None, float]:
    if text is None:
        return None, 0.0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    fraction = _FRACTION.search(text)
    return moment.timestamp(), 10.0 ** -len(fraction.group(1)) if fraction else 1.0
