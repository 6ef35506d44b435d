"""Through a proxy, and with headers: a real one that CONNECTs, on the loopback."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Connection, ConnectRefused, connect, serve
from ocpplab_runner.ocppj.route import Route
from ocpplab_runner.ocppj.tls import ClientTls, server_context
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from tests.ocppj.sessions import V16

HOST = "127.0.0.1"
PASSWORD = "kein-Wort-davon-4711"


class Proxy:
    """Opens a way to wherever it is asked, or answers with a status.

    Attributes:
        heard: the requests.
    """

    def __init__(self, status: str = "200 OK", credentials: str | None = None) -> None:
        self.heard: list[str] = []
        self._status, self._credentials = status, credentials

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._take, HOST, 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heard.append(request)
        status = self._status
        if self._credentials is not None:
            token = base64.b64encode(self._credentials.encode()).decode()
            status = status if f"Proxy-Authorization: Basic {token}" in request else "407 Proxy Authentication Required"
        writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
        if status.startswith("200"):
            host, _, port = request.split()[1].rpartition(":")
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def dialled(proxy: Proxy, *, user: str = "", ssl: Any = (None, None), headers: Any = None) -> list[Any]:
    """What a CSMS behind that proxy hears of a charger, and what the charger is told instead."""
    heard: list[Any] = []

    async def take(connection: Connection) -> None:
        heard.append(connection)
        await connection.ws.wait_closed()

    csms = await serve(HOST, 0, versions=[V16], on_connection=take, ssl=ssl[1])
    scheme = "ws" if ssl[0] is None else "wss"
    async with proxy.running() as port:
        route = Route.from_options(headers, f"http://{user}{HOST}:{port}")
        try:
            url = f"{scheme}://{HOST}:{csms.sockets[0].getsockname()[1]}/ocpp"
            ws, _ = await connect(url, identity="CP1", versions=[V16], ssl=ssl[0], route=route, open_timeout=5)
            await ws.close()
        except ConnectRefused as refused:
            heard.append(refused)
    csms.close()
    await csms.wait_closed()
    return heard


def test_through_a_proxy() -> None:
    """It is asked for the CSMS's address, and sees none of the handshake's headers; the CSMS does."""
    proxy = Proxy(credentials=f"lab:{PASSWORD}")
    heard = clock.run(
        dialled(proxy, user=f"lab:{PASSWORD}@", headers={"X-Tenant": 7, "X-Api-Key": PASSWORD}), virtual=False
    )
    assert [one.identity for one in heard] == ["CP1"]
    request = heard[0].ws.request
    assert (request.headers["X-Tenant"], request.headers["X-Api-Key"]) == ("7", PASSWORD)
    assert proxy.heard[0].startswith("CONNECT 127.0.0.1:")
    assert "X-Tenant" not in proxy.heard[0]


def test_tls_goes_through_as_a_whole(tmp_path: Path) -> None:
    """The proxy sees nothing of it, and the CSMS's certificate is judged as ever."""
    make_certificates(tmp_path, Wanted(hosts=(HOST,)), clock.wall_now())
    serving = server_context(str(tmp_path / "csms.pem"), str(tmp_path / "csms.key"), refused=lambda _: None)
    trusting = ClientTls(ca=str(tmp_path / "ca.pem")).context("CP1")
    assert [one.identity for one in clock.run(dialled(Proxy(), ssl=(trusting, serving)), virtual=False)] == ["CP1"]
    mistrusting = ClientTls().context("CP1")
    (refused,) = clock.run(dialled(Proxy(), ssl=(mistrusting, serving)), virtual=False)
    assert refused.reason == "tls"


@pytest.mark.parametrize(
    ("proxy", "user", "told"),
    [
        (Proxy(credentials="a:b"), f"lab:{PASSWORD}@", "answered HTTP 407 for .*: it asks for credentials"),
        (Proxy("403 Forbidden"), "", "answered HTTP 403 for .*: it lets nobody through to there"),
        (Proxy("502 Bad Gateway"), "", "answered HTTP 502 for"),
        (Proxy("\r\n"), "", "is no proxy that can CONNECT"),
    ],
)
def test_a_proxy_that_opens_no_way(proxy: Proxy, user: str, told: str) -> None:
    """It is named, without its password, and not taken for the CSMS."""
    (refused,) = clock.run(dialled(proxy, user=user), virtual=False)
    assert refused.reason == "proxy"
    assert str(refused).startswith("the proxy http://127.0.0.1:") or "is no proxy" in str(refused)
    assert PASSWORD not in str(refused)
    with pytest.raises(ConnectRefused, match=told):
        raise refused


def test_a_proxy_that_is_not_there() -> None:
    """The CSMS's name is not looked up here: that is for the proxy to do."""

    async def main() -> None:
        route = Route(proxy=f"http://lab:{PASSWORD}@{HOST}:9")
        await connect("ws://no-such-host.invalid/ocpp", identity="CP1", versions=[V16], route=route)

    with pytest.raises(ConnectRefused, match=r"cannot reach the proxy http://127\.0\.0\.1:9: "):
        clock.run(main(), virtual=False)


@pytest.mark.parametrize(
    ("headers", "proxy", "told"),
    [
        ([], None, "is a mapping"),
        ({"X y": "1"}, None, "cannot be the name of a header"),
        ({"X": "a\r\nY: b"}, None, "the header X needs a value of one line"),
        ({"X": PASSWORD + "é"}, None, "the header X needs a value of one line"),
        ({"X": True}, None, "the header X needs a value of one line"),
        ({"Authorization": PASSWORD}, None, "the header Authorization is set by `basic_auth`"),
        ({"Sec-WebSocket-Protocol": "x"}, None, "is set by the handshake"),
        ({}, "socks5://h:1080", "`proxy` is the http:// or https:// URL of a proxy, not socks5://h:1080"),
        ({}, f"h:{PASSWORD}@x", "not x"),
        ({}, "http://", "not http://"),
        ({}, 3128, "not 3128"),
    ],
)
def test_what_makes_no_route(headers: Any, proxy: Any, told: str) -> None:
    """And what it holds is told to nobody."""
    with pytest.raises(ValueError, match=r"header|proxy") as error:
        Route.from_options(headers, proxy)
    assert told in str(error.value)
    assert PASSWORD not in str(error.value)


def test_what_of_it_is_secret() -> None:
    """Long values, and those of sensitive names; a tenant's number is none."""
    route = Route.from_options({"X-Tenant": "7", "X-Api-Key": "k", "X-Long": PASSWORD}, "http://u:p%40w@h:1")
    assert set(route.secrets()) == {"k", PASSWORD, "p%40w", "p@w"}
    assert route.proxy_shown == "http://h:1"
