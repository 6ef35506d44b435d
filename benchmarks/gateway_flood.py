"""``python -m benchmarks.gateway_flood [SECONDS]``: what one organization's flooding CSMS costs another organization.

A Gateway in a process of its own; twenty chargers of one organization connect to a CSMS that sends as fast as it is
read, half of it small calls, half of it frames of a megabyte. Meanwhile another organization asks for its chargers ten
times a second. Exits with 1 when an answer took half a second, or the Gateway more than 300 MB.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import httpx
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

_CHARGERS = 20
_MOST_SECONDS, _MOST_MB = 0.5, 300.0
_CONFIG = """\
tenants:
  loud: {tokens: ["${{ env.LOUD }}"]}
  quiet: {tokens: ["${{ env.QUIET }}"]}
"""


async def _flood(ws: ServerConnection) -> None:
    small = '[2,"{}","GetConfiguration",{{"key":["HeartbeatInterval"]}}]'
    large = '[2,"{}","DataTransfer",{{"vendorId":"v","data":"' + "x" * 2**20 + '"}}]'
    text = large if ws.request is not None and ws.request.path.endswith(tuple("02468")) else small
    number = 0
    with contextlib.suppress(ConnectionClosed):
        while True:
            number += 1
            await ws.send(text.format(number))


async def _measure(seconds: float, directory: Path) -> tuple[list[float], float]:
    """The latencies of the quiet organization, and the most memory that the Gateway took, in MB."""
    (directory / "gateway.yaml").write_text(_CONFIG, "utf-8")
    command = [sys.executable, "-m", "ocpplab_runner", "gateway", "--port", "0", "--config", "gateway.yaml"]
    gateway = await asyncio.create_subprocess_exec(
        *command,
        "--db",
        "gateway.db",
        cwd=directory,
        env={**os.environ, "LOUD": "token-loud", "QUIET": "token-quiet", "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert gateway.stdout is not None
    found = re.search(rb"http://\S+", await gateway.stdout.readline())
    assert found is not None
    url = found.group().decode()
    async with serve(_flood, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None, ping_interval=None) as csms:  # type: ignore[list-item]
        port = csms.sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer token-loud"}) as loud:
            for number in range(_CHARGERS):
                charger = {
                    "identity": f"CP-{number}",
                    "brand_slug": "simulated",
                    "model_slug": "evse-2",
                    "connector_type": "Type2",
                    "ws_url": f"ws://127.0.0.1:{port}/ocpp",
                }
                (await loud.post("/ocpp/chargers", json=charger)).raise_for_status()
        latencies, most = await _ask_apart(url, seconds, gateway.pid)
        began = time.monotonic()
        gateway.terminate()
        await gateway.wait()
        print(f"ended {time.monotonic() - began:.1f} s after SIGTERM")
    return latencies, most


async def _ask_apart(url: str, seconds: float, pid: int) -> tuple[list[float], float]:
    """As :func:`_ask`, in a process of its own: here the flood keeps the event loop busy for seconds."""
    call = f"asyncio.run(_ask({url!r}, {seconds}, {pid}))"
    code = f"import asyncio; from benchmarks.gateway_flood import _ask; print({call})"
    asking = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    told, _ = await asking.communicate()
    latencies, most = ast.literal_eval(told.decode())
    return latencies, most


async def _ask(url: str, seconds: float, pid: int) -> tuple[list[float], float]:
    latencies: list[float] = []
    most = 0.0
    end = time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer token-quiet"}, timeout=30) as quiet:
        while time.monotonic() < end:
            began = time.monotonic()
            (await quiet.get("/ocpp/chargers")).raise_for_status()
            latencies.append(time.monotonic() - began)
            status = Path(f"/proc/{pid}/status").read_text("utf-8")
            most = max(most, int(status.partition("VmRSS:")[2].split()[0]) / 1024)
            await asyncio.sleep(0.1)
    return latencies, most


def main(arguments: list[str]) -> int:
    """Measure and print; returns the exit code."""
    seconds = float(arguments[0]) if arguments else 60.0
    with tempfile.TemporaryDirectory() as directory:
        latencies, most = asyncio.run(_measure(seconds, Path(directory)))
    worst = max(latencies)
    print(f"{len(latencies)} requests in {seconds:g} s: worst {worst:.3f} s, Gateway at most {most:.0f} MB")
    return 0 if worst < _MOST_SECONDS and most < _MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
