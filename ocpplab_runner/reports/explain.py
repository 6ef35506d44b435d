"""A failure as lines of text: the step, the expectation, the difference, the nearest miss, the message sequence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ocpplab_runner.plugin.results import FailureInfo, StepRecord
from ocpplab_runner.reports.collect import Attempt, CaseResult, InvalidFile
from ocpplab_runner.reports.text import clean, duration

_LABEL = 10
_MOST_ARRIVED = 20
_MOST_SEQUENCE = 40


def place(file: str, line: int | None = None, column: int | None = None) -> str:
    """``file:line:column``, as editors open it."""
    return ":".join(str(part) for part in (file, line, column) if part)


def case_place(case: CaseResult) -> str:
    """Where to look: the step that failed, else the scenario."""
    attempt = case.last
    failure = attempt.failure
    if failure and failure.get("file"):
        return place(failure["file"], failure.get("line"), failure.get("column"))
    step = attempt.failed_step
    if step is not None:
        return place(step["file"], step["line"])
    return place(case.info["file"], case.info["line"])


def full_place(case: CaseResult) -> str:
    """:func:`case_place`, and through which ``include`` steps it comes."""
    return clean(", included at ".join([case_place(case), *_included_at(case)]))


def _included_at(case: CaseResult) -> list[str]:
    failure = case.last.failure
    return failure.get("included_at", []) if failure is not None else []


def own_line(case: CaseResult) -> int:
    """The line of the scenario's own file that a failure comes from: a step's, or that of the outermost include."""
    file, failure, step = case.info["file"], case.last.failure, case.last.failed_step
    if failure is not None and failure.get("file") == file:
        return failure.get("line", case.info["line"])
    for included in reversed(_included_at(case)):
        path, _, line = included.rpartition(":")
        if path == file and line.isdigit():
            return int(line)
    return step["line"] if step is not None and step["file"] == file else case.info["line"]


def attempt_lines(attempt: Attempt) -> Iterator[str]:
    """Why an attempt is not passed; nothing for one that is."""
    step = attempt.failed_step
    if step is not None:
        date = f" ({step['wall_time']})" if "wall_time" in step else ""
        yield f"step {step['index']} · {clean(step['title'])} · began at {duration(step['at'])}{date}"
    failure = attempt.failure
    if failure is None:
        if attempt.reason:
            yield clean(attempt.reason)
    else:
        yield from failure_lines(failure)


def failure_lines(failure: FailureInfo) -> Iterator[str]:
    """One failure: message first, then whatever explains it."""
    yield from clean(failure["message"]).splitlines()
    yield from _block("expected", failure.get("expected"))
    yield from _block("nearest", failure.get("nearest"))
    differences = failure.get("diff")
    if differences:
        yield "differs"
        for entry in differences:
            yield from _difference(entry)
    yield from _listing("arrived", failure.get("arrived"), _MOST_ARRIVED)
    yield from _listing("sequence", failure.get("sequence"), _MOST_SEQUENCE)


def _block(label: str, text: str | None) -> Iterator[str]:
    if not text:
        return
    first, *rest = clean(text).splitlines() or [""]
    yield f"{label:<{_LABEL}}{first}"
    for line in rest:
        yield " " * _LABEL + line


def _difference(entry: Mapping[str, Any]) -> Iterator[str]:
    path = clean(str(entry.get("path") or "(value)"))
    yield f"  {path}"
    for sign, key in (("-", "expected"), ("+", "actual")):
        yield f"    {sign} {_value(entry[key]) if key in entry else '(absent)'}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return clean(value)
    return clean(json.dumps(value, ensure_ascii=False, default=str))


def _listing(label: str, lines: list[str] | None, most: int) -> Iterator[str]:
    if lines is None:
        return
    if not lines:
        yield f"{label:<{_LABEL}}nothing"
        return
    yield label
    hidden = len(lines) - most
    if hidden > 0:
        yield f"  … {hidden} earlier"
    for line in lines[-most:]:
        yield f"  {clean(line)}"


def step_line(step: StepRecord) -> str:
    """One line of the step log."""
    return (
        f"{step['index']:>5}  {step['status']:<8} {duration(step['at']):>8}  {clean(step['title'])}"
        f"  ({place(step['file'], step['line'])})"
    )


def violation_line(violation: Mapping[str, Any]) -> str:
    """One protocol violation, whatever keys its source gave it."""
    at = violation.get("at")
    when = f"{duration(float(at))}: " if isinstance(at, int | float) else ""
    name = violation.get("name") or violation.get("code") or "violation"
    fields = violation.get("fields")
    details = fields if isinstance(fields, Mapping) else violation
    text = details.get("description") or details.get("message") or ""
    action = details.get("action")
    weight = details.get("weight")
    told = f"{name}{f' ({weight})' if weight else ''}{_by(violation, details)}{f' in {action}' if action else ''}"
    if violation.get("step"):
        told += f", step {violation['step']} ({place(str(violation.get('file', '')), violation.get('line'))})"
    return clean(f"{when}{told}{f': {text}' if text else ''}")


def _by(violation: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    """Who has committed it, and of several chargers which: the only one is called ``charger``."""
    who, name = details.get("by"), violation.get("charger")
    if who is None:
        return ""
    if name in (None, "charger"):
        return f" by {who}"
    return f" by {who} {name}" if who == "charger" else f" by {who} to {name}"


def invalid_lines(invalid: InvalidFile) -> Iterator[str]:
    """The problems of a refused file, one line each."""
    for diagnostic in invalid.diagnostics:
        yield diagnostic_line(invalid.file, diagnostic)


def diagnostic_line(file: str, diagnostic: Mapping[str, Any]) -> str:
    """``file:line:column: message [code]`` and the hint."""
    where = place(str(diagnostic.get("file") or file), diagnostic.get("line"), diagnostic.get("column"))
    hint = diagnostic.get("hint")
    return clean(
        f"{where}: {diagnostic.get('message', '')}{f' ({hint})' if hint else ''} [{diagnostic.get('code', '')}]"
    )
