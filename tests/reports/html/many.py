"""How big a report page of many failures is, and how soon it is there: ``python -m tests.reports.html.many [COUNT]``.

The bar is 5,000 failures, each with all its frames, in at most 60 MB, and a first paint within 3 s.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.gateway.page.chromium import Chromium, find_chromium
from tests.reports.html.screenshots import FAILS, report

PAINTED = "Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)"
DRAWN = "Math.round(performance.getEntriesByName('drawn')[0].startTime)"


async def measure(browser: Chromium, page: Path) -> str:
    """One line about the page."""
    async with browser.tab(height=1000) as tab:
        await tab.go(page.as_uri())
        await tab.until("document.querySelector('.sequence')")
        cases = await tab.ask("document.querySelectorAll('#list .name').length")
        painted, drawn = await tab.ask(PAINTED), await tab.ask(DRAWN)
        assert tab.errors == []
    return (
        f"{cases} cases, {page.stat().st_size / 1e6:.1f} MB: first paint after {painted} ms, all drawn after {drawn} ms"
    )


def main(count: int) -> None:
    """Make the page and look at it."""
    program = find_chromium()
    assert program is not None, "there is no Chromium"
    with tempfile.TemporaryDirectory() as profile, tempfile.TemporaryDirectory() as place:
        (Path(place) / "fails.yaml").write_text(FAILS, "utf-8")
        page = report(Path(place), "fails.yaml", "--ocpp", "1.6", "--repeat", str(count))
        browser = Chromium(program, Path(profile))
        try:
            print(asyncio.run(measure(browser, page)))
        finally:
            browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
