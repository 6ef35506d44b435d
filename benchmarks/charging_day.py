"""A 24 h charging day: OCPP 1.6, one heartbeat and one meter value a minute, JSON Lines on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.rows import OCPPLAB, Row, interleaved, wall_time

_ROUNDS = 5
_BUDGET = 1.5
_MINUTES = 24 * 60


def measure() -> list[Row]:
    """The whole command's wall time, start-up included."""
    with tempfile.TemporaryDirectory() as directory:
        trace = Path(directory) / "day.jsonl"
        command = [*OCPPLAB, "run", "benchmarks/scenarios/charging_day.yaml", "--jsonl", str(trace)]
        seconds = interleaved({"ours": lambda: wall_time(command)}, _ROUNDS)["ours"]
        lines = trace.read_text("utf-8").splitlines()
    for action in ("Heartbeat", "MeterValues"):
        calls = sum(f'"name":"{action}"' in line and '"type":"call"' in line for line in lines)
        if calls < _MINUTES - 1:
            raise RuntimeError(f"the day had only {calls} {action} calls")
    return [
        Row(
            "24 h charging day, a heartbeat and a meter value a minute",
            f"{seconds:.3f} s",
            "",
            f"{seconds:.3f} s",
            f"<= {_BUDGET} s",
            seconds <= _BUDGET,
        )
    ]
