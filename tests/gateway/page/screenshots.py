"""Take the screenshots of docs/gateway.md: ``python -m tests.gateway.page.screenshots [directory]``.

They are compressed by ``pngquant`` where that is installed.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.gateway.page.chromium import Chromium, find_chromium
from tests.gateway.page.scene import scene, showcase, sign_in

IMAGES = Path(__file__).parents[3] / "docs" / "images"


async def fleet_of_one(browser: Chromium, images: Path) -> None:
    """One charger, charging at one of two connectors, with a form open."""
    async with scene() as here:
        (charger,) = await here.chargers("CP-001", charge_point_name="Entrance")
        async with browser.tab(height=940) as tab:
            await sign_in(tab, here, path=f"/#/charger/{charger}")
            await here.command("local-auth-list", charger, list_version=3, entries=[{"id_tag": "CARD-1"}])
            await tab.click("[data-command=plug_connector]")
            await tab.until("document.querySelector('.result.good')")
            await here.command("authorize-id-tag", charger, id_tag="CARD-1")
            for watts in (3_700, 11_000, 9_200, 7_400, 11_000):
                await asyncio.sleep(5)
                await here.command("power-update", charger, power_w=watts, evse_id=1)
            await tab.click("[data-command=inject_fault]")
            await asyncio.sleep(6)
            await tab.rest()
            await tab.screenshot(images / "page-fleet-of-1.png")


async def fleet_of_fifty(browser: Chromium, images: Path) -> None:
    """Fifty chargers in every state, by day, by night and on a phone."""
    async with scene() as here:
        async with browser.tab(height=1000) as tab:
            await sign_in(tab, here)
            ids = await showcase(here, 50)
            await asyncio.sleep(35)
            await tab.rest()
            await tab.screenshot(images / "page-fleet-of-50.png")
            await tab.scheme(dark=True)
            await tab.ask(f"location.hash = '#/charger/{ids[3]}'")
            await asyncio.sleep(2)
            await tab.screenshot(images / "page-charger-dark.png")
        async with browser.tab(width=390, height=844, phone=True) as tab:
            await sign_in(tab, here)
            await asyncio.sleep(2)
            await tab.screenshot(images / "page-phone-fleet.png")
            await tab.ask(f"location.hash = '#/charger/{ids[0]}'")
            await asyncio.sleep(25)
            await tab.screenshot(images / "page-phone-charger.png")
            await tab.click("[data-tab=messages]")
            await asyncio.sleep(1)
            await tab.screenshot(images / "page-phone-messages.png")


def main() -> None:
    """Take them all."""
    images = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    images.mkdir(parents=True, exist_ok=True)
    program = find_chromium()
    assert program is not None, "there is no Chromium"
    with tempfile.TemporaryDirectory() as profile:
        browser = Chromium(program, Path(profile))
        try:
            asyncio.run(fleet_of_one(browser, images))
            asyncio.run(fleet_of_fifty(browser, images))
        finally:
            browser.close()
    if shutil.which("pngquant"):
        files = [str(file) for file in images.glob("page-*.png")]
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--skip-if-larger", "96", *files], check=False)


if __name__ == "__main__":
    main()
