"""A mutant before the scenarios: in a process of its own, until a case that passed fails."""

from __future__ import annotations

import ast
import json
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from benchmarks.mutants.operators import Site
from benchmarks.mutants.product import ROOT, Product, import_anew

#: Seconds of wall time for one case; a sound one takes milliseconds.
CASE_LIMIT = 30
#: After a case that is in error or only fails under ``--strict``, so many more may show a failed expectation, for so
#: many seconds.
_MORE, _MORE_SECONDS = 60, 5.0
_MEMORY = 3 << 30


class Outcome(StrEnum):
    """What noticed a mutant, the best first."""

    TURNED = "a fail became a pass"
    OTHER = "another verdict"
    FAILED = "failed expectation"
    VIOLATION = "violation under --strict"
    ERROR = "error"
    CRASH = "crash or time-out"
    SURVIVED = "survived"
    NOT_RUN = "not run"

    @property
    def caught(self) -> bool:
        """Whether a scenario has noticed."""
        return self not in (Outcome.SURVIVED, Outcome.NOT_RUN)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a mutant.

    Attributes:
        outcome: what noticed it.
        case: which case did.
        reason: what it said.
        runs: how many cases were run.
        seconds: of wall time.
    """

    outcome: Outcome
    case: str = ""
    reason: str = ""
    runs: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What to do with a mutant.

    Attributes:
        site: the mutant.
        tree: the module that it lies in.
        cases: those to run, the likeliest to notice first.
        expected: verdict and step of every case of the sound product; a case that is not there passes.
    """

    site: Site
    tree: ast.Module
    cases: Sequence[int]
    expected: Sequence[tuple[str, str]] = ()


def judge_all(
    trials: Sequence[Trial],
    product: Callable[[Site], Product],
    jobs: int,
    told: Callable[[int, Judgement], None] = lambda number, judgement: None,
) -> list[Judgement]:
    """Judge mutants, each in a forked process.

    Args:
        trials: what to judge.
        product: imports the product anew, with the fault in it, and gives it its scenarios.
        jobs: how many at a time.
        told: hears of each judgement when it is there.
    """
    judgements: dict[int, Judgement] = {}
    waiting = iter(enumerate(trials))
    with selectors.DefaultSelector() as selector:
        running = 0
        while True:
            while running < jobs and (following := next(waiting, None)) is not None:
                number, trial = following
                selector.register(_fork(trial, product), selectors.EVENT_READ, (number, time.perf_counter(), []))
                running += 1
            if not running:
                return [judgements[number] for number in range(len(trials))]
            for key, _ in selector.select():
                number, began, said = key.data
                data = os.read(key.fd, 1 << 16)
                said.append(data)
                if data:
                    continue
                selector.unregister(key.fd)
                os.close(key.fd)
                running -= 1
                judgements[number] = _read(b"".join(said), time.perf_counter() - began)
                told(number, judgements[number])


def _read(said: bytes, seconds: float) -> Judgement:
    if not said:
        return Judgement(Outcome.CRASH, reason="the process died", seconds=seconds)
    outcome, case, reason, runs = json.loads(said)
    return Judgement(Outcome(outcome), case, reason, runs, seconds)


def _fork(trial: Trial, product: Callable[[Site], Product]) -> int:
    readable, writable = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writable)
        os.waitpid(pid, 0)
        return readable
    try:
        os.close(readable)
        if os.fork():
            os._exit(0)  # nobody has to wait for the grandchild
        _quiet()
        _Bench(trial, product, writable).judge()
    finally:
        os._exit(0)
    raise AssertionError


def _quiet() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


class _Bench:
    """The inside of the forked process."""

    def __init__(self, trial: Trial, product: Callable[[Site], Product], writable: int) -> None:
        self._trial = trial
        self._make = product
        self._writable = writable
        self._best: tuple[Outcome, str, str] = (Outcome.SURVIVED, "", "")
        self._runs = 0
        self._case = ""

    def judge(self) -> None:
        signal.signal(signal.SIGALRM, self._out_of_time)
        signal.alarm(CASE_LIMIT)
        try:
            for outcome, case, reason in self._outcomes():
                self._note(outcome, case, reason)
                if outcome in (Outcome.TURNED, Outcome.OTHER, Outcome.FAILED):
                    break
        except BaseException as error:
            self._note(Outcome.CRASH, self._case, f"{type(error).__name__}: {error}")
        self._say()

    def _outcomes(self) -> Iterator[tuple[Outcome, str, str]]:
        site, tree = self._trial.site, self._trial.tree
        site.apply()
        import_anew(site.file, compile(ast.fix_missing_locations(tree), str(ROOT / site.file), "exec"))
        product = self._make(site)
        more, until = _MORE, 0.0
        for index in self._trial.cases:
            signal.alarm(CASE_LIMIT)
            self._case = product.cases[index]
            self._runs += 1
            outcome, reason = self._differs(product, index)
            if outcome.caught:
                yield outcome, self._case, reason
            if self._best[0].caught:
                more -= 1
                until = until or time.perf_counter() + _MORE_SECONDS
                if not more or time.perf_counter() > until:
                    return

    def _differs(self, product: Product, index: int) -> tuple[Outcome, str]:
        ran = product.run(index)
        expected = self._trial.expected[index] if self._trial.expected else ("passed", "")
        if (ran.verdict, ran.step) == expected:
            return Outcome.SURVIVED, ""
        if expected[0] != "passed":
            turned = ran.verdict in ("passed", "xfailed")
            return Outcome.TURNED if turned else Outcome.OTHER, f"{ran.verdict} {ran.step} {ran.reason}"
        if ran.verdict == "passed":
            return Outcome.OTHER, f"passed {ran.step}"
        if ran.verdict != "failed":
            return Outcome.ERROR, ran.reason
        if product.is_strict(index) and product.run(index, strict=False).verdict != "failed":
            return Outcome.VIOLATION, ran.reason
        return Outcome.FAILED, ran.reason

    def _note(self, outcome: Outcome, case: str, reason: str) -> None:
        order = list(Outcome)
        if order.index(outcome) < order.index(self._best[0]):
            self._best = (outcome, case, reason)

    def _out_of_time(self, number: int, frame: Any) -> None:
        self._note(Outcome.CRASH, self._case, f"no end after {CASE_LIMIT} s")
        self._say()
        os._exit(0)

    def _say(self) -> None:
        outcome, case, reason = self._best
        os.write(self._writable, json.dumps([outcome.value, case, reason[:300], self._runs]).encode())
