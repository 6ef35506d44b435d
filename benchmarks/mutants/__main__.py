"""Break the product at random, and see whether the shipped scenarios notice.

    python -m benchmarks.mutants --count 500 --seed 7 --json survivors.json

Each mutant is one small change to `charger/`, `csms/` or `authorization/`. It is caught when a case that passes under
`--strict` does not pass any more. The exit code is 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from benchmarks.mutants.judge import Judgement, Outcome, judge_all
from benchmarks.mutants.product import PACKAGE, ROOT, Product
from benchmarks.mutants.reach import Function, Reach, functions, reach
from benchmarks.mutants.report import BY_EXPECTATION, CAUGHT, ENTERED, Result, Summary, as_data, as_text
from benchmarks.mutants.sampling import Docket, all_sites, draw, trees

ROOMS = ("charger", "csms", "authorization")
#: Of these, nearly every function must be run by the library.
_WHOLE = ("charger", "csms")
SCENARIOS = ROOT / "scenarios"
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
_MEMORY = ROOT / ".ocpplab"


def main(arguments: Sequence[str]) -> int:
    """Try mutants; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100, help="how many mutants (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="they are drawn with (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--only", action="append", default=[], metavar="PATH", help="only in this file or folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results for programs")
    given = parser.parse_args(arguments)
    summary = try_mutants(given.count, given.seed, given.jobs, [str(Path(path)) for path in given.only])
    for line in as_text(summary):
        print(line)
    if given.json is not None:
        given.json.write_text(json.dumps(as_data(summary), indent=1, ensure_ascii=False) + "\n", "utf-8")
    good = summary.caught >= CAUGHT and summary.by_expectation >= BY_EXPECTATION and summary.functions >= ENTERED
    return 0 if good else 1


def try_mutants(
    count: int,
    seed: int,
    jobs: int,
    only: Sequence[str] = (),
    *,
    scenarios: Path = SCENARIOS,
    rooms: Sequence[str] = ROOMS,
) -> Summary:
    """Draw mutants and judge them by the shipped scenarios.

    Args:
        count: how many.
        seed: to draw with.
        jobs: how many at a time.
        only: files or folders to draw from, relative to the project or to the package.
        scenarios: the library, or a part of it.
        rooms: folders of the package that can be broken.
    """
    found = reach([scenarios], rooms, _MEMORY if scenarios == SCENARIOS else None)
    _complain(found)
    files = trees(rooms)
    everything = trees([""])
    docket = Docket(found, everything)
    places = [site for site in all_sites(files) if not only or _is_in(site.file, only)]
    sites = draw(places, count, seed)
    trials = [docket.trial(site, files[site.file]) for site in sites]
    reached = [trial for trial in trials if trial.cases]
    judgements = iter(judge_all(reached, _library(scenarios), jobs, _Progress(len(reached))))
    reasons = yaml.safe_load(EQUIVALENT.read_text("utf-8"))
    results = [
        Result(
            trial.site,
            next(judgements) if trial.cases else Judgement(Outcome.NOT_RUN),
            reasons.get(trial.site.key, ""),
        )
        for trial in trials
    ]
    whole = [one for one in functions(files) if _is_in(one.file, _WHOLE)]
    entered = [one for one in whole if _place(one) in found.entered or _place(one) in found.at_import]
    return Summary(seed, results, len(entered), [one for one in whole if one not in entered])


def _place(function: Function) -> tuple[str, int]:
    return function.file, function.first_line


def _is_in(file: str, places: Sequence[str]) -> bool:
    package = PACKAGE.name
    return any(
        file == place or file.startswith((f"{place}/", f"{package}/{place}/")) or file == f"{package}/{place}"
        for place in places
    )


def _library(scenarios: Path) -> Callable[[], Product]:
    loaded = Product([scenarios]).scenarios
    gc.collect()
    gc.freeze()
    return lambda: Product([scenarios], loaded)


def _complain(found: Reach) -> None:
    for case, verdict in zip(found.cases, found.verdicts, strict=True):
        if verdict != "passed":
            print(f"left aside, as it is {verdict} without any fault: {case}", file=sys.stderr)


class _Progress:
    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    def __call__(self, number: int, judgement: Judgement) -> None:
        self._done += 1
        if sys.stderr.isatty():
            print(f"\r{self._done} of {self._total}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
