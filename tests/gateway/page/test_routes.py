"""What the page's routes serve, and to whom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocpplab_runner.gateway.server.commands import Command
from ocpplab_runner.gateway.server.page import routes
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from tests.gateway.server.kit import OTHER_TOKEN, run, site

STATIC = Path(routes.__file__).parent / "static"


def test_the_page_and_its_files_need_no_token_and_load_nothing_else() -> None:
    """Every address in the page and its modules is one that this server answers."""

    async def main() -> None:
        async with site() as here:
            del here.client.headers["Authorization"]
            page = await here.client.get("/")
            assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
            files = set(re.findall(r'"(/page/[^"]+)"', page.text))
            files |= {f"/page/{name}" for file in STATIC.glob("*.js") for name in _imports(file)}
            assert {"/page/app.js", "/page/style.css", "/page/icon.svg", "/page/commands.js"} <= files
            for file in files:
                answer = await here.client.get(file)
                assert answer.status_code == 200, file
                assert answer.headers["x-content-type-options"] == "nosniff"
            assert not re.search(r"https?://(?!www\.w3\.org)", page.text)

    run(main())


def _imports(file: Path) -> list[str]:
    return re.findall(r'from "\./([\w.]+)"', file.read_text("utf-8"))


@pytest.mark.parametrize("path", ["/page/feed.js", "/page/index.html", "/page/..%2froutes.py", "/page/%2e%2e"])
def test_other_files_are_not_served(path: str) -> None:
    """Only what the page consists of."""

    async def main() -> None:
        async with site() as here:
            assert (await here.client.get(path)).status_code == 404

    run(main())


def test_the_feed_needs_a_token_of_an_organization() -> None:
    """As every other route: 401 without one, 403 for an admin who names no organization, 403 for a wrong one."""

    async def main() -> None:
        async with site() as here:
            for headers, status in (
                ({"Authorization": "Bearer nobody"}, 401),
                ({"Authorization": ""}, 401),
                ({"Authorization": "Bearer token-of-admin"}, 403),
                ({"Authorization": "Bearer token-of-admin", "X-Organization-Id": "nobody"}, 403),
                ({"Authorization": f"Bearer {OTHER_TOKEN}", "X-Organization-Id": "acme"}, 403),
            ):
                answer = await here.client.get("/page/feed", headers=headers)
                assert answer.status_code == status, headers
            assert not here.fleet.watchers

    run(main())


def test_the_page_knows_every_command_fault_and_state() -> None:
    """Its tables are complete: 18 commands, every fault, nine states with a shape and a colour each."""
    table = (STATIC / "commands.js").read_text("utf-8")
    assert set(re.findall(r'name: "(\w+)", label: "[^"]+", path:', table)) == {command.value for command in Command}
    faults = re.search(r"FAULTS = \[(.*?)\]", table, re.S)
    assert faults is not None
    assert set(re.findall(r'"(\w+)"', faults[1])) == set(FAULTS) - {"OverCurrent"}
    states = re.search(r"STATES = \{(.*?)\n\}", (STATIC / "states.js").read_text("utf-8"), re.S)
    assert states is not None
    names = {status.value for status in ConnectorStatus}
    assert set(re.findall(r"^  (\w+):", states[1], re.M)) == names
    page, style = (STATIC / "index.html").read_text("utf-8"), (STATIC / "style.css").read_text("utf-8")
    assert {name for name in names if f'id="i-{name}"' in page} == names
    assert {name for name in names if style.count(f"--c-{name}:") == 2} == names
