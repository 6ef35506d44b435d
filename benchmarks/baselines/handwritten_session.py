"""The session of ``benchmarks/scenarios/session.yaml``, hand-written with pytest and the ``ocpp`` library.

Collected only by ``benchmarks.scenarios_per_second``, which says how often.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

import pytest
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

AT = "2026-01-01T00:00:00Z"


class Csms(ChargePoint):
    def __init__(self, identity: str, connection: ServerConnection) -> None:
        super().__init__(identity, connection)
        self.statuses: list[str] = []
        self.started = asyncio.Event()
        self.stopped = asyncio.Event()

    @on("BootNotification")
    def on_boot(self, **_: Any) -> call_result.BootNotification:
        return call_result.BootNotification(current_time=AT, interval=300, status="Accepted")

    @on("StatusNotification")
    def on_status(self, status: str, **_: Any) -> call_result.StatusNotification:
        self.statuses.append(status)
        return call_result.StatusNotification()

    @on("Authorize")
    def on_authorize(self, id_tag: str) -> call_result.Authorize:
        return call_result.Authorize(id_tag_info={"status": "Accepted" if id_tag == "CARD-1" else "Invalid"})

    @on("StartTransaction")
    def on_start(self, id_tag: str, **_: Any) -> call_result.StartTransaction:
        assert id_tag == "CARD-1"
        self.started.set()
        return call_result.StartTransaction(transaction_id=1, id_tag_info={"status": "Accepted"})

    @on("StopTransaction")
    def on_stop(self, transaction_id: int, **_: Any) -> call_result.StopTransaction:
        assert transaction_id == 1
        self.stopped.set()
        return call_result.StopTransaction(id_tag_info={"status": "Accepted"})


async def session() -> None:
    stations: list[Csms] = []

    async def handle(connection: ServerConnection) -> None:
        station = Csms("CP-1", connection)
        stations.append(station)
        with contextlib.suppress(ConnectionClosed):
            await station.start()

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}/CP-1"
        async with connect(url, compression=None, ping_interval=None, proxy=None) as connection:
            charger = ChargePoint("CP-1", connection)
            reader = asyncio.create_task(charger.start())

            async def status(connector: int, value: str) -> None:
                await charger.call(
                    call.StatusNotification(connector_id=connector, error_code="NoError", status=value, timestamp=AT)
                )

            booted = await charger.call(
                call.BootNotification(charge_point_vendor="ocpplab", charge_point_model="Simulated")
            )
            assert booted.status == "Accepted"
            await status(0, "Available")
            await status(1, "Available")
            await status(1, "Preparing")
            verdict = await charger.call(call.Authorize(id_tag="CARD-1"))
            assert verdict.id_tag_info["status"] == "Accepted"
            started = await charger.call(
                call.StartTransaction(connector_id=1, id_tag="CARD-1", meter_start=0, timestamp=AT)
            )
            await status(1, "Charging")
            await charger.call(
                call.StopTransaction(
                    transaction_id=started.transaction_id, id_tag="CARD-1", meter_stop=0, timestamp=AT, reason="Local"
                )
            )
            await status(1, "Finishing")
            await status(1, "Available")
            (station,) = stations
            assert station.started.is_set()
            assert station.stopped.is_set()
            assert station.statuses == ["Available", "Available", "Preparing", "Charging", "Finishing", "Available"]
            reader.cancel()


@pytest.mark.parametrize("number", range(int(os.environ.get("SESSIONS", "1"))))
def test_session(number: int) -> None:
    asyncio.run(session())
