"""Delivers transaction messages: in order, across disconnects, again when the CSMS fails to process one.

OCPP 1.6 sections 3.7 and 9.1 (``TransactionMessageAttempts``, ``TransactionMessageRetryInterval``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.core.message_queue import RetryPolicy, TransactionMessageQueue
from ocpplab_runner.charger.core.model import Outgoing, TransactionMessage
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.charger.core.variables import Variables
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.records import SessionClosed

PostRaw = Callable[[Outgoing, Callable[[Answer | Exception], None]], None]


class TransactionQueue:
    """The station's transaction messages on their way; what waits here survives a loss of power.

    Args:
        variables: have the retry policy.
        online: whether the station may send.
        post: sends a call, and hands over what becomes of it.
        note: tells a reader of the trace.

    Attributes:
        answered: called with each message that the CSMS has processed, and the payload of its answer.
    """

    __slots__ = ("_epoch", "_note", "_on_empty", "_online", "_post", "_queue", "_timers", "_variables", "answered")

    def __init__(
        self, variables: Variables, *, online: Callable[[], bool], post: PostRaw, note: Callable[[str], None]
    ) -> None:
        self._variables = variables
        self._online, self._post, self._note = online, post, note
        self.answered: Callable[[TransactionMessage, Mapping[str, Any]], None] = lambda message, payload: None
        self._queue: TransactionMessageQueue[TransactionMessage] = TransactionMessageQueue(self._policy)
        self._timers = Timers()
        self._on_empty: Callable[[], None] | None = None
        #: Counts the connections that have ended: an answer that comes afterwards is of an earlier one.
        self._epoch = 0

    def __len__(self) -> int:
        """How many messages the CSMS has not yet processed."""
        return len(self._queue)

    def __iter__(self) -> Iterator[TransactionMessage]:
        """Those messages, the oldest first."""
        return iter(self._queue)

    def put(self, messages: Iterable[TransactionMessage]) -> None:
        """Queue messages, and send the first when the station may."""
        for message in messages:
            self._queue.put(message)
        self.flush()

    def flush(self) -> None:
        """Send the head when the station is online and nothing is under way."""
        if not self._online():
            return
        due = self._queue.due_at()
        if due is None:
            return
        now = clock.now()
        message = self._queue.send(now)
        if message is None:
            self._timers.start("retry", due - now, self.flush)
            return
        self._timers.stop("retry")
        epoch = self._epoch
        # Built only now: a StopTransaction of 1.6 has the id that the answer to its start has brought.
        outgoing = Outgoing(message.action, message.build())
        self._post(outgoing, lambda answer: self._concluded(message, epoch, answer))

    def disconnected(self) -> None:
        """What was under way goes again after the next connection; nobody waits for it until then."""
        self._epoch += 1
        self._timers.stop("retry")
        if self._queue.in_flight:
            self._queue.interrupted()
        self._emptied()

    def stop(self) -> None:
        """Send nothing more, and forget who waits."""
        self._on_empty = None
        self._timers.stop_all()

    def when_empty(self, action: Callable[[], None], patience: float) -> None:
        """Call ``action`` as soon as everything is processed, after ``patience`` seconds in any case."""
        # Offline nothing will be delivered: a soft reset must not wait for it.
        if not self._queue or not self._online():
            action()
            return
        self._on_empty = action
        self._timers.start("patience", patience, self._emptied)

    def _emptied(self) -> None:
        action, self._on_empty = self._on_empty, None
        self._timers.stop("patience")
        if action is not None:
            action()

    def _concluded(self, message: TransactionMessage, epoch: int, answer: Answer | Exception) -> None:
        if isinstance(answer, SessionClosed):
            return  # this is no failure of the CSMS's; disconnected() says what becomes of the message
        if epoch != self._epoch:
            # The connection was lost right after the answer: what is answered must not go again.
            if not isinstance(answer, CallResult) or next(iter(self._queue), None) is not message:
                return
            if self._queue.in_flight or self._queue.send(clock.now()) is None:
                return
        if isinstance(answer, CallResult):
            self._queue.answered()
            # Before the next one is built, which may need what this answer says.
            self.answered(message, answer.payload)
        elif self._queue.failed(clock.now()) is not None:
            self._note(f"gave up {message.action} after the last attempt")
        if not self._queue and self._on_empty is not None:
            self._emptied()
        else:
            self.flush()

    def _policy(self) -> RetryPolicy:
        return RetryPolicy(
            self._variables.integer("transaction_message_attempts"),
            self._variables.integer("transaction_message_retry_interval"),
        )
