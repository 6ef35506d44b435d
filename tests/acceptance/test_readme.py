"""The README's quick tour shows what really happens."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from tests.acceptance.cli_kit import ROOT, cli, without_wall_times

README = ROOT / "README.md"
_CONSOLE = re.compile(
    r"^```console\n(?P<text>\$ ocpplab-runner (?P<arguments>[^\n]*)\n.*?)^```$", re.MULTILINE | re.DOTALL
)
_SCENARIO = re.compile(r"^```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def tour(directory: Path) -> Path:
    """The files that the tour speaks of."""
    match = _SCENARIO.search(README.read_text("utf-8"))
    assert match
    text = match["text"]
    variants = {
        "blocked.yaml": text,
        "wrong.yaml": text.replace("expect: Blocked", "expect: Accepted"),
        "typo.yaml": text.replace("within: 10s", "witin: 10s"),
    }
    assert len(set(variants.values())) == len(variants)
    for name, content in variants.items():
        (directory / name).write_text(content, "utf-8")
    return directory


def test_the_tour_shows_what_happens(tmp_path: Path) -> None:
    """Each session is run again; only wall times may differ. UPDATE_GOLDEN=1 writes them anew."""
    here = tour(tmp_path)

    def played(match: re.Match[str]) -> str:
        done = cli(*shlex.split(match["arguments"]), cwd=here)
        return f"```console\n$ ocpplab-runner {match['arguments']}\n{done.out}{done.err}```"

    page = README.read_text("utf-8")
    again, sessions = _CONSOLE.subn(played, page)
    assert sessions >= 3
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(again, "utf-8")
    assert without_wall_times(again) == without_wall_times(README.read_text("utf-8"))


def test_the_readme_names_the_two_commands() -> None:
    """make run and make test exist."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in ("run", "test"):
        assert f"make {command} " in README.read_text("utf-8")
        assert f"\n{command}: " in makefile
