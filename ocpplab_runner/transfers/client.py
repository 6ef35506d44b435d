"""Fetches files and sends them, by URL: what a charger does on its way to new firmware, and with its logs."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from ocpplab_runner.transfers import ftp_client, http_client
from ocpplab_runner.transfers.errors import TransferError

#: A charger has no room for more.
LARGEST = 256 * 1024 * 1024
PROTOCOLS = ("ftp", "ftps", "http", "https")


async def fetch(url: str) -> bytes:
    """The file at a URL.

    Args:
        url: one of :data:`PROTOCOLS`.

    Raises:
        TransferError: it cannot be had, or not whole.
    """
    if _scheme(url).startswith("http"):
        return await http_client.fetch(url, LARGEST)
    return await ftp_client.fetch(url, LARGEST)


async def send(location: str, name: str, content: bytes) -> None:
    """Put a file into the directory that a URL names.

    Args:
        location: one of :data:`PROTOCOLS`.
        name: of the file.
        content: of the file.

    Raises:
        TransferError: it has not been taken.
    """
    if _scheme(location).startswith("http"):
        await http_client.send(_within(location, name), content)
    else:
        await ftp_client.send(_within(location, name), content)


def _scheme(url: str) -> str:
    try:
        parts = urlsplit(url)
        # urlsplit looks at the port only when it is asked for it.
        _ = parts.port
    except ValueError as error:
        raise TransferError(f"{url!r} is no URL: {error}", "bad") from error
    if parts.scheme not in PROTOCOLS:
        raise TransferError(f"this charger does not transfer files by {parts.scheme or 'nothing'}:", "unsupported")
    if not parts.hostname:
        raise TransferError(f"{url!r} names no host", "bad")
    return parts.scheme


def _within(location: str, name: str) -> str:
    """The URL of a file in a directory; a query stays at the end."""
    parts = urlsplit(location)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{quote(name)}").geturl()
