"""Scenarios per second at ``-j 1``, a session of ten messages, beside the same session hand-written."""

from __future__ import annotations

import os
import sys
import tempfile

from benchmarks.rows import OCPPLAB, ROOT, Row, against, interleaved, wall_time

_SESSIONS = 200
_ROUNDS = 3


def measure() -> list[Row]:
    """Both as whole processes, start-up included, with JSON Lines on our side."""
    with tempfile.TemporaryDirectory() as directory:
        ours = [*OCPPLAB, "run", "benchmarks/scenarios/session.yaml", "-j", "1", "--repeat", str(_SESSIONS)]
        theirs = ["-m", "pytest", "-q", "-c", os.devnull, "--rootdir", directory, "-p", "no:cacheprovider"]
        file = str(ROOT / "benchmarks" / "baselines" / "handwritten_session.py")
        medians = interleaved(
            {
                "ours": lambda: wall_time([*ours, "--jsonl", f"{directory}/run.jsonl"]),
                "pytest": lambda: wall_time([sys.executable, *theirs, file], SESSIONS=str(_SESSIONS)),
            },
            _ROUNDS,
        )
    return [
        against(
            "scenarios per second, -j 1, ten-message session",
            _SESSIONS / medians["ours"],
            ("pytest + ocpp, hand-written", _SESSIONS / medians["pytest"]),
            unit="/s",
            least=3,
        )
    ]
