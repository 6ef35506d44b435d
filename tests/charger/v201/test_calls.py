"""The CSMS's calls in OCPP 2.0.1."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ocpplab_runner.charger.core.services import AUTHORIZATION
from ocpplab_runner.ocppj.validation import actions, validate_request
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, is_error, play

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


def test_the_status_of_a_transaction() -> None:
    """E14: running, ended, unknown, and what still waits in the queue."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        running = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        ask = {"transactionId": running}
        assert await it.call("GetTransactionStatus", ask) == {"ongoingIndicator": True, "messagesInQueue": False}
        await it.do("authorize_id_tag", id_tag="A")
        assert await it.call("GetTransactionStatus", ask) == {"ongoingIndicator": False, "messagesInQueue": False}
        unknown = await it.call("GetTransactionStatus", {"transactionId": "nope"})
        assert unknown == {"ongoingIndicator": False, "messagesInQueue": False}
        assert await it.call("GetTransactionStatus", {}) == {"messagesInQueue": False}

    play(scene)


def test_messages_that_wait_are_told() -> None:
    """E14: while the CSMS fails to process an event it stays in the queue."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        running = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        answer = await it.call("GetTransactionStatus", {"transactionId": running})
        assert answer == {"ongoingIndicator": True, "messagesInQueue": True}
        assert await it.call("GetTransactionStatus", {}) == {"messagesInQueue": True}

    play(scene, csms={"replies": [{"to": "TransactionEvent", "error": "InternalError"}]}, minding=False)


def test_reset_immediate() -> None:
    """B12: transactions end first, their messages are delivered, then it boots with RemoteReset."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        assert await it.call("Reset", {"type": "Immediate"}) == {"status": "Accepted"}
        await asyncio.sleep(10)

    it = play(scene)
    assert it.events()[-1] == "Ended 1 ResetCommand EVConnected ImmediateReset"
    assert [boot["reason"] for boot in it.sent("BootNotification")] == ["PowerUp", "RemoteReset"]


def test_reset_on_idle() -> None:
    """B12: Scheduled while a transaction runs, carried out when it has ended; Accepted when none runs."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        assert await it.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
        await asyncio.sleep(30)
        assert len(it.sent("BootNotification")) == 1
        await it.do("authorize_id_tag", id_tag="A")
        await asyncio.sleep(30)
        assert len(it.sent("BootNotification")) == 2
        assert await it.call("Reset", {"type": "OnIdle"}) == {"status": "Accepted"}
        await asyncio.sleep(30)

    it = play(scene)
    assert it.events()[-1] == "Ended 1 StopAuthorized EVConnected Local"
    reasons = [boot["reason"] for boot in it.sent("BootNotification")]
    assert reasons == ["PowerUp", "ScheduledReset", "RemoteReset"]


def test_reset_on_idle_waits_for_every_transaction() -> None:
    """B12: the last one decides."""

    async def scene(it: Rig) -> None:
        await it.charge("A", 1)
        await it.charge("S", 2)
        assert await it.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
        await it.do("authorize_id_tag", id_tag="A")
        await asyncio.sleep(10)
        assert len(it.sent("BootNotification")) == 1
        await it.do("authorize_id_tag", id_tag="S")
        await asyncio.sleep(10)
        assert len(it.sent("BootNotification")) == 2

    play(scene, given={"evses": 2})


def test_a_loss_of_power_does_away_with_a_scheduled_reset() -> None:
    """It has restarted by then; once is enough."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        assert await it.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
        await it.do("power", off_for="10s")
        await asyncio.sleep(120)

    assert [boot["reason"] for boot in play(scene).sent("BootNotification")] == ["PowerUp", "PowerUp"]


def test_one_evse_cannot_be_reset() -> None:
    """B11: this station resets only as a whole."""

    async def scene(it: Rig) -> None:
        answer = await it.call("Reset", {"type": "Immediate", "evseId": 1})
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedParam")
        await asyncio.sleep(30)

    assert len(play(scene).sent("BootNotification")) == 1


