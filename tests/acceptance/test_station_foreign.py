"""The target station and chargers that are not ours at all: of the `ocpp` library, with hardly any feature."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.acceptance.cli_kit import cli
from tests.bench.kit import free_ports

_CHARGER = """
import asyncio, sys
import websockets
from tests.fixtures.peers.reference_station import Station16, Station201

async def main(url, version):
    while True:
        try:
            async with websockets.connect(url, subprotocols=[version]) as ws:
                station = (Station16 if version == "ocpp1.6" else Station201)("CP-1", ws)
                serving = asyncio.ensure_future(station.start())
                if version == "ocpp1.6":
                    await station.tell("BootNotification", charge_point_vendor="V", charge_point_model="M")
                    await station.tell("StatusNotification", connector_id=1, error_code="NoError", status="Available")
                else:
                    await station.tell(
                        "BootNotification", reason="PowerUp", charging_station={"vendor_name": "V", "model": "M"}
                    )
                    await station.tell(
                        "StatusNotification", timestamp="2026-01-01T00:00:00Z", connector_status="Available",
                        evse_id=1, connector_id=1,
                    )
                await serving
        except (OSError, websockets.exceptions.WebSocketException):
            await asyncio.sleep(0.05)

asyncio.run(main(*sys.argv[1:]))
"""
_SCENARIO = """
name: It is there
steps:
  - get_configuration: {settings: [heartbeat_interval]}
    expect: {call_error: NotImplemented}
"""


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_station_that_can_hardly_do_anything_is_no_reason_to_complain(tmp_path: Path, version: str) -> None:
    """What the preparation asks for and it has not, is neither an error nor a warning of the case."""
    (port,) = free_ports(1)
    target = {"kind": "station", "listen": f"127.0.0.1:{port}", "versions": [version], "call_timeout": "5s"}
    (tmp_path / "ocpplab.yaml").write_text(yaml.safe_dump({"targets": {"bench": target}}))
    (tmp_path / "there.yaml").write_text(_SCENARIO)
    charger = subprocess.Popen(
        [sys.executable, "-c", _CHARGER, f"ws://127.0.0.1:{port}/ocpp/CP-1", f"ocpp{version}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        done = cli("run", "there.yaml", "--target", "bench", "--strict", cwd=tmp_path)
    finally:
        charger.kill()
        charger.wait()
    assert done.code == 0, done.out + done.err
    assert "warning" not in done.out
    assert "0 broken" in done.err
