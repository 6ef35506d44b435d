"""Stations that are not as they should be: each has its own verdict, words and exit code, within the limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocpplab_runner.ocppj import connect
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.websocket import WebSocket
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.cli_kit import cli
from tests.acceptance.servers import beside
from tests.bench.kit import free_ports

V16, V201 = OcppVersion.V16, OcppVersion.V201
SCENARIO = """\
name: It does what it is asked for
given: {charger: {settings: {connection_timeout: 20s}}}
steps:
  - trigger_message: Heartbeat
    expect: {heartbeat: {}, response: {status: Accepted}}
    within: 5s
"""
BOOT = json.dumps([2, "boot", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}])
Answer = Callable[[WebSocket, list[Any]], Awaitable[None]]


class Peer:
    """A station that dials until somebody listens, and again when it is not let in.

    Args:
        port: of the runner.
        first: what it sends when it is connected.
        answer: what it does with a call.
        version: that it offers.
    """

    def __init__(
        self, port: int, first: tuple[str, ...] = (), answer: Answer | None = None, version: OcppVersion = V16
    ) -> None:
        self._port, self._first, self._answer, self._version = port, first, answer, version

    async def __aenter__(self) -> int:
        self._task = asyncio.get_running_loop().create_task(self._live())
        return 0

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _live(self) -> None:
        while True:
            with suppress(ConnectRefused, OSError):
                url = f"ws://127.0.0.1:{self._port}/ocpp"
                ws, _ = await connect(url, identity="CP-1", versions=[self._version])
                await self._converse(ws)
            await asyncio.sleep(0.3)

    async def _converse(self, ws: WebSocket) -> None:
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):
            for text in self._first:
                await ws.send(text)
            while True:
                message = json.loads(await ws.recv())
                if message[0] == 2 and self._answer is not None:
                    await self._answer(ws, message)


async def good(ws: WebSocket, call: list[Any]) -> None:
    """Answers as a station does, and sends the heartbeat that it is asked for."""
    _, number, action, payload = call
    answers: dict[str, Any] = {
        "GetConfiguration": {
            "configurationKey": [
                {"key": key, "readonly": False, "value": "60"} for key in payload.get("key", ["ConnectionTimeOut"])
            ]
        },
        "GetLocalListVersion": {"listVersion": 0},
    }
    await ws.send(json.dumps([3, number, answers.get(action, {"status": "Accepted"})]))
    if action == "TriggerMessage" and payload["requestedMessage"] == "Heartbeat":
        await ws.send('[2,"beat","Heartbeat",{}]')
    elif action == "TriggerMessage" and payload["requestedMessage"] == "BootNotification":
        await ws.send(BOOT.replace("boot", f"boot-{number}"))


async def stubborn(ws: WebSocket, call: list[Any]) -> None:
    """Refuses every setting."""
    if call[2] == "ChangeConfiguration":
        await ws.send(json.dumps([3, call[1], {"status": "Rejected"}]))
    else:
        await good(ws, call)


async def leaving(ws: WebSocket, call: list[Any]) -> None:
    """Is gone when it is asked for a heartbeat."""
    if call[2] == "TriggerMessage" and call[3]["requestedMessage"] == "Heartbeat":
        ws.transport.abort()
    else:
        await good(ws, call)


@dataclass(frozen=True, slots=True)
class Kind:
    """A station, and what becomes of the run: exit code, verdict, and words of the reason."""

    code: int
    verdict: str
    told: str
    first: tuple[str, ...] = (BOOT,)
    answer: Answer | None = good
    version: OcppVersion = V16


KINDS = {
    "a good one": Kind(0, "passed", ""),
    "another subprotocol": Kind(3, "error", "it offered ocpp2.0.1, and is not let in", version=V201),
    "garbage": Kind(1, "error", "3 of its texts were no OCPP messages", first=("nonsense", "{}", "[7]"), answer=None),
    "answers nothing": Kind(1, "error", "has not answered", answer=None),
    "refuses every setting": Kind(5, "blocked", "ConnectionTimeOut was answered Rejected", answer=stubborn),
    "drops in the middle": Kind(1, "failed", "did not come within 5s", answer=leaving),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_has_its_verdict(name: str, tmp_path: Path) -> None:
    """And none of them a pass."""
    kind = KINDS[name]
    (port,) = free_ports(1)
    target = {"kind": "station", "listen": f"127.0.0.1:{port}", "versions": ["1.6"], "boot": "6s", "call_timeout": "3s"}
    (tmp_path / "ocpplab.yaml").write_text(yaml.safe_dump({"targets": {"bench": target}}), "utf-8")
    (tmp_path / "it.yaml").write_text(SCENARIO, "utf-8")
    with beside(Peer(port, kind.first, kind.answer, kind.version)):
        done = cli("run", "it.yaml", "--target", "bench", "--jsonl", "out.jsonl", cwd=tmp_path)
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    (end,) = [one for one in records if one["type"] == "case" and one["phase"] == "end"]
    reason = str(end.get("failure", {}).get("message") or end.get("reason", ""))
    assert (done.code, end["verdict"]) == (kind.code, kind.verdict), done.out + done.err
    assert kind.told in reason
