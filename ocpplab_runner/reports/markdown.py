"""A run in Markdown: for a comment, a wiki, or the summary of a step in GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.reports.collect import CaseResult, Results
from ocpplab_runner.reports.explain import attempt_lines, full_place, invalid_lines
from ocpplab_runner.reports.text import clean, duration, one_line, plural

_BAD = (Verdict.ERROR, Verdict.FAILED, Verdict.XPASSED)
#: So many failures are explained; GitHub takes a summary of one megabyte and no more.
MOST_EXPLAINED = 50
_LONGEST = 10_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def build(results: Results) -> str:
    """The document: counts, what went wrong and why, what was blocked, what was flaky."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    counts = results.counts()
    told = ", ".join(
        f"{plural(count, verdict) if verdict == 'error' else f'{count} {verdict}'}" for verdict, count in counts.items()
    )
    good = bool(results.end) and not any(counts[verdict.value] for verdict in _BAD)
    yield f"## {'✅' if good else '❌'} {told or 'No scenario was run'}"
    yield ""
    facts = [f"target {_text(str(results.start['target']))}"] if "target" in results.start else []
    facts += [f"seed {results.start['seed']}"] if "seed" in results.start else []
    facts += [f"took {duration(results.end['elapsed'])}"] if "elapsed" in results.end else []
    yield " · ".join(facts) if results.end else " · ".join([*facts, "**the run did not finish**"])
    for warning in results.end.get("warnings", ()):
        yield f"\n⚠ {_text(warning)}"
    yield from _explained(results)
    yield from _listed("Flaky: passed after a retry", [case for case in results.cases if case.flaky])
    blocked: dict[str, int] = {}
    for case in results.cases:
        if case.verdict is Verdict.BLOCKED:
            blocked[case.last.reason] = blocked.get(case.last.reason, 0) + 1
    if blocked:
        yield "\n### Blocked\n\n| cases | why |\n| ---: | --- |"
        yield from (
            f"| {count} | {_text(reason)} |" for reason, count in sorted(blocked.items(), key=lambda one: -one[1])
        )


def _explained(results: Results) -> Iterator[str]:
    bad = [case for verdict in _BAD for case in results.cases if case.verdict is verdict]
    if not bad and not results.invalid:
        return
    yield "\n### What went wrong"
    for invalid in results.invalid[:MOST_EXPLAINED]:
        yield from _folded(f"invalid: {invalid.file}", "\n".join(invalid_lines(invalid)))
    for case in bad[:MOST_EXPLAINED]:
        yield from _folded(
            f"{case.verdict.value}: {case.info['id']}",
            f"at {full_place(case)}\n" + "\n".join(attempt_lines(case.last) or (case.last.reason,)),
        )
    hidden = sum(max(0, len(some) - MOST_EXPLAINED) for some in (bad, results.invalid))
    if hidden:
        yield f"\nand {hidden} more"


def _folded(title: str, text: str) -> Iterator[str]:
    shown = clean(text)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}\n…"
    # Longer than every fence within.
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", shown)), default=0))
    yield f"\n<details><summary>{_html(title)}</summary>\n\n{fence}text\n{shown}\n{fence}\n\n</details>"


def _listed(title: str, cases: list[CaseResult]) -> Iterator[str]:
    if cases:
        yield f"\n### {title}\n"
        yield from (f"- {_text(case.info['id'])}" for case in cases[:MOST_EXPLAINED])


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _html(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
