"""``kill -9`` of a Gateway with ``--db``: what it has said and what its chargers know is there again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.gateway.server.store import Store, StoreError
from tests.gateway.server.kit import CARDS, CsmsLog, eventually, site
from tests.gateway.server.process import TOKEN, GatewayProcess, launch, launched
from tests.gateway.server.test_locations import PLACE

SIMULATED = {"brand_slug": "simulated", "model_slug": "evse-2", "connector_type": "Type2"}


class Town:
    """A Gateway process and the CSMS of its chargers."""

    def __init__(self, csms: BuiltInCsms, log: CsmsLog, gateway: GatewayProcess) -> None:
        self.csms, self.log, self.gateway = csms, log, gateway

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.gateway.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)

    async def connected(self, count: int) -> None:
        """So many chargers are connected and have said what they had to say."""

        async def look() -> bool:
            return sum(station.connected for station in self.csms.stations.values()) >= count

        await eventually(look, f"{count} connected")


def run_town(database: Path, main: Callable[[Town], Awaitable[None]]) -> None:
    """Run a test against processes, on the real clock."""

    async def body() -> None:
        log = CsmsLog()
        csms = BuiltInCsms(CsmsConfig.from_given({"id_tokens": CARDS}), observer=log, random=Random(1))
        await csms.start()
        town = Town(csms, log, await launch("--db", database))
        try:
            await main(town)
            assert await town.gateway.stop() == 0
            assert log.violations == []
        finally:
            await town.gateway.kill()
            await csms.stop()

    clock.run(body(), virtual=False)


async def ok(answer: Awaitable[httpx.Response]) -> Any:
    """The JSON of an answer that is no refusal."""
    got = await answer
    assert got.status_code < 300, got.text
    return got.json() if got.content else None


def test_nothing_is_lost(tmp_path: Path) -> None:
    """Chargers, locations, list versions, caches, transactions, logs, deferred commands: all go on."""

    async def main(town: Town) -> None:
        url = f"ws://127.0.0.1:{town.csms.port}/ocpp"
        async with town.client() as http:
            place = (await ok(http.post("/ocpp/locations", json=PLACE)))["id"]
            group = [{"template": {**SIMULATED, "ws_url": url, "identity_prefix": "CP-"}, "chargers_number": 5}]
            job = await ok(http.post(f"/ocpp/locations/{place}/chargers", json=group))

            async def ready() -> Any:
                found = await ok(http.get(job["status_url"]))
                return found if found["status"] == "READY" else None

            done = await eventually(ready, "the job is ready")
            ids = [one["charger_id"] for one in done["results"]["created"]]
            names = [one["identity"] for one in done["results"]["created"]]
            await town.connected(5)

            async def booted() -> bool:
                items = await ok(http.get("/evcharger/deployment-runtime-ops/status", params={"identity": names}))
                return all(item["stage"] == "online" for item in items["items"])

            await eventually(booted, "all booted")

            async def do(path: str, charger: str, event: Any) -> Any:
                return await ok(
                    http.post(f"/ocpp/commands/{path}", json={"target": {"charger_id": charger}, "event": event})
                )

            listed = {"list_version": 9, "entries": [{"id_tag": "CARD-2"}]}
            await do("local-auth-list", ids[0], listed)
            await do("configuration", ids[0], {"configuration": {"LocalPreAuthorize": "true"}})
            await do("start-session", ids[0], {"id_tag": "CARD-1", "connector_id": 1})
            await do("start-session", ids[1], {"id_tag": "CARD-1", "connector_id": 2})
            await do("plug-connector", ids[2], {"evse_id": 1})
            await do("inject-fault", ids[3], {"fault_type": "OverCurrent", "evse_id": 2})

            async def started() -> bool:
                return len(town.csms.transactions.running(names[0])) == 1

            await eventually(started, "the first transaction runs")
            await ok(http.post(f"/ocpp/chargers/{ids[4]}/stop-charger"))
            waiting = await ok(
                http.post(
                    "/evcharger/commands/plug-connector",
                    json={"target": {"deployment_id": ids[4]}, "payload": {"evse_id": 1}},
                )
            )
            command = waiting["results"][0]["command"]["id"]
            before = await ok(http.get("/ocpp/chargers"))
            log_before = (await ok(http.get(f"/ocpp/chargers/{ids[2]}/logs")))["data"]
        await town.gateway.kill()
        starts = len(town.log.calls("StartTransaction", identity=names[0]))
        boots = len(town.log.calls("BootNotification", identity=names[0]))
        town.gateway = await launch("--db", tmp_path / "gateway.db")
        await town.connected(4)
        async with town.client() as http:
            assert await ok(http.get("/ocpp/chargers")) == before
            assert (await ok(http.get(f"/ocpp/locations/{place}")))["id"] == place
            assert (await ok(http.get(job["status_url"])))["status"] == "READY"
            log_after = (await ok(http.get(f"/ocpp/chargers/{ids[2]}/logs")))["data"]
            assert log_after[: len(log_before)] == log_before
            assert (await ok(http.get(f"/evcharger/commands/{command}")))["status"] == "deferred"
            answer = await town.csms.call(names[0], "GetLocalListVersion", {}).future
            assert answer.payload == {"listVersion": 9}
            cleared = await do_on(http, "cache/reset", ids[0])
            assert cleared["cleared_entries"] == 1
            faulted = await do_on(http, "clear-fault", ids[3], {"evse_id": 2})
            assert faulted["status"] == "Available"
            unplugged = await do_on(http, "unplug-connector", ids[2], {"evse_id": 1})
            assert unplugged["queued_count"] == 1
            running = town.csms.transactions.running(names[0])
            number = next(iter(running)).transaction_id
            await do_on(http, "stop-transaction", ids[0], {"transaction_id": str(number)})

            async def ended() -> bool:
                return bool(town.log.calls("StopTransaction", identity=names[0]))

            await eventually(ended, "the transaction has ended")
            assert town.log.calls("StopTransaction", identity=names[0])[0]["transactionId"] == number
            assert len(town.log.calls("StartTransaction", identity=names[0])) == starts == 1
            assert len(town.log.calls("BootNotification", identity=names[0])) == boots == 1
            stage = await ok(http.get("/evcharger/deployment-runtime-ops/status", params={"identity": names[4]}))
            assert stage["items"][0]["stage"] == "stopped"
            await ok(http.post(f"/ocpp/chargers/{ids[4]}/start-charger"))

            async def applied() -> bool:
                return bool((await ok(http.get(f"/evcharger/commands/{command}")))["status"] == "applied")

            await eventually(applied, "the deferred command has been applied")

    run_town(tmp_path / "gateway.db", main)


async def do_on(http: httpx.AsyncClient, path: str, charger: str, event: Any = None) -> Any:
    """A command to one charger."""
    body = {"target": {"charger_id": charger}} | ({} if event is None else {"event": event})
    return await ok(http.post(f"/ocpp/commands/{path}", json=body))


def test_what_has_been_answered_survives_a_kill_at_once(tmp_path: Path) -> None:
    """Killed after each answer in turn: a list version that was acknowledged is the charger's, every time."""

    async def main(town: Town) -> None:
        url = f"ws://127.0.0.1:{town.csms.port}/ocpp"
        async with town.client() as http:
            new = {**SIMULATED, "identity": "CP-1", "ws_url": url}
            charger = (await ok(http.post("/ocpp/chargers", json=new)))["charger_id"]
            await town.connected(1)
        for version in range(1, 4):
            async with town.client() as http:
                listed = {"list_version": version, "entries": [{"id_tag": f"CARD-{version}"}]}
                answer = await do_on(http, "local-auth-list", charger, listed)
                assert answer["list_version"] == version
            await town.gateway.kill()
            town.gateway = await launch("--db", tmp_path / "gateway.db")
            async with town.client() as http:
                again = await http.post(
                    "/ocpp/commands/local-auth-list", json={"target": {"charger_id": charger}, "event": listed}
                )
                assert again.status_code == 400 and f"version {version}" in again.json()["detail"]

    run_town(tmp_path / "gateway.db", main)


