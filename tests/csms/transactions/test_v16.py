"""Transactions in OCPP 1.6, as the CSMS sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.csms.stations import TIME, World, play

STOP = {"meterStop": 100, "timestamp": TIME}


def test_a_card_that_charges_elsewhere() -> None:
    """ConcurrentTx answers a second start at any station, until the first has ended; it never answers an Authorize."""

    async def scene(world: World) -> None:
        first, second = await world.station(identity="A"), await world.station(identity="B")
        assert (await first.start("CARD"))["idTagInfo"]["status"] == "Accepted"
        assert (await first.start("CARD", evse_id=2))["idTagInfo"]["status"] == "ConcurrentTx"
        await first.tell("StopTransaction", {"transactionId": 2, **STOP})
        assert (await second.tell("Authorize", {"idTag": "CARD"}))["idTagInfo"]["status"] == "Accepted"
        assert (await second.start("CARD"))["idTagInfo"]["status"] == "ConcurrentTx"
        await second.tell("StopTransaction", {"transactionId": 3, **STOP})
        await first.tell("StopTransaction", {"transactionId": 1, **STOP})
        assert (await second.start("CARD"))["idTagInfo"]["status"] == "Accepted"

    assert play(scene, id_tokens={"CARD": "Accepted"}).codes == []


def test_a_start_that_is_sent_again_is_the_same_transaction() -> None:
    """A repeated StartTransaction gets the same id and the same verdict; a repeated stop is no violation either."""

    async def scene(world: World) -> None:
        station = await world.station()
        assert await station.start("CARD", timestamp=TIME) == await station.start("CARD", timestamp=TIME)
        for _ in range(2):
            await station.tell("StopTransaction", {"transactionId": 1, **STOP})
        assert (await station.start("CARD", timestamp=TIME))["transactionId"] == 2

    assert play(scene, id_tokens={"CARD": "Accepted"}).codes == []


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("StopTransaction", {"transactionId": 99, **STOP}, "unknown-transaction-id"),
        (
            "MeterValues",
            {
                "connectorId": 1,
                "transactionId": 99,
                "meterValue": [{"timestamp": TIME, "sampledValue": [{"value": "1"}]}],
            },
            "unknown-transaction-id",
        ),
        (
            "MeterValues",
            {
                "connectorId": 2,
                "transactionId": 1,
                "meterValue": [{"timestamp": TIME, "sampledValue": [{"value": "1"}]}],
            },
            "wrong-transaction-id",
        ),
        (
            "StartTransaction",
            {"connectorId": 1, "idTag": "OTHER", "meterStart": 5, "timestamp": TIME},
            "transaction-already-running",
        ),
        (
            "StartTransaction",
            {"connectorId": 2, "idTag": "OTHER", "meterStart": 5, "timestamp": TIME, "reservationId": 9},
            "unknown-reservation-id",
        ),
    ],
)
def test_what_is_out_of_sequence(action: str, payload: dict[str, Any], code: str) -> None:
    """A message that does not fit the transactions is answered, and recorded with its message id."""

    async def scene(world: World) -> None:
        station = await world.station()
        await station.start("CARD")
        await station.tell(action, payload)
        violation = world.heard.violations[0][1]
        assert (violation.action, violation.message_id) == (action, "3")

    assert play(scene).codes == [code]


def test_a_second_end_with_other_words_is_minded() -> None:
    """A transaction ends once."""

    async def scene(world: World) -> None:
        station = await world.station()
        await station.start("CARD")
        await station.tell("StopTransaction", {"transactionId": 1, **STOP})
        await station.tell("StopTransaction", {"transactionId": 1, "meterStop": 5, "timestamp": TIME})

    assert play(scene).codes == ["transaction-already-ended"]
