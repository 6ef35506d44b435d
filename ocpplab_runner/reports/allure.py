"""Results for Allure: a directory with one JSON file per attempt at a case."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.reports.collect import Attempt, CaseResult, Results
from ocpplab_runner.reports.explain import attempt_lines, full_place
from ocpplab_runner.reports.files import ReportFile
from ocpplab_runner.reports.jsonl import encode
from ocpplab_runner.reports.text import clean, one_line

_STATUS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.XPASSED: "failed",
    Verdict.ERROR: "broken",
    Verdict.BLOCKED: "skipped",
    Verdict.SKIPPED: "skipped",
    Verdict.XFAILED: "skipped",
}
_STEPS = {"passed": "passed", "failed": "failed", "error": "broken", "blocked": "skipped", "skipped": "skipped"}


class AllureReport:
    """Writes an attempt's file when its case has ended; attempts at a case have one history.

    Args:
        directory: is made when it is missing; what is in it stays.

    Raises:
        OSError: it cannot be made.
    """

    takes_events = False

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._results = Results()
        self._closed = False

    def handle(self, record: Record) -> None:
        """Take a record in."""
        finished = self._results.handle(record)
        if finished is not None:
            self._write(finished)

    def close(self) -> None:
        """Write the cases that have not come to their end; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        for case in self._results.cases:
            if not case.finished:
                self._write(case)

    def _write(self, case: CaseResult) -> None:
        for attempt in case.attempts:
            result = attempt_result(case, attempt)
            file = ReportFile(self._directory / f"{result['uuid']}-result.json")
            try:
                file.replace(encode(result))  # type: ignore[arg-type]
            finally:
                file.close()


def attempt_result(case: CaseResult, attempt: Attempt) -> dict[str, Any]:
    """An attempt as Allure reads it; the times are those of the clock on the wall."""
    info = case.info
    identity = f"{info['id']}\n{info['target']}"
    began = _milliseconds(attempt.wall_time)
    labels = [("suite", info["file"]), ("package", info["classname"]), ("framework", "ocpplab-runner")]
    labels += [("tag", tag) for tag in info["tags"]]
    details = {"message": one_line(attempt.reason), "flaky": case.flaky}
    if attempt.verdict in (Verdict.FAILED, Verdict.ERROR):
        details["trace"] = "\n".join((f"at {full_place(case)}", *attempt_lines(attempt)))
    # Scenario time within an hour of real time would not fit: steps share the real time by their share of it.
    scale = attempt.took / attempt.elapsed if attempt.elapsed else 0.0
    return {
        # By what it is, not at random: who makes the report again from a recording gets the same files.
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{identity}\n{attempt.number}\n{attempt.wall_time}")),
        "historyId": hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:32],
        "fullName": clean(info["id"]),
        "name": one_line(case.test_name),
        "status": _STATUS[attempt.verdict],
        "statusDetails": details,
        "stage": "finished",
        "start": began,
        "stop": began + round(attempt.took * 1000),
        "labels": [{"name": name, "value": clean(value)} for name, value in labels],
        "links": [{"name": clean(item), "type": "tms", "url": ""} for item in info["covers"]],
        "parameters": [
            {"name": "OCPP", "value": info["ocpp"]},
            {"name": "target", "value": clean(info["target"])},
            {"name": "seed", "value": str(attempt.seed), "excluded": True},
            {"name": "scenario time", "value": f"{attempt.elapsed:g} s", "excluded": True},
        ],
        "steps": [
            {
                "name": f"{step['index']} {one_line(step['title'])}",
                "status": _STEPS.get(step["status"], "broken"),
                "stage": "finished",
                "start": began + round(step["at"] * scale * 1000),
                "stop": began + round((step["at"] + step["elapsed"]) * scale * 1000),
                "statusDetails": {"message": one_line(step["failure"]["message"])} if "failure" in step else {},
            }
            for step in attempt.steps
        ],
    }


def _milliseconds(wall_time: str) -> int:
    try:
        return round(datetime.fromisoformat(wall_time).timestamp() * 1000)
    except ValueError:
        return 0
