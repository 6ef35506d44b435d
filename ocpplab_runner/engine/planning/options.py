"""What a user can ask of a run, and what a run answers to the shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion

#: Puts a question to the operator, who has so many seconds or as many as needed; None when there was no answer in time.
Ask = Callable[[str, float | None], str | None]


class ExitCode(IntEnum):
    """What each means is in ``vocabulary/outcomes.py``. When several hold: 130, 2, 3, 1, 5, 0."""

    OK = 0
    FAILED = 1
    INVALID = 2
    INFRASTRUCTURE = 3
    NOTHING = 5
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Selector:
    """One positional argument of ``run``: a file, and what in it.

    Attributes:
        path: the file as the user named it.
        line: of ``FILE:LINE``: the scenario, or the row of ``cases``, that stands there.
        name: of ``FILE::id``: ``NAME`` or ``NAME [row, ocpp1.6]``.
    """

    path: Path
    line: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SuiteOptions:
    """Everything that steers planning and running, but for where it runs.

    Attributes:
        jobs: worker processes.
        seed: of the run; each attempt of each case derives its own from it.
        selectors: ``FILE:LINE`` and ``FILE::id`` arguments; a file without either selects all of its cases.
        keyword: ``-k``: words with and/or/not and parentheses, each found in the case id without letter case.
        tag_expression: ``--tag``: tags with and/or/not and parentheses.
        only_version: plan cases of this OCPP version only.
        shard: (I, N), I from 1: every N-th case of the plan, starting with the I-th.
        shuffle: run in an order drawn from the seed.
        repeat: run every case so many times, each with an id of its own.
        last_failed: run only what did not pass the last time (everything when there is no such record).
        state_directory: where ``--last-failed`` keeps its record; None keeps none.
        retries: further attempts for a case that failed or was in error.
        max_failures: stop after so many cases that are not good; None never stops.
        strict: a protocol violation of the other side that weighs ``must`` fails the case.
        variables: ``--var``: override the scenario's ``vars``.
        max_real: on a real clock, seconds of least duration above which a case is blocked.
        budget: seconds of wall time after which no further case begins; None sets no bound.
        case_timeout: seconds of wall time for a case that sets no ``timeout``; then its worker is killed.
        grace: seconds of wall time in which a cancelled case may clean up; at least a minute where time is real.
        ask: puts a question to the operator; None when nobody is there.
        interactive: whether the operator also does what takes hands at a charger.
        pause_on_failure: ask before going on after a step that is not good.
        events: emit ``event`` records.
        secrets: what nobody may see of how the target was chosen and configured.
    """

    jobs: int = 1
    seed: int = 0
    selectors: tuple[Selector, ...] = ()
    keyword: str | None = None
    tag_expression: str | None = None
    only_version: OcppVersion | None = None
    shard: tuple[int, int] | None = None
    shuffle: bool = False
    repeat: int = 1
    last_failed: bool = False
    state_directory: Path | None = None
    retries: int = 0
    max_failures: int | None = None
    strict: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)
    max_real: float = 120.0
    budget: float | None = None
    case_timeout: float = 600.0
    grace: float = 10.0
    ask: Ask | None = None
    interactive: bool = False
    pause_on_failure: bool = False
    events: bool = True
    secrets: tuple[Any, ...] = ()
