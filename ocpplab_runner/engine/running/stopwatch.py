"""How long an attempt takes in real time: on records of its own, so that the others are the same for the same seed."""

from __future__ import annotations

from ocpplab_runner import clock
from ocpplab_runner.plugin.results import RunRecord


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._wall_time = clock.wall_timestamp()
        self._began = clock.wall_seconds()

    def record(self, case_id: str, attempt: int) -> RunRecord:
        """What it shows for that attempt; it goes before the record that ends the attempt."""
        return RunRecord(
            type="run",
            phase="case",
            wall_time=self._wall_time,
            case=case_id,
            attempt=attempt,
            elapsed=round(clock.wall_seconds() - self._began, 6),
        )
