"""Reset in OCPP 2.x: B11 and B12."""

from __future__ import annotations

import asyncio

import pytest

from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, play


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


def _statuses(it: Rig, evse_id: int) -> list[str]:
    """What the connectors of an EVSE have reported."""
    return [one["connectorStatus"] for one in it.sent("StatusNotification") if one["evseId"] == evse_id]


def test_one_evse_is_reset() -> None:
    """B12.FR.08: its transaction ends at once, the other goes on, and nothing boots."""

    async def scene(it: Rig) -> None:
        await it.charge("A", 1)
        await it.charge("S", 2)
        it.forget()
        assert await it.call("Reset", {"type": "Immediate", "evseId": 1}) == {"status": "Accepted"}
        await asyncio.sleep(30)
        assert it.events() == ["Ended 1 ResetCommand EVConnected ImmediateReset"]
        assert (_statuses(it, 1), _statuses(it, 2)) == (["Unavailable", "Occupied"], [])
        assert it.sent("BootNotification") == []
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        assert it.events()[-1].startswith("Started")

    play(scene, given={"evses": 2})


def test_one_evse_is_reset_once_idle() -> None:
    """B12.FR.07: Scheduled, and done when what runs there has ended; once."""

    async def scene(it: Rig) -> None:
        await it.charge("A", 1)
        await it.charge("S", 2)
        assert await it.call("Reset", {"type": "OnIdle", "evseId": 1}) == {"status": "Scheduled"}
        it.forget()
        await it.do("authorize_id_tag", id_tag="S", evse_id=2)
        assert "Unavailable" not in _statuses(it, 1)
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        assert it.events()[-1] == "Ended 1 StopAuthorized EVConnected Local"
        assert _statuses(it, 1).count("Unavailable") == 1
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        assert _statuses(it, 1).count("Unavailable") == 1

    play(scene, given={"evses": 2})


def test_a_cable_session_begins_anew_after_the_reset_of_its_evse() -> None:
    """The car is still there: with TxStartPoint EVConnected that is a transaction again."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector", evse_id=1)
        assert await it.call("Reset", {"type": "Immediate", "evseId": 1}) == {"status": "Accepted"}

    given = {"configuration": {"TxCtrlr.TxStartPoint": "EVConnected"}}
    events = [event.split()[:3] for event in play(scene, given=given).events()]
    assert events == [
        ["Started", "0", "CablePluggedIn"],
        ["Ended", "1", "ResetCommand"],
        ["Started", "0", "CablePluggedIn"],
    ]


def test_what_an_evse_keeps_over_its_reset() -> None:
    """Its reservation, and that it is out of service."""

    async def scene(it: Rig) -> None:
        card = {"idToken": "A", "type": "ISO14443"}
        await it.call("ReserveNow", {"id": 1, "evseId": 1, "expiryDateTime": "2026-01-02T00:00:00Z", "idToken": card})
        await it.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
        for evse_id in (1, 2):
            assert await it.call("Reset", {"type": "Immediate", "evseId": evse_id}) == {"status": "Accepted"}
        assert (_statuses(it, 1)[-1], _statuses(it, 2)[-1]) == ("Reserved", "Unavailable")
        assert it.sent("ReservationStatusUpdate") == []

    play(scene, given={"evses": 2})


@pytest.mark.parametrize(
    ("payload", "allowed", "code"),
    [
        ({"type": "Immediate", "evseId": 2}, "true", "UnknownEvse"),
        ({"type": "Immediate", "evseId": 0}, "true", "UnknownEvse"),
        ({"type": "OnIdle", "evseId": 1}, "false", "NotEnabled"),
        ({"type": "ImmediateAndResume"}, "true", "NotEnabled"),
    ],
)
def test_what_is_not_reset(payload: dict[str, object], allowed: str, code: str) -> None:
    """An EVSE that is not there, or may not be reset by itself, and transactions that should go on (2.1)."""

    async def scene(it: Rig) -> None:
        answer = await it.call("Reset", payload)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", code)
        await asyncio.sleep(30)

    it = play(scene, given={"configuration": {"EVSE.AllowReset": allowed}}, version=OcppVersion.V21)
    assert len(it.sent("BootNotification")) == 1
