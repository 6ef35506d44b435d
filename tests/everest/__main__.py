"""The process: stand-ins on one broker."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from aiomqtt import Client

from tests.everest.standin import StandIn


async def serve(configuration: Path) -> None:
    """Run until it is ended."""
    described = json.loads(configuration.read_text("utf-8"))
    broker = described["broker"]
    async with Client(
        broker["host"], broker["port"], username=broker.get("user"), password=broker.get("password")
    ) as client:
        all_of_them = [StandIn(one, client) for one in described["everests"]]
        for one in all_of_them:
            await one.start()
        print("ready", flush=True)
        by_prefix = {one.prefix: one for one in all_of_them}
        async for message in client.messages:
            by_prefix[message.topic.value.partition("everest_")[0]].hear(message)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(Path(sys.argv[1])))
