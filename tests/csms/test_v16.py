"""Flows of OCPP 1.6 stations with the built-in CSMS, over loopback WebSockets under the virtual clock."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.ocppj import CallError
from tests.csms.stations import TIME, World, play

STOP = {"meterStop": 100, "timestamp": TIME}


def test_an_ordinary_session() -> None:
    """Boot, heartbeat, authorize, start, meter values, stop: everything is answered and nothing is minded."""

    async def scene(world: World) -> None:
        station = await world.station()
        assert await station.tell("Heartbeat") == {"currentTime": TIME}
        info = {"status": "Accepted", "parentIdTag": "FLEET", "expiryDate": "2026-01-01T01:00:00.000Z"}
        assert await station.tell("Authorize", {"idTag": "card"}) == {"idTagInfo": info}
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"}
        assert await station.tell("StatusNotification", status) == {}
        assert await station.start("CARD") == {"transactionId": 1, "idTagInfo": info}
        served = world.csms.stations["CP-1"]
        assert [record.transaction_id for record in served.running_transactions] == [1]
        values = [{"timestamp": TIME, "sampledValue": [{"value": "1"}]}]
        assert await station.tell("MeterValues", {"connectorId": 1, "transactionId": 1, "meterValue": values}) == {}
        assert await station.tell("StopTransaction", {"transactionId": 1, "idTag": "CARD", **STOP}) == {
            "idTagInfo": info
        }
        assert served.running_transactions == ()

    heard = play(scene, id_tokens={"CARD": {"status": "Accepted", "parent_id_token": "FLEET", "expires_in": "1h"}})
    assert heard.codes == []
    assert [fields["is"] for _, name, fields in heard.facts if name == "connection"] == ["opened", "closed"]


@pytest.mark.parametrize(
    ("boot", "answers"),
    [
        ("Accepted", [("Accepted", 60)]),
        ("Pending", [("Pending", 10), ("Accepted", 60)]),
        (
            {"status": "Rejected", "interval": "30s", "times": 2},
            [("Rejected", 30), ("Rejected", 30), ("Accepted", 60), ("Accepted", 60)],
        ),
    ],
)
def test_boot_plans(boot: Any, answers: list[tuple[str, int]]) -> None:
    """The planned answers come first, then Accepted with the heartbeat interval."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        assert world.csms.stations["CP-1"].registration is None
        for status, interval in answers:
            answer = await station.boot()
            assert (answer["status"], answer["interval"]) == (status, interval)
            assert world.csms.stations["CP-1"].registration == status

    assert play(scene, boot=boot, heartbeat_interval="1m").codes == []


def test_messages_before_the_boot_is_accepted_are_minded() -> None:
    """1.6 gives no way to refuse them: they are answered and recorded, unless the CSMS has asked for them."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        await station.tell("Heartbeat")
        await station.boot()
        await world.csms.operate("CP-1", "trigger_message", {"message": "Heartbeat"}).future
        await station.tell("Heartbeat")
        await station.tell("Authorize", {"idTag": "A"})
        await station.boot()
        await station.tell("Authorize", {"idTag": "A"})

    assert play(scene, boot="Pending").codes == ["message-before-boot"] * 2


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
    """A repeated StartTransaction gets the same id and the same verdict; a repeated stop is no breach either."""

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


def test_a_reservation_that_the_csms_made_may_be_used() -> None:
    """The reservation id that an operation or a raw call sent is known."""

    async def scene(world: World) -> None:
        station = await world.station()
        sent = world.csms.operate("CP-1", "reserve_now", {"id_tag": "CARD", "evse_id": 1})
        await sent.future
        assert station.calls[0].payload["reservationId"] == 1
        await station.start("CARD", reservationId=1)
        world.csms.operate("CP-1", "reserve_now", {"id_tag": "CARD", "evse_id": 2, "reservation_id": 7})
        await world.csms.operate("CP-1", "cancel_reservation").future
        assert station.calls[-1].payload == {"reservationId": 7}
        await world.csms.operate("CP-1", "cancel_reservation").future
        assert station.calls[-1].payload == {"reservationId": 1}

    assert play(scene).codes == []


@pytest.mark.parametrize(
    ("action", "code", "minded"),
    [("Reset", "NotSupported", ["wrong-direction"]), ("SignCertificate", "NotSupported", [])],
)
def test_what_the_csms_does_not_do(action: str, code: str, minded: list[str]) -> None:
    """A message for stations, or one that is not done yet, is answered with a CALLERROR, never faked."""

    async def scene(world: World) -> None:
        station = await world.station()
        payload = {"type": "Soft"} if action == "Reset" else {"csr": "x"}
        answer = await station.ask(action, payload)
        assert isinstance(answer, CallError)
        assert answer.code == code

    assert play(scene).codes == minded


@pytest.mark.parametrize(
    "action, payload",
    [
        ("DiagnosticsStatusNotification", {"status": "Idle"}),
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("SecurityEventNotification", {"type": "x", "timestamp": TIME}),
        ("LogStatusNotification", {"status": "Idle"}),
        ("SignedFirmwareStatusNotification", {"status": "Idle"}),
    ],
)
def test_notifications_are_taken_note_of(action: str, payload: dict[str, Any]) -> None:
    """A notification is answered with an empty payload."""

    async def scene(world: World) -> None:
        assert await (await world.station()).tell(action, payload) == {}

    assert play(scene).codes == []


def test_vendor_data_is_of_an_unknown_vendor() -> None:
    """The CSMS has no vendor extensions (section 4.3)."""

    async def scene(world: World) -> None:
        answer = await (await world.station()).tell("DataTransfer", {"vendorId": "org.example"})
        assert answer == {"status": "UnknownVendorId"}

    assert play(scene).codes == []
