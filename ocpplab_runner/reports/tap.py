"""The Test Anything Protocol, version 14."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.collect import CaseResult, InvalidFile, Results
from ocpplab_runner.reports.explain import attempt_lines, full_place, invalid_lines
from ocpplab_runner.reports.text import one_line


class _Point(NamedTuple):
    """A test point: whether it is good, its line, and what stands below."""

    ok: bool
    what: str
    told: Mapping[str, str] = {}


def build(results: Results) -> str:
    """The document: a line per case; who is not good says why below."""
    points = [*map(_invalid, results.invalid), *map(_case, results.cases)]
    lines = ["TAP version 14", f"1..{len(points)}"]
    for number, point in enumerate(points, 1):
        lines.append(f"{'ok' if point.ok else 'not ok'} {number} - {point.what}")
        lines += _block(point.told)
    if not results.end:
        lines.append("Bail out! the run did not finish")
    return "\n".join(lines) + "\n"


def _case(case: CaseResult) -> _Point:
    verdict, reason, what = case.verdict, _said(case.last.reason), _said(case.info["id"])
    took = {"duration_ms": f"{case.took * 1000:.3f}"}
    match verdict:
        case Verdict.BLOCKED | Verdict.SKIPPED:
            return _Point(True, f"{what} # SKIP {verdict.value}: {reason}")
        case Verdict.XFAILED:
            # To TAP what is not ok and has a TODO is no failure.
            return _Point(False, f"{what} # TODO {reason}")
        case Verdict.PASSED:
            return _Point(True, what, took | ({"flaky": "true"} if case.flaky else {}))
        case _:
            message = "\n".join(attempt_lines(case.last)) or case.last.reason
            told = {"severity": verdict.value, "at": full_place(case), "message": message}
            return _Point(False, what, told | took)


def _invalid(invalid: InvalidFile) -> _Point:
    told = {"severity": "error", "message": "\n".join(invalid_lines(invalid))}
    return _Point(False, f"{_said(invalid.file)} is a valid scenario", told)


def _said(text: str) -> str:
    """On one line; a number sign would begin a directive."""
    return one_line(text).replace("\\", "\\\\").replace("#", "\\#")


def _block(told: Mapping[str, str]) -> Iterator[str]:
    """YAML of texts, each as JSON writes it."""
    if not told:
        return
    yield "  ---"
    for name, value in told.items():
        plain = name == "duration_ms" or value == "true"
        yield f"  {name}: {value if plain else json.dumps(value, ensure_ascii=False)}"
    yield "  ..."
