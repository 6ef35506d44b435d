"""The shipped library beside eight busy loops: how much longer than its fair share of the processor it takes.

Everything runs on the same C cores. Alone the library takes so long; with eight others that never rest it has a ninth
of C cores, so ``alone * (8 + 1) / C`` is fair. What is above that is time in which the runner gave the processor away
or waited for others.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.rows import OCPPLAB, Row, against, wall_time

_LOOPS = 8
_RUN = [*OCPPLAB, "run", "scenarios", "-j", "1"]


def measure() -> list[Row]:
    """The library alone, then beside the loops."""
    cores = len(os.sched_getaffinity(0))
    wall_time(_RUN)
    alone = wall_time(_RUN)
    with beside(_LOOPS):
        loaded = wall_time(_RUN)
    share = alone * (_LOOPS + 1) / cores
    return [
        against(
            f"the shipped library beside {_LOOPS} busy loops, -j 1, {cores} cores",
            loaded,
            (f"its {alone:.1f} s alone, times the fair share", share),
            unit="s",
            most=1.3,
        )
    ]


@contextlib.contextmanager
def beside(loops: int) -> Iterator[None]:
    """So many processes that never rest, as long as the context lasts."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
