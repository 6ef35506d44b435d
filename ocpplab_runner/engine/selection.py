"""Which of the planned cases run, and in which order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ocpplab_runner.engine import booleans
from ocpplab_runner.engine.options import Selector, SuiteOptions

if TYPE_CHECKING:
    from ocpplab_runner.engine.plan import PlannedCase

_LAST_FAILED = "last-failed.json"


def select(cases: Sequence[PlannedCase], options: SuiteOptions) -> list[PlannedCase]:
    """The cases that the options ask for, in the order in which they run.

    Raises:
        ValueError: an ill-formed expression, or a shard outside 1..N.
    """
    wanted: list[Callable[[PlannedCase], bool]] = []
    if options.selectors:
        wanted.append(_by_selectors(options.selectors))
    if options.keyword:
        keyword = booleans.parse(options.keyword)
        wanted.append(lambda case: keyword(lambda word: word.lower() in case.info["id"].lower()))
    if options.tag_expression:
        tags = booleans.parse(options.tag_expression)
        wanted.append(lambda case: tags(lambda word: word in case.info["tags"]))
    if options.last_failed and options.state_directory is not None:
        failed = read_last_failed(options.state_directory)
        if failed:
            wanted.append(lambda case: case.info["id"] in failed)
    chosen = [case for case in cases if all(wants(case) for wants in wanted)]
    if options.shard is not None:
        index, of = options.shard
        if not 1 <= index <= of:
            raise ValueError(f"--shard {index}/{of}: the first number must lie between 1 and the second")
        chosen = chosen[index - 1 :: of]
    if options.shuffle:
        Random(options.seed).shuffle(chosen)
    return chosen


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
    return not rows or case.row in rows


def read_last_failed(directory: Path) -> frozenset[str]:
    """Ids of the cases that did not pass the last time they ran; empty when there is no such record."""
    try:
        ids = json.loads((directory / _LAST_FAILED).read_text("utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(ids) if isinstance(ids, list) else frozenset()


def write_last_failed(directory: Path, good: Iterable[str], bad: Iterable[str]) -> None:
    """Bring the record up to date: what was good leaves it, what was not enters it, what did not run stays."""
    ids = sorted((read_last_failed(directory) - set(good)) | set(bad))
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _LAST_FAILED).write_text(json.dumps(ids, indent=1, ensure_ascii=True) + "\n", "utf-8")
