"""Runs that are cut short leave readable reports and no process."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT, cli
from tests.acceptance.forking import Forked, end_session, forker, processes_of_session
from tests.reports.test_junit import strict

_PATIENCE = 60.0


@contextmanager
def in_a_session(command: list[str], cwd: Path, output: int = subprocess.DEVNULL) -> Iterator[Forked]:
    """A run in a session of its own; nothing of it outlives the test, however broken what is tested may be."""
    run = forker().start(
        ("-m", "ocpplab_runner", "run", *command),
        cwd=cwd,
        stdout=output,
        stderr=subprocess.PIPE if output == subprocess.DEVNULL else output,
        start_new_session=True,
    )
    try:
        yield run
    finally:
        end_session(run.pid)
        run.communicate()


def long_run(tmp_path: Path) -> AbstractContextManager[Forked]:
    """A run that takes long enough to be cut short."""
    reports = ("--jsonl", str(tmp_path / "run.jsonl"), "--junit", str(tmp_path / "out.xml"))
    return in_a_session(["scenarios/boot", "--repeat", "200", "-j", "2", *reports], ROOT)


def wait_for_finished_cases(trace: Path, number: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if trace.is_file() and trace.read_bytes().count(b'"verdict":"') >= number:
            return
        time.sleep(0.02)
    raise AssertionError("the run did not get going")


def wait_for_no_process(session: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while left := processes_of_session(session):
        assert time.monotonic() < deadline, f"processes {left} are left"
        time.sleep(0.02)


def test_a_killed_run_can_be_reported(tmp_path: Path) -> None:
    """After kill -9: every finished case, the unfinished ones as errors, no process left."""
    with long_run(tmp_path) as run:
        wait_for_finished_cases(tmp_path / "run.jsonl", 10)
        run.kill()
        run.wait()
        wait_for_no_process(run.pid)
    strict().validate(_strict(tmp_path))
    report = cli("report", "run.jsonl", "--junit", "again.xml", cwd=tmp_path)
    assert report.code == 1
    assert "the run did not finish" in report.out
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines()
    finished = sum(b'"verdict":"' in line for line in lines)
    started = sum(b'"phase":"start","seed"' in line and b'"type":"case"' in line for line in lines)
    cases = list(ET.parse(tmp_path / "again.xml").iter("testcase"))
    unfinished = [case for case in cases if case.find("error") is not None]
    assert (len(cases), len(cases) - len(unfinished)) == (started, finished)
    assert {case.find("error").get("message") for case in unfinished} <= {"did not finish"}  # type: ignore[union-attr]
    ET.parse(tmp_path / "out.xml")


def _strict(tmp_path: Path) -> str:
    cli("report", "run.jsonl", "--junit", "strict.xml", "--junit-flavor", "strict", cwd=tmp_path)
    return (tmp_path / "strict.xml").read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_an_interrupted_run_ends_in_order(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, a supervisor, a closed terminal, a quit: exit 130, what ran is in the reports, no process left."""
    with long_run(tmp_path) as run:
        wait_for_finished_cases(tmp_path / "run.jsonl", 10)
        os.killpg(run.pid, number)
        _, errors = run.communicate(timeout=_PATIENCE)
        assert (run.returncode, errors) == (130, "")
        wait_for_no_process(run.pid)
    assert b'"exit_code":130' in (tmp_path / "run.jsonl").read_bytes().splitlines()[-1]
    root = ET.parse(tmp_path / "out.xml").getroot()
    assert int(root.get("tests", "0")) >= 10


STRICKEN = """
import os

from ocpplab_runner.api import hookimpl


class Stricken:
    def handle(self, record):
        exec(f"os.kill(os.getpid(), {os.environ['NUMBER']})")

    def close(self):
        pass


@hookimpl
def ocpplab_reports(options):
    return [Stricken()]
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_run_is_interrupted_in_the_middle_of_an_import(tmp_path: Path, number: signal.Signals) -> None:
    """Where a text is executed, as whoever imports a dataclass does: the exit code is the same, not death by SIGINT."""
    (tmp_path / "stricken.py").write_text(STRICKEN)
    (tmp_path / "some.yaml").write_text("name: some\nsteps:\n  - log: done\n")
    run = cli("run", "some.yaml", "-p", "stricken", cwd=tmp_path, NUMBER=str(int(number)))
    assert run.code == 130
    assert run.err.endswith("interrupted\n")


TIGHT = """\
name: tight
ocpp: ["1.6"]
smoke: true
steps:
  - repeat:
      times: 1000
      steps:
        - repeat: {times: 1000, steps: [{log: "round"}]}
finally:
  - log: wound up
"""


def tight_run(tmp_path: Path, output: int = subprocess.DEVNULL) -> AbstractContextManager[Forked]:
    """A case of a million steps that never wait."""
    (tmp_path / "tight.yaml").write_text(TIGHT)
    return in_a_session(["tight.yaml", "--jsonl", "run.jsonl", "--junit", "out.xml"], tmp_path, output)


def wait_for_bytes(trace: Path, number: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if trace.is_file() and trace.stat().st_size > number:
            return
        time.sleep(0.02)
    raise AssertionError("the run did not get going")


def test_steps_that_never_wait_are_interrupted(tmp_path: Path) -> None:
    """The case ends before its worker is killed, and its `finally` runs."""
    with tight_run(tmp_path) as run:
        wait_for_bytes(tmp_path / "run.jsonl", 1 << 17)
        run.send_signal(signal.SIGINT)
        assert run.wait(_PATIENCE) == 130
    trace = (tmp_path / "run.jsonl").read_bytes()
    assert b"wound up" in trace
    assert b"did not finish: interrupted" in trace


def test_a_closed_terminal_ends_a_run_in_order(tmp_path: Path) -> None:
    """SIGHUP comes and nothing can be written to the terminal any more: the report files are whole."""
    ours, theirs = os.openpty()
    with tight_run(tmp_path, theirs) as run:
        os.close(theirs)
        wait_for_bytes(tmp_path / "run.jsonl", 1 << 17)
        os.close(ours)
        run.send_signal(signal.SIGHUP)
        assert run.wait(_PATIENCE) == 130
        wait_for_no_process(run.pid)
    assert b'"exit_code":130' in (tmp_path / "run.jsonl").read_bytes().splitlines()[-1]
    ET.parse(tmp_path / "out.xml")
