"""Break the product at random, and see whether scenarios notice.

    python -m benchmarks.mutants --count 500 --seed 7 --json survivors.json
    python -m benchmarks.mutants --engine --count 100

Each mutant is one small change to `charger/`, `csms/` or `authorization/`. It is caught when a shipped case that passes
under `--strict` does not pass any more; the exit code is 1 when a bar is missed. With `--engine` it is a change to
`engine/` or `steps/`, caught when a case of the corpus (`tests/engine/corpus`) or of the library is judged otherwise.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks.mutants.judge import Judgement, Outcome, judge_all
from benchmarks.mutants.reach import Function, Reach, functions, reach
from benchmarks.mutants.report import Result, Summary, as_data, as_text
from benchmarks.mutants.sampling import Docket, all_sites, draw, trees
from benchmarks.mutants.subjects import Subject, engine, is_in, shipped

EQUIVALENT = Path(__file__).with_name("equivalent.yaml")


def main(arguments: Sequence[str]) -> int:
    """Try mutants; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100, help="how many mutants (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="they are drawn with (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--only", action="append", default=[], metavar="PATH", help="only in this file or folder")
    parser.add_argument("--engine", action="store_true", help="break engine and steps, judged by the corpus too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results for programs")
    given = parser.parse_args(arguments)
    subject = engine() if given.engine else shipped()
    summary = try_mutants(subject, given.count, given.seed, given.jobs, [str(Path(path)) for path in given.only])
    for line in as_text(summary, bars=subject.bars):
        print(line)
    if given.json is not None:
        given.json.write_text(json.dumps(as_data(summary), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0 if summary.good or not subject.bars else 1


def try_mutants(subject: Subject, count: int, seed: int, jobs: int, only: Sequence[str] = ()) -> Summary:
    """Draw mutants and judge them.

    Args:
        subject: what is broken, and which scenarios are to notice.
        count: how many.
        seed: to draw with.
        jobs: how many at a time.
        only: files or folders to draw from, relative to the project or to the package.
    """
    found = reach(subject.product, subject.paths, subject.rooms, subject.memory)
    _complain(found, subject)
    files = trees(subject.rooms)
    docket = Docket(found, trees([""]), subject.wanted)
    places = [site for site in all_sites(files) if not only or is_in(site.file, only)]
    trials = [docket.trial(site, files[site.file]) for site in draw(places, count, seed)]
    reached = [trial for trial in trials if trial.cases]
    make = subject.maker()
    gc.collect()
    gc.freeze()
    judgements = iter(judge_all(reached, make, jobs, _Progress(len(reached))))
    gc.unfreeze()
    reasons = yaml.safe_load(EQUIVALENT.read_text("utf-8"))
    results = [
        Result(
            trial.site,
            next(judgements) if trial.cases else Judgement(Outcome.NOT_RUN),
            reasons.get(trial.site.key, ""),
        )
        for trial in trials
    ]
    whole = [one for one in functions(files) if is_in(one.file, subject.whole)]
    entered = [one for one in whole if _place(one) in found.entered or _place(one) in found.at_import]
    return Summary(seed, results, len(entered), [one for one in whole if one not in entered])


def _place(function: Function) -> tuple[str, int]:
    return function.file, function.first_line


def _complain(found: Reach, subject: Subject) -> None:
    for case, (verdict, _) in zip(found.cases, found.ran, strict=True):
        if verdict not in subject.wanted:
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
