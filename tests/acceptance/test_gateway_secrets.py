"""What the process of a local Gateway says, on its terminal and in its logs, tells no secret of anybody."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.acceptance.cli_kit import cli
from tests.acceptance.forking import forker
from tests.acceptance.leaks import leaks, word

TENANT, QUERY = word("ten"), word("url")
SECRETS: Mapping[str, str] = {
    "a tenant's token": TENANT,
    "the admin's token": word("adm"),
    "a wrong token": word("wro"),
    "a query": word("que"),
    "a charger's password": word("pas"),
    "a password that a command sets": word("cmd"),
    "the query of a CSMS's URL": QUERY,
    "the reason of a Close frame": word("clo"),
    "the body of a request that is none": word("bod"),
    "a header": word("hea"),
}
_CONFIG = """\
tenants:
  acme: {tokens: ["${{ env.TENANT_TOKEN }}"]}
admin_tokens: ["${{ env.ADMIN_TOKEN }}"]
"""
_SCENARIO = f"""\
name: It fails behind a Gateway
ocpp: ["1.6"]
secrets: [mine]
vars: {{mine: {word("var")}}}
given:
  charger: {{basic_auth: {{password: {word("chg")}}}}}
steps:
  - csms_call: {{action: DataTransfer, payload: {{vendorId: v, data: "password={word("key")}"}}}}
  - proxy_message: {{action: DataTransfer, payload: {{vendorId: v, data: "${{{{ mine }}}}"}}}}
    expect: {{response: {{status: Rejected, data: "${{{{ mine }}}}"}}}}
    within: 2s
"""


async def _misuse(url: str) -> None:
    """Everything that a Gateway can be told and might repeat."""
    closed = asyncio.Event()

    async def say_goodbye(ws: ServerConnection) -> None:
        await ws.recv()
        await ws.close(1008, f"password={SECRETS['the reason of a Close frame']}")
        closed.set()

    tenant = {"Authorization": f"Bearer {TENANT}"}
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
        serve(say_goodbye, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as csms,  # type: ignore[list-item]
    ):
        port = next(iter(csms.sockets)).getsockname()[1]
        charger = {
            "identity": "CP-1",
            "brand_slug": "simulated",
            "model_slug": "evse-2",
            "connector_type": "Type2",
            "authorization_key": SECRETS["a charger's password"],
            "ws_url": f"ws://127.0.0.1:{port}/ocpp?token={QUERY}",
        }
        made = await client.post("/ocpp/chargers", json=charger, headers=tenant)
        made.raise_for_status()
        refused = {**charger, "identity": "CP-2", "ws_url": charger["ws_url"].replace(str(port), "9")}
        await client.post("/ocpp/chargers", json=refused, headers=tenant)
        for header in (
            {"Authorization": f"Bearer {SECRETS['a wrong token']}"},
            {"Authorization": f"Basic {SECRETS['a wrong token']}"},
            {**tenant, "X-Api-Key": SECRETS["a header"], "X-Organization-Id": SECRETS["a header"]},
        ):
            for path in ("/ocpp/chargers?access_token=", "/nowhere?password="):
                await client.get(path + SECRETS["a query"], headers=header)
        body = f'{{"password": "{SECRETS["the body of a request that is none"]}"'
        await client.post("/ocpp/chargers", content=body, headers=tenant)
        setting = {"AuthorizationKey": SECRETS["a password that a command sets"]}
        command = {"target": {"charger_id": made.json()["charger_id"]}, "event": {"configuration": setting}}
        await client.post("/ocpp/commands/configuration", json=command, headers=tenant)
        await asyncio.wait_for(closed.wait(), 30)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(f"GET /{SECRETS['a query']} HTTP/1.1\r\nAuthorization {SECRETS['a header']}\r\n\r\n".encode())
    await reader.read()
    writer.close()


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Standard output and standard error of a Gateway that has seen all of that."""
    here = tmp_path_factory.mktemp("gateway")
    (here / "gateway.yaml").write_text(_CONFIG)
    with forker().start(
        ("-m", "ocpplab_runner", "gateway", "--port", "0", "--config", "gateway.yaml", "--db", "g.db"),
        cwd=here,
        env={
            **os.environ,
            "TENANT_TOKEN": SECRETS["a tenant's token"],
            "ADMIN_TOKEN": SECRETS["the admin's token"],
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as gateway:
        assert gateway.stdout is not None
        first = gateway.stdout.readline()
        try:
            asyncio.run(_misuse(first.split()[-1]))
        finally:
            gateway.send_signal(signal.SIGTERM)
        rest = gateway.stdout.read()
    assert gateway.returncode == 0
    return first + rest


def test_the_gateway_has_something_to_say(said: str) -> None:
    """Where nothing is said nothing can leak."""
    assert "401 GET /ocpp/chargers" in said


@pytest.mark.parametrize("where", SECRETS)
def test_no_line_shows_it(said: str, where: str) -> None:
    """Neither the secret nor a part of it, in any letter case and encoding."""
    assert [line for line in said.splitlines() if leaks(SECRETS[where], line)] == []


def test_a_run_with_a_gateway_of_its_own_shows_none(tmp_path: Path) -> None:
    """Nor do its reports, with the Gateway in a process of its own."""
    (tmp_path / "a.yaml").write_text(_SCENARIO)
    reports = ("--jsonl", "out.jsonl", "--junit", "out.xml", "-vv", "--timeout", "60s")
    done = cli("run", "a.yaml", "--target", "local-gateway-g4", "--realtime", *reports, cwd=tmp_path)
    assert done.code == 1, done
    end = json.loads((tmp_path / "out.jsonl").read_text("utf-8").splitlines()[-2])
    assert end["verdict"] == "failed", end
    for text in (done.out, done.err, *((tmp_path / name).read_text("utf-8") for name in ("out.jsonl", "out.xml"))):
        for place in ("var", "chg", "key"):
            assert [line for line in text.splitlines() if leaks(word(place), line)] == []
