"""Runs the command line as users do, and compares what it prints with golden files.

``UPDATE_GOLDEN=1 make test`` writes the golden files anew; look at the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.acceptance.forking import forker

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GOLDEN = HERE / "golden"
_UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
#: Seconds of wall time for one command, on however busy a machine.
_LIMIT = 600
_LEFT_OUT = ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "COLUMNS", "OCPPLAB_BASIC_AUTH_PASSWORD")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    def transcript(self) -> str:
        """As a session in a terminal, without wall times."""
        shown = " ".join(
            argument if argument and " " not in argument else repr(argument) for argument in self.arguments
        )
        parts = [f"$ ocpplab-runner {shown}\n", without_wall_times(self.out)]
        if self.err:
            parts.append(f"--- standard error\n{without_wall_times(self.err)}")
        parts.append(f"--- exit {self.code}\n")
        return "".join(parts)


def cli(*arguments: str, cwd: Path, **environment: str) -> Done:
    """Run ``ocpplab-runner`` with these arguments and nobody at the terminal."""
    with TemporaryDirectory() as said:
        code = forker().run(arguments, cwd, _environment(environment), Path(said), _LIMIT)
        return Done(arguments, code, *(Path(said, name).read_text("utf-8") for name in ("out", "err")))


def cli_anew(*arguments: str, cwd: Path, **environment: str) -> Done:
    """As :func:`cli`, by an interpreter that is started for it: nothing imported, and a hash seed of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "ocpplab_runner", *arguments],
        cwd=cwd,
        env=_environment(environment),
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=_LIMIT,
        check=False,
    )
    return Done(arguments, done.returncode, done.stdout, done.stderr)


def _environment(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    return kept | {"PYTHONWARNINGS": "error", "TERM": "xterm"} | more


def workspace(directory: Path) -> Path:
    """A directory with a copy of the scenarios that these tests run."""
    for name in ("suite", "broken"):
        shutil.copytree(HERE / name, directory / name)
    (directory / "empty").mkdir()
    return directory


def without_wall_times(text: str) -> str:
    """The only things that differ from run to run."""
    text = re.sub(r" in (?:\d+\.\d+s|\d+m\d\ds)(?=[ \x1b]|$)", " in <wall time>", text, flags=re.MULTILINE)
    text = re.sub(r'"wall_time":"[^"]*"', '"wall_time":"<wall time>"', text)
    text = re.sub(r'("elapsed":)[0-9.e-]+(?=,"exit_code"|,"phase":"case")', r"\1<wall time>", text)
    text = re.sub(r' time="[^"]*"', ' time="<wall time>"', text)
    text = re.sub(r"(began at \S+) \([^()]*Z\)", r"\1 (<wall time>)", text)
    return re.sub(r'timestamp="[^"]*"', 'timestamp="<wall time>"', text)


def assert_golden(name: str, text: str) -> None:
    """Compare with the golden file of that name."""
    path = GOLDEN / name
    if _UPDATE:
        path.write_text(text, "utf-8")
    assert path.is_file(), f"there is no golden file {path.name}: run with UPDATE_GOLDEN=1"
    assert text == path.read_text("utf-8")
