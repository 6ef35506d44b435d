"""``python -m benchmarks [ROW…]``: measure and print every row, or those named; exits with 1 when a budget is over."""

from __future__ import annotations

import importlib
import os
import platform
import sys

from benchmarks.rows import Row

ROWS = ("round_trips", "charging_day", "busy", "scenarios_per_second", "cold_start", "check_speed", "idle_memory")
_HEADINGS = Row("what", "value", "baseline", "ratio", "budget", True)


def main(names: list[str]) -> int:
    """Measure; returns the exit code."""
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        print(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or ROWS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.{name}").measure()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    cells = [[row.what, row.value, row.baseline, row.ratio, row.budget] for row in (_HEADINGS, *rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    verdicts = ["", *("ok" if row.ok else "OVER" for row in rows)]
    for line, verdict in zip(cells, verdicts, strict=True):
        print("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=True)), verdict]).rstrip())
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
