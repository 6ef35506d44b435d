"""From a Gateway's log to frames, whatever the log does to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.gateway.client.log import LogBook, LoggedFrame, frame_of
from ocpplab_runner.gateway.client.model import LogEntry
from ocpplab_runner.vocabulary.versions import OcppVersion

V16 = OcppVersion.V16
UP, DOWN = "cp_to_csms", "csms_to_cp"
BOOT = {"chargePointVendor": "OCPPLAB", "chargePointModel": "DC"}
STAMP = "2026-04-09T09:30:00Z"


def entry(message: Any, direction: str = UP, action: str = "BootNotification", at: str | None = STAMP) -> LogEntry:
    """One entry."""
    return LogEntry(direction, action, message, at)


@pytest.mark.parametrize(
    "message",
    [
        json.dumps([2, "b1", "BootNotification", BOOT]),
        [2, "b1", "BootNotification", BOOT],
        json.dumps(json.dumps([2, "b1", "BootNotification", BOOT])),
        json.dumps([2, "b1", "BootNotification", json.dumps(BOOT)]),
        json.dumps([2, "b1", "BootNotification", {"charge_point_vendor": "OCPPLAB", "charge_point_model": "DC"}]),
        json.dumps([2, "b1", "boot_notification", BOOT]),
    ],
)
def test_a_frame_in_any_wrapping(message: Any) -> None:
    """Text, JSON, text in text, snake_case: the same frame."""
    frame = frame_of(entry(message), V16)
    assert frame is not None
    assert (frame.to_csms, frame.kind, frame.message_id, frame.action, frame.payload) == (
        True,
        2,
        "b1",
        "BootNotification",
        BOOT,
    )


@pytest.mark.parametrize("message", [None, "", "connected", "[]", "[2]", "{}", 7, json.dumps([2, "b1", "X"])])
def test_what_is_no_frame(message: Any) -> None:
    """Is left out."""
    assert frame_of(entry(message), V16) is None


def test_an_unknown_direction_is_left_out() -> None:
    """A frame without a sender shows nothing."""
    assert frame_of(entry([2, "b1", "Heartbeat", {}], "sideways"), V16) is None


def test_a_call_error() -> None:
    """Code and description, and an answer bears its call's action."""
    book = LogBook(V16)
    book.take([entry([4, "b1", "GenericError", "no", {}], DOWN, ""), entry([2, "b1", "Authorize", {"idTag": "A"}])], at)
    (_, call), (_, error) = book.release(10**10)
    assert call.action == error.action == "Authorize"
    assert error.error == ("GenericError", "no")


def test_answers_get_their_own_names() -> None:
    """A snake_case answer is repaired by the schema of its call."""
    book = LogBook(V16)
    call = entry([2, "b1", "Authorize", {"id_tag": "A"}], at="2026-04-09T09:30:00.000Z")
    answer = entry([3, "b1", {"id_tag_info": {"status": "Accepted"}}], DOWN, "", at="2026-04-09T09:30:00.100Z")
    book.take([answer, call], at)
    assert [frame.payload for _, frame in book.release(10**10)] == [
        {"idTag": "A"},
        {"idTagInfo": {"status": "Accepted"}},
    ]
    assert book.answers


def test_a_log_of_calls_only() -> None:
    """Is noticed."""
    book = LogBook(V16)
    book.take([entry([2, "b1", "Heartbeat", {}])], at)
    assert not book.answers


def at(frame: LoggedFrame) -> float:
    """The Gateway's own time."""
    return frame.stamp or 0.0


def _conversation(count: int) -> list[LogEntry]:
    entries = []
    for number in range(count):
        stamp = datetime.fromtimestamp(1_700_000_000 + number, UTC).isoformat()
        later = datetime.fromtimestamp(1_700_000_000.5 + number, UTC).isoformat()
        entries.append(entry(json.dumps([2, f"m{number}", "Heartbeat", {}]), UP, "Heartbeat", stamp))
        entries.append(entry(json.dumps([3, f"m{number}", {"currentTime": STAMP}]), DOWN, "Heartbeat", later))
    return entries