@pytest.mark.parametrize(
    ("place", "unavailable"),
    [
        ({}, [(1, 1), (1, 2), (2, 1), (2, 2)]),
        ({"evse": {"id": 2}}, [(2, 1), (2, 2)]),
        ({"evse": {"id": 1, "connectorId": 2}}, [(1, 2)]),
    ],
)
def test_availability_of_station_evse_and_connector(place: dict[str, Any], unavailable: list[tuple[int, int]]) -> None:
    """G03 and G04: exactly the connectors concerned change, and change back."""

    async def scene(it: Rig) -> None:
        for status in ("Inoperative", "Operative"):
            answer = await it.call("ChangeAvailability", {"operationalStatus": status, **place})
            assert answer == {"status": "Accepted"}

    it = play(scene, given={"evses": 2, "connectors_per_evse": 2})
    changes = [(s["evseId"], s["connectorId"], s["connectorStatus"]) for s in it.sent("StatusNotification")[4:]]
    assert changes == [(*p, "Unavailable") for p in unavailable] + [(*p, "Available") for p in unavailable]


def test_availability_waits_for_the_transaction() -> None:
    """G03.FR.05: Scheduled, and carried out at its end; meanwhile it charges."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        answer = await it.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}})
        assert answer == {"status": "Scheduled"}
        await asyncio.sleep(60)
        assert len(it.events()) == 2
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("unplug_connector")

    assert play(scene).statuses() == ["Available", "Occupied", "Unavailable"]


@pytest.mark.parametrize("place", [{"id": 3}, {"id": 1, "connectorId": 2}])
def test_availability_of_what_is_not_there(place: dict[str, int]) -> None:
    """Unknown EVSEs and connectors are rejected."""

    async def scene(it: Rig) -> None:
        payload = {"operationalStatus": "Inoperative", "evse": place}
        assert (await it.call("ChangeAvailability", payload))["status"] == "Rejected"

    play(scene)


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


def test_the_cache_is_cleared_unless_it_is_off() -> None:
    """C11."""

    async def scene(it: Rig) -> None:
        assert await it.operate("clear_cache") == {"status": "Accepted"}
        assert len(it.charger.context.ask(AUTHORIZATION).cache) == 0
        await it.do("set_configuration", settings={"cache_enabled": False})
        assert (await it.operate("clear_cache"))["status"] == "Rejected"

    play(scene, given={"cache": {"A": "Accepted"}})


def entry(card: str, status: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {"idToken": {"idToken": card, "type": "ISO14443"}}
    return data if status is None else {**data, "idTokenInfo": {"status": status}}


def test_the_local_list() -> None:
    """D01 and D02: versions, both kinds of update, and what the list then does."""

    async def scene(it: Rig) -> None:
        async def send(version: int, kind: str, *entries: dict[str, Any]) -> str:
            payload: dict[str, Any] = {"versionNumber": version, "updateType": kind}
            if entries:
                payload["localAuthorizationList"] = list(entries)
            return str((await it.call("SendLocalList", payload))["status"])

        async def version() -> int:
            return int((await it.call("GetLocalListVersion", {}))["versionNumber"])

        assert await version() == 0
        assert await send(3, "Full", entry("L", "Accepted"), entry("M", "Blocked")) == "Accepted"
        assert await send(3, "Differential", entry("N", "Accepted")) == "VersionMismatch"
        assert await send(4, "Differential", entry("M", None), entry("N", "Accepted")) == "Accepted"
        assert await send(5, "Full", entry("X", "Accepted"), entry("x", "Blocked")) == "Failed"
        assert await send(0, "Full") == "Failed"
        assert await version() == 4
        await it.charge("N")
        assert it.verdicts() == ["local_list Accepted"]
        assert it.sent("Authorize") == []
        await it.do("set_configuration", settings={"local_list_enabled": False})
        assert await version() == 0
        assert await send(9, "Full") == "Failed"

    play(scene)


def test_a_bad_list_entry_is_checked_with_the_csms() -> None:
    """C14.FR.03 online; offline it decides by itself."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        await it.do("network", state="down")
        await it.do("authorize_id_tag", id_tag="A")
        assert it.verdicts() == ["local_list Expired"]
        await it.do("network", state="up")
        await asyncio.sleep(10)
        await it.do("authorize_id_tag", id_tag="A")

    it = play(scene, given={"local_list": {"version": 1, "entries": {"A": "Expired"}}})
    assert len(it.sent("Authorize")) == 1
    assert len(it.events()) == 1


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


