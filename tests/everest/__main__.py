"""The process: stand-ins on one broker."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from aiomqtt import Client, MqttError

from tests.everest import bench
from tests.everest.standin import StandIn


async def serve(configuration: Path) -> None:
    """Run until it is ended; a broker that goes is waited for, as EVerest does."""
    described = json.loads(configuration.read_text("utf-8"))
    told = described["broker"]
    all_of_them = [StandIn(one) for one in described["everests"]]
    by_identity = {one.identity: one for one in all_of_them}
    if "bench" in described:
        await bench.serve(described["bench"], lambda identity, *told: by_identity[identity].handle(*told))
    by_prefix = {one.prefix: one for one in all_of_them}
    ready = False
    while True:
        try:
            async with Client(
                told["host"], told["port"], username=told.get("user"), password=told.get("password")
            ) as client:
                client.pending_calls_threshold = 1000  # of all stand-ins together: that ten wait is no news
                for one in all_of_them:
                    await one.join(client)
                if not ready:
                    print("ready", flush=True)
                    ready = True
                async for message in client.messages:
                    by_prefix[message.topic.value.partition("everest_")[0]].hear(message)
        except MqttError:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(Path(sys.argv[1])))
