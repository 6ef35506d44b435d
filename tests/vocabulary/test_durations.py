"""Durations read and written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.vocabulary.durations import PATTERN, DurationError, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("30ms", 0.03),
        ("0s", 0),
        ("30s", 30),
        ("1.5s", 1.5),
        ("5m", 300),
        ("24h", 86400),
        ("2d", 172800),
        ("1h30m", 5400),
        ("1m1m", 120),
    ],
)
def test_reads_each_unit_and_sums(text: str, seconds: float) -> None:
    """Each unit, fractions and sums are read exactly."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "s", "30 s", "-1s", "1h 30m", "1e3s", "30sec", "٣s", "30s\n", "1.s", None, 30]
)
def test_refuses_what_is_no_duration(text: object) -> None:
    """A bare number, blanks, signs and other digits are no duration."""
    with pytest.raises(DurationError):
        parse_duration(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["9" * 400 + "d", "100000d", "1000000h", "1s" * 10])
def test_refuses_what_no_clock_can_hold(text: str) -> None:
    """Centuries are a mistake, not infinity."""
    with pytest.raises(DurationError, match="too long"):
        parse_duration(text)


def test_the_longest_can_be_added_to_a_date() -> None:
    """What is a duration ends before the calendar does."""
    longest = "9" * 10 + "s"
    assert datetime(2100, 1, 1, tzinfo=UTC) + timedelta(seconds=parse_duration(longest * 9)) < datetime(
        9999, 1, 1, tzinfo=UTC
    )


@given(st.integers(min_value=0, max_value=10**11))
def test_what_is_written_is_read_back(milliseconds: int) -> None:
    """format_duration and parse_duration are each other's inverse, to the millisecond."""
    text = format_duration(milliseconds / 1000)
    assert re.match(PATTERN, text)
    assert round(parse_duration(text) * 1000) == milliseconds


@pytest.mark.parametrize(("seconds", "text"), [(5400, "1h30m"), (0, "0s"), (0.25, "250ms"), (90061.5, "1d1h1m1s500ms")])
def test_writes_the_shortest_form(seconds: float, text: str) -> None:
    """Only the units that are needed are written."""
    assert format_duration(seconds) == text


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_does_not_write_what_is_no_duration(seconds: float) -> None:
    """Negative and infinite numbers are no durations."""
    with pytest.raises(ValueError, match="no duration"):
        format_duration(seconds)
