"""Throw requests at the local Gateway: ``python -m benchmarks.fuzz_gateway [2000] [--seed N]``.

Schemathesis makes at least so many of the OpenAPI document, right ones and wrong ones, and judges every answer with all
of its checks: no 5xx, no answer that differs from the document, nothing wrong accepted, nothing right refused, no route
without its token. 400 counts as a right answer to a well-formed request: the API has it for what makes no sense. The
Gateway is a real one with a CSMS behind it, and a part of the requests names chargers that exist.

The exit code is 1 when Schemathesis has found something.
"""

from __future__ import annotations

import argparse
import asyncio
import json
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
from ocpplab_runner.gateway.server.serving import LocalGateway
from ocpplab_runner.gateway.server.settings import GatewaySettings, Limits

_TOKEN = "token-of-the-fuzzer"
_CONFIG = """
[parameters]
"header.x-organization-id" = "acme"
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "503"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "415", "422"]
"""
_CASES = re.compile(r"([\d,]+) generated")


class _Deaf:
    def frame(self, identity: str, record: Any) -> None:
        pass

    def violation(self, identity: str, violation: Any) -> None:
        pass

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        pass

    def note(self, identity: str, text: str) -> None:
        pass


async def fuzz(examples: int, seed: int, *, phases: str = "examples,coverage,fuzzing,stateful") -> tuple[int, str]:
    """Run Schemathesis against a Gateway of its own.

    Args:
        examples: at least so many requests.
        seed: of both.
        phases: of Schemathesis; all of them unless said.

    Returns:
        The exit code and the output of Schemathesis.
    """
    csms = BuiltInCsms(CsmsConfig.from_given({"id_tokens": {"CARD-1": "Accepted"}}), observer=_Deaf(), random=Random(1))
    await csms.start()
    settings = GatewaySettings({"acme": frozenset()}, frozenset({_TOKEN}), Limits(chargers=1_000_000))
    gateway = LocalGateway(settings, random=Random(seed))
    await gateway.start()
    try:
        headers = {"Authorization": f"Bearer {_TOKEN}", "X-Organization-Id": "acme"}
        async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as http:
            things = await _furnish(http, f"ws://127.0.0.1:{csms.port}/ocpp")
            paths = (await http.get("/openapi.json")).json()["paths"]
        operations = sum(len(methods) for methods in paths.values())
        return await _schemathesis(gateway.url, things, max(1, -(-examples // operations)), seed, phases)
    finally:
        await gateway.stop()
        await csms.stop()


async def _furnish(http: httpx.AsyncClient, ws_url: str) -> dict[str, list[str]]:
    """Things that exist, by the names under which the API takes them."""
    place = {
        "name": "Here",
        "address": "1 Street",
        "city": "Town",
        "country": "NL",
        "coordinates": {"latitude": 1, "longitude": 2},
    }
    location = (await http.post("/ocpp/locations", json=place)).json()["id"]
    ids: list[str] = []
    for identity, version in (("CP-1", "OCPP1.6"), ("CP-2", "OCPP2.0.1")):
        new = {
            "identity": identity,
            "brand_slug": "simulated",
            "model_slug": "evse-2",
            "connector_type": "Type2",
            "ws_url": ws_url,
            "ocpp_version": version,
            "location_id": location,
        }
        ids.append((await http.post("/ocpp/chargers", json=new)).json()["charger_id"])
    return {
        "charger_id": ids,
        "deployment_id": ids,
        "identity": ["CP-1", "CP-2"],
        "location_id": [location],
        "brand_slug": ["simulated", "abb"],
        "model_slug": ["evse-2", "terra-184"],
        "model": ["evse-1", "terra-184"],
        "connector_type": ["Type2", "CCS2"],
        "id_tag": ["CARD-1"],
        "fault_type": ["OverCurrent"],
        "ws_url": [ws_url],
    }


async def _schemathesis(
    url: str, things: Mapping[str, list[str]], per_operation: int, seed: int, phases: str
) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "schemathesis.toml"
        config.write_text(_CONFIG, "utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(config),
            "run",
            f"{url}/openapi.json",
            "--checks=all",
            f"--max-examples={per_operation}",
            f"--seed={seed}",
            f"--phases={phases}",
            "--header",
            f"Authorization: Bearer {_TOKEN}",
            "--suppress-health-check=all",
            "--continue-on-failure",
            "--no-color",
            "--generation-database=none",
            cwd=directory,
            env={
                **os.environ,
                "SCHEMATHESIS_HOOKS": "benchmarks.gateway_hooks",
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "FUZZ_GATEWAY_THINGS": json.dumps(things),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()


def cases_in(output: str) -> int:
    """How many requests Schemathesis says it has made."""
    found = _CASES.search(output)
    return int(found.group(1).replace(",", "")) if found else 0


def main(arguments: Sequence[str]) -> int:
    """Throw them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_gateway", description="Fuzz the local Gateway.")
    parser.add_argument("examples", type=int, nargs="?", default=2000, help="at least so many requests")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    started = clock.wall_seconds()
    code, output = clock.run(fuzz(options.examples, options.seed), virtual=False)
    print(output)
    cases = cases_in(output)
    print(f"{cases:,} requests in {clock.wall_seconds() - started:.0f} s, seed {options.seed}: exit code {code}")
    return 1 if code or cases < options.examples else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
