"""The page in a real browser: seen, clicked and typed at, with a Gateway and a CSMS in real time behind it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.api import run_scenario
from ocpplab_runner.cli.rewriting import rewrite
from ocpplab_runner.gateway.server.commands import Command
from tests.gateway.page.chromium import Chromium, Tab
from tests.gateway.page.scene import Scene, scene, showcase, sign_in
from tests.gateway.server.kit import OTHER_TOKEN, TOKEN

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
COUNTS = """Object.fromEntries([...document.querySelectorAll('.chip')].map(
    (chip) => [chip.dataset.state, Number(chip.querySelector('b').textContent)]))"""
FILL = """(([form, values]) => {
    for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
})([%s, %s])"""
CHOOSE = (
    """((select) => { select.value = %s; select.dispatchEvent(new Event('change')); })(document.querySelector(%s))"""
)
PAINTED = "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(true), 200)))"
STATE = "document.querySelector('[data-connector=\"{}\"] .state').textContent"


def play(main: Coroutine[Any, Any, None]) -> None:
    """Run a test in real time: a browser knows no other."""
    asyncio.run(main)


async def opened(tab: Tab, here: Scene, charger: str) -> None:
    """Sign in, straight to a charger."""
    await sign_in(tab, here, path=f"/#/charger/{charger}")
    await tab.until("document.querySelector('.commands')")


async def focused(tab: Tab, selector: str) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _ in range(120):
        if await tab.ask(f"document.activeElement.matches({json.dumps(selector)})"):
            return
        await tab.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def test_it_loads_from_this_server_alone_and_keeps_the_token_to_itself(chromium: Chromium) -> None:
    """No request goes elsewhere, nothing is in the console, and the token is in no URL and in no lasting storage."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            await opened(tab, here, charger)
            await tab.click("#add-open")
            await tab.until("document.querySelector('#add-form [name=model_slug]').value")
            assert tab.errors == []
            assert len(tab.requests) > 12
            assert [one for one in tab.requests if not one.startswith(f"{here.url}/")] == []
            assert [one for one in tab.requests if TOKEN in one] == []
            assert await tab.ask("JSON.stringify(localStorage) + document.cookie + location.href") == (
                f"{{}}{here.url}/#/charger/{charger}"
            )
            assert TOKEN not in await tab.ask(
                "document.documentElement.outerHTML + document.querySelector('#token').value"
            )
            await tab.send("Page.reload")
            await tab.until("document.querySelector('.commands')")

    play(main())


@pytest.mark.parametrize("count", [1, 50])
def test_a_fleet_is_shown_counted_and_filtered(chromium: Chromium, count: int) -> None:
    """As many tiles as chargers, counts that are the chargers' own, filters by text and by state."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await sign_in(tab, here)
            names = [f"CP-{number:03}" for number in range(1, count + 1)]
            ids = await here.chargers(*names)
            await tab.until(f"document.querySelectorAll('.tile').length === {count}")
            await tab.until(f"document.querySelector('.figure.online dd').textContent === '{count} of {count}'")
            await here.command("start-session", ids[0], id_tag="CARD-1", connector_id=1)
            await tab.until(f"({COUNTS}).Charging === 1")
            told = await tab.ask(COUNTS)
            assert told["Available"] == 2 * count - 1 and sum(told.values()) == 2 * count
            await tab.until("document.querySelector('.figure.power dd').textContent === '11.0 kW'")
            await tab.click(".chip[data-state=Charging]")
            await tab.until("document.querySelectorAll('.tile').length === 1")
            await tab.click(".chip[data-state=Charging]")
            await tab.click("#filter")
            await tab.write(names[-1].lower())
            await tab.until(
                f"[...document.querySelectorAll('.tile-name > span')].map(e => e.textContent).join() === '{names[-1]}'"
            )
            await tab.write(" nothing")
            await tab.until("document.querySelector('#fleet-empty').textContent.includes('No charger fits')")
            assert tab.errors == []

    play(main())


def test_a_big_fleet_has_pages(chromium: Chromium) -> None:
    """More chargers than fit on one page of tiles are paged; the filter finds those of every page."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await sign_in(tab, here)
            await here.chargers(*(f"CP-{number:03}" for number in range(1, 71)))
            await tab.until("document.querySelector('#pager').textContent.includes('Page 1 of 2')")
            assert await tab.ask("document.querySelectorAll('.tile').length") == 60
            await tab.click("#pager button:last-child")
            await tab.until("document.querySelectorAll('.tile').length === 10")
            await tab.click("#filter")
            await tab.write("CP-001")
            await tab.until(
                "document.querySelectorAll('.tile').length === 1 && document.querySelector('#pager').hidden"
            )

    play(main())


