"""What came of it: a table by file, the survivors by name, and the same for programs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.mutants.judge import Judgement, Outcome
from benchmarks.mutants.operators import Site
from benchmarks.mutants.reach import Function

#: What at least must be reached, in percent.
CAUGHT, BY_EXPECTATION, ENTERED = 85.0, 70.0, 95.0


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant and what became of it.

    Attributes:
        site: the mutant.
        judgement: what became of it.
        equivalent: why nobody could ever notice; empty otherwise.
    """

    site: Site
    judgement: Judgement
    equivalent: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A run of the tool.

    Attributes:
        seed: the mutants were drawn with.
        results: one per mutant.
        entered: functions that a case calls.
        missed: functions that none does.
        drawn: how many mutants there are; the others are not judged yet.
    """

    seed: int
    results: Sequence[Result]
    entered: int
    missed: Sequence[Function]
    drawn: int

    @property
    def run(self) -> list[Result]:
        """The mutants in code that the library runs."""
        return [one for one in self.results if one.judgement.outcome is not Outcome.NOT_RUN]

    @property
    def caught(self) -> float:
        """Percent of the mutants in code that the library runs."""
        return _percent(sum(one.judgement.outcome.caught for one in self.run), len(self.run))

    @property
    def by_expectation(self) -> float:
        """Percent of the caught mutants."""
        caught = [one for one in self.results if one.judgement.outcome.caught]
        return _percent(sum(one.judgement.outcome is Outcome.FAILED for one in caught), len(caught))

    @property
    def good(self) -> bool:
        """Whether every bar is reached."""
        return self.caught >= CAUGHT and self.by_expectation >= BY_EXPECTATION and self.functions >= ENTERED

    @property
    def functions(self) -> float:
        """Percent of the functions that are entered."""
        return _percent(self.entered, self.entered + len(self.missed))


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def as_text(summary: Summary, *, bars: bool = True) -> Iterator[str]:
    """Lines for people."""
    yield from _table(summary.results)
    yield ""
    yield from _survivors(summary.results)
    if summary.missed:
        yield f"Functions that no case enters ({len(summary.missed)}):"
        of: defaultdict[str, list[str]] = defaultdict(list)
        for function in summary.missed:
            of[function.file].append(function.name)
        for file, names in of.items():
            yield f"  {file}: {', '.join(names)}"
        yield ""
    kinds = Counter(one.judgement.outcome for one in summary.results)
    yield "  ".join(f"{outcome}: {kinds[outcome]}" for outcome in Outcome if kinds[outcome])
    least = (CAUGHT, BY_EXPECTATION, ENTERED) if bars else (0.0, 0.0, 0.0)
    yield _bar("caught, of those in code that the library runs", summary.caught, least[0])
    if bars:
        yield _bar("caught by a failed expectation, of those caught", summary.by_expectation, least[1])
    yield _bar("functions entered", summary.functions, least[2])
    share = "" if len(summary.results) == summary.drawn else f" of {summary.drawn}"
    yield f"seed {summary.seed}, {len(summary.results)}{share} mutants"


def _bar(what: str, value: float, least: float) -> str:
    measured = f" (at least {least:g} %) {'ok' if value >= least else 'UNDER'}" if least else ""
    return f"{what}: {value:.1f} %{measured}"


def _table(results: Sequence[Result]) -> Iterator[str]:
    of: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in results:
        outcome = one.judgement.outcome
        row = of[one.site.file]
        row["mutants"] += 1
        row["not run"] += outcome is Outcome.NOT_RUN
        row["caught"] += outcome.caught
        row["by verdict"] += outcome in (Outcome.FAILED, Outcome.TURNED, Outcome.OTHER)
        row["survived"] += outcome is Outcome.SURVIVED
    columns = ("mutants", "not run", "caught", "by verdict", "survived")
    width = max((len(file) for file in of), default=4)
    yield f"{'file':{width}}  {'  '.join(columns)}"
    for file in sorted(of):
        yield f"{file:{width}}  {'  '.join(f'{of[file][column]:{len(column)}}' for column in columns)}"


def _survivors(results: Sequence[Result]) -> Iterator[str]:
    for outcome in (Outcome.SURVIVED, Outcome.NOT_RUN):
        here = [one for one in results if one.judgement.outcome is outcome]
        if not here:
            continue
        yield f"{outcome.value.capitalize()} ({len(here)}):"
        for one in sorted(here, key=lambda one: one.site.key):
            yield f"  {one.site.key}" + (f"   [equivalent: {one.equivalent}]" if one.equivalent else "")
        yield ""


def as_data(summary: Summary) -> Mapping[str, Any]:
    """The same for programs."""
    return {
        "seed": summary.seed,
        "drawn": summary.drawn,
        "caught": round(summary.caught, 2),
        "by_expectation": round(summary.by_expectation, 2),
        "functions_entered": round(summary.functions, 2),
        "functions_missed": [{"file": one.file, "function": one.name} for one in summary.missed],
        "mutants": [
            {
                "key": one.site.key,
                "file": one.site.file,
                "function": one.site.function,
                "operator": one.site.operator,
                "change": one.site.change,
                "line": one.site.lines[0],
                "outcome": one.judgement.outcome.value,
                "case": one.judgement.case,
                "reason": one.judgement.reason,
                "runs": one.judgement.runs,
                "seconds": round(one.judgement.seconds, 3),
                "equivalent": one.equivalent,
            }
            for one in summary.results
        ],
    }
