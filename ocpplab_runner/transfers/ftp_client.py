"""Files over FTP: passive mode, with TLS from the first byte for ``ftps``."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ocpplab_runner.transfers.errors import TransferError, Why

if TYPE_CHECKING:
    import aioftp

#: Seconds in which a connection must be there, and the next piece of a file.
_CONNECT, _PIECE = 30.0, 120.0
_PORTS = {"ftp": 21, "ftps": 990}
#: Reply codes of RFC 959 → why nothing came across.
_WHY: dict[str, Why] = {
    "500": "unsupported",
    "501": "bad",
    "502": "unsupported",
    "504": "unsupported",
    "530": "denied",
    "532": "denied",
    "553": "denied",
}


async def fetch(url: str, largest: int) -> bytes:
    """The file at a URL.

    Raises:
        TransferError: it cannot be had, not whole, or is larger than that.
    """
    content = bytearray()
    async with _client(url, f"cannot fetch {url}") as client:
        path = _path(url)
        size = int((await client.stat(path)).get("size", -1))
        async with client.download_stream(path) as stream:
            async for piece in stream.iter_by_block():
                content += piece
                if len(content) > largest:
                    raise TransferError(f"{url} has more than {largest:,} bytes")
    if len(content) != size and size >= 0:  # FTP ends a file by ending the connection
        raise TransferError(f"cannot fetch {url}: {len(content):,} of {size:,} bytes came")
    return bytes(content)


async def send(url: str, content: bytes) -> None:
    """Put a file there.

    Raises:
        TransferError: it has not been taken.
    """
    async with _client(url, f"cannot send {url}") as client, client.upload_stream(_path(url)) as stream:
        await stream.write(content)


def _path(url: str) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(url).path) or "/")


@asynccontextmanager
async def _client(url: str, failed: str) -> AsyncIterator[aioftp.Client]:
    import aioftp

    data: list[asyncio.StreamWriter] = []

    class Client(aioftp.Client):
        """aioftp's, which leaves a data connection open that nothing has come over."""

        async def get_passive_connection(self, *args: Any, **kwargs: Any) -> Any:
            reader, writer = await super().get_passive_connection(*args, **kwargs)
            data.append(writer)
            return reader, writer

    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    # Who is given no login is anonymous, with an address for a password (RFC 1635).
    user, password = unquote(parts.username or "anonymous"), unquote(parts.password or "anonymous@")
    context = tls.create_default_context() if parts.scheme == "ftps" else None
    try:
        async with Client.context(
            host,
            port,
            user,
            password,
            socket_timeout=_PIECE,
            connection_timeout=_CONNECT,
            ssl=context,
        ) as client:
            yield client
    except aioftp.StatusCodeError as error:
        code = str(error.received_codes[0])
        told = " ".join(line.strip() for line in error.info)
        raise TransferError(f"{failed}: {code} {told}", _WHY.get(code, "failed")) from error
    except (aioftp.AIOFTPException, OSError, TimeoutError, ValueError, EOFError) as error:
        raise TransferError(f"{failed}: {error or type(error).__name__}") from error
    finally:
        for writer in data:
            writer.close()
