"""Which of the planned cases run, and in which order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ocpplab_runner.engine.planning import booleans
from ocpplab_runner.engine.planning.options import Selector, SuiteOptions
from ocpplab_runner.engine.planning.plan import PlannedCase
from ocpplab_runner.scenario.suggest import nearest

_LAST_FAILED = "last-failed.json"
_TURN = re.compile(r", #\d+\]\Z")
_MOST_SHOWN = 12


@dataclass(slots=True)
class Selected:
    """What a selection has come to.

    Attributes:
        cases: in the order in which they run.
        notes: for people: each filter with what it left, when nothing is left; and what it did not do.
    """

    cases: list[PlannedCase]
    notes: list[str] = field(default_factory=list)


def select(cases: Sequence[PlannedCase], options: SuiteOptions) -> Selected:
    """The cases that the options ask for, in the order in which they run.

    Raises:
        ValueError: an ill-formed expression, or a shard outside 1..N.
    """
    sieve = _Sieve(cases)
    if options.selectors:
        sieve.keep("the paths", _by_selectors(options.selectors), lambda kept: _other_names(options.selectors, kept))
    if options.keyword:
        keyword = booleans.parse(options.keyword)
        wants = _holds(keyword, lambda word, case: word.lower() in case.info["id"].lower())
        sieve.keep(f"-k {options.keyword!r}", wants, lambda kept: _other_words(keyword, kept))
    if options.tag_expression:
        tags = booleans.parse(options.tag_expression)
        wants = _holds(tags, lambda word, case: word in case.info["tags"])
        sieve.keep(f"--tag {options.tag_expression!r}", wants, lambda kept: _other_tags(tags, kept))
    if options.last_failed and options.state_directory is not None:
        failed = read_last_failed(options.state_directory)
        if failed:
            sieve.keep("--last-failed", lambda case: base_id(case.info["id"]) in failed, _not_among)
        else:
            sieve.say("--last-failed: nothing is on record as failed, so everything is run")
    chosen = sieve.cases
    # Before the shuffle, so that shards have no case in common whatever the seed of each.
    if options.shard is not None:
        index, of = options.shard
        if not 1 <= index <= of:
            raise ValueError(f"--shard {index}/{of}: the first number must lie between 1 and the second")
        chosen = sieve.slice(f"--shard {index}/{of}", chosen[index - 1 :: of])
    if options.shuffle:
        Random(options.seed).shuffle(chosen)
    return Selected(chosen, sieve.notes())


class _Sieve:
    """Filters one after the other, and remembers what each of them left."""

    def __init__(self, cases: Sequence[PlannedCase]) -> None:
        self.cases = list(cases)
        self._steps: list[str] = []
        self._said: list[str] = []

    def keep(
        self, what: str, wants: Callable[[PlannedCase], bool], hint: Callable[[Sequence[PlannedCase]], str]
    ) -> None:
        """Keep the cases that a filter wants."""
        before = self.cases
        self.cases = [case for case in before if wants(case)]
        self._took(what, before, "" if self.cases or not before else hint(before))

    def slice(self, what: str, kept: list[PlannedCase]) -> list[PlannedCase]:
        """Keep these."""
        self._took(what, self.cases, "")
        self._steps[-1] = f"{what} leaves {len(kept)} of {len(self.cases)}"
        self.cases = kept
        return kept

    def say(self, note: str) -> None:
        """Something to tell in any case."""
        self._said.append(note)

    def notes(self) -> list[str]:
        """What there is to tell."""
        return [*self._said, *(self._steps if not self.cases else ())]

    def _took(self, what: str, before: Sequence[PlannedCase], hint: str) -> None:
        if before:
            self._steps.append(f"{what} leaves {len(self.cases)} of {len(before)}" + (f"; {hint}" if hint else ""))


def _holds(expression: booleans.Expression, holds: Callable[[str, PlannedCase], bool]) -> Callable[[PlannedCase], bool]:
    return lambda case: expression(lambda word: holds(word, case))


def _words(expression: booleans.Expression) -> list[str]:
    found: list[str] = []

    def note(word: str) -> bool:
        found.append(word)
        return True

    expression(note)
    return found


def _other_words(expression: booleans.Expression, cases: Sequence[PlannedCase]) -> str:
    ids = [case.info["id"].lower() for case in cases]
    parts = {part for one in ids for part in re.findall(r"\w+", one)}
    for word in _words(expression):
        if not any(word.lower() in one for one in ids):
            return f"no id holds {word!r}" + _meant(word, parts)
    return ""


def _other_tags(expression: booleans.Expression, cases: Sequence[PlannedCase]) -> str:
    tags = sorted({tag for case in cases for tag in case.info["tags"]})
    for word in _words(expression):
        if word not in tags:
            shown = ", ".join(tags[:_MOST_SHOWN]) + (", ..." if len(tags) > _MOST_SHOWN else "")
            return f"no case has the tag {word!r}" + (_meant(word, tags) or f"; there are {shown or 'none'}")
    return ""


def _other_names(selectors: Iterable[Selector], cases: Sequence[PlannedCase]) -> str:
    for selector in selectors:
        names = {case.scenario.name for case in cases if case.scenario.path == selector.path}
        names |= {case.info["name"] for case in cases if case.scenario.path == selector.path}
        if selector.name is not None and names and selector.name not in names:
            return f"no case of {selector.path.as_posix()} is named {selector.name!r}" + (
                _meant(selector.name, names) or f"; there is {min(names)!r}"
            )
    return ""


def _not_among(cases: Sequence[PlannedCase]) -> str:
    return "what failed the last time is not among them"


def _meant(word: str, names: Iterable[str]) -> str:
    name = nearest(word, names)
    return f"; did you mean {name!r}?" if name else ""


def _by_selectors(selectors: Iterable[Selector]) -> Callable[[PlannedCase], bool]:
    by_path: dict[Path, list[Selector]] = {}
    for selector in selectors:
        by_path.setdefault(selector.path, []).append(selector)

    def wants(case: PlannedCase) -> bool:
        mine = by_path.get(case.scenario.path)
        return mine is None or any(_selects(selector, case) for selector in mine)

    return wants


def _selects(selector: Selector, case: PlannedCase) -> bool:
    if selector.name is not None:
        return selector.name in {case.info["name"], case.scenario.name}
    if selector.line is None:
        return True
    rows = {
        row.name
        for row in case.scenario.cases
        if row.span is not None and row.span.line <= selector.line <= row.span.end_line
    }
    # A line outside all rows means the scenario, and so each of them.
    return not rows or case.row in rows


def base_id(case_id: str) -> str:
    """A case's id without the number that ``--repeat`` gives each of its turns."""
    return _TURN.sub("]", case_id)


def read_last_failed(directory: Path) -> frozenset[str]:
    """Ids of the cases that did not pass the last time they ran; empty when there is no such record."""
    try:
        ids = json.loads((directory / _LAST_FAILED).read_text("utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(base_id(str(one)) for one in ids) if isinstance(ids, list) else frozenset()


def write_last_failed(directory: Path, good: Iterable[str], bad: Iterable[str]) -> None:
    """Bring the record up to date: what was good leaves it, what was not enters it, what did not run stays.

    A case that ``--repeat`` has run several times is good when all its turns were.
    """
    kept = {base_id(one) for one in read_last_failed(directory)} - {base_id(one) for one in good}
    ids = sorted(kept | {base_id(one) for one in bad})
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _LAST_FAILED).write_text(json.dumps(ids, indent=1, ensure_ascii=True) + "\n", "utf-8")
