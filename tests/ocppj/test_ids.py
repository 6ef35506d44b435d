"""Message ids."""

from __future__ import annotations

from random import Random
from uuid import UUID

from ocpplab_runner.ocppj import counter_ids, uuid_ids


def test_a_counter_counts() -> None:
    """A counter's ids are its prefix and 1, 2, 3 …"""
    ids = counter_ids("A-")
    assert [ids(), ids(), ids()] == ["A-1", "A-2", "A-3"]


def test_one_seed_gives_one_sequence() -> None:
    """Ids drawn from equal seeds are equal, unlike each other, valid UUIDs and 36 characters long."""
    first, second = uuid_ids(Random(7)), uuid_ids(Random(7))
    drawn = [first() for _ in range(100)]
    assert drawn == [second() for _ in range(100)]
    assert len(set(drawn)) == 100
    assert all(UUID(text).version == 4 and len(text) == 36 for text in drawn)
