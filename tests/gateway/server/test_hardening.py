"""Hostile, careless and unlucky peers of a Gateway: others hardly notice, and nothing is lost or leaked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.log import LogRow, LogSpace, MessageLog
from ocpplab_runner.gateway.server.serving import LocalGateway
from ocpplab_runner.gateway.server.settings import GatewaySettings, Limits, Pessimism
from ocpplab_runner.gateway.server.store import Store, StoreError
from ocpplab_runner.ocppj.frames import parse
from ocpplab_runner.ocppj.records import Direction, FrameRecord
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.gateway.server.kit import TOKEN, site

AT = datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def gateway(**limits: int) -> AsyncIterator[LocalGateway]:
    """A Gateway of two organizations on a socket."""
    settings = GatewaySettings(
        {"acme": frozenset({TOKEN}), "beta": frozenset({"token-of-beta"})}, limits=Limits(**limits)
    )
    one = LocalGateway(settings, random=Random(1))
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def _frame(text: str) -> FrameRecord:
    return FrameRecord(0.0, Direction.TO_CHARGER, text, parse(text, OcppVersion.V16), "Heartbeat", None)


def _log(limit: int = 100, size: int = 10_000, space: LogSpace | None = None) -> MessageLog:
    return MessageLog(limit, size, space or LogSpace(10**9), Pessimism(), Random(1), lambda row: None)


# -- logs -------------------------------------------------------------------------------------------------------------


def test_a_log_is_bounded_in_bytes() -> None:
    """The oldest rows go; the newest one stays, however little room there is."""

    async def main() -> None:
        log = _log()
        for number in range(50):
            log.record(_frame(f'[3,"{number}",{{"x":"{"y" * 1000}"}}]'))
        rows = log.page(limit=100).rows
        assert 5 <= len(rows) <= 10
        assert rows[-1].message.startswith('[3,"49"')

    clock.run(main())


def test_a_frame_larger_than_the_log_leaves_an_excerpt() -> None:
    """That it came, and how large it was, is to be read."""

    async def main() -> None:
        log = _log()
        log.record(_frame(f'[3,"big",{{"x":"{"y" * 50_000}"}}]'))
        (row,) = log.page(limit=10).rows
        assert row.message.startswith('[3,"big"')
        assert row.message.endswith("(50018 characters, more than this log may hold)")
        assert len(row.message) < 2_000

    clock.run(main())


def test_logs_of_an_organization_share_their_space() -> None:
    """Who writes beyond it loses his own oldest rows; a quiet charger's rows stay."""

    async def main() -> None:
        space = LogSpace(20_000)
        quiet, loud = _log(size=10**6, space=space), _log(size=10**6, space=space)
        quiet.record(_frame('[3,"quiet",{}]'))
        for number in range(200):
            loud.record(_frame(f'[3,"{number}",{{"x":"{"y" * 1000}"}}]'))
        assert len(quiet) == 1
        assert 10 <= len(loud) <= 20
        loud.clear()
        quiet.record(_frame(f'[3,"x",{{"x":"{"y" * 15_000}"}}]'))
        assert len(quiet) == 2

    clock.run(main())


# -- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_is_its_owners_and_tells_nothing(tmp_path: Path) -> None:
    """Neither a password nor a frame can be read from it; with the key beside it everything is there."""
    path = tmp_path / "gateway.db"
    before = os.umask(0o000)
    try:
        store = Store(path)
    finally:
        os.umask(before)
    store.put("charger", "dep-1", {"basic_auth": ["CP-1", "s3cr3t-password"]})
    store.add_row("dep-1", LogRow(AT, "csms_to_cp", "ChangeConfiguration", '["s3cr3t-key"]', True, AT), 1)
    store.commit()
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
        assert b"s3cr3t" not in file.read_bytes(), file
    store.close()
    again = Store(path)
    assert list(again.objects("charger")) == [("dep-1", {"basic_auth": ["CP-1", "s3cr3t-password"]})]
    assert again.rows("dep-1", 10)[0].message == '["s3cr3t-key"]'
    again.close()


def test_a_file_of_an_older_version_is_sealed(tmp_path: Path) -> None:
    """What it holds is kept, and can be read in it no more."""
    path = tmp_path / "gateway.db"
    Store(path).close()
    (tmp_path / "gateway.db.key").unlink()
    db = sqlite3.connect(path, isolation_level=None)
    body = json.dumps({"password": "s3cr3t-password"})
    db.execute("INSERT INTO objects VALUES ('charger', 'dep-1', ?)", (body.encode(),))
    db.execute(
        "INSERT INTO log (charger, at, direction, action, message, call) VALUES ('dep-1', ?, 'x', 'y', ?, 1)",
        (AT.isoformat(), '["s3cr3t-key"]'),
    )
    db.execute("PRAGMA user_version = 1")
    db.close()
    store = Store(path)
    assert list(store.objects("charger")) == [("dep-1", {"password": "s3cr3t-password"})]
    assert store.rows("dep-1", 10)[0].message == '["s3cr3t-key"]'
    store.close()
    for file in tmp_path.iterdir():
        assert b"s3cr3t" not in file.read_bytes(), file


