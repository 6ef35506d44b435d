"""The queue of transaction messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.charger.core.message_queue import RetryPolicy, TransactionMessageQueue


def make(attempts: int = 3, interval: float = 10) -> TransactionMessageQueue[str]:
    policy = RetryPolicy(attempts, interval)
    return TransactionMessageQueue(lambda: policy)


def test_one_message_is_in_flight_at_a_time() -> None:
    """The second message waits until the first is answered."""
    queue = make()
    queue.put("a")
    queue.put("b")
    assert queue.send(0) == "a"
    assert queue.send(0) is None
    assert queue.answered() == "a"
    assert queue.send(0) == "b"


def test_pauses_grow_with_the_attempts() -> None:
    """OCPP 1.6 TransactionMessageRetryInterval: interval times the number of preceding attempts."""
    queue = make(attempts=4, interval=10)
    queue.put("a")
    now, pauses = 0.0, []
    for _ in range(3):
        assert queue.send(now) == "a"
        assert queue.failed(now) is None
        due = queue.due_at()
        assert due is not None
        assert queue.send(due - 0.001) is None
        pauses.append(due - now)
        now = due
    assert pauses == [10, 20, 30]


@pytest.mark.parametrize(("attempts", "sent"), [(0, 1), (1, 1), (3, 3)])
def test_a_message_is_given_up_after_its_attempts(attempts: int, sent: int) -> None:
    """TransactionMessageAttempts counts every sending; then the next message has its turn at once."""
    queue = make(attempts=attempts, interval=0)
    queue.put("a")
    queue.put("b")
    for _ in range(sent - 1):
        queue.send(0)
        assert queue.failed(0) is None
    queue.send(0)
    assert queue.failed(0) == "a"
    assert queue.send(0) == "b"
    assert queue.failed(0) is None or attempts <= 1  # the attempts of the next one begin anew


def test_a_lost_connection_is_no_attempt() -> None:
    """What was in flight when the line broke is sent again at once and keeps all its attempts."""
    queue = make(attempts=1)
    queue.put("a")
    for _ in range(5):
        assert queue.send(0) == "a"
        queue.interrupted()
    assert len(queue) == 1


def test_a_changed_policy_works_at_once() -> None:
    """The settings are asked at each failure."""
    policy = [RetryPolicy(5, 10)]
    queue: TransactionMessageQueue[str] = TransactionMessageQueue(lambda: policy[0])
    queue.put("a")
    queue.send(0)
    policy[0] = RetryPolicy(1, 10)
    assert queue.failed(0) == "a"


def test_nothing_in_flight_cannot_be_answered() -> None:
    """An answer or a failure without a message in flight is a mistake of the caller."""
    for finish in (lambda q: q.answered(), lambda q: q.failed(0)):
        with pytest.raises(RuntimeError):
            finish(make())


ACTIONS = st.lists(st.sampled_from(["put", "send", "answer", "fail", "break", "wait"]), max_size=80)


@settings(deadline=None)
@given(ACTIONS, st.integers(0, 4), st.floats(0, 60))
def test_nothing_is_lost_or_reordered(actions: list[str], attempts: int, interval: float) -> None:
    """Every message leaves once, processed or given up, in the order in which it came."""
    policy = RetryPolicy(attempts, interval)
    queue: TransactionMessageQueue[int] = TransactionMessageQueue(lambda: policy)
    now, put, left = 0.0, 0, []
    for action in actions:
        if action == "put":
            queue.put(put)
            put += 1
        elif action == "send":
            sent = queue.send(now)
            assert sent is None or sent == len(left)
        elif action == "answer" and queue.in_flight:
            left.append(queue.answered())
        elif action == "fail" and queue.in_flight:
            dropped = queue.failed(now)
            if dropped is not None:
                left.append(dropped)
        elif action == "break":
            queue.interrupted()
        elif action == "wait":
            now += 30
    assert left + list(queue) == list(range(put))
    assert queue.in_flight or not len(queue) or queue.due_at() is not None