def test_the_plug_button_changes_the_connector(chromium: Chromium) -> None:
    """A click is a command, the command a state, the state a word, a shape and a colour at that connector."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            await opened(tab, here, charger)
            assert await tab.ask(STATE.format(2)) == "Available"
            before = await tab.ask("getComputedStyle(document.querySelector('[data-connector=\"2\"] .state')).color")
            await tab.click('[data-connector="2"] .row button')
            await tab.until(f"{STATE.format(2)} === 'Preparing'")
            assert await tab.ask(STATE.format(1)) == "Available"
            assert (
                await tab.ask("document.querySelector('[data-connector=\"2\"] .state use').getAttribute('href')")
                == "#i-Preparing"
            )
            assert before != await tab.ask(
                "getComputedStyle(document.querySelector('[data-connector=\"2\"] .state')).color"
            )
            await tab.until("document.querySelector('#announcer').textContent === 'Plug in at connector 2: Queued'")
            await tab.click('[data-connector="2"] .row button')
            await tab.until(f"{STATE.format(2)} === 'Available'")
            # What the page could not know yet is refused by the Gateway, and the page says why.
            await tab.ask("document.querySelector('[data-command=unplug_connector]').removeAttribute('aria-disabled')")
            await tab.click("[data-command=unplug_connector]")
            await tab.until(
                "document.querySelector('.result.bad .said')?.textContent === 'no EV is plugged into EVSE 1'"
            )
            place = "document.querySelector('.result').getBoundingClientRect()"
            assert await tab.ask(f"{place}.top >= 0 && {place}.bottom <= innerHeight")  # in view, without scrolling

    play(main())


def test_power_and_energy_are_drawn(chromium: Chromium) -> None:
    """While it charges the curve stands at the power, the energy grows, and both are said in words."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            await opened(tab, here, charger)
            await here.command("start-session", charger, id_tag="CARD-1", connector_id=1)
            await here.command("power-update", charger, power_w=10_000_000, evse_id=1)
            reading = "document.querySelector('[data-connector=\"1\"] .reading-{} dd').textContent"
            await tab.until(f"{STATE.format(1)} === 'Charging'")
            await tab.until(f"parseFloat({reading.format('energy')}) >= 0.01")
            chart = "document.querySelector('[data-connector=\"1\"] .chart')"
            assert "Power in the last 1 minute: now 11.0 kW" in await tab.ask(f"{chart}.getAttribute('aria-label')")
            assert await tab.ask(f"{chart}.querySelector('.line').getAttribute('d').endsWith('300 0')")
            assert await tab.ask(f"{chart}.querySelector('.energy').getAttribute('d').endsWith('300 0')")
            axis = "document.querySelector('[data-connector=\"1\"] .scale.energy').textContent"
            assert re.fullmatch(r"\+0\.\d\d kWh", await tab.ask(axis))

    play(main())


