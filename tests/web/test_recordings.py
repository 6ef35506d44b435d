"""Recordings of pages: what `frames` and `scenario` read of them is what has crossed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from ocpplab_runner.tools.frames.exchanges import exchanges_of
from ocpplab_runner.tools.frames.finding import find
from ocpplab_runner.tools.frames.judging import judge
from ocpplab_runner.web.recordings import Crossed, recording_of

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def crossed(seconds: float, up: bool, *message: object) -> Crossed:
    """A frame."""
    return BEGAN + timedelta(seconds=seconds), up, json.dumps(message)


def test_calls_and_answers_of_every_kind_are_found() -> None:
    """With their direction, time and version; what is no message is left out."""
    frames = [
        crossed(0, True, 2, "1", "Heartbeat", {}),
        crossed(1, False, 3, "1", {"currentTime": "2026-01-01T00:00:01Z"}),
        (BEGAN, True, "no JSON"),
        (BEGAN, True, "[2]"),
        (BEGAN, True, '{"a": 1}'),
        crossed(2, False, 2, "1", "Reset", {"type": "Soft"}),
        crossed(3, True, 4, "1", "NotSupported", "", {}),
    ]
    found, _ = find(recording_of("CP-1", "1.6", frames))
    exchanges, left = exchanges_of(judge(found, None))
    assert not left
    assert [(one.action, one.direction) for one in exchanges["CP-1"]] == [
        ("Heartbeat", "to_csms"),
        ("Reset", "to_charger"),
    ]
    assert [frame.at for frame in found] == [0.0, 1.0, 2.0, 3.0]
    assert {frame.version for frame in found} == {"1.6"}


def test_nothing_is_a_recording_without_frames() -> None:
    """Of which `scenario` says so."""
    assert find(recording_of("CP-1", "2.0.1", []))[0] == []