def test_data_transfer_knows_no_vendor() -> None:
    """P01."""

    async def scene(it: Rig) -> None:
        assert await it.call("DataTransfer", {"vendorId": "acme"}) == {"status": "UnknownVendorId"}

    play(scene)


def test_a_reservation_and_its_end() -> None:
    """H01 and H02: the connector is Reserved, another card is refused, the reserved one uses it up."""

    async def scene(it: Rig) -> None:
        assert await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=5) == {"status": "Accepted"}
        await it.do("authorize_id_tag", id_tag="S")
        assert await it.operate("cancel_reservation", reservation_id=6) == {
            "status": "Rejected",
            "statusInfo": {"reasonCode": "UnknownReservation"},
        }
        await it.charge("A")

    it = play(scene)
    assert it.statuses()[:2] == ["Available", "Reserved"]
    assert it.sent("TransactionEvent")[0]["reservationId"] == 5
    assert it.events()[0] == "Started 0 Authorized Charging"


def test_a_reservation_that_runs_out_is_told() -> None:
    """H04: ReservationStatusUpdate Expired, and the connector is Available again; a fault removes it."""

    async def scene(it: Rig) -> None:
        await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=5, expires_in="60s")
        await asyncio.sleep(61)
        await it.operate("reserve_now", id_tag="A", evse_id=1, reservation_id=6, expires_in="60s")
        await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)

    it = play(scene)
    assert it.sent("ReservationStatusUpdate") == [
        {"reservationId": 5, "reservationUpdateStatus": "Expired"},
        {"reservationId": 6, "reservationUpdateStatus": "Removed"},
    ]
    assert it.statuses() == ["Available", "Reserved", "Available", "Reserved", "Faulted"]


def test_what_is_not_built_says_so() -> None:
    """Every CSMS action that the station has not is answered NotSupported, never faked."""

    async def scene(it: Rig) -> None:
        unbuilt = {
            "GetReport": {"requestId": 1},
            "CostUpdated": {"totalCost": 1.0, "transactionId": "x"},
        }
        for action, payload in unbuilt.items():
            assert action in actions(OcppVersion.V201)
            assert validate_request(OcppVersion.V201, action, payload) is None, action
            assert is_error(await it.call(action, payload), "NotSupported"), action

    play(scene)


@pytest.mark.parametrize(
    ("missing", "action", "payload"),
    [
        ("LocalAuthListManagement", "GetLocalListVersion", {}),
        ("RemoteTrigger", "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("Reservation", "CancelReservation", {"reservationId": 1}),
    ],
)
def test_a_station_without_a_feature(missing: str, action: str, payload: dict[str, Any]) -> None:
    """What ``features`` leaves out is not supported."""

    async def scene(it: Rig) -> None:
        assert is_error(await it.call(action, payload), "NotSupported")

    features = [f for f in ("Core", "LocalAuthListManagement", "RemoteTrigger", "Reservation") if f != missing]
    play(scene, given={"features": features})


def test_a_base_report() -> None:
    """B07: every part has its number, only the last has no tbc, and every report is valid."""

    async def scene(it: Rig) -> None:
        answer = await it.call("GetBaseReport", {"requestId": 9, "reportBase": "FullInventory"})
        assert answer == {"status": "Accepted"}

    reports = play(scene).sent("NotifyReport")
    assert [report["seqNo"] for report in reports] == list(range(len(reports)))
    assert [report.get("tbc", False) for report in reports] == [True] * (len(reports) - 1) + [False]
    names = {f"{d['component']['name']}.{d['variable']['name']}" for r in reports for d in r["reportData"]}
    assert {"AuthCtrlr.Enabled", "TxCtrlr.TxStartPoint", "EVSE.AvailabilityState", "SecurityCtrlr.Identity"} <= names


def test_a_summary_is_not_supported() -> None:
    """B07.FR.02 lets a station leave it out."""

    async def scene(it: Rig) -> None:
        answer = await it.call("GetBaseReport", {"requestId": 9, "reportBase": "SummaryInventory"})
        assert answer == {"status": "NotSupported"}

    assert play(scene).sent("NotifyReport") == []