def test_messages_stream_expand_pause_and_filter(chromium: Chromium) -> None:
    """Each frame has its direction, action and time; it opens to its JSON; paused, nothing moves; filters apply."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            first, second = await here.chargers("CP-1", "CP-2")
            await sign_in(tab, here)
            await tab.until("document.querySelectorAll('#stream li').length >= 8")  # from before the page was opened
            await here.command("authorize-id-tag", first, id_tag="CARD-2")
            top = "document.querySelector('#stream li')"
            await tab.until(f"{top}.textContent.includes('Authorize')")
            await tab.until(f"{top}.querySelector('.answer').textContent.includes('Accepted')")
            assert "Charger to CSMS: Authorize" in await tab.ask(f"{top}.textContent")
            assert re.fullmatch(r"\d+ ms", await tab.ask(f"{top}.querySelector('.took').textContent"))
            assert "the newest at the top" in await tab.ask("document.querySelector('#messages-note').textContent")
            await tab.click("#stream li:first-child summary")
            await tab.until("document.querySelectorAll('#stream pre').length === 2")
            opened = await tab.ask("[...document.querySelectorAll('#stream pre')].map(e => e.textContent)")
            call, answer = map(json.loads, opened)
            assert call[0] == 2 and call[2:] == ["Authorize", {"idTag": "CARD-2"}]
            assert answer[:2] == [3, call[1]] and answer[2]["idTagInfo"]["status"] == "Accepted"
            await tab.click("#pause")
            count = await tab.ask("document.querySelectorAll('#stream li').length")
            await here.command("plug-connector", second, evse_id=2)
            await tab.until("document.querySelector('#messages-note').textContent.includes('1 more')")
            assert await tab.ask("document.querySelectorAll('#stream li').length") == count
            await tab.click("#pause")
            await tab.until(f"document.querySelectorAll('#stream li').length === {count} + 1")
            assert await tab.ask("document.querySelectorAll('#stream details[open]').length") == 1
            await tab.click("#messages-charger")
            await tab.write("CP-2")
            who = "[...new Set([...document.querySelectorAll('#stream .who')].map(e => e.textContent))].join()"
            await tab.until(f"{who} === 'CP-2'")
            await tab.ask(CHOOSE % ("'BootNotification'", "'#messages-action'"))
            await tab.until("document.querySelectorAll('#stream li').length === 1")
            assert tab.errors == []

    play(main())


@pytest.mark.parametrize("rounds", [0, 15])
def test_the_log_from_before_is_there_and_nothing_twice(chromium: Chromium, rounds: int) -> None:
    """Opening a charger brings its log by the public route; what the stream has brought already is not repeated."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            for _ in range(rounds):
                await here.command("plug-connector", charger, evse_id=1)
                await here.command("unplug-connector", charger, evse_id=1)
            total = 8 + 4 * rounds
            async with asyncio.timeout(10):  # the answers to the last statuses may still be on their way
                while (await here.client.get(f"/ocpp/chargers/{charger}/logs")).json()["total"] != total:
                    await asyncio.sleep(0.01)
            await opened(tab, here, charger)
            await tab.until(f"document.querySelectorAll('#stream .answer').length === {total // 2}")
            assert await tab.ask("document.querySelectorAll('#stream li').length") == total // 2
            await here.command("plug-connector", charger, evse_id=1)
            await tab.until(f"document.querySelectorAll('#stream li').length === {total // 2} + 1")

    play(main())


