"""What goes into the HTML file, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.reports.html.sources import source_of
from tests.acceptance.cli_kit import cli


def test_a_source_has_lost_its_secrets(tmp_path: Path) -> None:
    """Declared ones and those that their names tell; columns stay."""
    path = tmp_path / "a.yaml"
    path.write_text("secrets: [pin]\nvars: {pin: '987654', password: s3cr3t-Value}\nsteps: []\n", "utf-8")
    shown = source_of(str(path))
    assert shown is not None
    assert "987654" not in shown and "s3cr3t" not in shown
    assert [len(line) for line in shown.splitlines()] == [len(line) for line in path.read_text("utf-8").splitlines()]
    assert source_of(str(tmp_path / "gone.yaml")) is None
    assert source_of(str(tmp_path)) is None


def test_until_the_end_the_file_says_that_the_run_is_not_over(tmp_path: Path) -> None:
    """And never shows half of a run."""
    (tmp_path / "a.yaml").write_text("name: A\nocpp: ['1.6']\nsmoke: true\nsteps: [{log: x}]\n", "utf-8")
    done = cli("run", "a.yaml", "--html", "deep/er/r.html", "-q", cwd=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "deep/er/r.html").read_text("utf-8")
    assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "") and "https://" not in text


@pytest.mark.parametrize("other", ["--jsonl", "--junit"])
def test_two_reports_in_one_file_are_refused(other: str, tmp_path: Path) -> None:
    """One would destroy the other."""
    (tmp_path / "a.yaml").write_text("name: A\nsmoke: true\nsteps: [{log: x}]\n", "utf-8")
    done = cli("run", "a.yaml", other, "x.out", "--html", "./x.out", cwd=tmp_path)
    assert done.code == 2
    assert f"{other} and --html name the same file" in done.err
