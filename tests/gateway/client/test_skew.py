"""Learning how far another clock is off from dates that are cut to seconds."""

from __future__ import annotations

from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.gateway.client.skew import Skew

EXCHANGES = st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=30)


@given(st.floats(-100, 100), EXCHANGES)
@settings(deadline=None)
def test_the_truth_is_within_the_doubt(truth: float, exchanges: list[tuple[float, float, float]]) -> None:
    """Whatever the delays are."""
    skew = Skew()
    for sent, out, back in exchanges:
        skew.learn(floor(1e9 + sent + out + truth), 1e9 + sent, 1e9 + sent + out + back)
    assert abs(skew.seconds - truth) <= skew.doubt + 1e-5


def test_a_right_clock_is_taken_to_be_right() -> None:
    """A second's doubt is no reason to correct it."""
    skew = Skew()
    skew.learn(1000.0, 1000.3, 1000.4)
    assert skew.seconds == 0.0


def test_nothing_learnt_nothing_doubted() -> None:
    """Without a Date the clocks are taken to agree."""
    assert (Skew().seconds, Skew().doubt) == (0.0, 0.0)


def test_a_clock_that_was_set() -> None:
    """The newest answer counts when the older ones contradict it."""
    skew = Skew()
    skew.learn(1000.0, 1000.2, 1000.3)
    skew.learn(2000.0, 1001.2, 1001.3)
    assert 998 <= skew.seconds <= 1000