def test_everything_goes_by_keyboard(chromium: Chromium) -> None:
    """Sign in, choose a charger, fire a command and fill a form, with no mouse; what becomes of it is announced."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await here.chargers("CP-1", "CP-2")
            await tab.go(here.url)
            await focused(tab, "#token")
            await tab.write(TOKEN)
            await tab.press("Enter")
            await tab.until("document.querySelectorAll('.tile').length === 2")
            await focused(tab, ".tile")
            await tab.press("ArrowRight")
            await tab.press("Enter")
            await tab.until("document.activeElement.textContent === 'CP-2'")
            await focused(tab, "[data-command=plug_connector]")
            assert await tab.ask("getComputedStyle(document.activeElement).outlineStyle") != "none"
            await tab.press("Enter")
            await tab.until(f"{STATE.format(1)} === 'Preparing'")
            await tab.until("document.querySelector('#announcer').textContent === 'Plug in at connector 1: Queued'")
            await focused(tab, "[data-command=authorize_id_tag]")
            await tab.press("Space")
            await tab.until("document.activeElement.name === 'id_tag'")
            await tab.write("CARD-1")
            await tab.press("Enter")
            await tab.until(f"{STATE.format(1)} === 'Charging'")
            await tab.press("Escape")
            await tab.until("document.activeElement.dataset.command === 'authorize_id_tag'")
            await tab.press("2")
            await tab.until("document.querySelector('.segment input:checked').value === '2'")
            await tab.press("Escape")
            await tab.until(
                "document.activeElement.matches('.tile') && document.activeElement.textContent.includes('CP-2')"
            )
            await tab.press("?", shift=True)
            await tab.until("document.querySelector('#help').open")
            await tab.press("Escape")
            await tab.press("/")
            await tab.until("document.activeElement.id === 'filter'")
            await tab.press("p")
            assert await tab.ask("document.querySelector('#filter').value") == "p"

    play(main())


def test_each_of_the_18_commands_can_be_given(chromium: Chromium) -> None:
    """Every button gives a request that its public route takes, and shows what it says."""
    values = {
        "id_tag": "CARD-1", "power_w": "7000", "fault_type": "WeakSignal", "key": "HeartbeatInterval", "value": "300",
        "list_version": "5", "cards": "CARD-1 CARD-2", "action": "DataTransfer", "payload": '{"vendorId": "x"}',
    }  # fmt: skip
    order = [
        "plug_connector", "start_transaction", "ev_stops_energy", "ev_requests_energy", "power_update",
        "stop_transaction", "unplug_connector", "start_session", "stop_session", "plug_connector", "authorize_id_tag",
        "unlock_connector", "inject_fault", "clear_fault", "set_configuration", "reset_auth_cache",
        "send_local_auth_list", "clear_local_auth_list", "proxy_message",
    ]  # fmt: skip
    assert set(order) == {command.value for command in Command}

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            await opened(tab, here, charger)
            assert await tab.ask("document.querySelectorAll('[data-command]').length") == 18
            for name in order:
                await tab.until(f"!document.querySelector('[data-command={name}]').hasAttribute('aria-disabled')")
                await tab.click(f"[data-command={name}]")
                if await tab.ask(f"document.querySelector('[data-command={name}]').hasAttribute('aria-expanded')"):
                    form = f"document.querySelector('[data-form={name}]')"
                    await tab.until(f"{form} !== null")
                    await tab.ask(FILL % (form, json.dumps(values)))
                    await tab.click(f"[data-form={name}] [type=submit]")
                result = "document.querySelector('.result:first-child')"
                await tab.until(f"{result} && !{result}.dataset.seen")
                assert "good" in await tab.ask(f"{result}.className"), (name, await tab.ask(f"{result}.textContent"))
                await tab.ask(f"{result}.dataset.seen = 'yes'")
            assert await tab.ask("document.querySelectorAll('.result').length") == 12
            assert tab.errors == []

    play(main())


def test_only_what_makes_sense_now_is_offered(chromium: Chromium) -> None:
    """As connector and charger stand; the others say why not, and do nothing. Each of the three stops has its word."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            await opened(tab, here, charger)
            off = "[...document.querySelectorAll('[data-command][aria-disabled]')].map(e => e.dataset.command)"
            assert set(await tab.ask(off)) == {
                "unplug_connector", "stop_session", "ev_requests_energy", "ev_stops_energy", "power_update",
                "start_transaction", "stop_transaction", "clear_fault",
            }  # fmt: skip
            stop = "document.querySelector('[data-command=stop_transaction]')"
            assert (await tab.ask(f"{stop}.title")).startswith("No transaction runs. ")
            await tab.click("[data-command=stop_transaction]")
            assert await tab.ask("document.querySelector('[data-form]')") is None
            await here.command("start-session", charger, id_tag="CARD-1", connector_id=1)
            await tab.until(f"!{stop}.hasAttribute('aria-disabled')")
            assert set(await tab.ask(off)) == {"plug_connector", "start_session", "start_transaction", "clear_fault"}
            await tab.press("2")  # the other connector is free
            await tab.until(f"({off}).includes('unplug_connector') && !({off}).includes('plug_connector')")
            words = await tab.ask("[...document.querySelectorAll('button')].map(e => e.textContent)")
            stops = {word.rstrip("…") for word in words if word.split()[0] in ("Stop", "End", "Switch")}
            assert stops == {"Stop session", "End transaction", "Switch off"}

    play(main())


def test_what_a_charger_has_done_becomes_a_scenario(chromium: Chromium) -> None:
    """Shown in a dialog; it runs, and passes."""

    async def main() -> None:
        async with scene(rewrite=rewrite) as here, chromium.tab() as tab:
            (charger,) = await here.chargers("CP-1")
            await opened(tab, here, charger)
            await here.command("start-session", charger, id_tag="CARD-1", connector_id=1)
            await tab.until("document.querySelector('#stream').textContent.includes('StartTransaction')")
            await tab.click(".actions button:first-child")
            text = await tab.until("document.querySelector('dialog.scenario pre')?.textContent")
            assert 'name: "What CP-1 has done"\n' in text
            assert "transaction" in text
            assert await tab.ask("document.querySelector('dialog.scenario a').download") == "CP-1.yaml"
            assert tab.errors == []
            written.append(text)

    written: list[str] = []
    play(main())
    run = run_scenario(written[0])
    assert run.verdicts == ["passed"], run.report