@given(st.integers(1, 12), st.integers(), st.integers(1, 4))
@settings(deadline=None)
def test_order_and_number_do_not_depend_on_the_log(count: int, seed: int, readings: int) -> None:
    """Shuffled, doubled, and read in pieces that overlap: each frame once, in the order of time."""
    truth = _conversation(count)
    random = Random(seed)
    book, told = LogBook(V16), []
    for reading in range(1, readings + 1):
        shown = truth[: len(truth) * reading // readings]
        shown = shown + random.choices(shown, k=3) if shown else shown
        random.shuffle(shown)
        book.take(shown, at)
    told = [(frame.kind, frame.message_id) for _, frame in book.release(10**10)]
    assert told == [(kind, f"m{number}") for number in range(count) for kind in (2, 3)]
    assert book.release(10**10) == []


@given(st.integers(1, 12), st.floats(0, 15))
@settings(deadline=None)
def test_nothing_comes_out_before_the_watermark(count: int, until: float) -> None:
    """What may still get something older before it waits."""
    book = LogBook(V16)
    book.take(_conversation(count), at)
    released = [moment for moment, _ in book.release(1_700_000_000 + until)]
    assert all(moment <= 1_700_000_000 + until for moment in released)
    assert len(released) + len(book.release(10**10)) == 2 * count


@given(st.integers(1, 8), st.integers(), st.lists(st.floats(-2, 2), min_size=2, max_size=5))
@settings(deadline=None)
def test_order_does_not_depend_on_what_is_known_of_the_skew(count: int, seed: int, skews: list[float]) -> None:
    """Readings that place the Gateway's time differently on our clock do not change the order of what comes out."""
    truth = _conversation(count)
    late = Random(seed)
    shown_from = [late.randrange(len(skews)) for _ in truth]
    book, told = LogBook(V16), []
    for reading, skew in enumerate(skews):
        shown = [one for one, since in zip(truth, shown_from, strict=True) if since <= reading]
        late.shuffle(shown)
        book.take(shown, lambda frame, skew=skew: at(frame) + skew)
    for until in (1_700_000_000, 1_700_000_002.25, 10**10):
        told += book.release(until)
    assert [(frame.kind, frame.message_id) for _, frame in told] == [
        (kind, f"m{number}") for number in range(count) for kind in (2, 3)
    ]
    assert [moment for moment, _ in told] == sorted(moment for moment, _ in told)


def told(book: LogBook) -> list[tuple[int, str, float | None]]:
    """Kind, action and seconds of what comes out."""
    return [(frame.kind, frame.action, frame.stamp and frame.stamp % 60) for _, frame in book.release(10**10)]


def second(number: float) -> str:
    """A time in that second."""
    return f"2026-04-09T09:30:{number:06.3f}Z"


@pytest.mark.parametrize("readings", [1, 2])
def test_an_id_that_is_used_again(readings: int) -> None:
    """A charger that counts from 1 after each boot: equal frames at another time are others, read twice or not."""
    boots = [
        one
        for at in (1, 9)
        for one in (
            entry([2, "1", "BootNotification", BOOT], at=second(at)),
            entry([3, "1", {"status": "Accepted"}], DOWN, "", at=second(at + 0.5)),
        )
    ]
    book = LogBook(V16)
    for _ in range(readings):
        book.take(boots, at)
    assert told(book) == [
        (kind, "BootNotification", moment) for moment, kind in ((1.0, 2), (1.5, 3), (9.0, 2), (9.5, 3))
    ]


@pytest.mark.parametrize("stamps", [(None, None), (None, STAMP), (STAMP, None), (STAMP, second(0.25))])
def test_equal_frames_that_may_be_one(stamps: tuple[str | None, str | None]) -> None:
    """Without a time, or with one that is cut to what the other lies in, there is no telling: they count once."""
    book = LogBook(V16)
    for stamp in stamps:
        book.take([entry([2, "1", "BootNotification", BOOT], at=stamp)], at)
    assert len(told(book)) == 1


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_under_an_id_that_is_used_again(stamped: bool, at_once: bool) -> None:
    """Belongs to the call before it, whether the log has been read meanwhile or not."""
    log = [
        entry(message, direction, "", at=second(number) if stamped else None)
        for number, (message, direction) in enumerate(
            [
                ([2, "1", "BootNotification", BOOT], UP),
                ([3, "1", {"status": "Accepted"}], DOWN),
                ([2, "1", "Heartbeat", {}], UP),
                ([3, "1", {"current_time": STAMP}], DOWN),
            ]
        )
    ]
    book, seen = LogBook(V16), []
    for shown in (log,) if at_once else (log[:2], log):
        book.take(shown, at)
        seen += told(book)
    actions = [(kind, action) for kind, action, _ in seen]
    expected = [(2, "BootNotification"), (3, "BootNotification"), (2, "Heartbeat"), (3, "Heartbeat")]
    # Without times all of a reading has the same, of which calls come first.
    assert actions == (expected if stamped or not at_once else sorted(expected))


def test_the_newest_first() -> None:
    """A log that is read backwards, with times in whole seconds, keeps its order."""
    entries = [entry([2, f"m{number}", "Heartbeat", {}], at=None) for number in range(3)]
    stamps = ["2026-04-09T09:30:00Z", "2026-04-09T09:30:01Z", "2026-04-09T09:30:01Z"]
    forward = [
        LogEntry(one.direction, one.action, one.message, stamp) for one, stamp in zip(entries, stamps, strict=True)
    ]
    book = LogBook(V16)
    book.take(list(reversed(forward)), at)
    assert [frame.message_id for _, frame in book.release(10**10)] == ["m0", "m1", "m2"]


@pytest.mark.parametrize(("stamp", "grain"), [("2026-04-09T09:30:00Z", 1.0), ("2026-04-09T09:30:00.123Z", 0.001)])
def test_how_finely_time_is_told(stamp: str, grain: float) -> None:
    """Digits after the point."""
    frame = frame_of(entry([2, "b1", "Heartbeat", {}], at=stamp), V16)
    assert frame is not None
    assert frame.grain == pytest.approx(grain)
