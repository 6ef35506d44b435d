"""From the stream of records to one result per case; what every report but JSON Lines works on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.plugin.results import (
    CaseEndRecord,
    CaseInfo,
    CaseStartRecord,
    FailureInfo,
    LogRecord,
    Record,
    StepRecord,
    Verdict,
)

DID_NOT_FINISH = "did not finish"
#: Steps, and lines of `log`, that are kept of an attempt: so many of the first and of the last.
_KEPT = 5_000


@dataclass(slots=True)
class Attempt:
    """One try at a case.

    Attributes:
        number: counts from 1.
        seed: of its random numbers.
        steps: as they ended.
        logs: text of ``log`` steps.
        wall_elapsed: seconds of real time that it has taken; None where nobody has measured it.
        wall_time: when it began, ISO 8601; empty where nobody has written that down.
        left_out: how many steps and logs of the middle are not kept; JSON Lines has them.
        end: None while it runs, or when the run was killed.
    """

    number: int
    seed: int
    steps: list[StepRecord] = field(default_factory=list)
    logs: list[LogRecord] = field(default_factory=list)
    left_out: int = 0
    wall_elapsed: float | None = None
    wall_time: str = ""
    end: CaseEndRecord | None = None

    def take(self, record: StepRecord | LogRecord) -> None:
        """Keep a record; of very many the middle is forgotten: a failure stands at the end."""
        kept: list[Any] = self.steps if record["type"] == "step" else self.logs
        kept.append(record)
        # Many at once: to take out one of the middle moves all that follow it.
        if len(kept) > 3 * _KEPT:
            self.left_out += _KEPT
            del kept[_KEPT : 2 * _KEPT]

    @property
    def verdict(self) -> Verdict:
        """``error`` when it did not finish."""
        return Verdict(self.end["verdict"]) if self.end else Verdict.ERROR

    @property
    def elapsed(self) -> float:
        """Seconds on the run's clock."""
        return self.end["elapsed"] if self.end else 0.0

    @property
    def took(self) -> float:
        """Seconds of real time; of the run's clock where nobody has measured it."""
        return self.elapsed if self.wall_elapsed is None else self.wall_elapsed

    @property
    def failure(self) -> FailureInfo | None:
        """The one failure that explains the verdict: the case's own, else its first failed step's."""
        own = self.end.get("failure") if self.end else None
        # One that has more than a message explains itself.
        if own is not None and len(own) > 1:
            return own
        for step in self.steps:
            failure = step.get("failure")
            if failure is not None and step["status"] in ("failed", "error", "blocked"):
                if own is None or failure["message"] == own["message"]:
                    return failure
                break
        return own

    @property
    def reason(self) -> str:
        """Why the verdict is not ``passed``, in one line."""
        if self.end is None:
            return DID_NOT_FINISH
        reason = self.end.get("reason")
        if reason:
            return reason
        failure = self.failure
        return failure["message"] if failure else ""

    @property
    def failed_step(self) -> StepRecord | None:
        """The step that the verdict comes from, if one is to blame."""
        return next((s for s in self.steps if s["status"] in ("failed", "error", "blocked")), None)


@dataclass(slots=True)
class CaseResult:
    """A case and its attempts; the last one gives the verdict."""

    info: CaseInfo
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def last(self) -> Attempt:
        """The attempt that counts."""
        return self.attempts[-1]

    @property
    def verdict(self) -> Verdict:
        """Of the attempt that counts; ``error`` while another is still to come."""
        return self.last.verdict if self.finished else Verdict.ERROR

    @property
    def took(self) -> float:
        """Seconds of real time of all attempts; see :attr:`Attempt.took`."""
        return sum(attempt.took for attempt in self.attempts)

    @property
    def flaky(self) -> bool:
        """Whether it passed only after a retry."""
        return bool(self.last.end and self.last.end["flaky"])

    @property
    def finished(self) -> bool:
        """Whether no further attempt will come."""
        return bool(self.last.end and self.last.end["last"])

    @property
    def test_name(self) -> str:
        """``NAME [row, ocpp1.6]``: the part of the id after the file."""
        prefix = self.info["file"] + "::"
        return self.info["id"].removeprefix(prefix)


@dataclass(slots=True)
class InvalidFile:
    """A file that was refused."""

    file: str
    diagnostics: list[dict[str, Any]]


@dataclass(slots=True)
class Results:
    """Everything that is known of a run so far.

    Attributes:
        cases: in the order in which they began.
        invalid: files that were refused.
        start: the run's start record, as plain data.
        end: the run's end record; empty until it has come.
    """

    cases: list[CaseResult] = field(default_factory=list)
    invalid: list[InvalidFile] = field(default_factory=list)
    start: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)
    _open: dict[str, CaseResult] = field(default_factory=dict)

    def handle(self, record: Record) -> CaseResult | None:
        """Take one record in.

        Returns:
            the case that has just finished for good, else None.
        """
        match record["type"]:
            case "case":
                if record["phase"] == "start":
                    self._start_case(record)
                else:
                    return self._end_case(record)
            case "step" | "log":
                if (running := self._open.get(record["case"])) is not None:
                    running.last.take(record)
            case "invalid":
                self.invalid.append(InvalidFile(record["file"], record["diagnostics"]))
            case "run" if record["phase"] == "case":
                if (running := self._open.get(record.get("case", ""))) is not None:
                    running.last.wall_elapsed, running.last.wall_time = record.get("elapsed"), record["wall_time"]
            case "run":
                (self.start if record["phase"] == "start" else self.end).update(record)
            case _:
                pass
        return None

    def _start_case(self, record: CaseStartRecord) -> None:
        info = record["case"]
        running = self._open.get(info["id"])
        if running is None:
            running = CaseResult(info)
            self._open[info["id"]] = running
            self.cases.append(running)
        running.attempts.append(Attempt(record["attempt"], record["seed"]))

    def _end_case(self, record: CaseEndRecord) -> CaseResult | None:
        running = self._open.get(record["id"])
        if running is None:
            return None
        running.last.end = record
        if not record["last"]:
            return None
        del self._open[record["id"]]
        return running

    def counts(self) -> Counter[str]:
        """Cases per verdict, in the order of :class:`Verdict`; an invalid file counts as one ``error``."""
        found = Counter(case.verdict.value for case in self.cases)
        found[Verdict.ERROR.value] += len(self.invalid)
        return Counter({verdict.value: found[verdict.value] for verdict in Verdict if found[verdict.value]})

    def flaky(self) -> int:
        """How many passed only after a retry."""
        return sum(case.flaky for case in self.cases)


def collect(records: Iterable[Record]) -> Results:
    """The results of a whole stream of records."""
    results = Results()
    for record in records:
        results.handle(record)
    return results
