"""Reset in OCPP 2.x: B11 and B12."""

from __future__ import annotations

import asyncio

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


def test_one_evse_cannot_be_reset() -> None:
    """B11: this station resets only as a whole."""

    async def scene(it: Rig) -> None:
        answer = await it.call("Reset", {"type": "Immediate", "evseId": 1})
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedParam")
        await asyncio.sleep(30)

    assert len(play(scene).sent("BootNotification")) == 1
