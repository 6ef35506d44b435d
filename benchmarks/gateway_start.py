"""From nothing to a charger: ``python -m benchmarks.gateway_start [5]``.

Starts a Gateway in a process of its own so many times, creates one charger, and prints the median seconds from the
start of the process until it listens, until the charger is READY and until the CSMS's answer to its BootNotification is
in the log.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from random import Random

import httpx

from benchmarks.gateway_fleet import Counter
from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig

_TOKEN = "token-of-the-benchmark"
_PATIENCE = 60.0
_POLL = 0.005


async def measure(runs: int) -> tuple[float, float, float]:
    """The medians: it listens, READY, the boot is answered."""
    csms = BuiltInCsms(CsmsConfig.from_given({}), observer=Counter(), random=Random(1))
    await csms.start()
    try:
        times = [await _once(f"ws://127.0.0.1:{csms.port}/ocpp", number) for number in range(runs)]
    finally:
        await csms.stop()
    listens, ready, booted = (statistics.median(column) for column in zip(*times, strict=True))
    return listens, ready, booted


async def _once(ws_url: str, number: int) -> tuple[float, float, float]:
    began = clock.now()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ocpplab_runner", "gateway", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "OCPPLAB_GATEWAY_TOKEN": _TOKEN},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            base_url = (await process.stdout.readline()).decode().split()[-1]
            listens = clock.now() - began
            headers = {"Authorization": f"Bearer {_TOKEN}"}
            async with httpx.AsyncClient(base_url=base_url, headers=headers) as http:
                ready, booted = await _charger(http, ws_url, f"CP-{number}")
        return listens, ready - began, booted - began
    finally:
        process.terminate()
        await process.communicate()


async def _charger(http: httpx.AsyncClient, ws_url: str, identity: str) -> tuple[float, float]:
    wanted = {
        "identity": identity,
        "brand_slug": "simulated",
        "model_slug": "evse-1",
        "connector_type": "Type2",
        "ws_url": ws_url,
    }
    made = (await http.post("/ocpp/chargers", json=wanted)).raise_for_status().json()

    async def is_ready() -> bool:
        return bool((await http.get(made["status_url"])).json()["status"] == "READY")

    async def has_booted() -> bool:
        log = await http.get(f"/ocpp/chargers/{made['charger_id']}/logs", params={"event": "BootNotification"})
        return any(entry["direction"] == "csms_to_cp" for entry in log.json()["data"])

    return await _when(is_ready), await _when(has_booted)


async def _when(holds: Callable[[], Awaitable[bool]]) -> float:
    while not await holds():
        await asyncio.sleep(_POLL)
    return clock.now()


def main(arguments: Sequence[str]) -> int:
    """Measure; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateway_start", description="From nothing to a charger."
    )
    parser.add_argument("runs", type=int, nargs="?", default=5)
    options = parser.parse_args(arguments)
    listens, ready, booted = clock.run(measure(options.runs), virtual=False)
    print(f"listens after {listens:.2f} s, READY after {ready:.2f} s, boot answered after {booted:.2f} s", end="")
    print(f" (median of {options.runs}; {os.cpu_count()} cores)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
