"""``python -m benchmarks.same_records [RUNS] [MINUTES]``: one seed gives the same JSON Lines, however busy the machine.

The shipped library runs beside eight busy loops, again and again (100 times, or as often as the minutes allow), with
one worker and one seed. Exits with 1 when two runs differ in anything but their ``run`` records, which hold wall time.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.busy import beside
from benchmarks.rows import OCPPLAB

_LOOPS = 8
_RUN = [*OCPPLAB, "run", "scenarios", "-j", "1", "--seed", "7", "-q", "--jsonl"]


def main(arguments: list[str]) -> int:
    """Run, compare and print; returns the exit code."""
    runs = int(arguments[0]) if arguments else 100
    end = time.monotonic() + 60 * float(arguments[1] if len(arguments) > 1 else 90)
    began = time.monotonic()
    first, done, lines = "", 0, list[bytes]()
    with tempfile.TemporaryDirectory() as directory, beside(_LOOPS):
        trace, kept = Path(directory) / "run.jsonl", Path("same_records-first.jsonl")
        while done < runs and time.monotonic() < end:
            subprocess.run([*_RUN, str(trace)], check=True, stdout=subprocess.DEVNULL)
            lines = [line for line in trace.read_bytes().splitlines(keepends=True) if b'"type":"run"' not in line]
            digest = hashlib.sha256(b"".join(lines)).hexdigest()
            done += 1
            if not first:
                first = digest
                kept.write_bytes(b"".join(lines))
            elif digest != first:
                other = kept.with_name("same_records-other.jsonl")
                other.write_bytes(b"".join(lines))
                print(f"run {done} differs from the first: compare {kept} and {other}")
                return 1
    kept.unlink(missing_ok=True)
    print(f"{done} runs beside {_LOOPS} busy loops: {len(lines):,} records each, all the same", end="; ")
    print(f"took {time.monotonic() - began:.0f} s")
    return 0 if done > 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
