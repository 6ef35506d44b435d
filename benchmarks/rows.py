"""What a row of the table is, and how rows are measured."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
OCPPLAB = [sys.executable, "-m", "ocpplab_runner"]
#: As at a user's: compiled modules are kept, as those of the libraries beside us are.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes:
        what: is measured.
        value: ours, with its unit.
        baseline: what it is compared with, and its value; empty for an absolute budget.
        ratio: ours against the baseline, or the value itself for an absolute budget.
        budget: how much it may be, as text.
        ok: whether it holds.
    """

    what: str
    value: str
    baseline: str
    ratio: str
    budget: str
    ok: bool


def against(
    what: str, value: float, baseline: tuple[str, float], *, unit: str, least: float = 0, most: float = 0
) -> Row:
    """A row whose budget is a multiple of a baseline: at least, or at most."""
    name, other = baseline
    ratio = value / other
    return Row(
        what,
        f"{value:,.4g} {unit}",
        f"{name}: {other:,.4g} {unit}",
        f"{ratio:.2f} x",
        f">= {least:g} x" if least else f"<= {most:g} x",
        ratio >= least if least else ratio <= most,
    )


def interleaved(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each measure; they take turns, so that a busy moment hits all of them. A first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds + 1):
        for name, measure in measures.items():
            taken[name].append(measure())
    return {name: statistics.median(values[1:]) for name, values in taken.items()}


def wall_time(command: Sequence[str], *, cwd: Path = ROOT, expect: int = 0, **environment: str) -> float:
    """Seconds that a command takes from start to exit.

    Raises:
        RuntimeError: its exit code is not the expected one.
    """
    env = ENVIRONMENT | environment
    began = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode != expect:
        raise RuntimeError(f"{' '.join(command)} exited with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return took


def reported(module: str, *arguments: str, cwd: Path = ROOT) -> float:
    """The number that ``python -m module arguments`` prints as its last line."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed\n{done.stdout}\n{done.stderr}")
    return float(done.stdout.strip().splitlines()[-1])
