"""What is relied on of websockets beyond its documented interface, with every version that ``pyproject.toml`` allows.

``make test-lowest`` runs this room's tests with the lowest of them.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as plain_connect
from websockets.asyncio.connection import Connection
from websockets.protocol import State

from ocpplab_runner import clock
from ocpplab_runner.ocppj.push_connection import PushConnection
from ocpplab_runner.ocppj.websocket import _Connect
from tests.ocppj.test_websocket import backend, charger

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_range_has_a_floor_and_a_ceiling() -> None:
    """What is overridden may be gone in the next major version."""
    wanted = [one for one in tomllib.loads(_PROJECT.read_text())["project"]["dependencies"] if "websockets" in one]
    found = re.fullmatch(r"websockets>=(\d+),<(\d+)", wanted[0])
    assert found is not None
    assert int(found[1]) <= int(websockets.__version__.split(".")[0]) < int(found[2])


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (PushConnection, Connection, "data_received"),
        (PushConnection, Connection, "eof_received"),
        (PushConnection, Connection, "connection_lost"),
        (PushConnection, Connection, "process_event"),
        (PushConnection, Connection, "close"),
        (_Connect, plain_connect, "process_redirect"),
    ],
)
def test_what_is_overridden_is_there(ours: type, theirs: type, name: str) -> None:
    """With the arguments that our method takes."""
    assert name in vars(ours)
    assert list(inspect.signature(getattr(ours, name)).parameters) == list(
        inspect.signature(getattr(theirs, name)).parameters
    )


def test_what_is_read_is_there() -> None:
    """Of a connection, its queue of messages and its protocol."""

    async def main() -> None:
        async with backend() as csms, charger(csms) as (_, ws, _):
            await clock.settled()
            assert isinstance(ws, ClientConnection)
            messages: Any = ws.recv_messages
            assert len(messages.frames) == 0
            assert messages.paused is False
            assert isinstance(ws.transport, asyncio.Transport)
            assert ws.protocol.state is State.OPEN

    clock.run(main())
