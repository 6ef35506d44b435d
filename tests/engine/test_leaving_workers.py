"""A worker that is interrupted while it has no case."""

from __future__ import annotations

import os
from pathlib import Path

from ocpplab_runner.engine.running.suite import SuiteOptions
from ocpplab_runner.engine.running.wire import Tag, Unpacker, pack
from ocpplab_runner.engine.running.worker import INTERRUPT, spawn
from ocpplab_runner.targets.simulated import SimulatedTarget
from tests.engine.suite_kit import plan_texts


class Lasting(SimulatedTarget):
    """Its end for a worker is written down."""

    def __init__(self, told: Path) -> None:
        super().__init__(realtime=True)
        self._told = told

    async def begin_worker(self) -> None:
        """There is nothing to begin."""

    async def end_worker(self) -> None:
        """Write it down."""
        self._told.write_text("ended", "utf-8")


def test_what_the_target_has_begun_for_it_is_ended(tmp_path: Path) -> None:
    """As when nothing has interrupted it: a station gets its settings back."""
    told = tmp_path / "told"
    plan = plan_texts(tmp_path, "steps: [{log: fine}]", target=Lasting(told))
    worker = spawn(plan, SuiteOptions(jobs=1), 0, [])
    os.set_blocking(worker.records, True)
    unpacker = Unpacker()
    os.write(worker.commands, pack(Tag.CASE, [0, 1]))
    while Tag.DONE not in [tag for tag, _ in unpacker.feed(os.read(worker.records, 65536))]:
        pass
    os.kill(worker.pid, INTERRUPT)
    os.close(worker.commands)  # as the parent does when it hears of an end and has been interrupted
    _, status = os.waitpid(worker.pid, 0)
    os.close(worker.records)
    assert (told.exists(), os.waitstatus_to_exitcode(status)) == (True, 0)
