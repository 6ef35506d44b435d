"""Memory of one idle simulated charger beyond the first hundred, beside one idle ``websockets`` client connection.

The CSMS runs in a process of its own. An idle charger is booted and online, its heartbeat far away.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.rows import Row, against, interleaved, reported

_FIRST = 100
_MORE = 400
_ROUNDS = 3
_PAGE = os.sysconf("SC_PAGE_SIZE")


def measure() -> list[Row]:
    """Kilobytes of resident memory for each connection more."""
    medians = interleaved({kind: lambda kind=kind: reported(__name__, kind) for kind in _CLIENTS}, _ROUNDS)
    return [
        against(
            f"memory of one idle charger beyond the first {_FIRST}",
            medians["charger"],
            ("websockets client connection", medians["plain"]),
            unit="KiB",
            most=4,
        )
    ]


def _serve(kind: str, pipe: Pipe) -> None:
    async def plain() -> None:
        from websockets.asyncio.server import ServerConnection, serve

        async def idle(ws: ServerConnection) -> None:
            await ws.wait_closed()

        async with serve(idle, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1024) as server:
            pipe.send(server.sockets[0].getsockname()[1])
            await asyncio.Event().wait()

    async def csms() -> None:
        from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
        from ocpplab_runner.vocabulary.versions import OcppVersion

        class Silent:
            def frame(self, *_: Any) -> None: ...
            def fact(self, *_: Any) -> None: ...
            def note(self, *_: Any) -> None: ...
            def violation(self, *breach: Any) -> None:
                raise AssertionError(breach)

        config = CsmsConfig.from_given({"heartbeat_interval": "24h"})
        built_in = BuiltInCsms(config, observer=Silent(), random=Random(0))
        await built_in.start("127.0.0.1", 0, versions=[OcppVersion.V16])
        pipe.send(built_in.port)
        await asyncio.Event().wait()

    asyncio.run({"plain": plain, "charger": csms}[kind]())


async def _plain(port: int, number: int) -> Any:
    from websockets.asyncio.client import connect

    return await connect(f"ws://127.0.0.1:{port}/CP-{number}", compression=None, ping_interval=None, proxy=None)


async def _charger(port: int, number: int) -> Any:
    from ocpplab_runner.charger.config import ChargerConfig
    from ocpplab_runner.targets.charger_host import ChargerHost
    from ocpplab_runner.vocabulary.versions import OcppVersion

    host = ChargerHost(
        f"C{number}",
        ChargerConfig.from_given({"identity": f"CP-{number}"}),
        version=OcppVersion.V16,
        url=f"ws://127.0.0.1:{port}",
        record=lambda _: None,
        random=Random(number),
    )
    await host.charger.start()
    while not (host.charger.booted and host.charger.online):
        await asyncio.sleep(0.01)
    return host


_CLIENTS = {"plain": _plain, "charger": _charger}


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


async def _measure(kind: str, port: int) -> float:
    connect = _CLIENTS[kind]
    kept = [await connect(port, number) for number in range(_FIRST)]
    await asyncio.sleep(0.3)
    before = _resident()
    kept += [await connect(port, _FIRST + number) for number in range(_MORE)]
    await asyncio.sleep(0.3)
    return (_resident() - before) / 1024 / _MORE


def main(kind: str) -> None:
    """Print the number for one kind of client."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(kind, there), daemon=True)
    server.start()
    print(asyncio.run(_measure(kind, here.recv())), flush=True)
    server.terminate()
    server.join()
    # Hundreds of open connections need no orderly end.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
