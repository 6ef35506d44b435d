"""Requests that meet each other, and a file that cannot be written."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.log import LogRow
from ocpplab_runner.gateway.server.store import Store
from tests.gateway.server.kit import eventually, gateway, run, site

_LOCATION = {
    "name": "Hub",
    "address": "1 Road",
    "city": "Paris",
    "country": "FR",
    "coordinates": {"latitude": 48.9, "longitude": 2.2},
}


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_location_may_be_deleted_by_two_at_once() -> None:
    """Both are told that it is gone."""

    async def main() -> None:
        async with site() as here:
            location = (await here.post("/ocpp/locations", _LOCATION)).json()["id"]
            await here.charger(location_id=location)
            path = f"/ocpp/locations/{location}"
            answers = await asyncio.gather(*(here.client.delete(path) for _ in range(3)))
            assert {answer.status_code for answer in answers} == {204}
            assert (await here.get("/ocpp/chargers"))["total"] == 0

    run(main())


@pytest.mark.parametrize("change", ["ws_url", "ocpp_version", "both"])
def test_a_charger_that_is_deleted_while_it_is_changed_is_gone(change: str, tmp_path: Path) -> None:
    """It neither dials a CSMS any more nor comes back after a restart."""
    file = tmp_path / "fleet.db"

    async def main() -> None:
        async with site(database=file) as here:
            charger = await here.charger()
            body = {"ws_url": here.ws_url + "/2", "ocpp_version": "OCPP2.0.1"}
            if change != "both":
                body = {change: body[change]}
            path = f"/ocpp/chargers/{charger}"
            changed, deleted = await asyncio.gather(here.client.put(path, json=body), here.client.delete(path))
            assert (changed.status_code, deleted.status_code) == (404, 204)
            seen = len(here.log.frames)
            await asyncio.sleep(600)
            await clock.settled()
            assert len(here.log.frames) == seen
        async with gateway(database=file) as fleet:
            assert fleet.size == 0

    run(main())


def test_two_changes_at_once_leave_one_runtime() -> None:
    """The second takes effect, and nothing of the first goes on."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger()
            path = f"/ocpp/chargers/{charger}"
            bodies = [{"ws_url": f"{here.ws_url}/{number}"} for number in range(3)]
            answers = await asyncio.gather(*(here.client.put(path, json=body) for body in bodies))
            assert {answer.status_code for answer in answers} == {200}
            await here.online()
            boots = len(here.log.calls("BootNotification"))
            await asyncio.sleep(600)
            assert len(here.log.calls("BootNotification")) == boots

    run(main())


def test_a_full_disk_is_said_and_forgotten_when_there_is_room(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Requests say that nothing is kept, the log says it once, and later everything is written."""
    file = tmp_path / "fleet.db"

    async def main() -> None:
        async with site(database=file) as here:
            with full_disk():
                first = await here.post("/ocpp/locations", _LOCATION)
                second = await here.post("/ocpp/chargers", here.new_charger("CP-2"))
                assert first.status_code == second.status_code == 500
                assert "done, but not kept" in first.json()["detail"]
                await asyncio.sleep(5)
            assert (await here.post("/ocpp/locations", _LOCATION)).status_code == 201
            assert await eventually(lambda: here.get("/ocpp/locations"), "answers")
        async with gateway(database=file) as fleet:
            assert fleet.size == 1
            assert len(fleet.organizations["acme"].locations) == 2

    run(main())
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_log_is_cleared_with_everything_else(tmp_path: Path) -> None:
    """Not before the commit that deletes its charger: a kill between the two loses nothing."""
    file = tmp_path / "fleet.db"
    store = Store(file)
    store.put("charger", "dep-1", {"id": "dep-1"})
    at = datetime(2026, 1, 1, tzinfo=UTC)
    store.add_row("dep-1", LogRow(at, "cp_to_csms", "Heartbeat", '[2,"1","Heartbeat",{}]', True, at), 1)
    store.commit()

    def kept() -> tuple[int, int]:
        # As a kill would leave it: the file is locked for as long as its Gateway lives.
        left = tmp_path / "left"
        left.mkdir()
        for part in tmp_path.glob("fleet.db*"):
            shutil.copy(part, left)
        with closing(sqlite3.connect(left / "fleet.db")) as other:
            (chargers,) = other.execute("SELECT count(*) FROM objects WHERE kind = 'charger'").fetchone()
            (rows,) = other.execute("SELECT count(*) FROM log").fetchone()
        shutil.rmtree(left)
        return chargers, rows

    store.clear_log("dep-1")
    store.delete("charger", "dep-1")
    assert kept() == (1, 1)
    store.commit()
    assert kept() == (0, 0)
    store.close()
