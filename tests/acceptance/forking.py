"""Python in a process of its own, forked from one that has imported the package and compiled the language.

Standard streams, signals, environment, exit code and workers are as in a process that was started; imports and hash
seeds are not. What could depend on these starts an interpreter.
"""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import json
import os
import pkgutil
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from os import _exit  # the package has one of its own in a run
from pathlib import Path
from threading import Thread
from typing import IO, Any, Self

_ROOT = Path(__file__).parents[2]
#: What tests start beside the command line; what these import is imported before they are forked.
_MODULES = ("tests.bench.__main__", "tests.everest.__main__", "ocpp.routing", "ocpp.v16", "ocpp.v201")
#: What the command line imports only when it needs it, or its libraries do.
_LATE = ("ctypes", "encodings.idna", "anyio._backends._asyncio", "httpcore", "fastapi_offline", "uvicorn.lifespan.off")
#: Whose routes are made when somebody first looks through them: a third of a second.
_APPLICATIONS = ("ocpplab_runner.gateway.server.app", "ocpplab_runner.tools.csms.api.app")
#: A run of it compiles the schemas of common messages, and lets Python adapt its code to what it does most: whoever is
#: forked later would copy the pages of both.
_SESSION = """
name: A session
given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}
steps:
  - authorize_id_tag: CARD-1
    expect: {auth_status: Accepted, transaction: started}
  - stop_session: 1
    expect: {transaction: ended}
"""
_PRACTICE = 4
#: The forker of a run of the tests, whichever of its workers asks; an abstract socket.
_DOOR = f"ocpplab-tests-{os.environ.get('PYTEST_XDIST_TESTRUNUID') or os.getpid()}"
#: What a worker says that wants the forker to stay as long as it does itself.
_STAY = b"stay"
#: Bytes of one request, most of which is the environment.
_LARGEST = 1 << 20
#: A command that asks to be forked, is told the process and, at its end, the exit code; signals go on to it.
_PROGRAM = """\
#!{python} -IS
import json, os, signal, socket, sys

door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
door.connect("\\x00{door}")
asked = {{
    "arguments": ["-m", "ocpplab_runner", *sys.argv[1:]],
    "cwd": os.getcwd(),
    "environment": dict(os.environ),
    "session": False,
}}
socket.send_fds(door, [json.dumps(asked).encode()], [0, 1, 2])
process = int(door.recv(16))
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(process, number))
sys.exit(int(door.recv(16)))
"""


