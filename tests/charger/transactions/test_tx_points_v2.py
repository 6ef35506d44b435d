"""TxStartPoint and TxStopPoint: where a transaction begins and ends on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.charger.rig import Rig, play

Scene = Callable[[Rig], Awaitable[None]]


async def cable_first(it: Rig) -> None:
    await it.charge("A")
    await it.do("authorize_id_tag", id_tag="A")
    await it.do("unplug_connector")


async def card_first(it: Rig) -> None:
    await it.do("authorize_id_tag", id_tag="A")
    await it.do("plug_connector")
    await it.do("authorize_id_tag", id_tag="A")
    await it.do("unplug_connector")


async def cable_only(it: Rig) -> None:
    await it.do("plug_connector")
    await it.do("unplug_connector")


async def card_only(it: Rig) -> None:
    await it.do("authorize_id_tag", id_tag="A")
    await asyncio.sleep(70)


async def cable_and_reset(it: Rig) -> None:
    await it.do("plug_connector")
    await it.call("Reset", {"type": "Immediate"})
    await asyncio.sleep(10)


async def cable_and_power_loss(it: Rig) -> None:
    await it.do("plug_connector")
    await it.do("power", off_for="30s")
    await asyncio.sleep(60)


async def lazy_car(it: Rig) -> None:
    await it.do("plug_connector", ev={"demand": False})
    await it.do("authorize_id_tag", id_tag="A")
    await it.do("ev_requests_energy")
    await asyncio.sleep(30)
    await it.do("ev_stops_energy")
    await it.do("ev_requests_energy")


async def car_that_is_never_charged(it: Rig) -> None:
    await it.do("plug_connector", ev={"demand": False})
    await it.do("authorize_id_tag", id_tag="A")
    await it.do("authorize_id_tag", id_tag="A")


async def card_and_fault(it: Rig) -> None:
    await it.do("authorize_id_tag", id_tag="A")
    await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)


async def whole_visit(it: Rig) -> None:
    await it.do("parking_bay", **{"is": "taken"})
    await cable_first(it)
    await it.do("parking_bay", **{"is": "left"})


async def visit_with_the_card_first(it: Rig) -> None:
    await it.do("parking_bay", **{"is": "taken"})
    await card_first(it)
    await it.do("parking_bay", **{"is": "left"})


async def mere_stay(it: Rig) -> None:
    await it.do("parking_bay", **{"is": "taken"})
    await it.do("parking_bay", **{"is": "left"})


async def stay_with_a_card(it: Rig) -> None:
    await it.do("parking_bay", **{"is": "taken"})
    await it.do("authorize_id_tag", id_tag="A")
    await asyncio.sleep(70)
    await it.do("parking_bay", **{"is": "left"})


async def stay_and_power_loss(it: Rig) -> None:
    await it.do("parking_bay", **{"is": "taken"})
    await it.do("power", off_for="30s")
    await asyncio.sleep(60)


async def cable_taken_out_while_it_charges(it: Rig) -> None:
    await it.charge("A")
    await it.do("unplug_connector")
    await it.do("parking_bay", **{"is": "left"})


BY_BAY = ["Started 0 EVDetected Idle", "Updated 1 CablePluggedIn EVConnected", "Updated 2 Authorized -",
          "Updated 3 ChargingStateChanged Charging"]  # fmt: skip
BY_CABLE = [
    "Started 0 CablePluggedIn EVConnected",
    "Updated 1 Authorized -",
    "Updated 2 ChargingStateChanged Charging",
]
BY_CARD = [
    "Started 0 Authorized Idle",
    "Updated 1 CablePluggedIn EVConnected",
    "Updated 2 ChargingStateChanged Charging",
]


@pytest.mark.parametrize(
    ("start", "stop", "scene", "expected"),
    [
        ("EVConnected", "EVConnected", cable_first,
         [*BY_CABLE, "Updated 3 StopAuthorized EVConnected", "Ended 4 EVCommunicationLost Idle Local"]),
        ("EVConnected", "PowerPathClosed", cable_first, [*BY_CABLE, "Ended 3 StopAuthorized EVConnected Local"]),
        ("EVConnected", "Authorized", card_first, [*BY_CABLE, "Ended 3 StopAuthorized EVConnected Local"]),
        ("Authorized", "Authorized", cable_first,
         ["Started 0 Authorized Charging", "Ended 1 StopAuthorized EVConnected Local"]),
        ("Authorized", "Authorized", card_first, [*BY_CARD, "Ended 3 StopAuthorized EVConnected Local"]),
        ("Authorized,EVConnected", "EVConnected", card_first,
         [*BY_CARD, "Updated 3 StopAuthorized EVConnected", "Ended 4 EVCommunicationLost Idle Local"]),
        ("PowerPathClosed", "EVConnected", cable_first,
         ["Started 0 Authorized Charging", "Updated 1 StopAuthorized EVConnected",
          "Ended 2 EVCommunicationLost Idle Local"]),
        ("ParkingBayOccupancy", "ParkingBayOccupancy", whole_visit,
         [*BY_BAY, "Updated 4 StopAuthorized EVConnected", "Updated 5 EVCommunicationLost Idle",
          "Ended 6 EVDeparted Idle Local"]),
        ("ParkingBayOccupancy", "PowerPathClosed", whole_visit, [*BY_BAY, "Ended 4 StopAuthorized EVConnected Local"]),
        ("ParkingBayOccupancy", "EVConnected,ParkingBayOccupancy", cable_first,
         [*BY_BAY, "Updated 4 StopAuthorized EVConnected", "Ended 5 EVCommunicationLost Idle Local"]),
        ("ParkingBayOccupancy", "ParkingBayOccupancy", visit_with_the_card_first,
         ["Started 0 EVDetected Idle", "Updated 1 Authorized -", "Updated 2 CablePluggedIn EVConnected",
          "Updated 3 ChargingStateChanged Charging", "Updated 4 StopAuthorized EVConnected",
          "Updated 5 EVCommunicationLost Idle", "Ended 6 EVDeparted Idle Local"]),
        ("ParkingBayOccupancy", "PowerPathClosed", mere_stay,
         ["Started 0 EVDetected Idle", "Ended 1 EVDeparted Idle Local"]),
        ("ParkingBayOccupancy", "ParkingBayOccupancy", stay_with_a_card,
         ["Started 0 EVDetected Idle", "Updated 1 Authorized -", "Updated 2 EVConnectTimeout -",
          "Ended 3 EVDeparted Idle Local"]),
        ("ParkingBayOccupancy", "Authorized", stay_with_a_card,
         ["Started 0 EVDetected Idle", "Updated 1 Authorized -", "Ended 2 EVConnectTimeout Idle Timeout"]),
        ("ParkingBayOccupancy", "ParkingBayOccupancy", stay_and_power_loss,
         ["Started 0 EVDetected Idle", "Ended 1 AbnormalCondition Idle PowerLoss offline",
          "Started 0 EVDetected Idle offline"]),
        ("PowerPathClosed", "ParkingBayOccupancy", cable_taken_out_while_it_charges,
         ["Started 0 Authorized Charging", "Updated 1 EVCommunicationLost Idle",
          "Ended 2 EVDeparted Idle EVDisconnected"]),
        ("PowerPathClosed", "PowerPathClosed", mere_stay, []),
        ("PowerPathClosed", "PowerPathClosed", cable_only, []),
        ("PowerPathClosed", "PowerPathClosed", card_only, []),
        ("EVConnected", "EVConnected", cable_only,
         ["Started 0 CablePluggedIn EVConnected", "Ended 1 EVCommunicationLost Idle EVDisconnected"]),
        ("Authorized", "Authorized", card_only,
         ["Started 0 Authorized Idle", "Ended 1 EVConnectTimeout Idle Timeout"]),
        ("EnergyTransfer", "EnergyTransfer", lazy_car,
         ["Started 0 ChargingStateChanged Charging", "Ended 1 ChargingStateChanged EVConnected StoppedByEV"]),
        ("EnergyTransfer", "EnergyTransfer", cable_first,
         ["Started 0 ChargingStateChanged Charging", "Ended 1 StopAuthorized EVConnected Local"]),
        ("EnergyTransfer", "PowerPathClosed", car_that_is_never_charged, []),
        ("PowerPathClosed", "EnergyTransfer", car_that_is_never_charged,
         ["Started 0 Authorized SuspendedEV", "Ended 1 StopAuthorized EVConnected Local"]),
        ("Authorized", "Authorized", card_and_fault,
         ["Started 0 Authorized Idle", "Ended 1 AbnormalCondition Idle Other"]),
        ("EVConnected", "EVConnected", cable_and_reset,
         ["Started 0 CablePluggedIn EVConnected", "Ended 1 ResetCommand EVConnected ImmediateReset",
          "Started 0 CablePluggedIn EVConnected offline"]),
        ("EVConnected", "EVConnected", cable_and_power_loss,
         ["Started 0 CablePluggedIn EVConnected", "Ended 1 AbnormalCondition EVConnected PowerLoss offline",
          "Started 0 CablePluggedIn EVConnected offline"]),
    ],
)  # fmt: skip
def test_where_it_begins_and_ends(start: str, stop: str, scene: Scene, expected: list[str]) -> None:
    """Each pair of points, each order of card and cable; the CSMS finds nothing wrong with any of them."""
    points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    assert play(scene, given={"configuration": points}).events() == expected


def test_one_transaction_from_cable_to_cable() -> None:
    """The id, the begin reading and the card belong to one transaction though the card came later."""
    points = {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        await asyncio.sleep(30)
        await it.do("authorize_id_tag", id_tag="A")
        await asyncio.sleep(36)
        await cable_end(it)

    async def cable_end(it: Rig) -> None:
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("unplug_connector")

    events = play(scene, given={"configuration": points}).sent("TransactionEvent")
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    assert "idToken" not in events[0]
    assert events[1]["idToken"]["idToken"] == "A"
    assert [value["sampledValue"][0]["value"] for value in events[-1]["meterValue"]] == [0, 110]
    assert events[-1]["meterValue"][0]["timestamp"] == "2026-01-01T00:00:00.000Z"


def test_a_card_that_the_first_answer_refuses() -> None:
    """E05 before the cable: the transaction ends as Deauthorized, and a cable starts nothing."""

    async def scene(it: Rig) -> None:
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("plug_connector")

    it = play(
        scene,
        given={"configuration": {"TxCtrlr.TxStartPoint": "Authorized"}},
        csms={"replies": [{"to": "TransactionEvent", "payload": {"idTokenInfo": {"status": "Invalid"}}}]},
    )
    assert it.events() == ["Started 0 Authorized Idle", "Ended 1 Deauthorized Idle DeAuthorized"]
    assert it.charger.running == []


def test_a_remote_start_finds_the_open_transaction() -> None:
    """F01.FR.13: the answer names the transaction that the cable has opened; a stop without a card ends it."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        answer = await it.operate("remote_start", id_tag="A", evse_id=1)
        assert answer["transactionId"] == it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]

    it = play(scene, given={"configuration": {"TxCtrlr.TxStartPoint": "EVConnected"}})
    assert it.events()[1] == "Updated 1 RemoteStart -"
    assert it.sent("TransactionEvent")[1]["transactionInfo"]["remoteStartId"] == 1


