"""Putting records back into the order of the plan."""

import gc
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.engine.running import sequencer as module
from ocpplab_runner.engine.running.sequencer import KEPT, Sequencer


def _log(case: int, number: int) -> Any:
    return {"type": "log", "case": case, "number": number}


def test_first_unfinished_case_is_streamed() -> None:
    """A record of the current case goes through at once."""
    out: list[Any] = []
    sequencer = Sequencer(2, out.append)
    sequencer.record(0, _log(0, 0))
    assert out == [_log(0, 0)]


def test_later_case_waits_for_earlier_ones() -> None:
    """Records of a later case come out when those before it are finished, also while it still runs."""
    out: list[Any] = []
    sequencer = Sequencer(2, out.append)
    sequencer.record(1, _log(1, 0))
    assert out == []
    sequencer.finish(0)
    assert out == [_log(1, 0)]
    sequencer.record(1, _log(1, 1))
    assert out == [_log(1, 0), _log(1, 1)]


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), max_size=60), st.permutations(range(5)))
def test_order_is_that_of_the_plan(records: list[int], finishes: list[int]) -> None:
    """Whatever the interleaving, nothing is lost and cases come one after the other."""
    out: list[Any] = []
    sequencer = Sequencer(5, out.append)
    for number, case in enumerate(records):
        sequencer.record(case, _log(case, number))
    for case in finishes:
        sequencer.finish(case)
    assert [record["case"] for record in out] == sorted(records)
    assert sorted(record["number"] for record in out) == list(range(len(records)))


def test_giving_up_lets_everything_out() -> None:
    """After an interruption the records of finished later cases are still reported."""
    out: list[Any] = []
    sequencer = Sequencer(3, out.append)
    sequencer.record(2, _log(2, 0))
    sequencer.give_up()
    assert out == [_log(2, 0)]


def test_nothing_comes_after_the_last_case() -> None:
    """With --fail-fast later cases are absent, whatever they have said by then or say afterwards."""
    out: list[Any] = []
    sequencer = Sequencer(4, out.append)
    sequencer.record(2, _log(2, 0))
    sequencer.finish(2)
    sequencer.end_at(1)
    sequencer.record(3, _log(3, 0))
    sequencer.record(0, _log(0, 0))
    sequencer.finish(0)
    sequencer.finish(1)
    sequencer.record(2, _log(2, 1))
    sequencer.give_up()
    assert out == [_log(0, 0)]


def test_what_waits_is_not_kept_in_memory() -> None:
    """However much later cases say, they take a bounded part of it; then all comes out whole and in order."""
    number = 15 * KEPT
    seen: list[int] = []
    sequencer = Sequencer(3, lambda record: seen.append(record["number"]))  # type: ignore[typeddict-item]
    tracemalloc.start()
    for count in range(number):
        for case in (1, 2):
            sequencer.record(case, {**_log(case, count), "text": f"{count} " * 20})
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 4_000_000
    for case in range(3):
        sequencer.finish(case)
    assert seen == [*range(number)] * 2


def test_a_full_disk_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be spilled, memory is what is left."""

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.tempfile, "TemporaryFile", full)
    seen: list[int] = []
    sequencer = Sequencer(2, lambda record: seen.append(record["number"]))  # type: ignore[typeddict-item]
    for count in range(3 * KEPT):
        sequencer.record(1, _log(1, count))
    sequencer.finish(0)
    assert seen == [*range(3 * KEPT)]
