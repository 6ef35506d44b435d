"""Take the screenshots of docs/reports.md: ``python -m tests.reports.html.screenshots [directory]``.

They are compressed by ``pngquant`` where that is installed.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.acceptance.cli_kit import ROOT
from tests.gateway.page.chromium import Chromium, find_chromium

IMAGES = ROOT / "docs" / "images"
NEAREST = "[...document.querySelectorAll('.tools .link')].at(-1).click()"
FAILS = """\
name: The CSMS ends the session
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - start_session: CARD-1
    expect: {transaction: started, connector_status: Charging}
  - wait: 4m
  - authorize_id_tag: CARD-1
    expect: {transaction: {is: ended, reason: Remote}}
    within: 10s
"""


def report(place: Path, *arguments: str) -> Path:
    """Run scenarios and return their page."""
    (place / "ends_the_session.yaml").write_text(FAILS, "utf-8")
    if not (place / "scenarios").exists():
        (place / "scenarios").symlink_to(ROOT / "scenarios")
    command = [sys.executable, "-m", "ocpplab_runner", "run", *arguments, "--html", "report.html", "-j", "2", "-q"]
    subprocess.run(command, cwd=place, check=False, stdout=subprocess.DEVNULL)
    return place / "report.html"


async def take(browser: Chromium, images: Path, place: Path) -> None:
    """A failed case by day and by night, one that passed, a phone, and very many."""
    small = report(place, "ends_the_session.yaml", "scenarios/metering").as_uri()
    async with browser.tab(height=1000) as tab:
        await tab.go(small)
        await tab.until("document.querySelector('.sequence')")
        await tab.screenshot(images / "report-failed.png")
        await tab.ask(NEAREST)
        await tab.scheme(dark=True)
        await asyncio.sleep(1)
        await tab.screenshot(images / "report-sequence-dark.png")
        await tab.scheme(dark=False)
        await tab.ask("location.hash = '#case=40'")
        await asyncio.sleep(1)
        await tab.screenshot(images / "report-passed.png")
    async with browser.tab(width=390, height=844, phone=True) as tab:
        await tab.go(f"{small}#case=0")
        await tab.until("document.querySelector('.sequence')")
        await tab.screenshot(images / "report-phone.png")
    many = report(place, "ends_the_session.yaml", "scenarios", "--repeat", "3")
    async with browser.tab(height=1000) as tab:
        await tab.go(many.as_uri())
        await tab.until("document.querySelector('.sequence')")
        painted = await tab.ask("Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)")
        cases = await tab.ask("document.querySelectorAll('#list .name').length")
        size = many.stat().st_size / 1e6
        print(f"{cases} cases, {size:.1f} MB: first paint after {painted} ms, all drawn after", end=" ")
        print(await tab.ask("Math.round(performance.getEntriesByName('drawn')[0].startTime)"), "ms")
        await tab.screenshot(images / "report-thousands.png")


def main(images: Path) -> None:
    """Take them all."""
    program = find_chromium()
    assert program is not None, "there is no Chromium"
    with tempfile.TemporaryDirectory() as profile, tempfile.TemporaryDirectory() as place:
        browser = Chromium(program, Path(profile))
        try:
            asyncio.run(take(browser, images, Path(place)))
        finally:
            browser.close()
    if shutil.which("pngquant"):
        for image in images.glob("report-*.png"):
            subprocess.run(["pngquant", "--force", "--ext", ".png", "64", str(image)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
