"""Many chargers by one bulk job: ``python -m benchmarks.gateway_fleet [500] [--db]``.

A Gateway in a process of its own and one CSMS in this one. Prints how long the request took, when every charger was
READY and when every one had booted, and the Gateway's memory and processor time then.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig

_TOKEN = "token-of-the-benchmark"
_LISTENS = re.compile(r"listens on (\S+)")
_PATIENCE = 300.0
_PLACE = {
    "name": "Depot",
    "address": "1 Street",
    "city": "Town",
    "country": "NL",
    "coordinates": {"latitude": 1, "longitude": 2},
}


class Counter:
    """Counts stations whose boot has been accepted and whose connectors have been reported."""

    def __init__(self) -> None:
        self.reported: set[str] = set()

    def frame(self, identity: str, record: Any) -> None:
        if record.action == "StatusNotification":
            self.reported.add(identity)

    def violation(self, identity: str, violation: Any) -> None:
        print(f"{identity}: {violation}", file=sys.stderr)

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        pass

    def note(self, identity: str, text: str) -> None:
        pass


async def measure(count: int, database: Path | None) -> list[str]:
    """Create them, and say how it went."""
    counter = Counter()
    csms = BuiltInCsms(CsmsConfig.from_given({}), observer=counter, random=Random(1))
    await csms.start()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ocpplab_runner", "gateway", "--port", "0"),
        *(() if database is None else ("--db", str(database))),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "OCPPLAB_GATEWAY_TOKEN": _TOKEN, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        match = _LISTENS.search((await process.stdout.readline()).decode())
        assert match is not None
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        async with httpx.AsyncClient(base_url=match.group(1), headers=headers, timeout=60) as http:
            return await _measure(http, count, f"ws://127.0.0.1:{csms.port}/ocpp", counter, process.pid)
    finally:
        process.terminate()
        await process.wait()
        await csms.stop()


async def _measure(http: httpx.AsyncClient, count: int, ws_url: str, counter: Counter, pid: int) -> list[str]:
    place = (await http.post("/ocpp/locations", json=_PLACE)).json()["id"]
    template = {
        "brand_slug": "simulated",
        "model_slug": "evse-1",
        "connector_type": "Type2",
        "ws_url": ws_url,
        "identity_prefix": "CP-",
    }
    began = clock.now()
    answer = await http.post(
        f"/ocpp/locations/{place}/chargers", json=[{"template": template, "chargers_number": count}]
    )
    answered = clock.now() - began
    ready: float | None = None
    async with asyncio.timeout(_PATIENCE):
        while ready is None or len(counter.reported) < count:
            job = (await http.get(answer.json()["status_url"])).json()
            if ready is None and job["status"] == "READY":
                ready = clock.now() - began
            await asyncio.sleep(0.1)
    booted = clock.now() - began
    megabytes, seconds = _usage(pid)
    return [
        f"{count} chargers by one job: answered after {answered:.2f} s, READY after {ready:.1f} s,"
        f" all booted after {booted:.1f} s",
        f"the Gateway then: {megabytes:.0f} MB, {seconds:.1f} s of processor time; {os.cpu_count()} cores",
    ]


def _usage(pid: int) -> tuple[float, float]:
    """Resident memory in MB and processor time in seconds of a process (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return resident, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> int:
    """Measure; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway_fleet", description="Many chargers at once.")
    parser.add_argument("chargers", type=int, nargs="?", default=500)
    parser.add_argument("--db", action="store_true", help="with a file that outlives the process")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory) / "gateway.db" if options.db else None
        for line in clock.run(measure(options.chargers, database), virtual=False):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
