"""A Gateway in a process of its own, as users start it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.acceptance.forking import Forked, forker

TOKEN = "token-of-the-process"
_LISTENS = re.compile(r"gateway listens on (http://\S+)\s")
#: Seconds of wall time in which it must end.
_PATIENCE = 60


class GatewayProcess:
    """One run of ``ocpplab-runner gateway``.

    Attributes:
        url: its base URL.
        output: every line that it has written so far.
    """

    def __init__(self, process: Forked) -> None:
        self.process = process
        self.url = ""
        self.output = ""

    async def read_until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Read its output up to a line in which something is found.

        Raises:
            AssertionError: it has ended instead.
        """
        assert self.process.stdout is not None
        while not (match := pattern.search(self.output)):
            line = await asyncio.to_thread(self.process.stdout.readline)
            assert line, f"the Gateway has ended: {self.output}"
            self.output += line
        return match

    async def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        await self.ended()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code, with the rest of the output in ``output``."""
        self.process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """The exit code, once it has ended by itself."""
        out, _ = await asyncio.to_thread(self.process.communicate, timeout=_PATIENCE)
        self.output += out or ""
        return self.process.wait(_PATIENCE)


async def launch(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, wait: bool = True
) -> GatewayProcess:
    """Start one on a free port."""
    process = forker().start(
        ("-m", "ocpplab_runner", "gateway", "--port", "0", *map(str, arguments)),
        env={**os.environ, "OCPPLAB_GATEWAY_TOKEN": TOKEN, "PYTHONUNBUFFERED": "1", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    gateway = GatewayProcess(process)
    if wait:
        gateway.url = (await gateway.read_until(_LISTENS))[1]
    return gateway


@asynccontextmanager
async def launched(*arguments: str | Path, **options: Any) -> AsyncIterator[GatewayProcess]:
    """One that is gone after the block; as :func:`launch`."""
    gateway = await launch(*arguments, **options)
    try:
        yield gateway
    finally:
        await gateway.kill()
