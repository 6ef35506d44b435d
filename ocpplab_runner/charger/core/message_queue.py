"""The queue of transaction messages: in order, kept while offline, retried, given up. Pure; time is an argument.

OCPP 1.6 section 3.7, ``TransactionMessageAttempts`` and ``TransactionMessageRetryInterval``; OCPP 2.0.1 E04 and E13,
``OCPPCommCtrlr.MessageAttempts`` and ``MessageAttemptInterval``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long apart.

    Attributes:
        attempts: how often a message is sent that the CSMS fails to process; below 1 counts as 1.
        interval: seconds; the pause before a further attempt is this times the number of attempts made so far.
    """

    attempts: int = 3
    interval: float = 10.0


class TransactionMessageQueue(Generic[M]):
    """First in, first out, one in flight.

    Args:
        policy: asked at each failure, so that a changed setting works at once.
    """

    def __init__(self, policy: Callable[[], RetryPolicy]) -> None:
        self._policy = policy
        self._messages: deque[M] = deque()
        self._attempts = 0
        self._not_before = 0.0
        self._in_flight = False

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[M]:
        return iter(self._messages)

    @property
    def in_flight(self) -> bool:
        """Whether the head has been sent and waits for its answer."""
        return self._in_flight

    def put(self, message: M) -> None:
        """Add a message at the end."""
        self._messages.append(message)

    def due_at(self) -> float | None:
        """When the head may be sent, in seconds on the caller's clock; None when empty or already in flight."""
        return None if not self._messages or self._in_flight else self._not_before

    def send(self, now: float) -> M | None:
        """The head, now in flight; None when there is nothing to send yet."""
        due = self.due_at()
        if due is None or due > now:
            return None
        self._in_flight = True
        return self._messages[0]

    def answered(self) -> M:
        """The CSMS has processed the message in flight: it leaves the queue."""
        self._require_flight()
        self._in_flight = False
        self._forget_attempts()
        return self._messages.popleft()

    def failed(self, now: float) -> M | None:
        """The CSMS has failed to process the message in flight (a CALLERROR, or no answer in time).

        Returns the message when it was its last attempt and it has left the queue, None when it will be tried again.
        """
        self._require_flight()
        self._in_flight = False
        self._attempts += 1
        policy = self._policy()
        if self._attempts >= policy.attempts:
            self._forget_attempts()
            return self._messages.popleft()
        self._not_before = now + policy.interval * self._attempts
        return None

    def interrupted(self) -> None:
        """The connection is lost: what was in flight is sent again later, and this was no attempt of the CSMS's."""
        self._in_flight = False
        self._not_before = 0.0

    def _require_flight(self) -> None:
        if not self._in_flight:
            raise RuntimeError("no message is in flight")

    def _forget_attempts(self) -> None:
        self._attempts = 0
        self._not_before = 0.0
