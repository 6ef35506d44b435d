"""``ocpplab-runner csms`` as users call it: in a process of its own, until a signal ends it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import NO_REPLY
from ocpplab_runner.ocppj.records import SessionClosed
from ocpplab_runner.ocppj.websocket import connect
from tests.acceptance.cli_kit import assert_golden, cli
from tests.csms.stations import V16, Station
from tests.fixtures.csms import CsmsProcess, csms_process

COMMANDS: dict[str, tuple[str, ...]] = {
    "csms_help": ("csms", "--help"),
    "csms_bad_listen": ("csms", "--listen", "localhost"),
    "csms_bad_port": ("csms", "--listen", "127.0.0.1:70000"),
    "csms_no_such_address": ("csms", "--listen", "203.0.113.1:9000"),
    "csms_bad_card": ("csms", "--cards", "bad_card.yaml"),
    "csms_bad_delay": ("csms", "--answer-delay", "Authorize=soon"),
    "csms_bad_delay_action": ("csms", "--answer-delay", "Authorise=2s"),
    "csms_bad_delay_no_action": ("csms", "--answer-delay", "=2s"),
    "csms_bad_heartbeat": ("csms", "--heartbeat", "500ms"),
    "csms_bad_path": ("csms", "--path", "/ocpp?tenant=7"),
    "csms_bad_status": ("csms", "--unknown-card", "Maybe"),
    "csms_stations_no_mapping": ("csms", "--stations", "list.yaml"),
    "csms_stations_no_variable": ("csms", "--stations", "variable.yaml"),
    "csms_key_alone": ("csms", "--key", "bad_card.yaml"),
    "csms_no_file": ("csms", "--cards", "nowhere.yaml"),
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Files that the commands name."""
    (tmp_path / "bad_card.yaml").write_text("CARD-1: Acepted\n")
    (tmp_path / "list.yaml").write_text("- CP-1\n")
    (tmp_path / "variable.yaml").write_text('CP-1: "${{ env.NOT_SET_ANYWHERE }}"\n')
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_what_it_says_of_its_options(name: str, here: Path) -> None:
    """Word for word; whatever is wrong is told before anything listens."""
    assert_golden(f"{name}.txt", cli(*COMMANDS[name], cwd=here).transcript())


def session(csms: CsmsProcess, *acts: Callable[[Station], Awaitable[object]]) -> None:
    """Let a station of 1.6 connect, boot and do that."""

    async def main() -> None:
        ws, version = await connect(csms.url, identity="CP-1", versions=[V16])
        station = Station(ws, version)
        try:
            await station.boot()
            for act in acts:
                await act(station)
        finally:
            await station.leave()

    clock.run(main(), virtual=False)


async def lie(station: Station) -> None:
    """Break a schema."""
    await station.ask("StatusNotification", {"connectorId": 1, "status": "Available"}, validate=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_session_and_the_end(number: signal.Signals, here: Path) -> None:
    """Log, summary, JSON Lines, exit code 0; nothing on standard error."""
    with csms_process("--path", "/ocpp", "--jsonl", "out.jsonl", cwd=here) as csms:
        assert csms.url.endswith("/ocpp/{identity}")
        session(csms, lambda station: station.start("ANY-CARD"))
        code, out, err = csms.end(number)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "* connected, OCPP 1.6" in lines[0]
    assert [line for line in lines if "→ StartTransaction" in line and '"status":"Accepted"' in line]
    assert lines[-2:] == [
        "CP-1: OCPP 1.6, connected once, boot Accepted once, 2 calls from it, 0 to it",
        "  1 transaction, of which 1 still runs",
    ]
    records = [json.loads(line) for line in (here / "out.jsonl").read_text().splitlines()]
    assert [records[0]["phase"], records[-1]["phase"]] == ["start", "end"]
    assert [one["event"]["name"] for one in records if one["type"] == "event"][:3] == [
        "connection",
        "BootNotification",
        "BootNotification",
    ]
    (summary,) = [one for one in records if one["type"] == "station"]
    assert (summary["identity"], summary["transactions"], summary["violations"]) == ("CP-1", 1, [])


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 1)], ids=["lenient", "strict"])
def test_the_exit_code_tells_violations(strict: tuple[str, ...], code: int, here: Path) -> None:
    """With --strict; quiet leaves nothing but the summary."""
    with csms_process("--quiet", *strict, cwd=here) as csms:
        session(csms, lie)
        ended, out, _ = csms.end()
    assert ended == code
    assert out.splitlines() == [
        "CP-1: OCPP 1.6, connected once, boot Accepted once, 2 calls from it, 0 to it, 1 CALLERROR",
        "  violation schema (must), once",
    ]


