"""Which scenarios name which rule or certification case, and what became of them: the table of ``coverage``."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.collect import Results
from ocpplab_runner.reports.text import one_line, plural
from ocpplab_runner.scenario.model import Scenario

NO_SUCH_RULE = "no such rule"
NOT_RUN = "not run"
_WORST_FIRST = (
    Verdict.ERROR,
    Verdict.FAILED,
    Verdict.XPASSED,
    Verdict.BLOCKED,
    Verdict.SKIPPED,
    Verdict.XFAILED,
    Verdict.PASSED,
)
#: A part of a rule: AUTH-8a is one of AUTH-8. (AUTH-R1 is a rule of its own.)
_PART = re.compile(r"(.*\d)[a-z]")
_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True)
class Line:
    """One id of the table.

    Attributes:
        id: as scenarios name it in ``covers``.
        title: the rule in a sentence; empty for what is no rule of ours.
        files: scenarios that name it, or a part of it.
        cases: files × rows; OCPP versions are not counted.
        verdicts: what became of its cases, each OCPP version by itself; None without records of a run.
    """

    id: str
    title: str = ""
    files: list[str] = field(default_factory=list)
    cases: int = 0
    verdicts: Counter[str] | None = None

    @property
    def result(self) -> str:
        """``2 failed, 11 passed``, the worst first; empty without records."""
        if self.verdicts is None:
            return ""
        found = [(self.verdicts[verdict.value], verdict.value) for verdict in _WORST_FIRST]
        return ", ".join(f"{count} {verdict}" for count, verdict in found if count) or NOT_RUN


class CoverageTable:
    """The table, filled with scenarios and the results of a run.

    Args:
        rules: id → sentence, in the order of the table. A rule with parts (AUTH-8 with AUTH-8a) counts its parts'
            scenarios as its own.
        prefix: only ids that begin so.
        others: also ids that are no rules (certification cases). An id that looks like a rule and is none is always
            there, with the title ``no such rule``.
    """

    def __init__(self, rules: Mapping[str, str], *, prefix: str = "", others: bool = False) -> None:
        self._rules = rules
        self._families = {name.partition("-")[0] for name in rules}
        self._prefix = prefix
        self._others = others
        self._lines = {name: Line(name, title) for name, title in rules.items() if name.startswith(prefix)}
        self._extra: dict[str, Line] = {}

    def add(self, scenario: Scenario) -> None:
        """Count a scenario."""
        for line in self._lines_of(scenario.covers):
            line.files.append(scenario.path.as_posix())
            line.cases += max(1, len(scenario.cases))

    def add_results(self, results: Results) -> None:
        """Take in what became of the cases of a run."""
        for case in results.cases:
            for line in self._lines_of(case.info["covers"]):
                line.verdicts = line.verdicts or Counter()
                line.verdicts[case.verdict.value] += 1
        for line in self.lines:
            line.verdicts = line.verdicts or Counter()

    @property
    def lines(self) -> list[Line]:
        """Every rule in its own order, then other ids by name."""
        return [*self._lines.values(), *sorted(self._extra.values(), key=lambda line: _natural(line.id))]

    @property
    def gaps(self) -> list[str]:
        """Ids that no scenario names."""
        return [line.id for line in self._known if not line.files]

    def thinner_than(self, scenarios: int) -> list[str]:
        """Rules that fewer scenarios name."""
        return [line.id for line in self._lines.values() if len(line.files) < scenarios]

    @property
    def summary(self) -> str:
        """How many ids are covered, and the gaps by name."""
        lines, gaps = self._known, self.gaps
        files = {file for line in lines for file in line.files}
        said = f"{len(lines) - len(gaps)} of {plural(len(lines), 'id')} covered by {plural(len(files), 'scenario')}"
        said += f"; gaps: {', '.join(gaps)}" if gaps else ", no gaps"
        wrong = [line.id for line in self.lines if line.title == NO_SUCH_RULE]
        return f"{said}; no such rule: {', '.join(wrong)}" if wrong else said

    @property
    def _known(self) -> list[Line]:
        """The lines of what there is: a slip of the pen neither covers anything nor is it a gap."""
        return [line for line in self.lines if line.title != NO_SUCH_RULE]

    def _lines_of(self, names: Iterable[str]) -> list[Line]:
        found: dict[str, Line] = {}
        for name in names:
            if name not in self._rules:
                self._other(name, found)
                continue
            part = _PART.fullmatch(name)
            for wanted in (name, part.group(1) if part else name):
                if wanted in self._lines:
                    found[wanted] = self._lines[wanted]
        return list(found.values())

    def _other(self, name: str, found: dict[str, Line]) -> None:
        looks_like_a_rule = "-" in name and name.partition("-")[0].upper() in self._families
        if name.startswith(self._prefix) and (looks_like_a_rule or self._others):
            title = NO_SUCH_RULE if looks_like_a_rule else ""
            found[name] = self._extra.setdefault(name, Line(name, title))


def render(table: CoverageTable, form: str) -> str:
    """The table as ``text``, ``json`` or ``markdown``."""
    if form == "json":
        return json.dumps({"ids": [_as_data(line) for line in table.lines], "gaps": table.gaps}, indent=2)
    lines = table.lines
    rows = [["id", "scenarios", "cases", "result", "what it says"]]
    rows += [[line.id, str(len(line.files)), str(line.cases), line.result, _title(line)] for line in lines]
    if all(line.verdicts is None for line in lines):
        for row in rows:
            del row[3]
    grid = _markdown(rows) if form == "markdown" else _text(rows)
    return "\n".join([*grid, "", table.summary])


def _text(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    grid = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return [grid[0], f"|{' --- |' * len(rows[0])}", *grid[1:]]


def _as_data(line: Line) -> dict[str, Any]:
    data: dict[str, Any] = {"id": line.id, "title": line.title, "scenarios": line.files, "cases": line.cases}
    return data if line.verdicts is None else {**data, "results": dict(line.verdicts)}


def _title(line: Line) -> str:
    title = one_line(line.title)
    return title if line.files else f"GAP: {title}"


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(chunk), "") if chunk.isdigit() else (-1, chunk) for chunk in _DIGITS.split(name)]
