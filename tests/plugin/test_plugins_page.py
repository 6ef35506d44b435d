"""docs/plugins.md names everything that a plugin's author fills in or is given."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from ocpplab_runner.plugin.case import CaseView
from ocpplab_runner.plugin.manager import HOOKS
from ocpplab_runner.plugin.options import OptionSpec
from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, MatcherSpec, VerbSpec
from tests.acceptance.cli_kit import ROOT, cli

PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
PLUGIN = """
from pathlib import Path
from ocpplab_runner.plugin.hookspecs import hookimpl


@hookimpl
def ocpplab_reports(options):
    Path("options.txt").write_text("\\n".join(sorted(options)))
    return []
"""


def table(heading: str) -> set[str]:
    """The names in the first column of the table that follows a line of the page."""
    assert heading in PAGE
    rows = PAGE.partition(heading)[2].partition("\n| --- ")[2].partition("\n\n")[0]
    firsts = [line.split(" | ")[0] for line in rows.splitlines() if line.startswith("| `")]
    return {name for first in firsts for name in re.findall(r"`(\w+)`", first)}


@pytest.mark.parametrize("spec", [VerbSpec, FieldSpec, FacetSpec, MatcherSpec, OptionSpec])
def test_every_argument_of_a_spec_is_described(spec: type) -> None:
    """And none that does not exist."""
    assert table(f"`{spec.__name__}`:") == {field.name for field in dataclasses.fields(spec)}


EXAMPLES = [
    text for text in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "@hookimpl" in text
]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_plugin_on_the_page_works(number: int, tmp_path: Path) -> None:
    """A session runs with it."""
    (tmp_path / "example.py").write_text(EXAMPLES[number], "utf-8")
    done = cli(
        "run",
        str(ROOT / "scenarios" / "session"),
        "-k",
        "1.6",
        "--shard",
        "1/9",
        "--plugin",
        "example",
        cwd=tmp_path,
        PYTHONPATH=str(tmp_path),
    )
    assert done.code == 0, done.out + done.err


def test_every_hook_is_described() -> None:
    """And none that does not exist."""
    rows = PAGE.partition("| hook | gives |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(ocpplab_\w+)\(", rows)) == set(HOOKS)


def test_every_member_of_a_case_is_described() -> None:
    """And none that does not exist."""
    members = {name for name in vars(CaseView) if not name.startswith("_")}
    rows = PAGE.partition("`CaseView`, which")[2].partition("\n| --- ")[2].partition("\n\n")[0]
    firsts = [line.split(" | ")[0] for line in rows.splitlines() if line.startswith("| `")]
    assert {name for first in firsts for name in re.findall(r"`(\w+)", first)} == members


def test_every_option_of_a_report_is_described(tmp_path: Path) -> None:
    """What ``ocpplab_reports`` really gets."""
    (tmp_path / "asking.py").write_text(PLUGIN, "utf-8")
    (tmp_path / "a.yaml").write_text("name: x\nsmoke: true\nsteps:\n  - wait: 1s\n", "utf-8")
    done = cli("run", "a.yaml", "--plugin", "asking", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.code == 0, done.err
    assert table("The options of `ocpplab_reports`") == set((tmp_path / "options.txt").read_text("utf-8").split())
