"""Recordings of what nobody has judged (`csms --jsonl`, `record`): each charger as a case, to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocpplab_runner.plugin.results import CaseEndRecord, CaseInfo, CaseStartRecord, Record, Verdict

_REASON = "a recording: nothing was judged"


def with_cases(records: Iterable[Record], file: str) -> Iterator[Record]:
    """The records, and those of a case for each charger whose events belong to none.

    Args:
        records: of a recording.
        file: what it is called.
    """
    real: set[str] = set()
    lasted: dict[str, float] = {}
    end: Record | None = None
    for record in records:
        if record["type"] == "case" and record["phase"] == "start":
            real.add(record["case"]["id"])
        elif record["type"] == "run" and record["phase"] == "end":
            end = record
            continue
        elif record["type"] == "event" and (charger := record["case"]) not in real:
            if charger not in lasted:
                yield _start(charger, file)
            lasted[charger] = max(lasted.get(charger, 0.0), float(record["event"]["at"]))
        yield record
    for charger, seconds in lasted.items():
        yield CaseEndRecord(
            type="case",
            phase="end",
            id=charger,
            attempt=1,
            verdict=Verdict.SKIPPED.value,
            elapsed=seconds,
            flaky=False,
            last=True,
            reason=_REASON,
        )
    if end is not None:
        yield end


def _start(charger: str, file: str) -> CaseStartRecord:
    info = CaseInfo(
        id=charger, file=file, line=1, name=charger, classname=file, ocpp="", tags=[], covers=[], target="recording"
    )
    return CaseStartRecord(type="case", phase="start", case=info, attempt=1, seed=0)
