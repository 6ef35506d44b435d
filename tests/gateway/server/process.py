"""A Gateway in a process of its own, as users start it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

TOKEN = "token-of-the-process"
_LISTENS = re.compile(r"gateway listens on (http://\S+)")


class GatewayProcess:
    """One run of ``ocpplab-runner gateway``.

    Attributes:
        url: its base URL.
        output: every line that it has written so far.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.url = ""
        self.output = ""

    async def read_until_it_listens(self) -> None:
        """Read its output up to the line with its URL.

        Raises:
            AssertionError: it has ended instead.
        """
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            while not self.url:
                line = (await self.process.stdout.readline()).decode()
                assert line, f"the Gateway has ended: {self.output}"
                self.output += line
                match = _LISTENS.search(line)
                self.url = match.group(1) if match else ""

    async def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code, with the rest of the output in ``output``."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """The exit code, once it has ended by itself."""
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            self.output += (await self.process.stdout.read()).decode()
            return await self.process.wait()


async def launch(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, wait: bool = True
) -> GatewayProcess:
    """Start one on a free port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ocpplab_runner",
        "gateway",
        "--port",
        "0",
        *map(str, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "OCPPLAB_GATEWAY_TOKEN": TOKEN, "PYTHONUNBUFFERED": "1", **(environment or {})},
    )
    gateway = GatewayProcess(process)
    if wait:
        await gateway.read_until_it_listens()
    return gateway
