"""Prices and costs in OCPP 1.6, as the CSMS tells them and is told of them by DataTransfer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES
from tests.csms.stations import Station, World, play


def said(station: Station) -> list[tuple[str, dict[str, Any]]]:
    """The messages of the vendor that have come, with their data."""
    calls = [one.payload for one in station.calls if one.action == "DataTransfer"]
    return [(one["messageId"], json.loads(one["data"])) for one in calls]


@pytest.mark.parametrize(
    ("value", "register"),
    [
        ({"value": "1500"}, 1500),
        ({"value": "1.5", "unit": "kWh"}, 1500),
        ({"value": "ten"}, 100),
        ({"value": "nan"}, 100),
        ({"value": "1e999"}, 100),
        ({"value": "1500", "phase": "L1"}, 100),
        ({"value": "1500", "measurand": "Power.Active.Import"}, 100),
        ({"value": "1500", "format": "SignedData"}, 100),
    ],
)
def test_a_running_cost_is_of_the_latest_register(value: dict[str, Any], register: float) -> None:
    """What is no register changes nothing, and is answered as ever: a value is any text."""

    async def scene(world: World) -> None:
        station = await world.station()
        number = (await station.start(meterStart=100))["transactionId"]
        reading = {"timestamp": clock.timestamp(), "sampledValue": [value]}
        told = {"connectorId": 1, "transactionId": number, "meterValue": [reading]}
        assert await station.tell("MeterValues", told) == {}
        await world.csms.operate("CP-1", "update_cost", {"total": 1}).future
        ((name, data),) = said(station)
        assert (name, data["meterValue"], data["cost"]) == ("RunningCost", register, 1)

    play(scene)


def test_prices_follow_an_accepted_card_and_no_other() -> None:
    """``tariff_texts``: after the answer to Authorize."""

    async def scene(world: World) -> None:
        station = await world.station()
        for card in ("card-1", "CARD-2", "CARD-3"):
            await station.tell("Authorize", {"idTag": card})
            await clock.settled()
        assert said(station) == [("SetUserPrice", {"idToken": "card-1", "priceText": "0.30"})]

    play(scene, id_tokens={"CARD-1": "Accepted", "CARD-2": "Accepted"}, tariff_texts={"CARD-1": "0.30", "CARD-3": "1"})


def test_a_cable_that_is_out_is_of_a_transaction_that_there_was() -> None:
    """ConnectorUnplugged; a vendor's other messages are not known, nor is what is no JSON object."""

    async def scene(world: World) -> None:
        station = await world.station()
        number = (await station.start())["transactionId"]

        async def tell(message: str, data: str) -> str:
            payload = {"vendorId": COST_MESSAGES, "messageId": message, "data": data}
            return str((await station.tell("DataTransfer", payload))["status"])

        assert await tell("ConnectorUnplugged", json.dumps({"transactionId": number})) == "Accepted"
        assert await tell("ConnectorUnplugged", json.dumps({"transactionId": number + 1})) == "Rejected"
        assert await tell("ConnectorUnplugged", "{}") == "Rejected"
        assert await tell("ConnectorUnplugged", '{"transactionId": [1]}') == "Rejected"
        assert await tell("ConnectorUnplugged", "out") == "Rejected"
        assert await tell("Refund", "{}") == "UnknownMessageId"

    play(scene)
