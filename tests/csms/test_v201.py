"""Flows of OCPP 2.0.1 stations with the built-in CSMS, over loopback WebSockets under the virtual clock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ocpplab_runner.csms.core.sequences import PATIENCE
from ocpplab_runner.ocppj import CallError
from tests.csms.stations import TIME, V201, World, play

CARD = {"idToken": "CARD", "type": "ISO14443"}
EVSE = {"id": 1, "connectorId": 1}


def test_an_ordinary_session() -> None:
    """Boot, heartbeat, authorize, Started, Updated, Ended: everything is answered and nothing is minded."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        assert await station.tell("Heartbeat") == {"currentTime": TIME}
        info = {
            "status": "Accepted",
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            "cacheExpiryDateTime": "2026-01-01T01:00:00.000Z",
        }
        assert await station.tell("Authorize", {"idToken": CARD}) == {"idTokenInfo": info}
        status = {"timestamp": TIME, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
        assert await station.tell("StatusNotification", status) == {}
        assert await station.event("Started", card="CARD", evse=EVSE) == {"idTokenInfo": info}
        served = world.csms.stations["CP-1"]
        (record,) = served.running_transactions
        assert (record.transaction_id, record.evse_id, record.id_token) == ("tx", 1, "CARD")
        assert await station.event("Updated", seq_no=1) == {}
        assert await station.event("Ended", seq_no=2, card="CARD") == {"idTokenInfo": info}
        assert served.running_transactions == ()

    given = {"id_tokens": {"CARD": {"status": "Accepted", "parent_id_token": "FLEET", "expires_in": "1h"}}}
    assert play(scene, **given).codes == []


def test_messages_before_the_boot_is_accepted_are_refused() -> None:
    """B02.FR.09, B03.FR.07: SecurityError, unless the CSMS has asked for the message."""

    async def scene(world: World) -> None:
        station = await world.station(V201, boot=False)

        async def heartbeat() -> str:
            answer = await station.ask("Heartbeat")
            return answer.code if isinstance(answer, CallError) else "answered"

        assert await heartbeat() == "SecurityError"
        assert (await station.boot())["status"] == "Pending"
        assert await heartbeat() == "SecurityError"
        await world.csms.operate("CP-1", "trigger_message", {"message": "Heartbeat"}).future
        assert await heartbeat() == "answered"
        await world.csms.call("CP-1", "GetBaseReport", {"requestId": 3, "reportBase": "FullInventory"}).future
        assert await station.tell("NotifyReport", {"requestId": 3, "generatedAt": TIME, "seqNo": 0}) == {}
        assert (await station.boot())["status"] == "Accepted"
        assert await heartbeat() == "answered"

    assert play(scene, boot="Pending").codes == ["message-before-boot"] * 2


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


HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "n",
    "issuerKeyHash": "k",
    "serialNumber": "1",
    "responderURL": "u",
}


@pytest.mark.parametrize("certificates", [{"certificate": "PEM"}, {"iso15118CertificateHashData": [HASH]}])
def test_a_contract_certificate_is_never_accepted_unread(certificates: dict[str, Any]) -> None:
    """C07: the CSMS validates none: NotImplemented, unless the scenario says what the certificate is worth."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        ask = {"idToken": {"idToken": "CARD", "type": "eMAID"}, **certificates}
        answer = await station.ask("Authorize", ask)
        assert isinstance(answer, CallError)
        assert answer.code == "NotImplemented"
        world.csms.program("CP-1", {"to": "Authorize", "delay": "1s"})
        assert isinstance(await station.ask("Authorize", ask), CallError)
        world.csms.program("CP-1", {"to": "Authorize", "patch": {"certificateStatus": "CertificateRevoked"}})
        judged = {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "CertificateRevoked"}
        assert await station.tell("Authorize", ask) == judged
        whole = {"idTokenInfo": {"status": "Blocked"}}
        world.csms.program("CP-1", {"to": "Authorize", "payload": whole})
        assert await station.tell("Authorize", ask) == whole

    assert play(scene, id_tokens={"CARD": "Accepted"}).codes == []


def test_a_start_button_needs_no_card() -> None:
    """C02: a token of type NoAuthorization is accepted."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        answer = await station.event("Started", idToken={"idToken": "", "type": "NoAuthorization"})
        assert answer == {"idTokenInfo": {"status": "Accepted"}}

    assert play(scene).codes == []


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


