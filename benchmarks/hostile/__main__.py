"""``python -m benchmarks.hostile [--sample N]``: every attack, or every N-th, by real processes and sockets.

Exits with 1 when one of them got what it wanted: a traceback, a hang, a pass, or more memory than 300 MB.
"""

from __future__ import annotations

import argparse
import signal
import sys

from benchmarks.hostile.attacks import KINDS, run_all
from benchmarks.hostile.running import peak_mb


def main(arguments: list[str]) -> int:
    """Attack and report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="only every N-th attack")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these")
    given = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGHUP):  # under nohup, or in the background, they are ignored by all below
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    bad = 0
    for kind in given.kind or KINDS:
        outcomes = run_all(kind, given.sample)
        troubled = [outcome for outcome in outcomes if outcome.problems]
        bad += len(troubled)
        for outcome in troubled:
            print(f"{kind} {outcome.name}: {', '.join(outcome.problems)}\n{outcome.output[-800:]}")
        longest = max(outcomes, key=lambda outcome: outcome.seconds)
        print(
            f"{kind}: {len(outcomes)} attacks, {len(troubled)} got what they wanted; "
            f"the longest took {longest.seconds:.1f} s ({longest.name}); {peak_mb():.0f} MB at most",
            flush=True,
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
