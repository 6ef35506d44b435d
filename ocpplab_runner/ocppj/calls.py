"""Our own calls on one connection: at most one outstanding, the others in a queue, answers bound by message id.

OCPP-J 1.6 section 4.1.1, OCPP 2.x Part 4 section 4.1.1.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ocpplab_runner.ocppj.frames import Answer
from ocpplab_runner.ocppj.memory import REMEMBERED_IDS, Memory
from ocpplab_runner.ocppj.records import CallTimeout, SentCall

#: How many calls sent as raw text may wait for their answers before the oldest is forgotten.
REMEMBERED_RAW_CALLS = 10_000
#: Own calls in the queue beyond which calls of the other side are refused: each may ask for more of ours.
MOST_WAITING = 2_000

_ANSWERED = "answered"
_TIMED_OUT = "timed out"


class CallQueue:
    """The queue, the outstanding call with its timer, and the memory of those that are over.

    Args:
        loop: its timers.
        transmit: puts a call on the wire.
    """

    __slots__ = ("_loop", "_past", "_queue", "_raw", "_timer", "_transmit", "outstanding")

    def __init__(self, loop: asyncio.AbstractEventLoop, transmit: Callable[[SentCall], None]) -> None:
        self._loop = loop
        self._transmit = transmit
        self._queue: deque[SentCall] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._past = Memory(REMEMBERED_IDS)
        self._raw: list[tuple[str, str | None]] = []  # ids and actions; two may have one id
        #: Sent, and neither answered nor timed out.
        self.outstanding: SentCall | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, sent: SentCall) -> None:
        """Send a call when its turn comes, at once when nothing is before it."""
        if self.outstanding is None and not self._queue:
            self._send(sent)
        else:
            self._queue.append(sent)

    def expect_raw(self, message_id: str, action: str | None) -> None:
        """A call was sent as raw text: its answer belongs to it, though nobody waits."""
        self._raw.append((message_id, action))
        del self._raw[:-REMEMBERED_RAW_CALLS]

    def match(self, message_id: str) -> SentCall | None:
        """The outstanding call when it has this id."""
        sent = self.outstanding
        return sent if sent is not None and sent.message_id == message_id else None

    def action_of(self, message_id: str) -> str | None:
        """The action of a call that is not outstanding: raw, or over and still remembered."""
        for raw_id, action in self._raw:
            if raw_id == message_id:
                return action
        past = self._past.get(message_id)
        return past[0] if past is not None else None

    def finish(self, sent: SentCall, answer: Answer) -> None:
        """The outstanding call has been answered; the next one goes out."""
        if self._timer is not None:
            self._timer.cancel()
        self._past.add(sent.message_id, sent.action, _ANSWERED)
        # Who waited may have given up. The slot was taken all the same: the peer owed the answer (Part 4 4.1.1).
        if not sent.future.done():
            sent.future.set_result(answer)
        self._advance()

    def stray(self, message_id: str) -> tuple[str, str] | None:
        """Judge an answer to no outstanding call.

        Returns:
            None when a raw call expected it, else the violation's code and description.
        """
        for raw in self._raw:
            if raw[0] == message_id:
                self._raw.remove(raw)
                self._past.add(*raw, _ANSWERED)
                return None
        past = self._past.get(message_id)
        if past is None:
            return "unknown-message-id", "an answer to no call of ours"
        action, end = past
        if end is _TIMED_OUT:
            self._past.add(message_id, action, _ANSWERED)  # one more answer would be a duplicate, not late
            return "late-answer", f"{action} had timed out"
        return "duplicate-answer", f"{action} had been answered"

    def close(self, error: Exception) -> None:
        """Fail the outstanding call and the queued ones."""
        if self._timer is not None:
            self._timer.cancel()
        waiting = [*self._queue] if self.outstanding is None else [self.outstanding, *self._queue]
        self.outstanding = None
        self._queue.clear()
        for sent in waiting:
            fail(sent, error)

    def _send(self, sent: SentCall) -> None:
        self.outstanding = sent
        # Before it is put on the wire: where that fails the session is closed, and closing stops the timer.
        self._timer = self._loop.call_later(sent._timeout, self._time_out, sent)
        sent.sent = True
        self._transmit(sent)

    def _time_out(self, sent: SentCall) -> None:
        self._past.add(sent.message_id, sent.action, _TIMED_OUT)
        fail(sent, CallTimeout(sent.action, sent.message_id, sent._timeout))
        self._advance()

    def _advance(self) -> None:
        self.outstanding = self._timer = None
        while self._queue and self.outstanding is None:
            sent = self._queue.popleft()
            if not sent.future.done():  # else whoever wanted it has given up while it waited
                self._send(sent)


def fail(sent: SentCall, error: Exception) -> None:
    """End a call without an answer. Nobody has to look: asyncio will not complain that nobody did."""
    if not sent.future.done():
        sent.future.set_exception(error)
        sent.future.exception()
