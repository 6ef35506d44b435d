"""The command line in a process of its own, forked from one that has imported the package and compiled the language.

Standard streams, signals, environment, exit code and workers are as in a process that was started; imports and hash
seeds are not. What could depend on these starts an interpreter.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


class Forker:
    """A process that forks the command line, one call at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            env=os.environ | {"PYTHONWARNINGS": "error"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

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
            subprocess.TimeoutExpired: it took longer; all that it had started is ended.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        asked = {"arguments": arguments, "cwd": str(cwd), "environment": dict(environment), "said": str(said)}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], limit)[0]:
            self.end()
            raise subprocess.TimeoutExpired(arguments, limit)
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End it, and whatever it has begun."""
        forker.cache_clear()
        end_session(self._process.pid)
        self._process.communicate()


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
    """Kill whoever is left in it."""
    for process in processes_of_session(session):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _serve() -> None:
    package = importlib.import_module("ocpplab_runner")
    for module in pkgutil.walk_packages(package.__path__, "ocpplab_runner."):
        if module.name != "ocpplab_runner.__main__":
            importlib.import_module(module.name)
    modules = sys.modules
    registry = modules["ocpplab_runner.plugin.manager"].Plugins([modules["ocpplab_runner.steps.builtin"]], {}).registry
    assert modules["ocpplab_runner.scenario.language"].language_of(registry).gate
    for line in sys.stdin.buffer:
        if not (pid := os.fork()):
            _become(json.loads(line))
            sys.modules["ocpplab_runner.cli.app"].main()
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become(asked: dict[str, Any]) -> None:
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[0], sys.argv[1:] = asked["cwd"], asked["arguments"]
    for number, path in enumerate((Path(os.devnull), Path(asked["said"], "out"), Path(asked["said"], "err"))):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    _serve()
