"""Transactions in OCPP 2.x, as the CSMS sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ocpplab_runner.csms.core.sequences import PATIENCE
from tests.csms.stations import V201, World, play

CARD = {"idToken": "CARD", "type": "ISO14443"}


EVSE = {"id": 1, "connectorId": 1}


def test_a_card_that_charges_elsewhere() -> None:
    """ConcurrentTx answers the event that puts the card on a second transaction; never an Authorize."""

    async def scene(world: World) -> None:
        first, second = await world.station(V201, "A"), await world.station(V201, "B")
        assert (await first.event("Started", "a", card="CARD"))["idTokenInfo"]["status"] == "Accepted"
        assert (await second.tell("Authorize", {"idToken": CARD}))["idTokenInfo"]["status"] == "Accepted"
        assert await second.event("Started", "b") == {}
        assert (await second.event("Updated", "b", 1, card="CARD"))["idTokenInfo"]["status"] == "ConcurrentTx"
        assert (await first.event("Ended", "a", 1, card="card"))["idTokenInfo"]["status"] == "Accepted"
        assert (await second.event("Updated", "b", 2, card="CARD"))["idTokenInfo"]["status"] == "Accepted"

    assert play(scene, id_tokens={"CARD": "Accepted"}).codes == []


Event = tuple[str, str, int, dict[str, Any]]


@pytest.mark.parametrize(
    ("events", "codes"),
    [
        ([("Started", "a", 0, {}), ("Updated", "a", 2, {})], ["sequence-number-gap"]),
        ([("Started", "a", 0, {}), ("Updated", "a", 3, {}), ("Updated", "a", 1, {}), ("Updated", "a", 2, {})], []),
        ([("Started", "a", 0, {}), ("Ended", "a", 2, {}), ("Updated", "a", 1, {"offline": True})], []),
        ([("Started", "a", 0, {}), ("Updated", "a", 3, {}), ("Updated", "a", 1, {})], ["sequence-number-gap"]),
        ([("Started", "a", 4, {}), ("Updated", "a", 5, {}), ("Ended", "a", 6, {})], []),
        ([("Started", "a", 0, {}), ("Updated", "a", 1, {}), ("Updated", "a", 1, {})], []),
        (
            [("Started", "a", 0, {}), ("Updated", "a", 1, {}), ("Updated", "a", 1, {"numberOfPhasesUsed": 1})],
            ["sequence-number-repeated"],
        ),
        ([("Updated", "a", 0, {}), ("Updated", "a", 1, {})], ["unknown-transaction-id"]),
        ([("Ended", "a", 0, {})], ["unknown-transaction-id"]),
        ([("Started", "a", 0, {}), ("Started", "a", 0, {"numberOfPhasesUsed": 1})], ["duplicate-transaction-id"]),
        (
            [("Started", "a", 0, {}), ("Ended", "a", 1, {}), ("Updated", "a", 2, {})],
            ["transaction-already-ended"],
        ),
        (
            [("Started", "a", 0, {"evse": EVSE}), ("Started", "b", 0, {"evse": EVSE})],
            ["transaction-already-running"],
        ),
        (
            [("Started", "a", 0, {"evse": EVSE}), ("Started", "b", 0, {}), ("Updated", "b", 1, {"evse": EVSE})],
            ["transaction-already-running"],
        ),
        ([("Started", "a", 0, {"evse": EVSE}), ("Started", "b", 0, {"evse": {"id": 2}})], []),
        ([("Started", "a", 0, {"evse": EVSE}), ("Updated", "a", 1, {"evse": {"id": 2}})], ["wrong-transaction-id"]),
        ([("Started", "a", 0, {"reservationId": 4})], ["unknown-reservation-id"]),
        ([("Started", "a", 0, {"info": {"remoteStartId": 4}})], ["unknown-remote-start-id"]),
    ],
)
def test_the_sequence_of_events(events: list[Event], codes: list[str]) -> None:
    """Sequence numbers go up by one within a transaction, from wherever it begins; what is out of it is recorded."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        for kind, transaction_id, seq_no, more in events:
            await station.event(kind, transaction_id, seq_no, **more)
        await asyncio.sleep(PATIENCE)

    assert play(scene).codes == codes


@pytest.mark.parametrize(("kind", "codes"), [("Updated", []), ("Ended", ["sequence-number-gap"])])
def test_a_gap_is_judged_at_the_latest_when_the_csms_stops(kind: str, codes: list[str]) -> None:
    """Of a transaction that has ended; for one that runs it may still come."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await station.event("Started")
        await station.event(kind, seq_no=2)

    assert play(scene).codes == codes
