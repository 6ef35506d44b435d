"""What the page shows of a case, as plain data; and the row that stands for it in the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.plugin.results import FailureInfo
from ocpplab_runner.reports.collect import Attempt, CaseResult

#: Drawn from the events on the page, which has them all: their texts are for terminals.
_TEXTS = frozenset({"sequence", "arrived"})
#: Of so many events the page shows the first and the last half; a browser draws no more in time.
MOST_EVENTS = 4_000


def row(number: int, case: CaseResult) -> dict[str, Any]:
    """What the list needs of a case.

    Args:
        number: its place in the file.
        case: which has ended, or never will.
    """
    info = case.info
    shown: dict[str, Any] = {
        "n": number,
        "id": info["id"],
        "name": case.test_name,
        "file": info["file"],
        "line": info["line"],
        "ocpp": info["ocpp"],
        "tags": info["tags"],
        "covers": info["covers"],
        "verdict": case.verdict.value,
        "reason": case.last.reason,
        "elapsed": case.last.elapsed,
    }
    if case.flaky:
        shown["flaky"] = True
    return shown


def detail(case: CaseResult, events: Mapping[int, Sequence[dict[str, Any]]], target: str) -> dict[str, Any]:
    """What the page shows when a case is opened.

    Args:
        case: which has ended, or never will.
        events: attempt → its events; those that are not there are not shown.
        target: where it ran.
    """
    return {"target": target, "attempts": [_attempt(one, events.get(one.number)) for one in case.attempts]}


def _attempt(attempt: Attempt, events: Sequence[dict[str, Any]] | None) -> dict[str, Any]:
    end: Mapping[str, Any] = attempt.end or {}
    shown: dict[str, Any] = {
        "number": attempt.number,
        "seed": attempt.seed,
        "verdict": attempt.verdict.value,
        "reason": attempt.reason,
        "elapsed": attempt.elapsed,
        "steps": [
            {
                "index": step["index"],
                "title": step["title"],
                "file": step["file"],
                "line": step["line"],
                "status": step["status"],
                "at": step["at"],
                "elapsed": step["elapsed"],
                "seq": step.get("seq"),
            }
            for step in attempt.steps
        ],
        "logs": [{"at": log["at"], "text": log["text"]} for log in attempt.logs],
        "warnings": end.get("warnings", []),
        "violations": end.get("violations", []),
        "failure": _failure(attempt.failure),
    }
    if events is not None:
        half = MOST_EVENTS // 2
        shown["left_out"] = max(0, len(events) - MOST_EVENTS)
        shown["events"] = list(events) if not shown["left_out"] else [*events[:half], *events[-half:]]
    return shown


def _failure(failure: FailureInfo | None) -> dict[str, Any] | None:
    return None if failure is None else {name: value for name, value in failure.items() if name not in _TEXTS}
