"""The documentation as a site: it builds without a warning, and is read and searched without a network."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages.site import for_site
from tests.acceptance.cli_kit import ROOT
from tests.gateway.page.chromium import Chromium, find_chromium

pytest.importorskip("material")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` does."""
    place = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_every_page_is_in_the_navigation(site: Path) -> None:
    """Tutorial, how-to and reference, in that order."""
    index = (site / "index.html").read_text("utf-8").partition("md-nav--primary")[2].partition("</nav>\n</div>")[0]
    places = [index.index(f'href="{page}"') for page in ("tutorial.html", "ci.html", "language.html")]
    assert places == sorted(places)
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if f'href="{page.as_posix()}"' not in index} == set()


def test_examples_are_code_without_the_words_of_the_tests(site: Path) -> None:
    """Else a reader would see the fences."""
    for path in site.rglob("*.html"):
        assert "```" not in re.sub(r"<(pre|code).*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL), path


@pytest.mark.parametrize(
    ("markdown", "there"),
    [
        ("```yaml example latin-1\nx\n```", "```yaml\nx\n```"),
        ("```yaml file=_shared.yaml\nx\n```", '```yaml title="_shared.yaml"\nx\n```'),
        ('```yaml title="a.yaml"\nx\n```', '```yaml title="a.yaml"\nx\n```'),
        ("[facets](reference/facets.md#boot)", "[facets](reference/facets.md#boot)"),
        ("[here](#boot), [there](https://example.org/x)", "[here](#boot), [there](https://example.org/x)"),
        ("[a rig](../plugins/ocpplab-relay-rig)", "a rig (`plugins/ocpplab-relay-rig`)"),
        ("`[no](../link)`", "`[no](../link)`"),
    ],
)
def test_a_page_is_made_for_the_site(markdown: str, there: str) -> None:
    """What only the repository knows is left out or named."""
    assert for_site(markdown, Path()) == there


def test_it_is_read_and_searched_without_a_network(site: Path, tmp_path: Path) -> None:
    """From the disk, in a real browser: no request goes anywhere else."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium")

    chromium = Chromium(program, tmp_path)

    async def main() -> None:
        async with chromium.tab() as tab:
            await tab.go(f"{site.as_uri()}/index.html")
            await tab.until("document.querySelector('.md-search__input')")
            await tab.ask("document.querySelector('.md-search__input').focus()")
            await tab.write("remote_start")
            await tab.until("document.querySelectorAll('.md-search-result__item a[href]').length > 2")
            assert [one for one in tab.requests if not one.startswith(("file:", "data:", "blob:"))] == []
            assert tab.errors == []

    try:
        asyncio.run(main())
    finally:
        chromium.close()
