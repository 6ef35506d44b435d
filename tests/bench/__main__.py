"""The process: chargers that dial, and their rig's HTTP service."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import Body, FastAPI, HTTPException

from tests.bench.chargers import PHYSICAL, BenchCharger


def service(chargers: dict[str, BenchCharger]) -> FastAPI:
    """The rig: ``POST /IDENTITY/VERB`` with the verb's fields does it; 409 says that it cannot be done."""

    @asynccontextmanager
    async def switched_on(_: FastAPI) -> AsyncIterator[None]:
        for charger in chargers.values():
            await charger.start()
        yield
        await asyncio.gather(*(charger.stop() for charger in chargers.values()))

    app = FastAPI(lifespan=switched_on)

    @app.get("/{identity}")
    async def look(identity: str) -> dict[str, str]:
        return chargers[identity].values()

    @app.post("/{identity}/{verb}")
    async def act(identity: str, verb: str, fields: dict[str, Any] = Body(default={})) -> dict[str, Any]:  # noqa: B008
        if identity not in chargers or verb not in PHYSICAL:
            raise HTTPException(404, f"there is no {verb} at {identity}")
        try:
            result = await chargers[identity].perform(verb, fields)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        if result.status != "done":
            raise HTTPException(409, result.reason)
        return dict(result.detail)

    return app


def main(configuration: Path) -> None:
    """Run until it is ended."""
    described = json.loads(configuration.read_text("utf-8"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)

        async def serve() -> None:
            chargers = {one["identity"]: BenchCharger(one) for one in described["stations"]}
            server = uvicorn.Server(uvicorn.Config(service(chargers), log_level="warning", lifespan="on"))
            await server.serve(sockets=[listening])

        asyncio.run(serve())


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(Path(sys.argv[1]))
