"""Messages between parent and workers."""

import os
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.engine.running.wire import RecordPipe, Tag, Unpacker, framed, pack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(set(Tag) - {Tag.LINES})), JSON) | st.tuples(st.just(Tag.LINES), st.binary()),
        max_size=5,
    ),
    st.integers(1, 40),
)
def test_messages_survive_any_cutting(messages: list[tuple[Tag, Any]], size: int) -> None:
    """However the pipe cuts the bytes, the same messages come out."""
    data = b"".join(framed(tag, value) if tag is Tag.LINES else pack(tag, value) for tag, value in messages)
    unpacker = Unpacker()
    got = [message for at in range(0, len(data), size) for message in unpacker.feed(data[at : at + size])]
    assert got == messages


def test_what_orjson_refuses_still_travels() -> None:
    """A lone surrogate and an integer beyond 64 bits are no reason to lose a record."""
    value = {"text": "\ud800", "number": 2**70}
    assert Unpacker().feed(pack(Tag.RECORD, value)) == [(Tag.RECORD, value)]


def test_a_message_comes_out_once() -> None:
    """What has been taken is gone, even when the caller stops looking after the first message."""
    unpacker = Unpacker()
    for tag, value in unpacker.feed(pack(Tag.CASE, 1) + pack(Tag.CASE, 2)):
        assert (tag, value) == (Tag.CASE, 1)
        break
    assert unpacker.feed(pack(Tag.CASE, 3)) == [(Tag.CASE, 3)]


def test_threads_that_send_at_one_time_lose_and_tear_nothing() -> None:
    """A question to the operator comes from a thread of its own, while events are written."""
    reading, writing = os.pipe()
    pipe = RecordPipe(writing)
    senders = [
        threading.Thread(target=lambda tag=tag: [pipe.send(pack(tag, [tag, n, "x" * 20_000])) for n in range(60)])
        for tag in (Tag.RECORD, Tag.QUESTION, Tag.DONE)
    ]
    for sender in senders:
        sender.start()

    def hang_up() -> None:
        for sender in senders:
            sender.join()
        pipe.disown()

    threading.Thread(target=hang_up).start()
    unpacker, came = Unpacker(), []
    while data := os.read(reading, 1 << 16):
        came += [value[:2] for _, value in unpacker.feed(data)]
    os.close(reading)
    for tag in (Tag.RECORD, Tag.QUESTION, Tag.DONE):
        assert [number for one, number in came if one == tag] == list(range(60))


def test_what_may_wait_goes_before_what_may_not() -> None:
    """The order is that of sending."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    pipe = RecordPipe(writing)
    pipe.send(b"first", batch=100)
    with pytest.raises(BlockingIOError):
        os.read(reading, 100)
    pipe.send(b" second")
    assert os.read(reading, 100) == b"first second"
    pipe.disown()
    assert os.read(reading, 100) == b""
    os.close(reading)
    with pytest.raises(OSError):
        pipe.send(b"third")
