"""A worker process: takes cases from a pipe, runs them, and sends their records back as they happen.

Workers are forked, so that they have the plan, the plugins and the target as the parent had them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.written import case_secrets
from ocpplab_runner.engine.running.attempts import run_attempts
from ocpplab_runner.engine.running.cancellation import Cancellation, patience_of
from ocpplab_runner.engine.running.loops import Loops
from ocpplab_runner.engine.running.stopwatch import Stopwatch
from ocpplab_runner.engine.running.wire import RecordPipe, Tag, Unpacker, framed, pack
from ocpplab_runner.plugin.former_protocols import SharedTarget
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.plugin.straying import claim, end_astray
from ocpplab_runner.redaction.redactor import Redactor

_PR_SET_PDEATHSIG = 1
_CHUNK = 1 << 16
#: Bytes of records that wait at most before they are written.
_BATCH = 1 << 15
#: Parent → worker: end the running case early, and why.
INTERRUPT = signal.SIGTERM
TIME_IS_UP = signal.SIGUSR1
#: What ends a run from outside: a key, a supervisor, a closed terminal, a quit. The parent winds it up.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(slots=True)
class WorkerHandle:
    """The parent's end of a worker.

    Attributes:
        pid: of its process.
        commands: descriptor to write to.
        records: descriptor to read from.
        number: its place among the workers, from 0; a successor takes its predecessor's.
    """

    pid: int
    commands: int
    records: int
    number: int


def spawn(plan: Plan, options: SuiteOptions, number: int, close_in_child: list[int]) -> WorkerHandle:
    """Fork a worker.

    Args:
        plan: what it may be asked to run.
        options: how.
        number: its place among the workers.
        close_in_child: descriptors of other workers, which it must not hold open.
    """
    command_read, command_write = os.pipe()
    record_read, record_write = os.pipe()
    # What is buffered would be written twice, by parent and child.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(command_read)
        os.close(record_write)
        os.set_blocking(record_read, False)
        return WorkerHandle(pid, command_write, record_read, number)
    status = 1
    served: _Worker | None = None
    try:
        for descriptor in (command_write, record_read, *close_in_child):
            os.close(descriptor)
        _stand_alone()
        _die_with(parent)
        claim()
        served = _Worker(plan, options, number, command_read, record_write)
        served.serve()
        status = 0
    # The parent is gone, and nobody is left to be told.
    except BrokenPipeError:
        pass
    except BaseException:
        end_astray()
        told = traceback.format_exc()
        sys.stderr.write(told if served is None else served.without_secrets(told))
    finally:
        _flush_streams()
        os._exit(status)


def _stand_alone() -> None:
    """Lead a process group, so that what plugins start can be ended with the worker, and leave the terminal alone."""
    os.setpgid(0, 0)
    # Who is not in the foreground is stopped when it touches the terminal; the operator is asked by the parent.
    for number in (signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _die_with(parent: int) -> None:
    """Make the kernel end this process when its parent ends, however that happens (Linux)."""
    # A terminal tells the whole group; the parent decides what becomes of the workers.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # It may have ended before the kernel was asked.
        if os.getppid() != parent:
            os._exit(1)


def _flush_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


class _Worker:
    def __init__(self, plan: Plan, options: SuiteOptions, number: int, commands: int, records: int) -> None:
        self._plan = plan
        self._options = options
        self._commands = commands
        self._records = RecordPipe(records)
        self._unpacker = Unpacker()
        self._bursts = plan.target.capabilities.virtual_clock
        self._cancellation: Cancellation | None = None
        self._interrupted = False
        self._case: PlannedCase | None = None
        self._loops = Loops(plan.target)
        if isinstance(plan.target, SharedTarget):
            plan.target.take_share(number, worker_count(plan, options))
        os.register_at_fork(after_in_child=self._disown)
        self._bell, self._rope = socket.socketpair()
        for end in (self._bell, self._rope):
            end.setblocking(False)
        # Until here it is the parent's, which a fork hands on.
        signal.set_wakeup_fd(self._rope.fileno(), warn_on_full_buffer=False)
        signal.signal(INTERRUPT, self._cancel)
        signal.signal(TIME_IS_UP, self._cancel)

    def serve(self) -> None:
        """Run one case after the other until the parent hangs up."""
        try:
            self._serve()
        finally:
            self._loops.close()

    def _serve(self) -> None:
        while True:
            # From here on, for being handed the case is a part of what it takes.
            stopwatch = Stopwatch()
            # What came when its last case was over is done with: the parent hangs up where there is nothing more to do.
            self._interrupted = False
            message = self._read()
            if message is None:
                return
            index, first = message
            patience = patience_of(self._plan.target.capabilities.call_timeout)
            self._cancellation = Cancellation(patience, self._bell)
            if self._interrupted:  # since it was handed the case
                return
            self._case = self._plan.cases[index]
            result = run_attempts(
                self._case,
                self._plan,
                self._options,
                self._emit,
                lines=self._emit_lines,
                loops=self._loops,
                first=first,
                ask=self._ask if self._options.ask else None,
                cancellation=self._cancellation,
                stopwatch=stopwatch,
            )
            self._cancellation = None
            self._records.send(pack(Tag.DONE, [index, result.verdict.value, result.unreached]))
            _flush_streams()

    def without_secrets(self, text: str) -> str:
        """The text without what is known to be secret in the case that runs."""
        if self._case is None:
            return text
        return Redactor(case_secrets(self._case.written, self._plan.target, self._options)).redact_text(text)

    def _cancel(self, number: int, frame: FrameType | None) -> None:
        if self._cancellation is not None:
            if number == INTERRUPT and self._cancellation.requested:
                self._cancellation.insist()
            else:
                self._cancellation.request("interrupted" if number == INTERRUPT else "out of real time")
        elif number == INTERRUPT:
            self._interrupted = True

    def _disown(self) -> None:
        """In a child that a plugin forked: the pipes are not its own. It may not act as the worker."""
        os.close(self._commands)
        self._commands = -1
        self._records.disown()
        signal.set_wakeup_fd(-1)
        for number in (INTERRUPT, TIME_IS_UP):
            signal.signal(number, signal.SIG_DFL)

    def _emit(self, record: Record) -> None:
        # It may be the last thing heard for a while.
        self._records.send(pack(Tag.RECORD, record))

    def _emit_lines(self, lines: bytes) -> None:
        # Events come in bursts under a virtual clock.
        self._records.send(framed(Tag.LINES, lines), batch=_BATCH if self._bursts else 0)

    def _ask(self, question: str, limit: float | None) -> str | None:
        self._records.send(pack(Tag.QUESTION, [question, limit]))
        answer = self._read()
        if answer is None:
            os._exit(1)
        (said,) = answer
        return None if said is None else str(said)

    def _read(self) -> Any:
        """The next message's value; None when the parent is gone. Signals interrupt and resume the read."""
        while True:
            data = os.read(self._commands, _CHUNK)
            if not data:
                return None
            # One at a time: the parent says nothing more before it is answered.
            for _, value in self._unpacker.feed(data):
                return value


def worker_count(plan: Plan, options: SuiteOptions) -> int:
    """How many workers a run gets: as asked for, but no more than there are cases or the target can lend to."""
    count = max(1, min(options.jobs, len(plan.cases)))
    if isinstance(plan.target, SharedTarget):
        count = min(count, plan.target.max_workers)
    return count
