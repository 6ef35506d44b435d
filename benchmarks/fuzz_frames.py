"""Throw random and mutated frames at charger and CSMS: ``python -m benchmarks.fuzz_frames [10000] [--seed N]``.

So many at each of the two in each OCPP version, over loopback WebSockets under the virtual clock. Every frame has to be
answered or ignored as OCPP-J says (:mod:`tests.conformance.frame_oracle`), and nothing may be left behind. One line for
each receiver; every breach is printed, and the exit code is 1 when there is one. A seed repeats a run exactly.
"""

from __future__ import annotations

import argparse
import faulthandler
import sys
from collections.abc import Sequence

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance.frame_charger import ChargerBout
from tests.conformance.frame_csms import CsmsBout
from tests.conformance.frame_umpire import Score

#: Wall seconds without an end of one bout of ten thousand frames after which the run counts as hung.
_HUNG = 600


def fight(kind: type[ChargerBout | CsmsBout], version: OcppVersion, frames: int, seed: int) -> Score:
    """One bout, on an event loop of its own."""

    async def main() -> Score:
        return await kind(version, frames, seed).run()

    faulthandler.dump_traceback_later(_HUNG * max(1, frames // 10_000), exit=True)
    try:
        return clock.run(main())
    finally:
        faulthandler.cancel_dump_traceback_later()


def main(arguments: Sequence[str]) -> int:
    """Throw them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_frames", description="Fuzz charger and CSMS.")
    parser.add_argument("frames", type=int, nargs="?", default=10_000, help="frames for each receiver and version")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    broken = False
    for kind in (ChargerBout, CsmsBout):
        for version in OcppVersion:
            started = clock.wall_seconds()
            score = fight(kind, version, options.frames, options.seed)
            states = ", ".join(f"{state} {frames:,}" for state, frames in score.states.most_common())
            print(f"{score}; {clock.wall_seconds() - started:.1f} s, seed {options.seed}; {states}", flush=True)
            for breach in score.breaches:
                print(f"  {breach}", file=sys.stderr)
            broken = broken or bool(score.breaches)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
