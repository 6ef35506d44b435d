"""Records of cases that run side by side, put back into the order of the plan."""

from __future__ import annotations

from collections.abc import Callable

from ocpplab_runner.plugin.results import Record


class Sequencer:
    """Lets the records of the first unfinished case through as they come and keeps those of later ones.

    Args:
        count: how many cases there are.
        sink: takes the records in order.
    """

    def __init__(self, count: int, sink: Callable[[Record | bytes], None]) -> None:
        self._sink = sink
        self._count = count
        self._current = 0
        self._kept: dict[int, list[Record | bytes]] = {}
        self._finished: set[int] = set()

    def record(self, index: int, record: Record | bytes) -> None:
        """Take a record of the case with that index, or several that are JSON Lines already."""
        if index >= self._count:
            return
        if index == self._current:
            self._sink(record)
        else:
            self._kept.setdefault(index, []).append(record)

    def finish(self, index: int) -> None:
        """No more records of that case will come."""
        self._finished.add(index)
        while self._current in self._finished and self._current < self._count:
            self._current += 1
            self._release()

    def end_at(self, index: int) -> None:
        """The case with that index is the last one: forget what later ones have said already."""
        self._count = min(self._count, index + 1)
        self._kept = {kept: records for kept, records in self._kept.items() if kept < self._count}

    def give_up(self) -> None:
        """Let everything out that is still kept, in order: the run ends before all cases have run."""
        while self._current < self._count:
            self._current += 1
            self._release()

    def _release(self) -> None:
        for record in self._kept.pop(self._current, ()):
            self._sink(record)
