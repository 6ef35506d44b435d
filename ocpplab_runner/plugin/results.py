"""What the engine tells reports: a stream of plain records, written as they happen.

The same records are the lines of ``--jsonl``; every report is a consumer of them, live or read back from the file.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NotRequired, Protocol, TypedDict, runtime_checkable

#: The form of the records. It counts up when a key goes or means something else; what is only added leaves it.
SCHEMA = 1


class Verdict(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    BLOCKED = "blocked"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"


class RunRecord(TypedDict):
    """The only records that carry wall time; ``phase`` is ``start`` or ``end`` of the run, or ``case``.

    Where it begins, ``shard`` says [I, N] of ``--shard I/N``, and ``schema`` is :data:`SCHEMA`; files from before it
    was counted have none. Those of phase ``case`` say when an attempt at a ``case`` began and how many seconds it has
    taken; they come before the record that ends it.
    """

    type: Literal["run"]
    phase: Literal["start", "end", "case"]
    wall_time: str
    case: NotRequired[str]
    attempt: NotRequired[int]
    schema: NotRequired[int]
    version: NotRequired[str]
    seed: NotRequired[int]
    target: NotRequired[str]
    selected: NotRequired[int]
    shard: NotRequired[list[int]]
    elapsed: NotRequired[float]
    exit_code: NotRequired[int]
    warnings: NotRequired[list[str]]


class CaseInfo(TypedDict):
    """Who a case is; the same in ``case`` start records and on ``--list --json``.

    ``id`` is ``FILE::NAME [row, ocpp1.6]``; ``classname`` the file's path with ``/`` → ``.`` and other dots → ``_``.
    """

    id: str
    file: str
    line: int
    name: str
    classname: str
    ocpp: str
    tags: list[str]
    covers: list[str]
    target: str


class CaseStartRecord(TypedDict):
    """A case begins (or an attempt of it: ``attempt`` counts from 1)."""

    type: Literal["case"]
    phase: Literal["start"]
    case: CaseInfo
    attempt: int
    seed: int


class EventRecord(TypedDict):
    """One ledger event; ``event`` is :meth:`Event.to_json`, redacted, with its ``wall_time`` where time is real."""

    type: Literal["event"]
    case: str
    event: dict[str, Any]


class StepInfo(TypedDict):
    """Which step it is; ``index`` is its path in the plan (``3``, ``5.1``)."""

    index: str
    verb: str
    title: str
    file: str
    line: int


class StepRecord(StepInfo):
    """A step ended.

    ``status`` is ``passed``, ``failed``, ``error``, ``blocked``, ``skipped``. ``failure`` is present unless it passed.
    ``seq`` is the ledger's number of the first event after its beginning; files of earlier versions have none.
    ``wall_time`` says when it began, where time is real.
    """

    type: Literal["step"]
    case: str
    status: str
    at: float
    elapsed: float
    seq: NotRequired[int]
    wall_time: NotRequired[str]
    failure: NotRequired[FailureInfo]


class FailureInfo(TypedDict):
    """Why a step or case is not passed, for people.

    ``message`` is one line. ``expected`` and ``nearest`` are rendered text; ``diff`` has one entry per field
    (``path``, ``expected``, ``actual``); ``arrived`` the events of the window as lines; ``sequence`` the ASCII message
    sequence around it. ``window`` and ``nearest_seq`` are numbers of the ledger: of the first event of the window, and
    of the event that is nearest to what was asked for. ``included_at`` names the ``include`` steps (``file:line``) that
    a step comes through, the innermost first.
    """

    message: str
    file: NotRequired[str]
    line: NotRequired[int]
    column: NotRequired[int]
    expected: NotRequired[str]
    nearest: NotRequired[str]
    nearest_seq: NotRequired[int]
    window: NotRequired[int]
    diff: NotRequired[list[dict[str, Any]]]
    arrived: NotRequired[list[str]]
    sequence: NotRequired[list[str]]
    included_at: NotRequired[list[str]]


class CaseEndRecord(TypedDict):
    """A case (attempt) ended. ``elapsed`` is on the run's clock: virtual seconds under the virtual clock."""

    type: Literal["case"]
    phase: Literal["end"]
    id: str
    attempt: int
    verdict: str
    elapsed: float
    flaky: bool
    last: bool
    reason: NotRequired[str]
    failure: NotRequired[FailureInfo]
    violations: NotRequired[list[dict[str, Any]]]
    warnings: NotRequired[list[str]]


class InvalidFileRecord(TypedDict):
    """A file that ``check`` refused; it ran nothing and appears as one error."""

    type: Literal["invalid"]
    file: str
    diagnostics: list[dict[str, Any]]


class LogRecord(TypedDict):
    """Text from a ``log`` step or a plugin."""

    type: Literal["log"]
    case: str
    at: float
    text: str


Record = RunRecord | CaseStartRecord | EventRecord | StepRecord | CaseEndRecord | InvalidFileRecord | LogRecord


@runtime_checkable
class Report(Protocol):
    """A consumer of result records.

    One that has no use for ``event`` records, by far the most, may have an attribute ``takes_events`` that is False:
    when no report takes them, a run makes none. One that wants them as JSON Lines may have ``handle_lines(lines)``,
    which gets one or more of them as they go into the file, so that nobody need read them.
    """

    def handle(self, record: Record) -> None:
        """Take one record, in order."""
        ...

    def close(self) -> None:
        """The run is over (or was interrupted): write what must be written."""
        ...
