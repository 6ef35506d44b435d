"""A charger in a process of its own, made with the `ocpp` library, that says each time that it has connected."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result


class Charger(ChargePoint):
    """Boots, says two of its keys, and sends a Heartbeat when it is told to."""

    @on("GetConfiguration")
    async def keys(self, key: list[str] | None = None, **_: Any) -> call_result.GetConfiguration:
        """Every key that is asked for has a value."""
        found = [{"key": name, "readonly": True, "value": "1"} for name in key or ()]
        return call_result.GetConfiguration(configuration_key=found)

    @on("TriggerMessage")
    async def trigger(self, **_: Any) -> call_result.TriggerMessage:
        """A Heartbeat follows the answer."""
        asyncio.get_running_loop().call_later(0.01, lambda: asyncio.ensure_future(self.call(call.Heartbeat())))
        return call_result.TriggerMessage(status="Accepted")


async def main(url: str) -> None:
    """Dial until somebody is there, then stay."""
    while True:
        try:
            async with websockets.connect(url, subprotocols=[websockets.Subprotocol("ocpp1.6")]) as ws:
                print("connected", flush=True)
                charger = Charger("CP-1", ws)
                serving = asyncio.ensure_future(charger.start())
                await charger.call(call.BootNotification(charge_point_vendor="Maker", charge_point_model="One"))
                await serving
        except (OSError, websockets.exceptions.WebSocketException):
            await asyncio.sleep(0.05)


asyncio.run(main(sys.argv[1]))
