"""Making a scenario of what a page has seen: by the command `scenario`, in a process of its own."""

from __future__ import annotations

import asyncio
import sys

#: Seconds that it may take: what is written is tried on the simulated charger.
_LIMIT = 120.0
#: So many at once; the page and the stations beside it need the machine too.
_AT_ONCE = asyncio.Semaphore(1)


async def rewrite(recording: str, station: str) -> str:
    """The scenario of a recording.

    Args:
        recording: JSON Lines.
        station: whose.

    Raises:
        ValueError: none can be made of it; the text says why.
    """
    command = ("-m", "ocpplab_runner", "scenario", "-", "--station", station, "--name", f"What {station} has done")
    async with _AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_LIMIT):
                out, said = await process.communicate(recording.encode())
        except TimeoutError as error:
            raise ValueError(f"it took longer than {_LIMIT:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode:
        raise ValueError((said.decode().strip() or out.decode().strip()).removeprefix("-: "))
    return out.decode()
