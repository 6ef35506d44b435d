"""Every example in the documentation runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.cli_kit import ROOT, cli

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
#: `yaml example` blocks are examples of what is wrong; the diagnostics' own test runs them.
_SOUND = ("yaml", "yaml fragment", "yaml step", "yaml expect", "yaml instead")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a page: what stands after the fence, and the text."""
    for match in _FENCE.finditer(page.read_text("utf-8")):
        yield match["info"].strip(), match["text"]


def scenarios(page: Path) -> list[str]:
    """The YAML blocks that are whole scenarios: after comments they begin with ``name:``."""
    found = []
    for info, text in blocks(page):
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if info == "yaml" and lines and lines[0].startswith("name:"):
            found.append(text)
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if scenarios(page)], ids=lambda page: page.name)
def test_scenarios_in_the_documentation_pass(page: Path, tmp_path: Path) -> None:
    """Against the real engine, as a reader would run them."""
    for number, text in enumerate(scenarios(page)):
        (tmp_path / f"{number}.yaml").write_text(text, "utf-8")
    done = cli("run", ".", cwd=tmp_path)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_yaml_in_the_documentation_is_yaml(page: Path) -> None:
    """Fragments too."""
    for info, text in blocks(page):
        if info in _SOUND:
            for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
                pass


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Files that the documentation points at exist."""
    for match in _LINK.finditer(_FENCE.sub("", page.read_text("utf-8"))):
        target = match["target"].partition("#")[0]
        if target and "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name}: {match['target']}"