def test_a_command_goes_to_a_whole_location(chromium: Chromium) -> None:
    """Commands that fan out can be sent to every charger of the location; the others cannot."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            place = {"name": "Depot", "address": "1 Road", "city": "Utrecht", "country": "NL"}
            coordinates = {"latitude": 52.1, "longitude": 5.1}
            made = await here.client.post("/ocpp/locations", json={**place, "coordinates": coordinates})
            charger, _ = await here.chargers("CP-1", "CP-2", location_id=made.json()["id"])
            await opened(tab, here, charger)
            await tab.until("document.querySelector('.target select').options.length === 2")
            text = await tab.ask("document.querySelector('.target select').options[1].textContent")
            assert text == "Every charger at Depot"
            await tab.ask(CHOOSE % (json.dumps(made.json()["id"]), "'.target select'"))
            assert await tab.ask("document.querySelector('[data-command=inject_fault]').ariaDisabled") == "true"
            await tab.click("[data-command=plug_connector]")
            await tab.until("document.querySelector('.said')?.textContent === 'Queued for 2 chargers'")
            await tab.until(f"({COUNTS}).Preparing === 2")

    play(main())


def test_a_charger_is_added_stopped_and_deleted(chromium: Chromium) -> None:
    """The form offers the catalogue; the new charger is opened; deleting asks first, and says what goes wrong."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await sign_in(tab, here)
            await tab.click("#fleet-empty button")
            await tab.until("document.querySelector('#add-form [name=model_slug]').value")
            for field, text in (("identity", "CP-NEW"), ("ws_url", f"ws://127.0.0.1:{here.csms.port}/ocpp")):
                await tab.click(f"#add-form [name={field}]")
                await tab.write(text)
            await tab.press("Enter")
            await tab.until("document.querySelector('#charger-title')?.textContent === 'CP-NEW'")
            await tab.until("document.querySelector('.badge.link').textContent === 'Online'")
            await tab.until("document.querySelector('#messages-charger').value === 'CP-NEW'")
            assert f"dials ws://127.0.0.1:{here.csms.port}/ocpp" in await tab.ask(
                "document.querySelector('.about').textContent"
            )
            power = "[...document.querySelectorAll('.actions button')].find(e => e.textContent.startsWith('Switch'))"
            assert await tab.ask(f"{power}.textContent") == "Switch off"
            await tab.ask(f"{power}.click()")
            await tab.until("document.querySelector('.badge.link').textContent === 'Switched off'")
            await tab.until("document.querySelector('.connector').textContent.includes('the charger is switched off')")
            await tab.until(f"{power}.textContent === 'Switch on'")
            await tab.until("document.querySelectorAll('[data-command][aria-disabled]').length === 18")
            await tab.click(".actions .warn")
            await tab.click("#confirm [data-close]")
            assert await tab.ask("document.querySelectorAll('.tile').length") == 1
            await tab.click(".actions .warn")
            await here.client.delete(f"/ocpp/chargers/{next(iter(here.fleet.organizations['acme'].chargers))}")
            await tab.click("#confirm-yes")
            await tab.until("document.querySelector('#notice').textContent.includes('there is no charger')")
            await tab.ask("location.hash = '#/'")
            await tab.until("document.querySelectorAll('.tile').length === 0 && document.body.dataset.view === 'fleet'")

    play(main())


