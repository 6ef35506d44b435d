"""Hand-made records, as the engine would send them."""

from __future__ import annotations

from typing import Any, cast

from ocpplab_runner.plugin.results import (
    SCHEMA,
    CaseEndRecord,
    CaseInfo,
    CaseStartRecord,
    FailureInfo,
    InvalidFileRecord,
    LogRecord,
    Record,
    RunRecord,
    StepRecord,
)

FILE = "scenarios/auth/blocked.yaml"
NAME = "A blocked card [ocpp1.6]"


def info(name: str = NAME, file: str = FILE, **changes: Any) -> CaseInfo:
    made: dict[str, Any] = {
        "id": f"{file}::{name}",
        "file": file,
        "line": 2,
        "name": name,
        "classname": "scenarios.auth.blocked",
        "ocpp": "1.6",
        "tags": ["auth", "smoke"],
        "covers": ["TC_023_3_CSMS"],
        "target": "simulated",
    }
    return cast(CaseInfo, made | changes)


def run_start(**changes: Any) -> RunRecord:
    made: dict[str, Any] = {
        "type": "run",
        "phase": "start",
        "wall_time": "2026-03-04T05:06:07.890Z",
        "schema": SCHEMA,
        "version": "0.1.0",
        "seed": 42,
        "target": "simulated",
        "selected": 1,
    }
    return cast(RunRecord, made | changes)


def run_end(exit_code: int = 0, elapsed: float = 0.5) -> RunRecord:
    return {
        "type": "run",
        "phase": "end",
        "wall_time": "2026-03-04T05:06:08.390Z",
        "elapsed": elapsed,
        "exit_code": exit_code,
    }


def start(case: CaseInfo | None = None, attempt: int = 1) -> CaseStartRecord:
    return {"type": "case", "phase": "start", "case": case or info(), "attempt": attempt, "seed": 7}


def failure(message: str = "auth_status is Blocked, expected Accepted", **more: Any) -> FailureInfo:
    made: dict[str, Any] = {
        "message": message,
        "file": FILE,
        "line": 9,
        "column": 5,
        "expected": "auth_status: Accepted",
        "nearest": "auth_status Blocked via Authorize",
        "diff": [{"path": "is", "expected": "Accepted", "actual": "Blocked"}],
        "arrived": ["0.010 auth_status Blocked"],
        "sequence": ["charger      csms", "   |--Authorize-->|"],
    }
    return cast(FailureInfo, made | more)


def step(
    index: str = "1",
    status: str = "passed",
    case: CaseInfo | None = None,
    failed: FailureInfo | None = None,
    **changes: Any,
) -> StepRecord:
    made: dict[str, Any] = {
        "type": "step",
        "case": (case or info())["id"],
        "index": index,
        "verb": "authorize_id_tag",
        "title": "authorize_id_tag CARD-BLOCKED",
        "file": FILE,
        "line": 9,
        "status": status,
        "at": 0.01,
        "elapsed": 0.002,
    }
    if failed is not None:
        made["failure"] = failed
    return cast(StepRecord, made | changes)


def log(text: str, case: CaseInfo | None = None) -> LogRecord:
    return {"type": "log", "case": (case or info())["id"], "at": 0.02, "text": text}


def event(case: CaseInfo | None = None, **fields: Any) -> Record:
    return {
        "type": "event",
        "case": (case or info())["id"],
        "event": {"seq": 0, "kind": "fact", "name": "auth_status", "charger": "charger", "at": 0.01, "fields": fields},
    }


def end(verdict: str = "passed", case: CaseInfo | None = None, **changes: Any) -> CaseEndRecord:
    made: dict[str, Any] = {
        "type": "case",
        "phase": "end",
        "id": (case or info())["id"],
        "attempt": 1,
        "verdict": verdict,
        "elapsed": 60.25,
        "flaky": False,
        "last": True,
    }
    return cast(CaseEndRecord, made | changes)


def wall(case: CaseInfo, elapsed: float, attempt: int = 1) -> RunRecord:
    """What real time an attempt has taken."""
    return {
        "type": "run",
        "phase": "case",
        "wall_time": "2026-03-04T05:06:07.900Z",
        "case": case["id"],
        "attempt": attempt,
        "elapsed": elapsed,
    }


def invalid(file: str = "scenarios/broken.yaml", count: int = 1) -> InvalidFileRecord:
    return {
        "type": "invalid",
        "file": file,
        "diagnostics": [
            {
                "file": file,
                "line": 3 + index,
                "column": 5,
                "end_line": 3 + index,
                "end_column": 11,
                "source": "    timout: 30s",
                "code": "unknown-key",
                "message": "unknown key 'timout'",
                "hint": "did you mean 'timeout'?",
                "severity": "error",
            }
            for index in range(count)
        ],
    }


def passing(name: str = NAME, file: str = FILE) -> list[Record]:
    case = info(name, file)
    return [start(case), step(case=case), end(case=case)]


def failing(name: str = "Fails [ocpp1.6]", file: str = FILE) -> list[Record]:
    case = info(name, file)
    why = failure()
    return [
        start(case),
        step("1", case=case, title="plug_connector 1", line=8),
        step("2", "failed", case=case, failed=why),
        end("failed", case, failure=why, elapsed=0.01),
    ]
