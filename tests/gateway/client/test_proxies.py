"""Proxies of the environment: which requests take one, and that nothing of its credentials is shown."""

from __future__ import annotations

import asyncio
import base64

import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.client.errors import GatewayError, UnreachableError
from ocpplab_runner.gateway.client.http import GatewayHttp, HttpRequest
from ocpplab_runner.gateway.client.proxies import ProxyError, proxy_of

PROXY = "http://lab:s3cr3t@proxy.test:3128"
READ = HttpRequest("GET", "/ocpp/chargers")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("environment", "url", "variable"),
    [
        ({}, "https://gw.test", None),
        ({"HTTPS_PROXY": PROXY}, "https://gw.test", "HTTPS_PROXY"),
        ({"HTTPS_PROXY": PROXY}, "http://gw.test", None),
        ({"HTTP_PROXY": PROXY}, "http://gw.test:8080/api", "HTTP_PROXY"),
        ({"ALL_PROXY": PROXY}, "https://gw.test", "ALL_PROXY"),
        ({"HTTPS_PROXY": PROXY, "https_proxy": PROXY}, "https://gw.test", "https_proxy"),
        ({"HTTPS_PROXY": ""}, "https://gw.test", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "gw.test"}, "https://gw.test", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "gw.test:8443"}, "https://u:p@gw.test:8443", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "https://gw.test", None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": ".test"}, "https://gw.test", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "other.test,[::1"}, "https://gw.test", "HTTPS_PROXY"),
        ({"ALL_PROXY": PROXY}, "http://127.0.0.1:8080", None),
        ({"ALL_PROXY": PROXY}, "http://127.8.9.1:8080", None),
        ({"ALL_PROXY": PROXY}, "http://[::1]:8080", None),
        ({"ALL_PROXY": PROXY}, "http://localhost", None),
        ({"ALL_PROXY": PROXY}, "http://gw.localhost", None),
    ],
)
def test_which_requests_take_one(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, variable: str | None
) -> None:
    """The scheme's own before that of all, small letters first, NO_PROXY, and never for this machine."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = proxy_of(url)
    assert (found and found.variable) == variable


@pytest.mark.parametrize(
    "value",
    [
        "http://lab:s3cr3t@[::1",
        "http://lab:s3cr3t@h:99999999",
        "http://lab:s3cr3t@h:s3cr3t",
        "http://",
        "ftp://lab:s3cr3t@h",
        "http://lab:s3cr3t@h\x01",
        "lab:s3cr3t@h:port",
    ],
)
def test_one_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Its variable is named, its value is not; nobody else is asked instead."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ProxyError, match="HTTPS_PROXY") as found:
        proxy_of("https://gw.test")
    assert "s3cr3t" not in str(found.value)
    with pytest.raises(UnreachableError, match="HTTPS_PROXY"):
        GatewayHttp("https://gw.test", "a-token")


def test_socks_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A matter of what is installed, and told as that."""
    pytest.importorskip("httpx")
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://lab:s3cr3t@h")
    with pytest.raises(UnreachableError, match="proxy of ALL_PROXY: SOCKS needs the package `socksio`"):
        GatewayHttp("https://gw.test", "a-token")


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the environment that names no file is named."""
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    with pytest.raises(UnreachableError, match="SSL_CERT_FILE"):
        GatewayHttp("https://gw.test", "a-token")


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch, status: str, scheme: str) -> None:
    """The error tells of the proxy, and nothing of what it was sent and sends back."""
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nConnection: close\r\n"
        writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(asked[-1]) + asked[-1])
        writer.close()

    async def main() -> GatewayError:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://lab:s3cr3t@127.0.0.1:{port}")
        http = GatewayHttp(f"{scheme}://gw.test", "a-token-of-ours")
        with pytest.raises(GatewayError) as found:
            await http.send(READ)
        own = GatewayHttp(f"http://127.0.0.1:{port}", "a-token-of-ours")
        with pytest.raises(GatewayError):
            await own.send(READ)
        for one in (http, own):
            await one.aclose()
        server.close()
        await server.wait_closed()
        return found.value

    told = str(clock.run(main()))
    assert status[:3] in told
    basic = base64.b64encode(b"lab:s3cr3t").decode()
    assert f"Basic {basic}".encode() in asked[0]
    assert b"Proxy-Authorization" not in asked[1]
    assert asked[1].startswith(b"GET /ocpp/chargers ")
    for secret in ("s3cr3t", basic, "a-token-of-ours"):
        assert secret not in told
