"""What became of every certification case: id × result, from scenarios and the records of runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Any

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.collect import Results
from ocpplab_runner.reports.text import one_line, plural
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.vocabulary.certification import Capabilities, Catalogue, CertificationCase

# To certifiers a failure that was announced is one all the same.
_BAD = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.XPASSED, Verdict.XFAILED})


class State(StrEnum):
    """What can be said of a case."""

    PASSED = "passed"
    FAILED = "failed"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    NOT_RUN = "not run"
    NOT_COVERED = "not covered"
    NOT_APPLICABLE = "not applicable"


@dataclass(slots=True)
class CertificationLine:
    """One case of the catalogue.

    Attributes:
        case: which.
        inapplicable: why it does not apply; empty when it does.
        files: scenarios that name it.
        verdicts: what became of their cases.
        reasons: why some did not pass, each once.
    """

    case: CertificationCase
    inapplicable: str = ""
    files: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Passed is what passed wherever it is named; what was not exercised everywhere is partial."""
        if self.inapplicable:
            return State.NOT_APPLICABLE
        if not self.files and not self.verdicts:
            return State.NOT_COVERED
        if any(self.verdicts[verdict.value] for verdict in _BAD):
            return State.FAILED
        if self.verdicts[Verdict.PASSED.value]:
            rest = sum(self.verdicts.values()) - self.verdicts[Verdict.PASSED.value]
            return State.PARTIAL if rest else State.PASSED
        return State.BLOCKED if self.verdicts else State.NOT_RUN

    @property
    def reason(self) -> str:
        """Why it is not passed, as far as anybody knows."""
        if self.state in (State.PASSED, State.NOT_RUN):
            return ""
        return (
            self.inapplicable
            or "; ".join(self.reasons)
            or (self.case.missing or "no scenario names it" if self.state is State.NOT_COVERED else "")
        )


class CertificationTable:
    """The catalogue, filled with scenarios and the results of runs.

    Args:
        catalogue: what there is to be shown.
        capabilities: of whoever is tested.
        prefix: only ids that begin so.
        suffix: only ids that end so: ``CS`` or ``CSMS``; all unless said.
    """

    def __init__(self, catalogue: Catalogue, capabilities: Capabilities, *, prefix: str = "", suffix: str = "") -> None:
        self.catalogue = catalogue
        self._lines = {
            case.id: CertificationLine(case, capabilities.why_not(case) or "")
            for case in catalogue.cases.values()
            if case.id.startswith(prefix) and (not suffix or case.id.endswith(f"_{suffix}"))
        }

    def add(self, scenario: Scenario) -> None:
        """Count a scenario that is written for the catalogue's version of the protocol."""
        if scenario.ocpp and self.catalogue.version not in scenario.ocpp:
            return
        for line in self._of(scenario.covers):
            line.files.append(scenario.path.as_posix())

    def add_results(self, results: Results) -> None:
        """Take in what became of the cases of a run in the catalogue's version of the protocol."""
        for case in results.cases:
            if case.info["ocpp"] != self.catalogue.version:
                continue
            for line in self._of(case.info["covers"]):
                line.verdicts[case.verdict.value] += 1
                if case.verdict is not Verdict.PASSED:
                    line.reasons.setdefault(one_line(case.last.reason), None)

    @property
    def lines(self) -> list[CertificationLine]:
        """In the order of the catalogue."""
        return list(self._lines.values())

    @property
    def counts(self) -> Counter[State]:
        """State → number of cases."""
        return Counter(line.state for line in self._lines.values())

    @property
    def summary(self) -> str:
        """All in one line."""
        counts = self.counts
        proven = sum(bool(line.case.obligations) for line in self._lines.values())
        said = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
        return (
            f"{self.catalogue.protocol}: {plural(len(self._lines), 'case')}: {said}; {proven} proven by peers that lie"
        )

    def _of(self, names: Iterable[str]) -> list[CertificationLine]:
        return [self._lines[name] for name in dict.fromkeys(names) if name in self._lines]


def render(table: CertificationTable, form: str) -> str:
    """The table as ``text``, ``json``, ``markdown`` or ``html``."""
    if form == "json":
        return json.dumps(
            {
                "protocol": table.catalogue.protocol,
                "edition": table.catalogue.edition,
                "counts": {state.value: count for state, count in table.counts.items()},
                "cases": [_as_data(line) for line in table.lines],
            },
            indent=2,
        )
    rows = [[line.case.id, line.state.value, line.case.title, _proof(line), line.reason] for line in table.lines]
    head = ["id", "result", "what it is about", "proven by", "why"]
    if form == "html":
        return _html(table, head, rows)
    if form == "markdown":
        grid = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in (head, *rows)]
        return "\n".join([grid[0], f"|{' --- |' * len(head)}", *grid[1:], "", table.summary])
    widths = [max(map(len, column)) for column in zip(head[:3], *(row[:3] for row in rows), strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)).rstrip()
        + (f"  ({row[4]})" if row[4] and row is not head else "")
        for row in (head, *rows)
    ]
    return "\n".join([*lines, "", table.summary])


def _proof(line: CertificationLine) -> str:
    return "; ".join(line.case.obligations) or "nothing yet"


def _as_data(line: CertificationLine) -> dict[str, Any]:
    return {
        "id": line.case.id,
        "title": line.case.title,
        "side": line.case.side,
        "block": line.case.block,
        "profile": " or ".join(line.case.profiles),
        "need": line.case.need,
        "state": line.state.value,
        "reason": line.reason,
        "obligations": list(line.case.obligations),
        "scenarios": line.files,
        "results": dict(line.verdicts),
    }


_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid #8884; }
td:first-child { font-family: ui-monospace, monospace; white-space: nowrap; }
td:nth-child(2) { white-space: nowrap; font-weight: 600; }
.passed { color: light-dark(#1c7a4a, #6fd39c); } .failed { color: light-dark(#c0342b, #ff8f86); }
.partial, .blocked { color: light-dark(#6b5b00, #dcc763); }
"""


def _html(table: CertificationTable, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    title = f"Certification cases of {table.catalogue.protocol}"
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{escape(row[1])}">{escape(cell)}</td>' if place == 1 else f"<td>{escape(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>\n"
        for row in rows
    )
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    told = f"<p>{escape(table.summary)}</p><p>Edition: {escape(table.catalogue.edition)}</p>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{escape(title)}</h1>{told}\n"
        f"<table><thead><tr>{names}</tr></thead><tbody>\n{body}</tbody></table></body></html>"
    )
