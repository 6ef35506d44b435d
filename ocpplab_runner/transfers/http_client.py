"""Files over HTTP: GET fetches, PUT sends."""

from __future__ import annotations

import ssl as tls
from typing import TYPE_CHECKING

from ocpplab_runner.transfers.errors import TransferError, Why

if TYPE_CHECKING:
    import httpx

#: Seconds in which a connection must be there, and the next piece of a file.
_CONNECT, _PIECE = 30.0, 120.0
_WHY: dict[int, Why] = {
    400: "bad",
    401: "denied",
    403: "denied",
    404: "failed",
    405: "unsupported",
    407: "denied",
    411: "bad",
    422: "bad",
    501: "unsupported",
}


async def fetch(url: str, largest: int) -> bytes:
    """The file at a URL; redirections are followed.

    Raises:
        TransferError: it cannot be had, not whole, or is larger than that.
    """
    import httpx

    content = bytearray()
    try:
        async with _client(url) as client, client.stream("GET", url) as response:
            _check(response)
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > largest:
                    raise TransferError(f"{url} has more than {largest:,} bytes")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise TransferError(f"cannot fetch {url}: {error or type(error).__name__}") from error
    return bytes(content)


async def send(url: str, content: bytes) -> None:
    """Put a file there; a redirection is not followed, and counts as not taken (2.1 N01).

    Raises:
        TransferError: it has not been taken.
    """
    import httpx

    try:
        async with _client(url, follow=False) as client:
            _check(await client.put(url, content=content, headers={"Content-Type": "application/octet-stream"}))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise TransferError(f"cannot send {url}: {error or type(error).__name__}") from error


def _client(url: str, *, follow: bool = True) -> httpx.AsyncClient:
    import httpx

    # Reading the system's CAs takes tens of milliseconds, for which plain HTTP has no use.
    trusted = tls.create_default_context() if url.startswith("https") else False
    return httpx.AsyncClient(
        verify=trusted,
        # A proxy in the runner's environment is none of the charger's, and knows no host of a virtual loop.
        trust_env=False,
        follow_redirects=follow,
        timeout=httpx.Timeout(_PIECE, connect=_CONNECT),
    )


def _check(response: httpx.Response) -> None:
    if not response.is_success:
        code = response.status_code
        raise TransferError(
            f"{response.request.url} was answered {code} {response.reason_phrase}", _WHY.get(code, "failed")
        )
