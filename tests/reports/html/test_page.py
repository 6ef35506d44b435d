"""The HTML report in a browser: found, opened, looked into."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.cli_kit import cli
from tests.gateway.page.chromium import Chromium, Tab

FAILS = """\
name: The same card ends it </script><b id="smuggled">
tags: [cards]
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - start_session: CARD-1
    expect: {transaction: started, connector_status: Charging}
  - wait: 3m
  - authorize_id_tag: CARD-1
    expect: {transaction: {is: ended, reason: Remote}}
    within: 10s
"""
PASSES = "name: It boots\nocpp: ['2.0.1']\nsmoke: true\nsteps: [{log: hello}]\n"
BLOCKED = "name: Nobody is there\nocpp: ['1.6']\nsteps: [{prompt: press it}]\n"
_BAD_LINES = "[...document.querySelectorAll('.source .bad')].map((one) => one.dataset.n).join()"
_WIRES = "document.querySelectorAll('.event.frame .wire > .arrow.answer')"
_STEPS = "[...document.querySelectorAll('.stepline .title')].map((one) => one.textContent.slice(0, 1))"
_CHIP = "[...document.querySelectorAll('.chip')].find((one) => one.textContent.includes('blocked')).click()"
_NAMES = "[...document.querySelectorAll('#list .name')].map((one) => one.textContent)"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report of five cases."""
    for name, text in (("fails", FAILS), ("passes", PASSES), ("blocked", BLOCKED)):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    done = cli("run", ".", "--html", "report.html", "--jsonl", "out.jsonl", cwd=tmp_path)
    assert done.code == 1, done.err
    return tmp_path / "report.html"


def _look(chromium: Chromium, report: Path, act: Any, hash_: str = "", **tab: Any) -> Any:
    async def main() -> Any:
        async with chromium.tab(**tab) as opened:
            await opened.go(f"{report.as_uri()}{hash_}")
            await opened.until("document.querySelector('#case h2') || document.querySelector('#list .name')")
            found = await act(opened)
            assert opened.errors == []
            assert [one for one in opened.requests if not one.startswith(("file:", "data:", "blob:"))] == []
            return found

    return asyncio.run(main())


def test_the_worst_case_is_open_and_says_why(chromium: Chromium, report: Path) -> None:
    """What was asked for, what came nearest, the field that differs, and the line."""

    async def act(tab: Tab) -> None:
        await tab.until("document.querySelector('.sequence .nearest')")
        text = await tab.ask("document.getElementById('case').textContent")
        for wanted in ("did not come within 10s", "reason", "Remote", "Local", "StopTransaction"):
            assert wanted in text
        assert "ended" in await tab.ask("document.querySelector('.sequence .nearest').textContent")
        assert await tab.ask("document.getElementById('smuggled')") is None
        assert (await tab.ask(_BAD_LINES)).startswith("8")
        pairs = await tab.ask(f"[...{_WIRES}].length")
        assert pairs > 5, "a call and its answer stand together"
        assert await tab.ask(_STEPS) == ["1", "2", "3"]
        assert await tab.ask("document.querySelector('.timeline .power') !== null")
        await tab.ask("[...document.querySelectorAll('.tools .link')].at(-1).click()")
        assert "StopTransaction" in await tab.ask("document.querySelector('.event.target.nearest').textContent")

    _look(chromium, report, act)


def test_cases_are_found(chromium: Chromium, report: Path) -> None:
    """By verdict, version, tag and text; in the order that is asked for."""

    async def act(tab: Tab) -> None:
        names = await tab.ask(_NAMES)
        assert len(names) == 5
        assert names[0].startswith("The same card ends it </script>")
        await tab.ask(_CHIP)
        assert await tab.ask(_NAMES) == ["Nobody is there [ocpp1.6]"]
        assert "needs an operator" in await tab.ask("document.getElementById('list').textContent")
        await tab.ask(_CHIP)
        await tab.ask("version.value = '2.0.1'; version.dispatchEvent(new Event('change'))")
        assert len(await tab.ask(_NAMES)) == 2
        await tab.ask("text.value = 'boots'; text.dispatchEvent(new Event('input'))")
        await tab.until(f"({_NAMES}).length === 1")
        assert await tab.ask(_NAMES) == ["It boots [ocpp2.0.1]"]
        await tab.ask("text.value = 'nothing of the kind'; text.dispatchEvent(new Event('input'))")
        await tab.until("document.getElementById('list').textContent.includes('No case is like that')")

    _look(chromium, report, act)


def test_a_link_leads_to_its_moment_and_keys_to_the_next_case(chromium: Chromium, report: Path) -> None:
    """The address holds the case and the event."""

    async def act(tab: Tab) -> None:
        await tab.until("document.querySelector('.event.target')")
        assert await tab.ask("document.querySelector('.event.target').id") == "seq-1"
        assert "Frame" not in await tab.ask("document.title")
        await tab.ask("document.querySelector('.event.target .arrow').click()")
        whole = await tab.ask("document.querySelector('pre.whole').textContent")
        assert '"chargePointModel"' in whole or '"chargingStation"' in whole
        before = await tab.ask("document.querySelector('#case h2').textContent")
        await tab.press("j")
        await tab.until(f"document.querySelector('#case h2').textContent !== {before!r}")
        await tab.press("/")
        assert await tab.ask("document.activeElement.id") == "text"

    _look(chromium, report, act, "#case=1&seq=1")


def test_a_phone_shows_one_thing_at_a_time(chromium: Chromium, report: Path) -> None:
    """The list, then the case; nothing is wider than the screen."""

    async def act(tab: Tab) -> None:
        assert await tab.ask("getComputedStyle(document.getElementById('case')).display") == "none"
        await tab.ask("document.querySelector('#list a').click()")
        await tab.until("document.querySelector('.sequence')")
        assert await tab.ask("getComputedStyle(document.getElementById('list')).display") == "none"
        assert await tab.ask("document.documentElement.scrollWidth <= innerWidth")

    _look(chromium, report, act, width=390, height=800, phone=True, dark=True)


def test_the_page_of_a_killed_run_comes_from_its_json_lines(chromium: Chromium, report: Path) -> None:
    """What had finished is there; what had not is an error."""
    lines = (report.parent / "out.jsonl").read_text("utf-8").splitlines(keepends=True)
    last = max(place for place, line in enumerate(lines) if '"phase":"end"' in line and '"type":"case"' in line)
    (report.parent / "cut.jsonl").write_text("".join(lines[:last]), "utf-8")
    done = cli("report", "cut.jsonl", "--html", "cut.html", cwd=report.parent)
    assert done.code == 1

    async def act(tab: Tab) -> None:
        about = await tab.ask("document.getElementById('about').textContent")
        assert "the run did not finish" in about
        assert "did not finish" in await tab.ask("document.getElementById('list').textContent")

    _look(chromium, report.parent / "cut.html", act)
