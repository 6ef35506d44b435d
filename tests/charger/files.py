"""File servers on the run's own loop, for a charger's transfers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.transfers.firmware_image import firmware_image
from ocpplab_runner.transfers.http_server import HttpFiles
from ocpplab_runner.transfers.shelf import Offered, Shelf, Trouble

BASE = "http://127.0.0.1:8080/CP-1"


class Files:
    """What was fetched and what came, as the server tells it."""

    def __init__(self, offered: Mapping[str, Any], uploads: Trouble) -> None:
        files = {
            name: Offered(name, one if isinstance(one, bytes) else firmware_image("2.0.0", 1000), trouble)
            for name, (one, trouble) in offered.items()
        }
        self.told: list[tuple[float, str, dict[str, Any]]] = []
        self.shelf = Shelf(files, uploads, self._hear)

    def _hear(self, owner: str, name: str, fields: Mapping[str, Any]) -> None:
        assert owner == "CP-1"
        self.told.append((clock.now(), name, dict(fields)))


@asynccontextmanager
async def files(uploads: Trouble | None = None, **offered: Any) -> AsyncIterator[Files]:
    """Serve these: ``name=(content or None, trouble)``."""
    it = Files(offered, uploads or Trouble())
    server = HttpFiles(it.shelf)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, clock.VirtualEventLoop)
    await server.start(loop.imagined("127.0.0.1", 8080))
    try:
        yield it
    finally:
        await server.stop()
