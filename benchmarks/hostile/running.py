"""Runs ``ocpplab-runner`` against one attack and says what is wrong with how it took it."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Seconds after which a run counts as hanging, and bytes of address space that each of its processes gets.
PATIENCE = 60.0
#: The time-out of each case, unless somebody is in a hurry.
LIMIT = "10s"
MOST_MB = 300
_ADDRESS_SPACE = MOST_MB << 20
_MOST_SAID = 1 << 20
MARKS = ("Traceback (most recent call last)", "internal error", "MemoryError", "RecursionError", "was killed by")

CODES = (1, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run took one attack.

    Attributes:
        name: of the attack.
        code: its exit code; None when it hung.
        seconds: how long it took.
        problems: what is wrong with it; empty when nothing is.
        output: what it said.
    """

    name: str
    code: int | None
    seconds: float
    problems: tuple[str, ...]
    output: str


def attack(
    name: str,
    arguments: Sequence[str],
    directory: Path,
    *,
    limit: str = LIMIT,
    may_pass: bool = False,
    marks: Sequence[str] = MARKS,
    codes: Collection[int] = CODES,
) -> Outcome:
    """Run one attack.

    Args:
        name: of the attack.
        arguments: of ``ocpplab-runner run``.
        directory: where it runs.
        limit: the time-out of its case.
        may_pass: whether a pass contradicts nothing that the attack does.
        marks: texts that it may not say.
        codes: with which it may end, besides 0.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "ocpplab_runner", "run", *arguments, "--timeout", limit],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_limit,
        env={**os.environ, "TOKEN": "a-token"},
    )
    code: int | None
    try:
        output = process.communicate(timeout=PATIENCE)[0]
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, code = process.communicate()[0], None
    said = output.decode("utf-8", "replace")
    problems = [f"says {mark!r}" for mark in marks if mark in said]
    if code is None:
        problems.append(f"hangs: not over after {PATIENCE:g} s")
    elif code == 0 and not may_pass:
        problems.append("passes")
    elif code != 0 and code not in codes:
        problems.append(f"ends with {code}")
    if len(output) > _MOST_SAID:
        problems.append(f"says {len(output):,} bytes")
    return Outcome(name, code, time.monotonic() - began, tuple(problems), said)


def peak_mb() -> float:
    """The most memory that any process of all attacks so far has taken."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