class Forked:
    """A process that has been forked, with what tests use of ``subprocess.Popen``; texts are UTF-8.

    Attributes:
        pid: of the process.
        returncode: how it has ended, negative for a signal; None while nobody has seen its end.
        stdin: a pipe into it, where one was asked for.
        stdout: a pipe out of it, where one was asked for.
        stderr: a second pipe out of it, where one was asked for.
    """

    def __init__(self, pid: int, ended: socket.socket, pipes: Sequence[IO[str] | None]) -> None:
        self.pid, self._ended = pid, ended
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = pipes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not within so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            told = self._ended.recv(16)
            self._ended.close()
            self.returncode = int(told) if told else -signal.SIGKILL  # the forker is gone, and all that it had forked
        return self.returncode

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def communicate(self, text: str = "", timeout: float | None = None) -> tuple[Any, Any]:
        """Close its input, and return what it has still written when it has ended.

        Args:
            text: written before, no more than a pipe takes.
            timeout: seconds that it has.

        Raises:
            subprocess.TimeoutExpired: it has not within so many seconds.
        """
        if self.stdin is not None and not self.stdin.closed:
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(text)
        texts: dict[int, str] = {}

        def read(number: int, pipe: IO[str]) -> None:
            texts[number] = pipe.read()
            pipe.close()

        open_ones = [(n, pipe) for n, pipe in enumerate((self.stdout, self.stderr)) if pipe and not pipe.closed]
        readers = [Thread(target=read, args=one, daemon=True) for one in open_ones]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        return tuple(None if pipe is None else texts.get(n, "") for n, pipe in enumerate((self.stdout, self.stderr)))  # type: ignore[return-value]

    def send_signal(self, number: int) -> None:
        """Tell it something, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Forker:
    """A process that forks others: one for all workers of a run of the tests, since it takes seconds to import all."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        while (stay := self._stay()) is None:
            if self._process is not None:
                raise RuntimeError("the process that forks has ended")
            self._begin()
        self._staying = stay

    def _begin(self) -> None:
        """Start it, unless another worker has."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
            try:
                door.bind(f"\0{_DOOR}")
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                return
            door.listen(64)
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                cwd=_ROOT,
                env=os.environ | {"PYTHONWARNINGS": "error"},
                stdin=door.fileno(),
                start_new_session=True,
            )

    def _stay(self) -> socket.socket | None:
        """A connection that keeps it, once it can fork; None while there is none, or when it ends."""
        try:
            staying = _knock()
        except ConnectionError:
            return None
        with suppress(ConnectionError):
            staying.send(_STAY)
            if staying.recv(16):
                return staying
        staying.close()
        return None

    def start(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int | IO[Any] | None = subprocess.DEVNULL,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        start_new_session: bool = False,
    ) -> Forked:
        """Fork a Python.

        Args:
            arguments: as an interpreter is given them: ``-m MODULE …`` or ``SCRIPT …``.
            cwd: where; None for here.
            env: all of its environment; None for this process's.
            stdin: as for ``subprocess.Popen``, as are the next two.
            stdout: where it writes.
            stderr: where it writes errors.
            start_new_session: whether it leads a session of its own.
        """
        with ExitStack() as its:
            streams: list[int] = []
            pipes: list[IO[str] | None] = []
            for number, wanted in enumerate((stdin, stdout, stderr)):
                far, near = _stream(number, wanted, streams)
                streams.append(far)
                pipes.append(near)
                if wanted in (subprocess.PIPE, subprocess.DEVNULL):
                    its.callback(os.close, far)
            asked = {
                "arguments": list(map(str, arguments)),
                "cwd": str(cwd or Path.cwd()),
                "environment": dict(os.environ if env is None else env),
                "session": start_new_session,
            }
            ours = _knock()
            socket.send_fds(ours, [json.dumps(asked).encode()], streams)
        pid = ours.recv(16)
        if not pid:
            raise RuntimeError("the process that forks has ended")
        return Forked(int(pid), ours, pipes)

    def run(self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], said: Path, limit: float) -> int:
        """Run the command line to its end.

        Args:
            arguments: without the program's name.
            cwd: where.
            environment: all of it.
            said: directory for ``out`` and ``err``, what it writes to the standard streams.
            limit: seconds of wall time.

        Returns:
            The exit code.

        Raises:
            subprocess.TimeoutExpired: it took longer; it is ended, and its workers with it.
        """
        with (said / "out").open("wb") as out, (said / "err").open("wb") as err:
            called = ("-W", "error", "-m", "ocpplab_runner", *arguments)
            process = self.start(called, cwd=cwd, env=environment, stdout=out, stderr=err)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def end(self) -> None:
        """Need it no more; it ends, with whatever it has begun, when nobody does."""
        self._staying.close()
        if self._process is not None:
            self._process.wait()


def _knock() -> socket.socket:
    """A connection to the process that forks."""
    knocking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    knocking.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
    try:
        knocking.connect(f"\0{_DOOR}")
    except OSError:
        knocking.close()
        raise
    return knocking


def _stream(number: int, wanted: int | IO[Any] | None, before: Sequence[int]) -> tuple[int, IO[str] | None]:
    """What a process has as standard stream, and our end of it where it is a pipe."""
    if wanted == subprocess.PIPE:
        reading, writing = os.pipe()
        if number == 0:
            return reading, os.fdopen(writing, "w", 1, encoding="utf-8")
        return writing, os.fdopen(reading, encoding="utf-8")
    if wanted == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR), None
    if wanted == subprocess.STDOUT:
        return before[1], None
    return (number if wanted is None else wanted if isinstance(wanted, int) else wanted.fileno()), None


@cache
def forker() -> Forker:
    """The one of this process."""
    started = Forker()
    atexit.register(started.end)
    return started


def processes_of_session(session: int) -> list[int]:
    """Who is alive in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(ProcessLookupError, FileNotFoundError):
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if os.getsid(int(entry.name)) == session and state != "Z":
                    found.append(int(entry.name))
    return found


