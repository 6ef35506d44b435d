"""The hands at a stand-in: what EVerest has no topic for, by HTTP, as a rig would do it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

#: Of a target's options: the verbs that the bench does.
VERBS: Mapping[str, Mapping[str, Any]] = {
    "power": {"url": "/{station}/power", "json": {"state": "{state}"}},
    "select_evse": {"url": "/{station}/select_evse", "json": {"evse_id": "{evse_id}"}},
}
#: Identity, verb and fields → whether it was done.
Act = Callable[[str, str, Mapping[str, Any]], Awaitable[bool]]


async def serve(port: int, act: Act) -> asyncio.Server:
    """Listen on loopback; one request for each connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        _, identity, verb = head[0].split()[1].split("/")
        status = "204 No Content" if await act(identity, verb, json.loads(body)) else "409 Conflict"
        writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)
