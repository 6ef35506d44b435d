"""Flows of OCPP 2.0.1 stations with the built-in CSMS, over loopback WebSockets under the virtual clock."""

from __future__ import annotations

from typing import Any

import pytest

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


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Reset", {"type": "OnIdle"}, "NotSupported"),
    ],
)
def test_what_the_csms_does_not_do(action: str, payload: dict[str, Any], code: str) -> None:
    """A message for stations is answered with a CALLERROR, never faked."""

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


def test_evses_are_minded_only_where_their_number_is_known() -> None:
    """The charger of a user's rig has as many as it has."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await station.event("Started", evse={"id": 99})
        await station.tell(
            "MeterValues", {"evseId": 99, "meterValue": [{"timestamp": TIME, "sampledValue": [{"value": 1}]}]}
        )

    assert play(scene).codes == []
