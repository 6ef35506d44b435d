"""``ocpplab-runner gateway`` as a program."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.serving import LocalGateway
from ocpplab_runner.gateway.server.settings import GatewaySettings
from tests.gateway.server.kit import site
from tests.gateway.server.process import TOKEN, launched


def test_it_says_where_it_listens_and_ends_on_a_signal() -> None:
    """A token of the environment is not repeated; the exit code is 0."""

    async def main() -> None:
        async with launched() as gateway, httpx.AsyncClient(base_url=gateway.url) as http:
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
        async with launched(environment={"OCPPLAB_GATEWAY_TOKEN": ""}) as gateway:
            token = (await gateway.read_until(re.compile(r"bearer token of this run: (\S+)\s")))[1]
            async with httpx.AsyncClient(base_url=gateway.url, headers={"Authorization": f"Bearer {token}"}) as http:
                assert (await http.get("/ocpp/chargers")).status_code == 200
            assert await gateway.stop() == 0

    clock.run(main(), virtual=False)


def test_a_configuration_file_names_organizations(tmp_path: Path) -> None:
    """Its tokens come from the environment."""
    path = tmp_path / "gateway.yaml"
    path.write_text('tenants: {acme: {tokens: ["${{ env.ACME }}"]}}\n')

    async def main() -> None:
        async with launched("--config", path, environment={"ACME": "token-acme"}) as gateway:
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
            async with launched(*arguments, wait=False) as gateway:
                assert await gateway.ended() == 2
        reason = {"port": "cannot listen", "config": "there is no such file", "database": "make the directory"}[what]
        assert reason in gateway.output and "Traceback" not in gateway.output

    clock.run(main(), virtual=False)


def test_it_lives_on_the_clock_of_its_event_loop() -> None:
    """Answers take no virtual time, and bear the virtual date: nothing ticks, and no byte waits for another."""

    async def main() -> None:
        gateway = LocalGateway(GatewaySettings({"acme": frozenset({TOKEN})}), random=Random(1))
        await gateway.start()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=gateway.url, headers=headers, trust_env=False) as http:
            await asyncio.sleep(3600)
            answers = [await http.get("/ocpp/catalog/brands") for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200] * 3
            assert clock.now() == 3600
            assert {answer.headers["Date"] for answer in answers} == {"Thu, 01 Jan 2026 01:00:00 GMT"}
        await gateway.stop()

    clock.run(main())


@pytest.mark.parametrize("how", ["Content-Length: 209715200", "Transfer-Encoding: chunked"])
def test_a_body_without_end_is_cut_off(how: str) -> None:
    """Long before there is no memory left; whoever sends it needs no token."""
    megabyte = b"x" * 1024 * 1024
    sent = 0

    async def main() -> None:
        nonlocal sent
        gateway = LocalGateway(GatewaySettings({"acme": frozenset({TOKEN})}), random=Random(1))
        await gateway.start()
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(gateway.url).port)
        writer.write(f"POST /ocpp/chargers HTTP/1.1\r\nHost: localhost\r\n{how}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while sent < 200:
                sent += 1
                writer.write(b"100000\r\n%s\r\n" % megabyte if "chunked" in how else megabyte)
                await writer.drain()
        writer.close()
        await gateway.stop()

    clock.run(main())
    assert 16 <= sent < 100


def test_a_body_that_is_too_large_is_413() -> None:
    """And the reason says how large it may be."""

    async def main() -> None:
        async with site() as here:
            answer = await here.client.post("/ocpp/chargers", content=b"x" * (17 * 1024 * 1024))
        assert answer.status_code == 413
        assert answer.json() == {"detail": "the body of the request is larger than 16 MiB"}

    clock.run(main())


def test_a_long_input_is_not_sent_back() -> None:
    """What is wrong is named all the same."""

    async def main() -> None:
        gateway = LocalGateway(GatewaySettings({"acme": frozenset({TOKEN})}), random=Random(1))
        await gateway.start()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=gateway.url, headers=headers, trust_env=False) as http:
            short, long = [
                (await http.post("/ocpp/chargers", json={"identity": [text]})).json()["detail"]
                for text in ("x", "x" * 100_000)
            ]
        await gateway.stop()
        assert [problem["loc"] for problem in short] == [problem["loc"] for problem in long]
        assert "input" in short[0]
        assert not any("input" in problem for problem in long)

    clock.run(main())
