"""Remote start and stop, the lock and triggers in OCPP 2.x: F01 to F06."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.charger.rig import Rig, play

TOKEN = {"idToken": "A", "type": "ISO14443"}


def start(**more: Any) -> dict[str, Any]:
    return {"remoteStartId": 7, "idToken": TOKEN, **more}


def test_a_remote_start_with_the_cable_in() -> None:
    """F02: authorized like a presented card, and the remoteStartId comes back once."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        assert await it.call("RequestStartTransaction", start(evseId=1)) == {"status": "Accepted"}
        await asyncio.sleep(61)

    it = play(scene)
    assert len(it.sent("Authorize")) == 1
    assert it.events()[0] == "Started 0 RemoteStart Charging"
    ids = [event["transactionInfo"].get("remoteStartId") for event in it.sent("TransactionEvent")]
    assert ids == [7, None]


def test_a_remote_start_before_the_cable() -> None:
    """F01: it waits for the cable, which then triggers the start."""

    async def scene(it: Rig) -> None:
        await it.call("RequestStartTransaction", start(evseId=1))
        assert it.events() == []
        await it.do("plug_connector")

    it = play(scene, given={"settings": {"authorize_remote_start": False}})
    assert it.sent("Authorize") == []
    assert it.events() == ["Started 0 CablePluggedIn Charging"]
    assert it.sent("TransactionEvent")[0]["transactionInfo"]["remoteStartId"] == 7


def test_a_remote_start_of_a_blocked_card() -> None:
    """AuthorizeRemoteStart: Accepted on the wire, and then nothing starts."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        blocked = {"idToken": "B", "type": "ISO14443"}
        assert (await it.call("RequestStartTransaction", start(idToken=blocked, evseId=1)))["status"] == "Accepted"

    assert play(scene).events() == []


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (start(evseId=9), "UnknownEvse"),
        (start(evseId=2), "NoEvseAvailable"),
        (
            start(
                evseId=1,
                chargingProfile={
                    "id": 1,
                    "stackLevel": 0,
                    "chargingProfilePurpose": "TxDefaultProfile",
                    "chargingProfileKind": "Relative",
                    "chargingSchedule": [
                        {
                            "id": 1,
                            "chargingRateUnit": "W",
                            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1000}],
                        }
                    ],
                },
            ),
            "InvalidProfile",
        ),
    ],
)
def test_remote_starts_that_are_rejected(payload: dict[str, Any], code: str) -> None:
    """F01: no such EVSE, one that charges, and a profile that is no transaction's."""

    async def scene(it: Rig) -> None:
        await it.charge("A", 2)
        answer = await it.call("RequestStartTransaction", payload)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", code)

    play(scene, given={"evses": 2})


def test_a_remote_stop() -> None:
    """F03: RemoteStop and Remote; an unknown transaction is Rejected."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        unknown = await it.call("RequestStopTransaction", {"transactionId": "nope"})
        assert (unknown["status"], unknown["statusInfo"]["reasonCode"]) == ("Rejected", "TxNotFound")
        assert (await it.operate("remote_stop"))["status"] == "Accepted"

    assert play(scene).events()[-1] == "Ended 1 RemoteStop EVConnected Remote"


@pytest.mark.parametrize(
    ("unlock", "charging", "place", "expected"),
    [
        ("works", False, (1, 1), "Unlocked"),
        ("works", True, (1, 1), "OngoingAuthorizedTransaction"),
        ("fails", False, (1, 1), "UnlockFailed"),
        ("not_supported", False, (1, 1), "UnlockFailed"),
        ("works", False, (1, 2), "UnknownConnector"),
        ("works", False, (2, 1), "UnknownConnector"),
    ],
)
def test_unlocking(unlock: str, charging: bool, place: tuple[int, int], expected: str) -> None:
    """F05: a transaction keeps the lock closed."""

    async def scene(it: Rig) -> None:
        if charging:
            await it.charge("A")
        answer = await it.call("UnlockConnector", {"evseId": place[0], "connectorId": place[1]})
        assert answer["status"] == expected

    assert len(play(scene, given={"unlock": unlock}).events()) == (1 if charging else 0)


@pytest.mark.parametrize(
    ("payload", "status", "message"),
    [
        ({"requestedMessage": "Heartbeat"}, "Accepted", "Heartbeat"),
        (
            {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
            "Accepted",
            "StatusNotification",
        ),
        ({"requestedMessage": "StatusNotification", "evse": {"id": 1}}, "Rejected", None),
        ({"requestedMessage": "StatusNotification"}, "Rejected", None),
        ({"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 4}}, "Rejected", None),
        ({"requestedMessage": "MeterValues", "evse": {"id": 1}}, "Accepted", "MeterValues"),
        ({"requestedMessage": "MeterValues", "evse": {"id": 5}}, "Rejected", None),
        ({"requestedMessage": "TransactionEvent"}, "Rejected", None),
        ({"requestedMessage": "BootNotification"}, "Rejected", None),
        ({"requestedMessage": "LogStatusNotification"}, "Accepted", "LogStatusNotification"),
        ({"requestedMessage": "FirmwareStatusNotification"}, "Accepted", "FirmwareStatusNotification"),
    ],
)
def test_triggered_messages(payload: dict[str, Any], status: str, message: str | None) -> None:
    """F06: what is asked for comes after the answer, once; a boot that was accepted is not repeated (F06.FR.17)."""

    async def scene(it: Rig) -> None:
        before = len(it.frames)
        assert (await it.call("TriggerMessage", payload))["status"] == status
        sent = [r.action for r in it.frames[before + 2 :] if r.direction == "to_csms"]
        assert sent == ([] if message is None else [message])

    play(scene)


def test_a_triggered_transaction_event() -> None:
    """F06.FR.07: an Updated with trigger Trigger and meter values."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        answer = await it.call("TriggerMessage", {"requestedMessage": "TransactionEvent", "evse": {"id": 1}})
        assert answer == {"status": "Accepted"}

    it = play(scene)
    assert it.events()[-1] == "Updated 1 Trigger -"
    context = it.sent("TransactionEvent")[-1]["meterValue"][0]["sampledValue"][0]["context"]
    assert context == "Trigger"