def test_others_never_appear(chromium: Chromium) -> None:
    """Nothing of another organization is in a list, in a message or at its address, nor after signing out."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await here.chargers("CP-MINE")
            (theirs,) = await here.chargers("CP-THEIRS", token=OTHER_TOKEN)
            await sign_in(tab, here, path=f"/#/charger/{theirs}")
            await tab.until("document.querySelectorAll('.tile').length === 1")
            await tab.until("document.querySelector('#charger-none').textContent.includes('no such charger')")
            deployment = here.fleet.organizations["beta"].chargers[theirs]
            await deployment.perform("plug_connector", {"evse_id": 1})
            await here.chargers("CP-MINE-2")
            await tab.until("document.querySelectorAll('.tile').length === 2")
            page = await tab.ask("document.documentElement.outerHTML")
            assert "CP-MINE-2" in page and "CP-THEIRS" not in page
            await tab.click("#sign-out")
            assert "CP-MINE" not in await tab.ask("document.body.innerText")
            assert await tab.ask("sessionStorage.length") == 0
            await sign_in(tab, here, OTHER_TOKEN)
            await tab.until("document.querySelectorAll('.tile').length === 1")
            page = await tab.ask("document.documentElement.outerHTML")
            assert "CP-THEIRS" in page and "CP-MINE" not in page

    play(main())


def test_a_wrong_token_is_refused(chromium: Chromium) -> None:
    """The page says why, and shows nothing."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await here.chargers("CP-1")
            await tab.go(here.url)
            await tab.click("#token")
            await tab.write("nobody-knows-this")
            await tab.press("Enter")
            await tab.until("document.querySelector('#login-problem').textContent === 'the bearer token is not valid'")
            assert await tab.ask("document.body.dataset.view") == "login"
            assert await tab.ask("sessionStorage.length") == 0

    play(main())


def test_markup_stays_text(chromium: Chromium) -> None:
    """Names and messages from outside are shown, never run."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            name = "<img src=x onerror=alert(1)>"
            (charger,) = await here.chargers("CP-1", charge_point_name=name)
            await opened(tab, here, charger)
            event = {"action": "DataTransfer", "ocpp_version": "ocpp1.6", "payload": {"vendorId": name}}
            await here.command("proxy-message", charger, **event)
            await tab.until("document.querySelector('#stream').textContent.includes('onerror')")
            assert name in await tab.ask("document.querySelector('.about').textContent")
            assert await tab.ask("document.querySelectorAll('main img').length") == 0
            assert tab.errors == []

    play(main())


def test_a_lost_connection_is_said_and_found_again(chromium: Chromium) -> None:
    """An open page does not keep the Gateway from stopping; when it is back the page follows it again."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            await here.chargers("CP-1")
            await sign_in(tab, here)
            async with asyncio.timeout(3):
                await here.gateway.stop()
            await tab.until("document.querySelector('#live').textContent === 'Connection lost'")
            await here.restart()
            await tab.until("document.querySelector('#live').textContent === 'Live'")
            await tab.until("document.querySelectorAll('.tile').length === 0")

    play(main())


def test_it_fits_every_screen_and_can_be_read(chromium: Chromium) -> None:
    """No view is wider than a phone; text stands out by 4.5 to 1 (WCAG 2.2 AA); what one can operate has a name."""

    async def main() -> None:
        async with scene() as here, chromium.tab() as tab:
            ids = await showcase(here, 12)
            await opened(tab, here, ids[0])
            await tab.until("document.querySelectorAll('.tile').length === 12")
            await tab.click("[data-command=proxy_message]")
            await tab.until("document.querySelector('[data-form=proxy_message]')")
            for width in (320, 390, 768, 1024, 1440):
                await tab.screen(width, 800, phone=width < 760)
                for address in (f"/charger/{ids[0]}", "/messages", f"/charger/{ids[3]}", "/"):
                    await tab.ask(f"location.hash = '#{address}'")
                    await tab.until(PAINTED)
                    assert await tab.ask("document.documentElement.scrollWidth") <= width, (width, address)
            for dark, ground in ((False, "rgb(244, 246, 248)"), (True, "rgb(13, 18, 24)")):
                await tab.scheme(dark=dark)
                for address in ("/", f"/charger/{ids[3]}"):
                    await tab.ask(f"location.hash = '#{address}'")
                    await tab.until(PAINTED)
                    assert await tab.ask(AUDIT) == []
                    assert await _nameless(tab) == []
                assert await tab.ask("getComputedStyle(document.documentElement).backgroundColor") == ground

    play(main())


async def _nameless(tab: Tab) -> list[Any]:
    """What can be operated and has no name for a screen reader."""
    tree = await tab.send("Accessibility.getFullAXTree")
    operable = {"button", "link", "textbox", "searchbox", "combobox", "radio", "checkbox"}
    nodes = [node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] in operable]
    assert len(nodes) > 20
    return [node for node in nodes if not node["name"]["value"]]
