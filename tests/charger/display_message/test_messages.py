"""What a display shows of its messages, without a station."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.charger.blocks.display_message.messages import PRIORITIES, Message, Messages

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def message(number, priority="NormalCycle", text="x", **more):
    return Message.of({"id": number, "priority": priority, "message": {"format": "UTF8", "content": text}, **more})


def keeps(*messages):
    kept = Messages()
    for one in messages:
        kept.put(one)
    return kept


def shown(kept, now=NOW, state="Idle"):
    return [one.number for one in kept.to_show(now, frozenset({state}))]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], []),
        ([(1, "NormalCycle"), (2, "NormalCycle")], [1, 2]),
        ([(1, "NormalCycle"), (2, "InFront"), (3, "InFront")], [2, 3]),
        ([(1, "AlwaysFront"), (2, "InFront")], [1]),
        ([(1, "AlwaysFront"), (2, "AlwaysFront")], [2]),
        ([(1, "AlwaysFront"), (1, "NormalCycle")], [1]),
    ],
)
def test_priorities(messages, expected):
    """The foremost alone, and the newest of those that are always in front."""
    assert shown(keeps(*(message(*one) for one in messages))) == expected


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(PRIORITIES)), max_size=12))
def test_what_is_shown_is_of_one_priority_and_kept(messages):
    """However messages come: each id once, at most one always in front, and something is shown if any is kept."""
    kept = keeps(*(message(*one) for one in messages))
    numbers = [one.number for one in kept]
    assert len(numbers) == len(set(numbers)) == len(kept)
    assert sum(one.priority == "AlwaysFront" for one in kept) <= 1
    foremost = {one.priority for one in kept.to_show(NOW, frozenset())}
    assert bool(foremost) is bool(numbers)
    assert len(foremost) <= 1


def test_time_and_state():
    """Before its time, and in another state, it is not shown; another one of less priority is."""
    later = (NOW + timedelta(minutes=5)).isoformat()
    kept = keeps(message(1), message(2, "InFront", startDateTime=later), message(3, "AlwaysFront", state="Faulted"))
    assert shown(kept) == [1]
    assert shown(kept, NOW + timedelta(minutes=5)) == [2]
    assert shown(kept, state="Faulted") == [3]
    assert kept.next_change(NOW) == NOW + timedelta(minutes=5)
    assert kept.next_change(NOW + timedelta(minutes=5)) is None


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ([], "Hello"),
        (["de"], "Hallo"),
        (["de-AT"], "Hallo"),
        (["DE_ch", "fr"], "Hallo"),
        (["it", "fr"], "Salut"),
        (["it"], "Hello"),
        (["en"], "Hello"),
    ],
)
def test_languages(languages, expected):
    """The first that is there, wherever it is spoken; else the message's own."""
    extra = [
        {"format": "UTF8", "language": "de", "content": "Hallo"},
        {"format": "UTF8", "language": "fr-FR", "content": "Salut"},
    ]
    assert message(1, text="Hello", messageExtra=extra).text(languages) == expected
