"""Lines as they come, from a terminal or a pipe, without a thread that could not be ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

_PIECE = 1 << 16


async def lines_of(descriptor: int) -> AsyncIterator[str]:
    """The lines of a terminal, a pipe or a file, until its end.

    Args:
        descriptor: an open file; it may be one that blocks.
    """
    rest = b""
    async for data in _pieces(descriptor):
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")


async def _pieces(descriptor: int) -> AsyncIterator[bytes]:
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        # Here and nowhere else: only while the selector says so does reading not block the loop.
        try:
            data = os.read(descriptor, _PIECE)
        except OSError:
            data = b""  # the terminal has been closed
        pieces.put_nowait(data)
        if not data:
            loop.remove_reader(descriptor)

    try:
        loop.add_reader(descriptor, read)
    except PermissionError:  # a file is always ready, and no selector takes it
        while data := os.read(descriptor, _PIECE):
            yield data
        return
    try:
        while data := await pieces.get():
            yield data
    finally:
        loop.remove_reader(descriptor)
