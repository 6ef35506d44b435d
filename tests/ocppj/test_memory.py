"""Which ids are remembered."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.ocppj.memory import Memory


def test_the_oldest_is_forgotten() -> None:
    """A memory of two knows the last two, and the latest state of each."""
    memory = Memory(2)
    assert [memory.add("a", "A"), memory.add("b", "B"), memory.add("b", "B", "late"), memory.add("c", None)] == [
        True,
        True,
        False,
        True,
    ]
    assert [memory.get(name) for name in "abc"] == [None, ("B", "late"), (None, "")]


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdef")), st.integers(1, 4))
def test_never_more_than_its_size(ids: list[str], size: int) -> None:
    """Whatever is added, at most ``size`` ids are known and the last one is among them."""
    memory = Memory(size)
    for name in ids:
        memory.add(name, name)
    known = [name for name in "abcdef" if memory.get(name) is not None]
    assert len(known) <= size
    assert not ids or ids[-1] in known
