"""TxStartPoint Authorized at a station with several EVSEs: the card comes first, and nobody knows yet where to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.charger.rig import Rig, play

Scene = Callable[[Rig], Awaitable[None]]
BEGUN = "Started 0 Authorized Idle"


def plays(scene: Scene, points: str = "Authorized", csms: dict[str, Any] | None = None, **more: Any) -> Rig:
    """The scene at a station with two EVSEs."""
    return play(scene, given={"evses": 2, "configuration": {"TxCtrlr.TxStartPoint": points}, **more}, csms=csms)


async def card(it: Rig) -> None:
    await it.do("authorize_id_tag", id_tag="A")


async def card_in_vain(it: Rig) -> None:
    await card(it)
    await asyncio.sleep(61)


async def card_and_reset(it: Rig) -> None:
    await card(it)
    await it.call("Reset", {"type": "Immediate"})
    await asyncio.sleep(30)


async def card_and_power_loss(it: Rig) -> None:
    await card(it)
    await it.do("power", off_for="30s")
    await asyncio.sleep(60)


async def card_taken_back(it: Rig) -> None:
    await card(it)
    await it.do("withdraw_authorization", id_tag="A")
    await it.do("plug_connector", evse_id=1)


async def card_and_stop(it: Rig) -> None:
    await card(it)
    wanted = {"transactionId": it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]}
    status = await it.call("GetTransactionStatus", wanted)
    assert status == {"ongoingIndicator": True, "messagesInQueue": False}
    assert await it.call("RequestStopTransaction", wanted) == {"status": "Accepted"}
    assert (await it.call("GetTransactionStatus", wanted))["ongoingIndicator"] is False
    await it.do("plug_connector", evse_id=1)


@pytest.mark.parametrize(
    ("scene", "end"),
    [
        (card_in_vain, "Ended 1 EVConnectTimeout Idle Timeout"),
        (card_and_reset, "Ended 1 ResetCommand Idle ImmediateReset offline"),
        (card_and_power_loss, "Ended 1 AbnormalCondition Idle PowerLoss offline"),
        (card_taken_back, "Ended 1 Deauthorized Idle DeAuthorized"),
        (card_and_stop, "Ended 1 RemoteStop Idle Remote"),
    ],
)
def test_it_ends_without_an_evse(scene: Scene, end: str) -> None:
    """Nothing of it says where, and a car that comes later begins nothing."""
    it = plays(scene)
    assert it.events() == [BEGUN, end]
    assert all("evse" not in event for event in it.sent("TransactionEvent"))
    assert it.charger.running == []


def test_the_first_answer_refuses_the_card() -> None:
    """E05: the card is given up, so that a car begins nothing."""

    async def scene(it: Rig) -> None:
        await card(it)
        await it.do("plug_connector", evse_id=1)

    refused = {"to": "TransactionEvent", "payload": {"idTokenInfo": {"status": "Invalid"}}}
    it = plays(scene, csms={"replies": [refused]})
    assert it.events() == [BEGUN, "Ended 1 Deauthorized Idle DeAuthorized"]
    assert it.charger.running == []


def test_a_car_says_where() -> None:
    """One transaction, its place told once, with the meter of that place; the other card has one of its own."""

    async def scene(it: Rig) -> None:
        await card(it)
        await it.do("authorize_id_tag", id_tag="B")
        await it.do("plug_connector", evse_id=2)
        await it.do("plug_connector", evse_id=1)

    cards = {"id_tokens": {"A": "Accepted", "B": "Accepted"}}
    events = plays(scene, csms=cards, meter_start_wh=5).sent("TransactionEvent")
    of = {event["transactionInfo"]["transactionId"]: [] for event in events}
    for event in events:
        of[event["transactionInfo"]["transactionId"]].append(event)
    first, second = of.values()
    assert [event.get("evse", {}).get("id") for event in first] == [None, 2, None]
    assert [event.get("evse", {}).get("id") for event in second] == [None, 1, None]
    assert [sample["value"] for value in first[1]["meterValue"] for sample in value["sampledValue"]] == [5]


def test_the_driver_says_where_and_the_car_comes_later() -> None:
    """UserInput: the choice is told with the cable."""

    async def scene(it: Rig) -> None:
        await card(it)
        await it.do("select_evse", evse_id=2)
        await it.do("plug_connector", evse_id=2)

    it = plays(scene, authorization={"selection_algorithm": "UserInput"})
    assert it.events() == [BEGUN, "Updated 1 CablePluggedIn EVConnected", "Updated 2 ChargingStateChanged Charging"]
    assert it.sent("TransactionEvent")[1]["evse"] == {"id": 2, "connectorId": 1}


def test_a_remote_start_of_no_evse() -> None:
    """F02: the number of the request goes with the begin."""

    async def scene(it: Rig) -> None:
        await it.operate("remote_start", id_tag="A")
        await it.do("plug_connector", evse_id=2)

    it = plays(scene)
    assert it.events()[0] == "Started 0 RemoteStart Idle"
    assert [event["transactionInfo"].get("remoteStartId") for event in it.sent("TransactionEvent")] == [1, None, None]


@pytest.mark.parametrize(
    ("points", "begin"),
    [
        ("PowerPathClosed", "Started 0 CablePluggedIn Charging"),
        ("Authorized,EVConnected", "Started 0 CablePluggedIn EVConnected"),
    ],
)
def test_other_points(points: str, begin: str) -> None:
    """Nothing begins with the card; beside EVConnected neither, since the cable may begin another."""

    async def scene(it: Rig) -> None:
        await card(it)
        assert it.events() == []
        await it.do("plug_connector", evse_id=2)

    assert plays(scene, points).events()[0] == begin


def test_a_scheduled_reset_waits_for_it() -> None:
    """B12: it is a transaction like any other."""

    async def scene(it: Rig) -> None:
        await card(it)
        assert await it.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
        await asyncio.sleep(100)

    it = plays(scene)
    assert it.events() == [BEGUN, "Ended 1 EVConnectTimeout Idle Timeout"]
    assert it.actions().count("BootNotification") == 2
