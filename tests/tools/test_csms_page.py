"""The live page of ``csms --http`` in a browser."""

from __future__ import annotations

from ocpplab_runner.api import run_scenario
from ocpplab_runner.cli.rewriting import rewrite
from ocpplab_runner.tools.csms.api.app import CsmsApi
from tests.csms.stations import V201
from tests.gateway.page.chromium import Chromium
from tests.tools.csms_kit import Bench, play

TOKEN = "a-token-for-tests"
SIGN_IN = f"document.getElementById('token').value = '{TOKEN}'; document.querySelector('#login button').click()"
RESET = """
const verb = document.getElementById("verb");
verb.value = "reset";
verb.dispatchEvent(new Event("change"));
"""


def test_stations_messages_and_operations(chromium: Chromium) -> None:
    """A row for each station, and for each call with its answer; an operation is sent and its answer shown."""

    async def scene(bench: Bench) -> None:
        api = CsmsApi(bench.program, "127.0.0.1", 0, TOKEN)
        await api.start()
        station = await bench.dial()
        await station.boot()
        await station.ask("StatusNotification", {"connectorId": 1}, validate=False)
        await (await bench.dial(V201, identity="CP-2")).boot()
        try:
            async with chromium.tab() as tab:
                await tab.go(f"{api.url}/")
                await tab.until("document.body.dataset.view === 'login'")
                await tab.ask(SIGN_IN)
                await tab.until("document.querySelectorAll('#messages tr').length === 3")
                stations = await tab.ask("[...document.querySelectorAll('#stations tr')].map((one) => one.innerText)")
                assert [text.split("\t")[:4] for text in stations] == [
                    ["CP-1", "1.6", "connected", "Accepted"],
                    ["CP-2", "2.0.1", "connected", "Accepted"],
                ]
                messages = await tab.ask("document.getElementById('messages').innerText")
                assert "OccurenceConstraintViolation: errorCode is missing" in messages and " ms" in messages
                await tab.until("document.querySelectorAll('#verb option').length > 10")
                await tab.ask(RESET)
                assert '"type": "Soft"' in await tab.ask("document.getElementById('fields').value")
                await tab.ask("document.querySelector('#operation button').click()")
                await tab.until("document.getElementById('answer').textContent.includes('Accepted')")
                await tab.until("document.querySelectorAll('#messages tr').length === 4")
        finally:
            await api.stop()
        assert [call.action for call in station.calls] == ["Reset"]

    play(scene, virtual=False)


def test_what_a_station_has_done_becomes_a_scenario(chromium: Chromium) -> None:
    """From its row; it says what could not be taken over, and passes."""
    written: list[str] = []

    async def scene(bench: Bench) -> None:
        api = CsmsApi(bench.program, "127.0.0.1", 0, TOKEN, rewrite=rewrite)
        await api.start()
        station = await bench.dial()
        await station.boot()
        await station.ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
        await station.ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"})
        try:
            async with chromium.tab() as tab:
                await tab.go(f"{api.url}/")
                await tab.until("document.body.dataset.view === 'login'")
                await tab.ask(SIGN_IN)
                await tab.until("document.querySelectorAll('#messages tr').length === 3")
                assert "the newest at the top" in await tab.ask("document.getElementById('note').textContent")
                await tab.ask("document.querySelector('#stations button').click()")
                written.append(await tab.until("document.querySelector('dialog.scenario pre')?.textContent"))
                assert tab.errors == []
        finally:
            await api.stop()

    play(scene, virtual=False)
    assert "plug_connector" in written[0]
    run = run_scenario(written[0])
    assert run.verdicts == ["passed"], run.report


def test_a_wrong_token(chromium: Chromium) -> None:
    """The page says so and shows nothing."""

    async def scene(bench: Bench) -> None:
        api = CsmsApi(bench.program, "127.0.0.1", 0, TOKEN)
        await api.start()
        try:
            async with chromium.tab() as tab:
                await tab.go(f"{api.url}/")
                await tab.until("document.body.dataset.view === 'login'")
                await tab.ask(SIGN_IN.replace(TOKEN, "nobody"))
                await tab.until("document.getElementById('login-error').textContent.includes('not valid')")
                assert await tab.ask("document.body.dataset.view") == "login"
        finally:
            await api.stop()

    play(scene, virtual=False)
