"""Records of cases that run side by side, put back into the order of the plan."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable
from typing import IO

from ocpplab_runner.plugin.results import Record

#: Records of one case that are kept in memory; the ones before them lie in a file without a name.
KEPT = 1000


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
        self._file: IO[bytes] | None = None
        self._places: dict[int, list[int]] = {}

    def record(self, index: int, record: Record | bytes) -> None:
        """Take a record of the case with that index, or several that are JSON Lines already."""
        if index >= self._count:
            return
        if index == self._current:
            self._sink(record)
        else:
            records = self._kept.setdefault(index, [])
            records.append(record)
            if len(records) % KEPT == 0:
                self._spill(index, records)

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
        self._places = {kept: places for kept, places in self._places.items() if kept < self._count}

    def give_up(self) -> None:
        """Let everything out that is still kept, in order: the run ends before all cases have run."""
        while self._current < self._count:
            self._current += 1
            self._release()

    def _release(self) -> None:
        for place in self._places.pop(self._current, ()):
            assert self._file is not None
            self._file.seek(place)
            for record in pickle.load(self._file):  # what we have written ourselves
                self._sink(record)
        for record in self._kept.pop(self._current, ()):
            self._sink(record)
        if not self._places and self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self, index: int, records: list[Record | bytes]) -> None:
        """Put what is kept of a case into the file; where there is no room, it stays."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # as long as something is in it
            place = self._file.seek(0, 2)
            pickle.dump(records, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError:
            return
        self._places.setdefault(index, []).append(place)
        records.clear()
