"""``run --watch``: what changes is run again, until somebody ends it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import cli
from tests.acceptance.forking import Forked, forker

PLUG = "name: {name}\nocpp: ['1.6']\nsteps: [{{plug_connector: 1, expect: {{connector_status: {status}}}}}]\n"
READY = "; Ctrl-C ends it\n"


class Watched:
    """The command, and what it has said since the last time."""

    def __init__(self, process: Forked) -> None:
        self.process = process

    def until_ready(self) -> str:
        """What it says until it waits for the next change."""
        said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said += line
            if line.endswith(READY):
                return said
        raise AssertionError(f"it ended with {self.process.wait()}:\n{said}")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Two scenarios, run once."""
    pytest.importorskip("watchfiles")
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(PLUG.format(name=name, status="Preparing"), "utf-8")
    command = ("-m", "ocpplab_runner", "run", ".", "--watch")
    process = forker().start(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield Watched(process)
    finally:
        process.kill()
        process.communicate()


def test_what_changes_runs_again(watched: Watched, tmp_path: Path) -> None:
    """Only that; a file that is wrong is told, and looked at again; Ctrl-C ends it with the code of the last run."""
    assert "2 passed" in watched.until_ready()
    (tmp_path / "b.yaml").write_text(PLUG.format(name="b", status="Charging"), "utf-8")
    said = watched.until_ready()
    assert "changed: b.yaml" in said
    assert "\n1 failed" in said
    (tmp_path / "b.yaml").write_text("name: b\nsteps: [{plug: 1}]\n", "utf-8")
    assert "there is no verb 'plug'" in watched.until_ready()
    (tmp_path / "c.yaml").write_text(PLUG.format(name="c", status="Preparing"), "utf-8")
    said = watched.until_ready()
    assert "changed: c.yaml" in said
    assert "\n1 passed" in said
    assert "watching 3 scenario files" in said
    (tmp_path / "c.yaml").write_text(PLUG.format(name="c", status="Charging"), "utf-8")
    watched.until_ready()
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(60) == 1


def test_it_does_not_go_with_everything(tmp_path: Path) -> None:
    """What never ends by itself, or runs nothing, is refused."""
    pytest.importorskip("watchfiles")
    (tmp_path / "a.yaml").write_text(PLUG.format(name="a", status="Preparing"), "utf-8")
    for option in ("--ui", "--list", "--dry-run"):
        done = cli("run", ".", "--watch", option, cwd=tmp_path)
        assert (done.code, f"--watch and {option} exclude each other" in done.err) == (2, True)
