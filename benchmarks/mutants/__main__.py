"""Break the product at random, and see whether scenarios notice.

    python -m benchmarks.mutants --count 500 --seed 7 --json survivors.json
    python -m benchmarks.mutants --engine --count 100

Each mutant is one small change to `charger/`, `csms/` or `authorization/`. It is caught when a shipped case that passes
under `--strict` does not pass any more; the exit code is 1 when a bar is missed. With `--engine` it is a change to
`engine/` or `steps/`, caught when a case of the corpus (`tests/engine/corpus`) or of the library is judged otherwise.

The file of `--json` is written anew after every mutant, and what interrupts the run (`timeout --signal INT 480 python
-m benchmarks.mutants ...`) ends it with the figures of those that are judged by then.
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
    only = [str(Path(path)) for path in given.only]
    summary = try_mutants(subject, given.count, given.seed, given.jobs, only, _Progress(given.json))
    for line in as_text(summary, bars=subject.bars):
        print(line)
    return 0 if summary.good or not subject.bars else 1


def try_mutants(
    subject: Subject,
    count: int,
    seed: int,
    jobs: int,
    only: Sequence[str] = (),
    told: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Draw mutants and judge them; KeyboardInterrupt ends it early.

    Args:
        subject: what is broken, and which scenarios are to notice.
        count: how many.
        seed: to draw with.
        jobs: how many at a time.
        only: files or folders to draw from, relative to the project or to the package.
        told: hears of what is known before the first judgement, and after each.
    """
    found = reach(subject.product, subject.paths, subject.rooms, subject.memory)
    _complain(found, subject)
    files = trees(subject.rooms)
    docket = Docket(found, subject.wanted)
    places = [site for site in all_sites(files) if not only or is_in(site.file, only)]
    trials = [docket.trial(site, files[site.file]) for site in draw(places, count, seed)]
    whole = [one for one in functions(files) if is_in(one.file, subject.whole)]
    entered = [one for one in whole if _place(one) in found.entered or _place(one) in found.at_import]
    missed = [one for one in whole if one not in entered]
    reasons = yaml.safe_load(EQUIVALENT.read_text("utf-8"))
    judgements = {number: Judgement(Outcome.NOT_RUN) for number, trial in enumerate(trials) if not trial.cases}
    reached = [number for number, trial in enumerate(trials) if trial.cases]

    def so_far() -> Summary:
        sites = {number: trials[number].site for number in sorted(judgements)}
        results = [Result(site, judgements[number], reasons.get(site.key, "")) for number, site in sites.items()]
        return Summary(seed, results, len(entered), missed, len(trials))

    def judged(number: int, judgement: Judgement) -> None:
        judgements[reached[number]] = judgement
        told(so_far())

    told(so_far())
    make = subject.maker()
    gc.collect()
    gc.freeze()
    try:
        judge_all([trials[number] for number in reached], make, jobs, judged)
    except KeyboardInterrupt:
        pass
    finally:
        gc.unfreeze()
    return so_far()


def _place(function: Function) -> tuple[str, int]:
    return function.file, function.first_line


def _complain(found: Reach, subject: Subject) -> None:
    for case, (verdict, _) in zip(found.cases, found.ran, strict=True):
        if verdict not in subject.wanted:
            print(f"left aside, as it is {verdict} without any fault: {case}", file=sys.stderr)


class _Progress:
    """Writes down what is known so far."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def __call__(self, summary: Summary) -> None:
        if self._file is not None:
            text = json.dumps(as_data(summary), indent=1, ensure_ascii=False)
            self._file.write_text(f"{text}\n", "utf-8")
        if sys.stderr.isatty():
            print(f"\r{len(summary.results)} of {summary.drawn}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
