"""How far back expectations look."""

from __future__ import annotations

import pytest

from ocpplab_runner.engine.matching.windows import UnknownStepError, Windows


class Place:
    """A hand-set place on a ledger."""

    def __init__(self) -> None:
        self.seq = 0

    def windows(self) -> Windows:
        return Windows(lambda: self.seq, lambda: float(self.seq))


def test_an_acting_step_opens_a_window_for_its_charger() -> None:
    """Another charger keeps the one it has."""
    place = Place()
    windows = place.windows()
    place.seq = 5
    windows.open("A", "step 1")
    assert (windows.current("A").seq, windows.current("B").seq) == (5, 0)


def test_start_lies_after_the_recipe() -> None:
    """mark_start closes every earlier window."""
    place = Place()
    windows = place.windows()
    windows.open("A")
    place.seq = 7
    windows.mark_start()
    assert windows.current("A").seq == windows.since("start").seq == 7


def test_since_finds_a_named_step() -> None:
    """A step with an id can be looked back to; one that has not run cannot."""
    place = Place()
    windows = place.windows()
    windows.name("fleet", windows.open("A", subject={"id_tag": "X"}))
    place.seq = 3
    windows.name("pause")
    place.seq = 9
    windows.open("A")
    assert windows.resolve("A", "fleet").seq == 0
    assert windows.resolve("A", "fleet").subject == {"id_tag": "X"}
    assert windows.resolve("A", "pause").seq == 3
    assert windows.resolve("A", None).seq == 9
    with pytest.raises(UnknownStepError):
        windows.resolve("A", "later")


def test_branches_have_windows_of_their_own() -> None:
    """What a branch opens is not seen outside it; after parallel its own window is in force; ids are shared."""
    place = Place()
    windows = place.windows()
    place.seq = 2
    windows.open_all("parallel")
    left, right = windows.branch(), windows.branch()
    place.seq = 4
    left.name("inner", left.open("A"))
    assert (left.current("A").seq, right.current("A").seq, windows.current("A").seq) == (4, 2, 2)
    assert windows.since("inner").seq == 4


def test_a_window_holds_by_number_and_by_time() -> None:
    """Recorded after it opened is not enough: the event must have happened after it, too."""
    place = Place()
    windows = place.windows()
    place.seq = 5
    window = windows.open("A")
    assert window.holds(5, 5.0)
    assert not window.holds(4, 5.0)
    assert not window.holds(9, 4.9)
