"""docs/pytest.md: its files, laid out as it says, are a suite that passes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.acceptance.cli_kit import ROOT
from tests.acceptance.suites import run_suite

PAGE = ROOT / "docs" / "pytest.md"
_FILE = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)


def test_the_suite_of_the_page_passes(tmp_path: Path) -> None:
    """Every file of it, and the count that it shows."""
    for match in _FILE.finditer(PAGE.read_text("utf-8")):
        path = tmp_path / match["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["text"], "utf-8")
    assert _pytest(tmp_path, "scenarios", "-m", "smoke", "-k", "ocpp1.6").startswith("1 passed, 2 deselected")
    last = _pytest(tmp_path)
    assert "passed" in last and "failed" not in last and "error" not in last


def test_every_option_is_on_the_page(tmp_path: Path) -> None:
    """And only those that there are."""
    there = set(re.findall(r"--ocpplab-[a-z]+", _pytest(tmp_path, "--help", last=False)))
    assert set(re.findall(r"--ocpplab-[a-z]+", PAGE.read_text("utf-8"))) == there


def _pytest(cwd: Path, *arguments: str, last: bool = True) -> str:
    lines = run_suite(cwd, "-q", *arguments).outlines
    return lines[-1] if last else "\n".join(lines)
