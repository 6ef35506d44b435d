"""Who gets which event."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.engine.matching.assignment import Need, assign, match


def test_a_greedy_choice_is_taken_back() -> None:
    """The need that takes any event gives way to the one that takes only this."""
    assert assign([Need([[1, 2]]), Need([[1]])]) == [(2,), (1,)]


def test_a_sequence_gives_way_too() -> None:
    """Of two possible sequences the one that leaves the others their event is chosen."""
    assert assign([Need(sequences=[(1, 2), (3, 4)]), Need([[2]])]) == [(3, 4), (2,)]


def test_nothing_left_over() -> None:
    """With exact, an event that nobody uses is one too many; another need may use it."""
    assert assign([Need([[1, 2]], exact=[1, 2])]) is None
    assert assign([Need([[1, 2]], exact=[1, 2]), Need([[1, 2, 3]])]) is not None


def test_many_equal_slots_are_filled_in_order() -> None:
    """A large count is no problem."""
    events = list(range(3000))
    assert assign([Need([events] * 3000, exact=events)]) == [tuple(events)]


@given(st.lists(st.lists(st.integers(0, 5), unique=True, max_size=4), max_size=5))
def test_a_matching_is_found_whenever_there_is_one(slots: list[list[int]]) -> None:
    """Compared with trying everything."""
    found = match(slots)
    possible = any(
        all(seq in slot for seq, slot in zip(choice, slots, strict=True))
        for choice in permutations(range(6), len(slots))
    )
    assert (found is not None) is possible
    if found is not None:
        assert len(set(found)) == len(slots)
        assert all(seq in slot for seq, slot in zip(found, slots, strict=True))
