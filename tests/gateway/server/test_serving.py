"""``ocpplab-runner gateway`` as a program."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from ocpplab_runner import clock
from tests.gateway.server.process import TOKEN, launch


def test_it_says_where_it_listens_and_ends_on_a_signal() -> None:
    """A token of the environment is not repeated; the exit code is 0."""

    async def main() -> None:
        gateway = await launch()
        async with httpx.AsyncClient(base_url=gateway.url) as http:
            assert (await http.get("/health")).json()["status"] == "ok"
            refused = await http.get("/ocpp/chargers")
            assert refused.status_code == 401
            allowed = await http.get("/ocpp/chargers", headers={"Authorization": f"Bearer {TOKEN}"})
            assert allowed.json() == {"data": [], "total": 0, "page": 1, "limit": 50}
        assert await gateway.stop() == 0
        assert "401 GET /ocpp/chargers" in gateway.output and TOKEN not in gateway.output

    clock.run(main(), virtual=False)


def test_without_a_token_it_makes_one_up() -> None:
    """And prints it, for nobody could use it otherwise."""

    async def main() -> None:
        gateway = await launch(environment={"OCPPLAB_GATEWAY_TOKEN": ""})
        assert gateway.process.stdout is not None
        async with asyncio.timeout(30):
            while "bearer token of this run: " not in gateway.output:
                gateway.output += (await gateway.process.stdout.readline()).decode()
        token = gateway.output.split("bearer token of this run: ")[1].split()[0]
        async with httpx.AsyncClient(base_url=gateway.url, headers={"Authorization": f"Bearer {token}"}) as http:
            assert (await http.get("/ocpp/chargers")).status_code == 200
        assert await gateway.stop() == 0

    clock.run(main(), virtual=False)


def test_a_configuration_file_names_organizations(tmp_path: Path) -> None:
    """Its tokens come from the environment."""
    path = tmp_path / "gateway.yaml"
    path.write_text('tenants: {acme: {tokens: ["${{ env.ACME }}"]}}\n')

    async def main() -> None:
        gateway = await launch("--config", path, environment={"ACME": "token-acme"})
        async with httpx.AsyncClient(base_url=gateway.url, headers={"Authorization": "Bearer token-acme"}) as http:
            assert (await http.get("/ocpp/chargers")).status_code == 200
        assert await gateway.stop() == 0
        assert "bearer token" not in gateway.output

    clock.run(main(), virtual=False)


@pytest.mark.parametrize("what", ["port", "config", "database"])
def test_what_it_cannot_use_ends_it_with_2(what: str, tmp_path: Path) -> None:
    """One line says why."""

    async def main() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            arguments = {
                "port": ["--port", str(taken.getsockname()[1])],
                "config": ["--config", str(tmp_path / "none.yaml")],
                "database": ["--db", str(tmp_path / "none" / "gateway.db")],
            }[what]
            gateway = await launch(*arguments, wait=False)
            assert await gateway.ended() == 2
        reason = {"port": "cannot listen", "config": "No such file", "database": "unable to open"}[what]
        assert reason in gateway.output and "Traceback" not in gateway.output

    clock.run(main(), virtual=False)
