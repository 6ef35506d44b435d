"""Stations that nobody here has written, on ``ocpplab-runner csms``: a whole session, and no false accusation."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.cli_kit import ROOT
from tests.fixtures.csms import CsmsProcess, csms_process
from tests.fixtures.peers.reference_station import reference_station

#: Where `make stations` puts the package.
RPC = ROOT / ".venv" / "stations" / "node_modules" / "ocpp-rpc"
PEER = ROOT / "tests" / "fixtures" / "peers" / "rpc_station.cjs"
TOKEN = "a-token-for-tests"
#: An answer to each operation that the CSMS asks the station for.
OPERATION = {"id_tag": "CARD-1", "evse_id": 1}


def ago(minutes: float) -> str:
    """A timestamp of the past."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="seconds").replace("+00:00", "Z")


async def session_16(station: Any) -> None:
    """Boot, status, card, charging, meter, stop."""
    boot = await station.tell("BootNotification", charge_point_vendor="v", charge_point_model="m")
    assert boot.status == "Accepted"
    for status in ("Available", "Preparing"):
        await station.tell("StatusNotification", connector_id=1, error_code="NoError", status=status)
    assert (await station.tell("Authorize", id_tag="CARD-1")).id_tag_info["status"] == "Accepted"
    began = await station.tell("StartTransaction", connector_id=1, id_tag="CARD-1", meter_start=0, timestamp=ago(9))
    assert began.id_tag_info["status"] == "Accepted"
    await station.tell("StatusNotification", connector_id=1, error_code="NoError", status="Charging")
    value = [{"timestamp": ago(5), "sampled_value": [{"value": "100"}]}]
    await station.tell("MeterValues", connector_id=1, transaction_id=began.transaction_id, meter_value=value)
    await station.tell(
        "StopTransaction", transaction_id=began.transaction_id, meter_stop=200, timestamp=ago(1), reason="Local"
    )
    await station.tell("StatusNotification", connector_id=1, error_code="NoError", status="Available")
    await station.tell("Heartbeat")


async def session_2x(station: Any) -> None:
    """The same in the words of 2.0.1 and 2.1."""
    boot = await station.tell("BootNotification", reason="PowerUp", charging_station={"vendor_name": "v", "model": "m"})
    assert boot.status == "Accepted"
    place = {"evse_id": 1, "connector_id": 1}
    for status in ("Available", "Occupied"):
        await station.tell("StatusNotification", timestamp=ago(9), connector_status=status, **place)
    card = {"id_token": "CARD-1", "type": "ISO14443"}
    assert (await station.tell("Authorize", id_token=card)).id_token_info["status"] == "Accepted"
    steps = [("Started", "Authorized"), ("Updated", "ChargingStateChanged"), ("Updated", "MeterValuePeriodic")]
    for number, (kind, trigger) in enumerate([*steps, ("Ended", "StopAuthorized")]):
        more: dict[str, Any] = {"id_token": card, "evse": {"id": 1, "connector_id": 1}} if number == 0 else {}
        state = {"transaction_id": "tx-1", "charging_state": "Idle" if kind in ("Started", "Ended") else "Charging"}
        if kind == "Ended":
            state["stopped_reason"] = "Local"
        if trigger == "MeterValuePeriodic":
            more["meter_value"] = [{"timestamp": ago(5), "sampled_value": [{"value": 100.0}]}]
        await station.tell(
            "TransactionEvent",
            event_type=kind,
            timestamp=ago(8 - number),
            trigger_reason=trigger,
            seq_no=number,
            transaction_info=state,
            **more,
        )
    await station.tell("StatusNotification", timestamp=ago(0), connector_status="Available", **place)
    await station.tell("Heartbeat")


def served(csms: CsmsProcess, here: Path) -> dict[str, Any]:
    """End the CSMS; the summary of its only station."""
    code, out, err = csms.end()
    assert (code, err) == (0, ""), out + err
    records = [json.loads(line) for line in (here / "out.jsonl").read_text("utf-8").splitlines()]
    (summary,) = [one for one in records if one["type"] == "station"]
    assert summary["violations"] == [], out
    assert (summary["errors"], summary["unanswered"]) == (0, 0), out
    return dict(summary)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_station_of_the_ocpp_library(version: str, tmp_path: Path) -> None:
    """It charges a car, and takes a remote start that the API asks for."""
    environment = {**os.environ, "OCPPLAB_CSMS_TOKEN": TOKEN}

    async def main(csms: CsmsProcess) -> None:
        port = int(csms.url.rpartition(":")[2].partition("/")[0])
        async with reference_station(port, version) as station:
            await (session_16 if version == "1.6" else session_2x)(station)
            async with httpx.AsyncClient(base_url=csms.api, headers={"Authorization": f"Bearer {TOKEN}"}) as api:
                told = await api.post("/stations/CP-1/remote_start", json=OPERATION, params={"wait": 20})
            assert told.json()["answer"] == {"status": "Accepted"}

    arguments = ("--strict", "--jsonl", "out.jsonl", "--http", "127.0.0.1:0")
    with csms_process(*arguments, cwd=tmp_path, environment=environment) as csms:
        asyncio.run(main(csms))
        summary = served(csms, tmp_path)
    assert (summary["ocpp"], summary["transactions"], summary["transactions_running"]) == (version, 1, 0)


def missing() -> str:
    """Why no station can be made of the npm package; empty when one can."""
    if shutil.which("node") is None:
        return "node is not installed"
    return "" if RPC.is_dir() else "`make stations` installs the package ocpp-rpc"


@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_station_of_another_language(version: str, tmp_path: Path) -> None:
    """The npm package ocpp-rpc, which has schemas of its own to judge ours by: a whole session, a remote start."""
    environment = {**os.environ, "OCPPLAB_CSMS_TOKEN": TOKEN}
    arguments = ("--strict", "--jsonl", "out.jsonl", "--http", "127.0.0.1:0", "--path", "/ocpp")
    with csms_process(*arguments, cwd=tmp_path, environment=environment) as csms:
        command = ["node", str(PEER), str(RPC), csms.url.removesuffix("/{identity}"), "CP-1", version]
        station = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        try:
            assert station.stdout is not None and station.stderr is not None
            assert station.stdout.readline() == "session done\n", station.stderr.read()
            with httpx.Client(base_url=csms.api, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as api:
                told = api.post("/stations/CP-1/remote_start", json=OPERATION, params={"wait": 20})
            assert told.json()["answer"] == {"status": "Accepted"}
            out, err = station.communicate(timeout=60)
            assert (station.returncode, out, err) == (0, "remote start taken\n", "")
        finally:
            station.kill()
            station.communicate()
        summary = served(csms, tmp_path)
    assert (summary["ocpp"], summary["transactions"], summary["transactions_running"]) == (version, 1, 0)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_tester_of_central_systems(version: str, tmp_path: Path) -> None:
    """The package test-ocpp, in each version that it speaks: it connects, boots and sends a heartbeat."""
    command = str(Path(sys.executable).with_name("test-ocpp"))
    with csms_process("--strict", "--jsonl", "out.jsonl", "--path", "/ocpp", cwd=tmp_path) as csms:
        done = subprocess.run(
            [command, csms.url.removesuffix("/{identity}"), "CP-1", "--ocpp", version],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        summary = served(csms, tmp_path)
    assert (summary["ocpp"], summary["boots"], summary["calls_from_it"]) == (version, {"Accepted": 1}, 2)
