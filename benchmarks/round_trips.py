"""OCPP round trips per second: both ends validate every frame; ledger, interpreter and JSON Lines are on.

Beside it the same bytes as a raw ``websockets`` echo, and the same calls with the ``ocpp`` library's validation. All
three on one event loop, over loopback, without compression.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.messages import ANSWERS, AT, SESSION
from benchmarks.rows import Row, against, interleaved, reported

_ROUND_TRIPS = 4000
_ROUNDS = 5
_Turn = Callable[[str, dict[str, Any]], Awaitable[object]]


def measure() -> list[Row]:
    """The row against each baseline."""
    medians = interleaved({kind: lambda kind=kind: reported(__name__, kind) for kind in _KINDS}, _ROUNDS)
    what = "OCPP 1.6 round trips, validated, on the ledger"
    return [
        against(what, medians["ours"], ("raw websockets echo", medians["raw"]), unit="/s", least=0.6),
        against(what, medians["ours"], ("ocpp library", medians["ocpp"]), unit="/s", least=4),
    ]


async def _rate(turn: _Turn) -> float:
    """Round trips per second, after a warm-up."""
    for action, payload, _ in SESSION:
        await turn(action, payload)
    began = time.perf_counter()
    for _ in range(_ROUND_TRIPS // len(SESSION)):
        for action, payload, _ in SESSION:
            await turn(action, payload)
    return _ROUND_TRIPS / (time.perf_counter() - began)


async def _raw() -> float:
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import ServerConnection, serve

    answers = {action: json.dumps([3, "0" * 8, answer], separators=(",", ":")) for action, _, answer in SESSION}
    calls = {action: json.dumps([2, "0" * 8, action, payload], separators=(",", ":")) for action, payload, _ in SESSION}
    by_call = {calls[action]: answers[action] for action in calls}

    async def echo(ws: ServerConnection) -> None:
        async for text in ws:
            await ws.send(by_call[str(text)])

    async with serve(echo, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}/CP-1", compression=None, ping_interval=None, proxy=None) as ws:

            async def turn(action: str, payload: dict[str, Any]) -> None:
                await ws.send(calls[action])
                await ws.recv()

            return await _rate(turn)


async def _ocpp() -> float:
    from ocpp.routing import on
    from ocpp.v16 import ChargePoint, call, call_result
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    class Csms(ChargePoint):
        @on("BootNotification")
        def on_boot(self, **_: Any) -> call_result.BootNotification:
            return call_result.BootNotification(current_time=AT, interval=300, status="Accepted")

        @on("StatusNotification")
        def on_status(self, **_: Any) -> call_result.StatusNotification:
            return call_result.StatusNotification()

        @on("Authorize")
        def on_authorize(self, **_: Any) -> call_result.Authorize:
            return call_result.Authorize(id_tag_info={"status": "Accepted"})

        @on("StartTransaction")
        def on_start(self, **_: Any) -> call_result.StartTransaction:
            return call_result.StartTransaction(transaction_id=1, id_tag_info={"status": "Accepted"})

        @on("MeterValues")
        def on_meter(self, **_: Any) -> call_result.MeterValues:
            return call_result.MeterValues()

        @on("Heartbeat")
        def on_heartbeat(self, **_: Any) -> call_result.Heartbeat:
            return call_result.Heartbeat(current_time=AT)

        @on("StopTransaction")
        def on_stop(self, **_: Any) -> call_result.StopTransaction:
            return call_result.StopTransaction(id_tag_info={"status": "Accepted"})

    async def handle(ws: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await Csms("CP-1", ws).start()

    snake = {
        "BootNotification": call.BootNotification(charge_point_vendor="ocpplab", charge_point_model="Simulated"),
        "Authorize": call.Authorize(id_tag="CARD-1"),
        "StartTransaction": call.StartTransaction(connector_id=1, id_tag="CARD-1", meter_start=0, timestamp=AT),
        "MeterValues": call.MeterValues(
            connector_id=1,
            transaction_id=1,
            meter_value=[
                {
                    "timestamp": AT,
                    "sampledValue": next(p for a, p, _ in SESSION if a == "MeterValues")["meterValue"][0][
                        "sampledValue"
                    ],
                }
            ],
        ),
        "Heartbeat": call.Heartbeat(),
        "StopTransaction": call.StopTransaction(
            transaction_id=1, id_tag="CARD-1", meter_stop=1234, timestamp=AT, reason="Local"
        ),
    }
    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}/CP-1", compression=None, ping_interval=None, proxy=None) as ws:
            charger = ChargePoint("CP-1", ws)
            reader = asyncio.create_task(charger.start())

            async def turn(action: str, payload: dict[str, Any]) -> None:
                request = snake.get(action)
                if request is None:
                    request = call.StatusNotification(
                        connector_id=1, error_code="NoError", status=payload["status"], timestamp=AT
                    )
                await charger.call(request)

            rate = await _rate(turn)
            reader.cancel()
            return rate


async def _ours() -> float:
    from benchmarks.recorder import Recorder
    from ocpplab_runner.ocppj import Call, Connection, Role, Session, connect, counter_ids, pump, sender, serve
    from ocpplab_runner.vocabulary.versions import OcppVersion

    version = OcppVersion.V16
    with tempfile.TemporaryDirectory() as directory:
        recorder = Recorder(Path(directory) / "run.jsonl", version)

        def answer(request: Call) -> dict[str, Any]:
            return ANSWERS[request.action]

        async def handle(connection: Connection) -> None:
            session = Session(
                version=version,
                role=Role.CSMS,
                send_text=sender(connection.ws),
                handler=answer,
                observer=recorder.unseen,
                next_id=counter_ids("s"),
            )
            await pump(connection.ws, session)

        server = await serve("127.0.0.1", 0, versions=[version], on_connection=handle)
        port = server.sockets[0].getsockname()[1]
        ws, _ = await connect(f"ws://127.0.0.1:{port}", identity="CP-1", versions=[version])
        charger = Session(
            version=version,
            role=Role.CHARGER,
            send_text=sender(ws),
            handler=answer,
            observer=recorder,
            next_id=counter_ids("c"),
        )
        reader = asyncio.create_task(pump(ws, charger))
        rate = await _rate(charger.call)
        await ws.close()
        await reader
        server.close()
        await server.wait_closed()
        recorder.close(expected_frames=2 * (_ROUND_TRIPS + len(SESSION)))
        return rate


_KINDS = {"raw": _raw, "ocpp": _ocpp, "ours": _ours}

if __name__ == "__main__":
    print(asyncio.run(_KINDS[sys.argv[1]]()))
