"""What a session remembers of the calls that came in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.ocppj.peer_calls import OVERLAP_WINDOW, PeerCalls


@given(st.floats(0, 2 * OVERLAP_WINDOW))
def test_a_second_call_overlaps_a_young_unanswered_one(age: float) -> None:
    """An older one may have timed out at its sender; silence does not make a call answered."""
    peer = PeerCalls()
    peer.begin("1", "Heartbeat", 0.0)
    peer.silence("1")
    assert (peer.overlap("2", age) is not None) is (age < OVERLAP_WINDOW)


def test_a_call_is_handled_until_it_ends_or_falls_silent() -> None:
    """Both let a call with the same id through to its handler."""
    peer = PeerCalls()
    for over in (peer.end, peer.silence):
        peer.begin("1", "Heartbeat", 0.0)
        assert peer.handles("1")
        over("1")
        assert not peer.handles("1")


def test_an_answered_call_keeps_its_action_while_it_is_remembered() -> None:
    """So that what is said about its answer later can be understood."""
    peer = PeerCalls()
    assert peer.remember("1", "Heartbeat")
    peer.begin("1", "Heartbeat", 0.0)
    peer.end("1")
    assert peer.action_of("1") == "Heartbeat"
    assert not peer.remember("1", "Authorize")
    assert peer.action_of("2") is None