def test_a_remote_stop_of_a_transaction_without_a_card() -> None:
    """F03: it ends although nothing charges."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        open_id = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        assert await it.call("RequestStopTransaction", {"transactionId": open_id}) == {"status": "Accepted"}

    it = play(scene, given={"configuration": {"TxCtrlr.TxStartPoint": "EVConnected"}})
    assert it.events()[-1] == "Ended 1 RemoteStop EVConnected Remote"


@pytest.mark.parametrize("value", ["ParkingBay", "Nonsense"])
def test_points_that_there_are_not_are_refused(value: str) -> None:
    """SetVariables says Rejected and names the choices."""

    async def scene(it: Rig) -> None:
        answer = await it.call(
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "component": {"name": "TxCtrlr"},
                        "variable": {"name": "TxStartPoint"},
                        "attributeValue": value,
                    }
                ]
            },
        )
        result = answer["setVariableResult"][0]
        assert result["attributeStatus"] == "Rejected"
        assert "choose from ParkingBayOccupancy, EVConnected" in result["attributeStatusInfo"]["additionalInfo"]

    play(scene)


def test_who_cannot_come_or_leave() -> None:
    """One EV stands in a bay, and none leaves that is plugged in; a cable finds its bay taken."""

    async def scene(it: Rig) -> None:
        for told, why in (
            ({"is": "left", "evse_id": 1}, "no EV stands in the bay of EVSE 1"),
            ({"is": "left"}, "no EV can leave its bay"),
        ):
            assert (await it.do("parking_bay", **told)).reason == why
        await it.do("plug_connector")
        for told, why in (
            ({"is": "taken", "evse_id": 1}, "an EV stands in the bay of EVSE 1 already"),
            ({"is": "left", "evse_id": 1}, "an EV is plugged into EVSE 1: unplug_connector first"),
        ):
            assert (await it.do("parking_bay", **told)).reason == why

    play(scene)


def test_an_attached_cable_waits_for_its_time() -> None:
    """E10.FR.02: an EV that comes back in time goes on; with a loose cable it waits without end."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        for seconds in (50, 70):
            await it.do("unplug_connector")
            await asyncio.sleep(seconds)
            if it.charger.running:
                await it.do("plug_connector")
                await asyncio.sleep(60)

    settings = {"stop_transaction_on_ev_disconnect": False, "meter_value_interval": "0s", "connection_timeout": "60s"}
    away = "EVCommunicationLost Idle"
    fixed = play(scene, given={"settings": settings, "unlock": "not_supported"}).events()
    told = [event.split(" ", 2)[2] for event in fixed]
    assert told[0] == "Authorized Charging"
    assert told[1] == away
    assert told[-2:] == [away, "EVConnectTimeout Idle Timeout"]
    assert not any(event.startswith("Ended") for event in play(scene, given={"settings": settings}).events())


def test_an_ev_that_leaves_a_session_which_waits_for_it() -> None:
    """StopTxOnEVSideDisconnect false: the transaction waits for the cable, until the EV has left the bay."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("unplug_connector")
        await asyncio.sleep(60)
        await it.do("parking_bay", **{"is": "left"})

    given = {
        "settings": {"stop_transaction_on_ev_disconnect": False, "meter_value_interval": "0s"},
        "configuration": {"TxCtrlr.TxStopPoint": "ParkingBayOccupancy"},
    }
    events = play(scene, given=given).events()
    assert events[-2:] == ["Updated 1 EVCommunicationLost Idle", "Ended 2 EVDeparted Idle EVDisconnected"]
