"""Runs that are cut short leave readable reports and no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from tests.acceptance.cli_kit import ROOT, cli
from tests.reports.test_junit import STRICT

_PATIENCE = 60.0


def begin(tmp_path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a run that takes long enough to be cut short, in a process group of its own."""
    command = [sys.executable, "-m", "ocpplab_runner", "run", "scenarios", "--repeat", "200", "-j", "2", *arguments]
    return subprocess.Popen(
        [*command, "--jsonl", str(tmp_path / "run.jsonl"), "--junit", str(tmp_path / "out.xml")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for_finished_cases(trace: Path, number: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if trace.is_file() and trace.read_bytes().count(b'"verdict":"') >= number:
            return
        time.sleep(0.02)
    raise AssertionError("the run did not get going")


def processes_of_group(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == group and "Z" not in (entry / "stat").read_text().split()[2]:
                    found.append(int(entry.name))
            except (ProcessLookupError, FileNotFoundError):
                continue
    return found


def wait_for_no_process(group: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while left := processes_of_group(group):
        assert time.monotonic() < deadline, f"processes {left} are left"
        time.sleep(0.02)


def test_a_killed_run_can_be_reported(tmp_path: Path) -> None:
    """After kill -9: every finished case, the unfinished ones as errors, no process left."""
    run = begin(tmp_path)
    wait_for_finished_cases(tmp_path / "run.jsonl", 10)
    run.kill()
    run.communicate()
    wait_for_no_process(run.pid)
    STRICT.validate(_strict(tmp_path))
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


def test_an_interrupted_run_ends_in_order(tmp_path: Path) -> None:
    """Ctrl-C: exit 130, what ran is in the reports, no process left."""
    run = begin(tmp_path)
    wait_for_finished_cases(tmp_path / "run.jsonl", 10)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=_PATIENCE)
    assert (run.returncode, errors) == (130, b"")
    wait_for_no_process(run.pid)
    assert b'"exit_code":130' in (tmp_path / "run.jsonl").read_bytes().splitlines()[-1]
    root = ET.parse(tmp_path / "out.xml").getroot()
    assert int(root.get("tests", "0")) >= 10
