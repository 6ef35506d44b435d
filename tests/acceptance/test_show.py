"""The page of a run, served while it goes on and afterwards."""

from __future__ import annotations

import re
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import cli, workspace
from tests.acceptance.forking import Forked, forker


def serving(here: Path, *arguments: str, told: str = "") -> tuple[Forked, str]:
    """A command that serves a page, and its address, once it has told that and something else, in any order."""
    process = forker().start(("-m", "ocpplab_runner", *arguments), cwd=here, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if told in said and (found := re.search(r"http://127\.0\.0\.1:\d+/", said)):
            return process, found.group()
    raise AssertionError(f"it ended with {process.wait()} and told of no page")


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks."""
    monkeypatch.setenv("BROWSER", "true")


def test_a_recording_is_shown_until_somebody_ends_it(tmp_path: Path) -> None:
    """The page has the run in it."""
    here = workspace(tmp_path)
    cli("run", "suite", "--jsonl", "run.jsonl", cwd=here)
    process, url = serving(here, "show", "run.jsonl", "--no-browser")
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert b'id="index"' in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_run_is_watched_and_its_page_outlives_it(tmp_path: Path) -> None:
    """Until Ctrl-C; then the exit code is that of the run, and nobody serves any more."""
    here = workspace(tmp_path)
    process, url = serving(here, "run", "suite/failing.yaml", "--ui", told="the run is over; Ctrl-C ends its page")
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert b'id="index"' in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 1
    assert (here / ".ocpplab" / "ui.jsonl").stat().st_size > 1_000
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url, timeout=5)


def test_what_is_no_recording_is_wrong_usage(tmp_path: Path) -> None:
    """Told before anything is served."""
    (tmp_path / "wrong.jsonl").write_text("{}\n")
    shown = cli("show", "wrong.jsonl", "--no-browser", cwd=tmp_path)
    assert (shown.code, "is not a record" in shown.err) == (2, True)
