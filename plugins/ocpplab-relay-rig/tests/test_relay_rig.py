"""The rig, at a board that is a socket of the test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import ocpplab_relay_rig
import pytest

from ocpplab_runner.api import InfrastructureError, Outcome


async def performed(answer: bytes, verb: str, fields: Mapping[str, Any]) -> tuple[bytes, Outcome]:
    """What the board is told, and what comes of its answer."""
    told: list[bytes] = []

    async def board(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append(await reader.readline())
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(board, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        rig = ocpplab_relay_rig.ocpplab_rig("relay", {"host": "127.0.0.1", "port": port})
        assert rig is not None
        outcome = await rig.perform("CP-1", verb, fields)
    return told[0], outcome


@pytest.mark.parametrize(
    ("verb", "fields", "line"),
    [
        ("plug_connector", {"evse_id": 2}, b"PLUG 2\n"),
        ("plug_connector", {}, b"PLUG 1\n"),
        ("unplug_connector", {"evse_id": 1}, b"UNPLUG 1\n"),
        ("authorize_id_tag", {"id_tag": "04A2"}, b"CARD 04A2\n"),
    ],
)
def test_each_verb_is_a_line(verb: str, fields: Mapping[str, Any], line: bytes) -> None:
    """And is done when the board says so."""
    assert asyncio.run(performed(b"OK\n", verb, fields)) == (line, Outcome())


def test_what_the_board_refuses_is_refused() -> None:
    """With its words."""
    _, outcome = asyncio.run(performed(b"ERROR the latch is stuck\n", "unplug_connector", {}))
    assert (outcome.status, outcome.reason) == ("refused", "the latch is stuck")


@pytest.mark.parametrize("answer", [b"", b"WHAT?\n", b"\xff\n"])
def test_a_board_that_makes_no_sense_is_in_trouble(answer: bytes) -> None:
    """So that nobody blames the charger."""
    with pytest.raises(InfrastructureError, match="the relay board answered"):
        asyncio.run(performed(answer, "plug_connector", {}))


def test_a_board_that_is_not_there_is_in_trouble() -> None:
    """Port 9 is nobody's."""
    with pytest.raises(InfrastructureError, match="cannot be reached"):
        asyncio.run(ocpplab_relay_rig.RelayBoard("127.0.0.1", 9).perform("CP-1", "plug_connector", {}))


def test_it_says_ahead_what_it_cannot_do() -> None:
    """And is no other rig."""
    rig = ocpplab_relay_rig.RelayBoard("127.0.0.1", 9)
    assert rig.why_not("plug_connector", ["evse_id", "ev"]) == "the relay board knows no ev of plug_connector"
    assert rig.why_not("plug_connector", ["evse_id"]) is None
    assert ocpplab_relay_rig.ocpplab_rig("wallbox", {}) is None