def test_cards_boot_and_delay(here: Path) -> None:
    """They are as in given.csms: a boot that is Pending, a card that is Blocked, another that nobody knows."""
    (here / "cards.yaml").write_text("04E2: {status: Blocked}\n")
    told: dict[str, object] = {}

    async def ask(station: Station) -> None:
        began = clock.now()
        told["boot"] = (await station.boot())["status"]
        told["late"] = clock.now() - began >= 0.2
        for card in ("04E2", "OTHER"):
            told[card] = (await station.tell("Authorize", {"idTag": card}))["idTagInfo"]["status"]

    arguments = ("--cards", "cards.yaml", "--answer-delay", "BootNotification=200ms", "--heartbeat", "60s")
    with csms_process(*arguments, cwd=here) as csms:
        session(csms, ask)
    assert told == {"boot": "Accepted", "late": True, "04E2": "Blocked", "OTHER": "Invalid"}
    with csms_process("--boot", "Rejected", cwd=here) as csms:
        session(csms, lambda station: station.boot())
        _, out, _ = csms.end()
    assert "boot Rejected twice" in out


def test_nobody_reads_the_log_any_more(here: Path) -> None:
    """`csms | head`: the command ends, and closes the station's connection as at any other end."""
    with csms_process(cwd=here) as csms:
        assert csms.process.stdout is not None
        csms.process.stdout.close()
        with suppress(SessionClosed):
            session(csms)
        assert csms.process.wait(60) == 1
        assert csms.process.stderr is not None
        assert csms.process.stderr.read() == ""
        csms.process.stdout = None


def test_a_full_disk_costs_the_report_only(here: Path) -> None:
    """The station is served, and the end is no pass."""
    with csms_process("--jsonl", "/dev/full", cwd=here) as csms:
        session(csms)
        code, out, err = csms.end()
    assert code == 1
    assert "CP-1: OCPP 1.6, connected once, boot Accepted once" in out
    assert err == "the report /dev/full is incomplete: it cannot be written: No space left on device\n"


def test_who_waits_for_a_station_is_answered_at_the_end(here: Path) -> None:
    """Nothing is said of it on the standard error."""

    async def main(csms: CsmsProcess) -> httpx.Response:
        ws, version = await connect(csms.url, identity="CP-1", versions=[V16])
        station = Station(ws, version)
        await station.boot()
        station.answers["Reset"] = NO_REPLY  # type: ignore[assignment]
        async with httpx.AsyncClient(base_url=csms.api, headers={"Authorization": "Bearer t"}) as http:
            waiting = asyncio.create_task(http.post("/stations/CP-1/reset?wait=100", json={"type": "Soft"}, timeout=60))
            while not any(row["action"] == "Reset" for row in (await http.get("/messages")).json()):
                await asyncio.sleep(0.02)
            csms.process.terminate()
            answer = await waiting
        await station.leave()
        return answer

    environment = {**os.environ, "OCPPLAB_CSMS_TOKEN": "t"}
    with csms_process("--http", "127.0.0.1:0", cwd=here, environment=environment) as csms:
        answer = clock.run(main(csms), virtual=False)
        out, err = csms.process.communicate(timeout=60)
        assert (csms.process.returncode, err) == (0, ""), out
    assert "closed" in answer.json()["failed"]
