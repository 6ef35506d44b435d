"""The parent of the workers: hands out cases, watches the wall clock, replaces what dies."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from types import FrameType
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.judging.verdicts import BAD, RETRIED, CaseResult, end_record
from ocpplab_runner.engine.planning.budget import Budget
from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan
from ocpplab_runner.engine.planning.seeds import case_seed
from ocpplab_runner.engine.running.cancellation import CLOSING, STOPPING, patience_of
from ocpplab_runner.engine.running.leftovers import Leftovers
from ocpplab_runner.engine.running.sequencer import Sequencer
from ocpplab_runner.engine.running.stopwatch import Stopwatch
from ocpplab_runner.engine.running.wire import Tag, Unpacker, pack, write_all
from ocpplab_runner.engine.running.worker import (
    ENDING,
    INTERRUPT,
    TIME_IS_UP,
    WorkerHandle,
    spawn,
    worker_count,
)
from ocpplab_runner.plugin.results import CaseStartRecord, Verdict
from ocpplab_runner.vocabulary.durations import parse_duration

_CHUNK = 1 << 18
#: A signal so soon after the first, in seconds, is the same one: somebody may tell a whole group, its leader twice.
_SAME_SIGNAL = 0.5
#: Seconds that a worker has to say what it leaves, once it is told for the second time.
_LAST_WORDS = 2.0
#: Between the end of a case's own time-out on a real clock and the watchdog's.
_MARGIN = 30.0
#: Seconds between two looks whether workers have ended without a word: a child of theirs may hold the pipe open.
_ROUND = 0.2


class _AskingInterrupted(Exception):
    """A signal that ends the run has come while the operator was asked."""


@dataclass(slots=True)
class _Worker:
    handle: WorkerHandle
    unpacker: Unpacker = field(default_factory=Unpacker)
    index: int | None = None
    attempt: int = 0
    deadline: float = 0.0
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    warned: bool = False
    last_at: float = 0.0
    last_step: str = ""
    timed_out: bool = False
    begun: bool = False
    status: int | None = None


class Supervisor:
    """Runs a plan's cases in forked workers.

    Args:
        plan: what to run.
        options: how.
        sequencer: takes the records.

    Attributes:
        results: case index → verdict of its last attempt and whether the other side was not reached.
        interrupted: whether the run was stopped by a signal.
    """

    def __init__(self, plan: Plan, options: SuiteOptions, sequencer: Sequencer) -> None:
        self._plan = plan
        self._options = options
        self._sequencer = sequencer
        self._budget = Budget(plan, options)
        self._queue: deque[tuple[int, int]] = deque((index, 1) for index in range(len(plan.cases)))
        self._workers: dict[int, _Worker] = {}
        self._leftovers = Leftovers()
        self._next_round = 0.0
        self._selector = selectors.DefaultSelector()
        self._stop_after: int | None = None
        self._bad: set[int] = set()
        self._signals: list[float] = []
        self._kill_at: float | None = None
        self._insisted = False
        patience = patience_of(plan.target.capabilities.call_timeout)
        real = not plan.target.capabilities.virtual_clock
        #: Wall time in which a cancelled case must be done: where time is real, its chargers wait for answers.
        self._grace = max(options.grace, STOPPING + patience + CLOSING + _LAST_WORDS) if real else options.grace
        self.results: dict[int, tuple[Verdict, bool]] = {}
        self.interrupted = False
        self._asking = False

    def run(self) -> None:
        """Run everything; returns when no worker is left."""
        with self._signals_caught():
            try:
                for number in range(worker_count(self._plan, self._options) if self._queue else 0):
                    self._start(number)
                while self._workers:
                    self._turn()
            finally:
                for worker in list(self._workers.values()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker.handle.pid, signal.SIGKILL)
                    self._reap(worker)
                self._selector.close()
                self._leftovers.end()

    # -- workers ---------------------------------------------------------------------------------------------------

    def _start(self, number: int) -> None:
        # The child closes these: while it has the end of another's pipe, nobody sees that one die.
        others = [
            descriptor
            for other in self._workers.values()
            for descriptor in (other.handle.commands, other.handle.records)
        ]
        handle = spawn(self._plan, self._options, number, others)
        worker = _Worker(handle)
        self._workers[handle.records] = worker
        self._selector.register(handle.records, selectors.EVENT_READ, worker)
        self._feed(worker)

    def _feed(self, worker: _Worker) -> None:
        """Give a worker its next case, or send it home."""
        while self._queue:
            index, attempt = self._queue.popleft()
            if self.interrupted or (self._stop_after is not None and index > self._stop_after):
                continue
            if attempt == 1 and (reason := self._budget.objection(index)) is not None:
                self._block(index, reason)
                continue
            worker.index, worker.attempt, worker.warned, worker.timed_out = index, attempt, False, False
            worker.last_at, worker.last_step, worker.begun, worker.stopwatch = 0.0, "", False, Stopwatch()
            worker.deadline = clock.wall_seconds() + self._limit(index)
            self._command(worker, pack(Tag.CASE, [index, attempt]))
            return
        worker.index = None
        if worker.handle.commands >= 0:
            os.close(worker.handle.commands)
            worker.handle.commands = -1

    def _block(self, index: int, reason: str) -> None:
        """Put on record that a case does not begin."""
        case_id = self._plan.cases[index].info["id"]
        self._sequencer.record(index, start_record(self._plan, self._options, index, 1))
        self._sequencer.record(index, end_record(case_id, 1, CaseResult(Verdict.BLOCKED, reason), last=True))
        self._finish(index, Verdict.BLOCKED, False)

    def _command(self, worker: _Worker, message: bytes) -> None:
        # A worker that is gone is noticed by the end of its records.
        with contextlib.suppress(BrokenPipeError):
            write_all(worker.handle.commands, message)

    def _limit(self, index: int) -> float:
        own = self._plan.cases[index].scenario.timeout
        limit = self._options.case_timeout
        if not self._plan.target.capabilities.virtual_clock and own is not None:
            seconds = parse_duration(own) if isinstance(own, str) and "${{" not in own else own
            if isinstance(seconds, float | int):
                limit = max(limit, seconds + _MARGIN)
        return limit

    def _turn(self) -> None:
        now = clock.wall_seconds()
        waits = [worker.deadline - now for worker in self._workers.values() if worker.index is not None]
        waits.append(_ROUND)
        if self._kill_at is not None:
            waits.append(self._kill_at - now)
        for key, _ in self._selector.select(max(0.0, min(waits))):
            if key.data is None:  # a signal has woken us, and its handler has counted it
                os.read(key.fd, 1024)
            else:
                self._receive(key.data)
        self._watch()
        self._look_round()

    def _watch(self) -> None:
        now = clock.wall_seconds()
        if self._signals and not self.interrupted:
            self.interrupted = True
            self._kill_at = now + self._grace
            self._signal_running(INTERRUPT)
        elif self.interrupted and not self._insisted and self._signals[-1] - self._signals[0] > _SAME_SIGNAL:
            # They say what they leave, and end.
            self._insisted = True
            self._kill_at = now + _LAST_WORDS
            self._signal_running(INTERRUPT)
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            self._signal_running(signal.SIGKILL)
        for worker in self._workers.values():
            if worker.index is None or now < worker.deadline:
                continue
            worker.timed_out = True
            worker.deadline = now + self._grace
            self._signal(worker, signal.SIGKILL if worker.warned else TIME_IS_UP)
            worker.warned = True

    def _look_round(self) -> None:
        """Find workers that have ended although their pipe is still open."""
        now = clock.wall_seconds()
        if now < self._next_round:
            return
        self._next_round = now + _ROUND
        for worker in list(self._workers.values()):
            pid, status = os.waitpid(worker.handle.pid, os.WNOHANG)
            if pid:
                worker.status = status
                # What it has said before its end is still in the pipe.
                while self._receive(worker):
                    pass
                if worker.handle.records in self._workers:
                    self._gone(worker)

    def _signal_running(self, number: int) -> None:
        for worker in self._workers.values():
            if worker.index is not None:
                self._signal(worker, number)

    def _signal(self, worker: _Worker, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.handle.pid, number)

    # -- what workers say -----------------------------------------------------------------------------------------

    def _receive(self, worker: _Worker) -> bool:
        """Take what there is; whether there may be more."""
        try:
            data = os.read(worker.handle.records, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._gone(worker)
            return False
        for tag, value in worker.unpacker.feed(data):
            if tag is Tag.RECORD:
                self._record(worker, value)
            elif tag is Tag.LINES and worker.index is not None:
                self._sequencer.record(worker.index, value)
            elif tag is Tag.QUESTION:
                self._question(worker, *value)
            elif tag is Tag.DONE:
                index, verdict, unreached = value
                self._finish(index, Verdict(verdict), unreached)
                self._feed(worker)
        return True

    def _record(self, worker: _Worker, record: dict[str, Any]) -> None:
        index = worker.index
        if index is None:
            return
        if record["type"] == "case" and record["phase"] == "start":
            worker.attempt, worker.begun, worker.last_step = record["attempt"], True, ""
            # The first is counted from when it was handed out.
            if worker.attempt > 1:
                worker.stopwatch = Stopwatch()
                worker.deadline = clock.wall_seconds() + self._limit(index)
        elif record["type"] == "step":
            worker.last_at = record["at"] + record["elapsed"]
            worker.last_step = f"step {record['index']} ({record['file']}:{record['line']})"
        self._sequencer.record(index, record)  # type: ignore[arg-type]

    def _question(self, worker: _Worker, question: str, limit: float | None) -> None:
        asked = clock.wall_seconds()
        # Who winds up when the run has been interrupted is not answered any more, and need not wait for that.
        self._command(worker, pack(Tag.ANSWER, [None if self._signals else self._asked(question, limit)]))
        thought = clock.wall_seconds() - asked
        # Nobody has been listened to meanwhile: what a worker could not say must not count against it.
        for other in self._workers.values():
            other.deadline += thought

    def _asked(self, question: str, limit: float | None) -> str | None:
        """The operator's answer; None when there was none, or a signal has come first."""
        if self._options.ask is None:
            return None
        self._asking = True
        try:
            return self._options.ask(question, limit)
        except _AskingInterrupted:
            return None
        finally:
            self._asking = False

    def _finish(self, index: int, verdict: Verdict, unreached: bool) -> None:
        # With --maxfail a run is the same whatever -j: what had overtaken the last bad case is forgotten.
        if self._stop_after is not None and index > self._stop_after:
            return
        self.results[index] = (verdict, unreached)
        self._bad |= {index} if verdict in BAD else set()
        if verdict in BAD and len(self._bad) >= (self._options.max_failures or inf):
            last = self._stop_after = sorted(self._bad)[(self._options.max_failures or 1) - 1]
            self._bad = {known for known in self._bad if known <= last}
            self._sequencer.end_at(last)
            self.results = {known: result for known, result in self.results.items() if known <= last}
            for worker in self._workers.values():
                if worker.index is not None and worker.index > last:
                    self._signal(worker, INTERRUPT)
                    worker.deadline = clock.wall_seconds() + self._grace
                    worker.warned = True
        self._sequencer.finish(index)

    def _gone(self, worker: _Worker) -> None:
        """A worker's records have ended: it has gone home, or died in the middle of a case."""
        status = self._reap(worker)
        index = worker.index
        if index is None:
            return
        if worker.timed_out:
            reason = f"did not finish: stopped after {self._limit(index):g} s of real time"
        elif self.interrupted:
            reason = "did not finish: interrupted"
        else:
            reason = f"did not finish: its worker process {_ending(status)}"
        self._bury(worker, index, reason)
        if self._queue and not self.interrupted:
            self._start(worker.handle.number)

    def _bury(self, worker: _Worker, index: int, reason: str) -> None:
        reason += f"; the last step that had ended was {worker.last_step}" if worker.last_step else ""
        result = CaseResult(Verdict.ERROR, reason, {"message": reason}, worker.last_at)
        case_id = self._plan.cases[index].info["id"]
        if not worker.begun:
            self._sequencer.record(index, start_record(self._plan, self._options, index, worker.attempt))
        again = worker.attempt <= self._options.retries and result.verdict in RETRIED and not self.interrupted
        self._sequencer.record(index, worker.stopwatch.record(case_id, worker.attempt))
        self._sequencer.record(index, end_record(case_id, worker.attempt, result, last=not again))
        if again:  # at once: the records of the cases behind it wait for its last attempt
            self._queue.appendleft((index, worker.attempt + 1))
        else:
            self._finish(index, result.verdict, False)

    def _reap(self, worker: _Worker) -> int:
        self._workers.pop(worker.handle.records, None)
        with contextlib.suppress(KeyError):
            self._selector.unregister(worker.handle.records)
        os.close(worker.handle.records)
        if worker.handle.commands >= 0:
            os.close(worker.handle.commands)
            worker.handle.commands = -1
        status = worker.status
        if status is None:
            _, status = os.waitpid(worker.handle.pid, 0)
        self._leftovers.ask(worker.handle.pid)
        return status

    # -- signals --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _signals_caught(self) -> Iterator[None]:
        """Count the signals that end a run instead of dying of them; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        readable, writable = os.pipe()
        os.set_blocking(readable, False)
        os.set_blocking(writable, False)
        self._selector.register(readable, selectors.EVENT_READ, None)

        def count(number: int, frame: FrameType | None) -> None:
            self._signals.append(clock.wall_seconds())
            if self._asking:
                self._asking = False
                raise _AskingInterrupted

        old_wakeup = signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
        old = {number: signal.signal(number, count) for number in ENDING if _is_heard(number)}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(old_wakeup)
            os.close(readable)
            os.close(writable)


def _is_heard(number: signal.Signals) -> bool:
    """Whether a signal is for us: who starts a run with ``nohup`` wants it to outlive the terminal."""
    return number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def start_record(plan: Plan, options: SuiteOptions, index: int, attempt: int) -> CaseStartRecord:
    """The record that begins an attempt, for one whose worker died before it could say so."""
    info = plan.cases[index].info
    return CaseStartRecord(
        type="case", phase="start", case=info, attempt=attempt, seed=case_seed(options.seed, info["id"], attempt)
    )
