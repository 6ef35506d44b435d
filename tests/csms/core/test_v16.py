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


def test_what_the_csms_does_not_do() -> None:
    """A message for stations is answered with a CALLERROR, never faked."""

    async def scene(world: World) -> None:
        station = await world.station()
        answer = await station.ask("Reset", {"type": "Soft"})
        assert isinstance(answer, CallError)
        assert answer.code == "NotSupported"

    assert play(scene).codes == ["wrong-direction"]


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