def test_a_remote_start_that_the_csms_made_is_known() -> None:
    """The remoteStartId of an operation may come back; the next operation counts on."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        for _ in range(2):
            await world.csms.operate("CP-1", "remote_start", {"id_tag": "CARD"}).future
        assert [call.payload["remoteStartId"] for call in station.calls] == [1, 2]
        await station.event("Started", info={"remoteStartId": 2})

    assert play(scene).codes == []


@pytest.mark.parametrize(
    ("parts", "codes"),
    [([0, 1, 2], []), ([0, 2], ["sequence-number-gap"])],
)
def test_reports_come_in_order(parts: list[int], codes: list[str]) -> None:
    """The parts of a report are numbered from 0."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await world.csms.call("CP-1", "GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}).future
        for part in parts:
            await station.tell("NotifyReport", {"requestId": 1, "generatedAt": TIME, "seqNo": part})

    assert play(scene).codes == codes


def test_a_report_that_nobody_asked_for_is_minded() -> None:
    """A NotifyReport carries the id of a request of the CSMS."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await station.tell("NotifyReport", {"requestId": 8, "generatedAt": TIME, "seqNo": 0})

    assert play(scene).codes == ["unknown-request-id"]


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Reset", {"type": "OnIdle"}, "NotSupported"),
        ("SignCertificate", {"csr": "x"}, "NotSupported"),
        ("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "DC"}}, "NotSupported"),
    ],
)
def test_what_the_csms_does_not_do(action: str, payload: dict[str, Any], code: str) -> None:
    """A message for stations, or one that is not done yet, is answered with a CALLERROR, never faked."""

    async def scene(world: World) -> None:
        answer = await (await world.station(V201)).ask(action, payload)
        assert isinstance(answer, CallError)
        assert answer.code == code

    play(scene)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("LogStatusNotification", {"status": "Idle"}),
        ("SecurityEventNotification", {"type": "x", "timestamp": TIME}),
        ("ReservationStatusUpdate", {"reservationId": 1, "reservationUpdateStatus": "Expired"}),
        ("MeterValues", {"evseId": 1, "meterValue": [{"timestamp": TIME, "sampledValue": [{"value": 1}]}]}),
        (
            "NotifyEvent",
            {
                "generatedAt": TIME,
                "seqNo": 0,
                "eventData": [
                    {
                        "eventId": 1,
                        "timestamp": TIME,
                        "trigger": "Delta",
                        "actualValue": "x",
                        "eventNotificationType": "HardWiredNotification",
                        "component": {"name": "c"},
                        "variable": {"name": "v"},
                    }
                ],
            },
        ),
    ],
)
def test_notifications_are_taken_note_of(action: str, payload: dict[str, Any]) -> None:
    """A notification is answered with an empty payload."""

    async def scene(world: World) -> None:
        assert await (await world.station(V201)).tell(action, payload) == {}

    assert play(scene).codes == []


@pytest.mark.parametrize(
    ("boots", "first_csms", "codes"),
    [
        (True, True, ["unknown-request-id", "unknown-request-id"]),
        (True, False, ["unknown-request-id"]),
        (False, False, []),
    ],
)
def test_what_may_be_asked_for_by_a_csms_before_is_not_minded(boots: bool, first_csms: bool, codes: list[str]) -> None:
    """A report ends with a boot, an update goes on after it."""

    async def scene(world: World) -> None:
        station = await world.station(V201, boot=boots)
        await station.tell("FirmwareStatusNotification", {"status": "Installed", "requestId": 4})
        await station.tell("FirmwareStatusNotification", {"status": "Idle"})
        await station.tell("NotifyReport", {"requestId": 4, "generatedAt": TIME, "seqNo": 0})

    assert play(scene, first_csms=first_csms).codes == codes


def test_a_part_of_a_report_that_comes_again_is_no_gap() -> None:
    """Its answer may have been lost; the next one still has to come next."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await world.csms.call("CP-1", "GetReport", {"requestId": 4}).future
        for seq_no in (0, 1, 1, 0, 2, 4):
            await station.tell("NotifyReport", {"requestId": 4, "generatedAt": TIME, "seqNo": seq_no})

    assert play(scene).codes == ["sequence-number-gap"]


def test_evses_are_minded_only_where_their_number_is_known() -> None:
    """The charger of a user's rig has as many as it has."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await station.event("Started", evse={"id": 99})
        await station.tell(
            "MeterValues", {"evseId": 99, "meterValue": [{"timestamp": TIME, "sampledValue": [{"value": 1}]}]}
        )

    assert play(scene).codes == []