def test_a_file_belongs_to_one_gateway(tmp_path: Path) -> None:
    """A second one is told so, and ends with 2."""

    async def main(town: Town) -> None:
        async with launched("--db", tmp_path / "gateway.db", wait=False) as second:
            assert await second.ended() == 2
        assert "does another Gateway use it?" in second.output

    run_town(tmp_path / "gateway.db", main)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """The error names it."""
    path = tmp_path / "text.db"
    path.write_text("hello " * 1000)
    try:
        Store(path)
    except StoreError as error:
        assert "text.db" in str(error)
    else:
        raise AssertionError("it was taken for a database")


def test_the_file_keeps_as_much_log_as_the_gateway(tmp_path: Path) -> None:
    """Old rows go from the file too."""

    async def main() -> None:
        from ocpplab_runner.gateway.server.settings import Limits

        path = tmp_path / "gateway.db"
        async with site(database=path, limits=Limits(log_entries=20)) as here:
            charger = await here.charger()
            event = {"action": "heartbeat", "ocpp_version": "ocpp1.6", "payload": {}}
            for _ in range(300):
                await here.command("proxy-message", charger, event)
            assert len(await here.logs(charger)) == 20
        store = Store(path)
        assert len(store.rows(charger, 1000)) < 600
        store.close()

    clock.run(main())


def test_a_deleted_charger_stays_deleted(tmp_path: Path) -> None:
    """With everything that belonged to it."""

    async def main() -> None:
        path = tmp_path / "gateway.db"
        async with site(database=path) as here:
            gone, stays = await here.charger("CP-1"), await here.charger("CP-2")
            await here.client.delete(f"/ocpp/chargers/{gone}")
        async with site(database=path) as here:
            assert [one["id"] for one in (await here.get("/ocpp/chargers"))["data"]] == [stays]
            assert here.fleet.store.rows(gone, 10) == []

    clock.run(main())