@pytest.mark.parametrize("what", ["missing", "another", "none"])
def test_the_wrong_key_is_named(tmp_path: Path, what: str) -> None:
    """A file without its key is refused, and stays as it is."""
    path, key = tmp_path / "gateway.db", tmp_path / "gateway.db.key"
    store = Store(path)
    store.put("charger", "dep-1", {})
    store.close()
    content = path.read_bytes()
    match what:
        case "missing":
            key.unlink()
        case "another":
            key.write_bytes(b"x" * 32)
        case _:
            key.write_bytes(b"short")
    with pytest.raises(StoreError, match="key"):
        list(Store(path).objects("charger"))
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_written_is_not_ready(tmp_path: Path) -> None:
    """A load balancer learns it from /health/ready, and that it is over; /health/live stays well."""

    async def main() -> None:
        async with site(database=tmp_path / "gateway.db") as here:
            assert (await here.client.get("/health/ready")).status_code == 200
            store = here.fleet.store
            assert isinstance(store, Store)
            store._db.execute("PRAGMA query_only = ON")
            assert (await here.client.post("/ocpp/chargers", json=here.new_charger())).status_code == 500
            ready = await here.client.get("/health/ready")
            assert ready.status_code == 503
            assert ready.json()["database"] == "cannot be written"
            assert (await here.client.get("/health/live")).status_code == 200
            store._db.execute("PRAGMA query_only = OFF")
            assert (await here.client.post("/ocpp/chargers", json=here.new_charger("CP-2"))).status_code < 300
            assert (await here.client.get("/health/ready")).status_code == 200

    clock.run(main())


# -- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:{port}", 200),
        ("evil.example.org", 400),
        ("evil.example.org:{port}", 400),
        ("127.0.0.1.evil.example.org", 400),
        ("", 400),
    ],
)
def test_a_gateway_of_this_machine_answers_to_its_own_names(host: str, status: int) -> None:
    """A page elsewhere that makes its own name lead to 127.0.0.1 is refused."""

    async def main() -> None:
        async with gateway() as here, httpx.AsyncClient(base_url=here.url) as http:
            answer = await http.get("/health", headers={"Host": host.format(port=urlsplit(here.url).port)})
            assert answer.status_code == status

    clock.run(main())


def test_a_wrong_token_takes_its_time() -> None:
    """So that trying many takes long; no token at all is answered at once."""

    async def main() -> None:
        async with gateway() as here, httpx.AsyncClient(base_url=here.url) as http:
            began = clock.now()
            assert (await http.get("/ocpp/chargers")).status_code == 401
            assert clock.now() == began
            assert (await http.get("/ocpp/chargers", headers={"Authorization": "Bearer no"})).status_code == 401
            assert clock.now() == pytest.approx(began + 0.5)

    clock.run(main())


@pytest.mark.parametrize(
    ("sent", "answered", "after"),
    [
        (b"", b"HTTP/1.1 408 ", 10),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"HTTP/1.1 408 ", 10),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea", b"HTTP/1.1 200 ", 5),
        (
            f"POST /ocpp/chargers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode(),
            b"HTTP/1.1 408 ",
            30,
        ),
    ],
    ids=["nothing", "half a head", "half a second head", "half a body"],
)
def test_who_sends_too_slowly_is_sent_away(sent: bytes, answered: bytes, after: float) -> None:
    """A connection cannot be held open by sending nothing, or a little."""

    async def main() -> None:
        async with gateway() as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(here.url).port)
            writer.write(sent)
            answer = await asyncio.wait_for(reader.read(), 60)
            assert answered in answer
            assert clock.now() == pytest.approx(after, abs=1)
            writer.close()

    clock.run(main())


# -- floods -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _flooding_csms() -> AsyncIterator[tuple[int, list[int]]]:
    """A CSMS that sends as fast as it is read, for ever; its port, and how many frames have gone out."""
    sent = [0]

    async def flood(ws: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await ws.send(f'[2,"{sent[0]}","GetConfiguration",{{"key":["{"k" * 40}"]}}]')
                sent[0] += 1

    async with serve(flood, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None, max_queue=None) as server:  # type: ignore[list-item]
        yield server.sockets[0].getsockname()[1], sent


def test_a_flood_is_taken_at_the_organizations_rate() -> None:
    """What is more waits at its sender; the rest of the Gateway goes on."""

    async def main() -> None:
        async with _flooding_csms() as (port, _), gateway(frames_per_second=500, log_entries=10**6) as here:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with httpx.AsyncClient(base_url=here.url, headers=headers) as http:
                body = {"brand_slug": "simulated", "model_slug": "evse-2", "connector_type": "Type2"}
                for number in range(5):
                    charger = {**body, "identity": f"CP-{number}", "ws_url": f"ws://127.0.0.1:{port}/ocpp"}
                    assert (await http.post("/ocpp/chargers", json=charger)).status_code < 300
                began = clock.now()
                await asyncio.sleep(20)
                assert here.fleet is not None
                received = sum(
                    row.direction == "csms_to_cp"
                    for one in here.fleet.organizations["acme"].chargers.values()
                    for row in one.log.latest(10**6)
                )
                assert 500 * 15 < received < 500 * (clock.now() - began + 2)

    clock.run(main())


def test_it_ends_under_a_flood() -> None:
    """Within five seconds of being told so."""

    async def main() -> None:
        async with _flooding_csms() as (port, _):
            async with gateway() as here:
                headers = {"Authorization": f"Bearer {TOKEN}"}
                async with httpx.AsyncClient(base_url=here.url, headers=headers) as http:
                    charger = {
                        "identity": "CP-1",
                        "brand_slug": "simulated",
                        "model_slug": "evse-2",
                        "connector_type": "Type2",
                        "ws_url": f"ws://127.0.0.1:{port}/ocpp",
                    }
                    assert (await http.post("/ocpp/chargers", json=charger)).status_code < 300
                    await asyncio.sleep(2)
                began = clock.now()
            assert clock.now() - began <= 5

    clock.run(main())