def end_session(session: int) -> None:
    """Kill whoever is left in it; who asks for it is the last."""
    for process in sorted(processes_of_session(session), key=os.getpid().__eq__):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def command(place: Path) -> Path:
    """Write the program ``ocpplab-runner`` into a directory: started from a shell, it runs forked.

    It has the shell's standard streams, directory and environment; other open files and limits it has not.
    """
    forker()
    program = place / "ocpplab-runner"
    program.write_text(_PROGRAM.format(python=sys.executable, door=_DOOR), "utf-8")
    program.chmod(0o755)
    return program


def _leave(codes: Sequence[Any]) -> None:
    """End the process with the exit code that it has asked for."""
    # To take all modules apart would copy most of what is shared with the forker: two thirds of a short command.
    if codes and isinstance(codes[0], int):
        gc.collect()  # warns of what has not been closed
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            _exit(codes[0] & 0xFF)


def _import_all() -> None:
    package = importlib.import_module("ocpplab_runner")
    for module in pkgutil.walk_packages(package.__path__, "ocpplab_runner."):
        if module.name != "ocpplab_runner.__main__":
            importlib.import_module(module.name)
    for name in (*_MODULES, *_LATE):
        importlib.import_module(name)
    modules = sys.modules
    registry = modules["ocpplab_runner.plugin.manager"].Plugins([modules["ocpplab_runner.steps.builtin"]], {}).registry
    assert modules["ocpplab_runner.scenario.language"].language_of(registry).gate
    for name in _APPLICATIONS:
        with suppress(modules["starlette.routing"].NoMatchFound):
            modules[name].application().url_path_for("no such route")
    for _ in range(_PRACTICE):
        modules["ocpplab_runner.api"].run_scenario(_SESSION)


def _serve(door: socket.socket) -> None:
    codes: list[Any] = []
    atexit.register(_leave, codes)  # before anybody else does: it is called last
    _import_all()
    # Nothing that is forked throws any of this away: a pytest spent half of its time looking through it.
    gc.collect()
    gc.freeze()
    asking, staying = set[socket.socket](), set[socket.socket]()
    running = dict[int, tuple[int, socket.socket]]()
    while True:
        looked_at: list[Any] = [door, *asking, *staying, *running]
        ready = select.select(looked_at, [], [])[0]
        for ended in running.keys() & set(ready):
            pid, told = running.pop(ended)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            os.close(ended)
            with told:
                _tell(told, b"%d" % code)
        for gone in staying & set(ready):
            staying.remove(gone)
            gone.close()
            if not staying:
                end_session(os.getsid(0))
        if door in ready:
            asking.add(door.accept()[0])
        for guest in asking & set(ready):
            asking.remove(guest)
            try:
                asked, streams, _, _ = socket.recv_fds(guest, _LARGEST, 3)
            except ConnectionError:
                asked = b""
            if asked == _STAY:
                staying.add(guest)
                _tell(guest, asked)
                continue
            if not asked:
                guest.close()
                continue
            if not (pid := os.fork()):
                for ours in (door, *asking, *staying, guest, *(told for _, told in running.values())):
                    ours.detach()
                try:
                    _become(json.loads(asked), streams)
                except SystemExit as end:
                    codes.append(end.code)
                    raise
                return
            for stream in streams:
                os.close(stream)
            running[os.pidfd_open(pid)] = pid, guest
            _tell(guest, b"%d" % pid)


def _tell(guest: socket.socket, what: bytes) -> None:
    """Unless it is gone: the others still need whoever tells."""
    with suppress(ConnectionError):
        guest.send(what)


def _become(asked: dict[str, Any], streams: Sequence[int]) -> None:
    """Be the process that was asked for, to its end."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 1 << 12)
    if asked["session"]:
        os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    random.seed()
    buffering = 1 if "PYTHONUNBUFFERED" in os.environ else -1
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", buffering, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    arguments = list(asked["arguments"])
    if arguments[:2] == ["-W", "error"]:
        del arguments[:2]
    elif os.environ.get("PYTHONWARNINGS") != "error":
        warnings.simplefilter("ignore")
    if arguments[0] != "-m":
        sys.path[0], sys.argv = str(Path(arguments[0]).parent), arguments
        runpy.run_path(arguments[0], run_name="__main__")
    elif arguments[1] == "ocpplab_runner":
        sys.path[0], sys.argv[1:] = asked["cwd"], arguments[2:]
        sys.modules["ocpplab_runner.cli.app"].main()
    else:
        sys.path[0], sys.argv = asked["cwd"], arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=0))
