"""Boot and heartbeat in OCPP 2.x."""

from __future__ import annotations

import asyncio

import pytest

from tests.charger.rig import Rig, is_error, play


def test_what_a_boot_says() -> None:
    """B01: who it is and why it boots, then the status of every connector."""

    async def scene(it: Rig) -> None: ...

    it = play(scene, given={"evses": 2, "connectors_per_evse": 2, "vendor": "V", "model": "M"})
    assert it.sent("BootNotification") == [
        {
            "chargingStation": {
                "model": "M",
                "vendorName": "V",
                "serialNumber": "SIM-0001",
                "firmwareVersion": "1.0.0",
            },
            "reason": "PowerUp",
        }
    ]
    places = [(s["evseId"], s["connectorId"], s["connectorStatus"]) for s in it.sent("StatusNotification")]
    assert places == [(e, c, "Available") for e in (1, 2) for c in (1, 2)]


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_boot_that_is_not_accepted_is_tried_again(status: str) -> None:
    """B02 and B03: at the interval of the answer; nothing else is said before."""

    async def scene(it: Rig) -> None:
        assert not it.charger.booted
        assert it.sent("StatusNotification") == []
        await asyncio.sleep(12)
        assert it.charger.booted

    it = play(scene, csms={"boot": {"status": status, "interval": "10s", "times": 1}})
    assert [r.at for r in it.frames if r.action == "BootNotification" and r.direction == "to_csms"] == [0, 10]


def test_what_may_be_asked_while_pending() -> None:
    """B02: the CSMS may read and trigger, but not start anything."""

    async def scene(it: Rig) -> None:
        assert (await it.call("TriggerMessage", {"requestedMessage": "BootNotification"}))["status"] == "Accepted"
        started = await it.call(
            "RequestStartTransaction", {"remoteStartId": 1, "idToken": {"idToken": "A", "type": "ISO14443"}}
        )
        assert started["status"] == "Rejected"  # B02.FR.05
        stopped = await it.call("RequestStopTransaction", {"transactionId": "x"})
        assert stopped == {"status": "Rejected", "statusInfo": started["statusInfo"]}
        availability = await it.call("ChangeAvailability", {"operationalStatus": "Inoperative"})
        assert is_error(availability, "SecurityError")

    it = play(scene, csms={"boot": {"status": "Pending", "interval": "60s", "times": 5}}, minding=False)
    assert [boot["reason"] for boot in it.sent("BootNotification")] == ["PowerUp", "Triggered"]


def test_calls_are_refused_while_rejected() -> None:
    """B03: unlike in 1.6 the station answers, with a SecurityError."""

    async def scene(it: Rig) -> None:
        assert is_error(await it.call("TriggerMessage", {"requestedMessage": "Heartbeat"}), "SecurityError")

    play(scene, csms={"boot": {"status": "Rejected", "interval": "60s", "times": 5}}, minding=False)


def test_heartbeats_follow_the_interval() -> None:
    """G02: the boot answer sets it, SetVariables changes it at once."""

    async def scene(it: Rig) -> None:
        await asyncio.sleep(95)
        await it.operate("change_configuration", heartbeat_interval="5s")
        await asyncio.sleep(11)

    it = play(scene, csms={"heartbeat_interval": "30s"})
    assert [round(r.at) for r in it.frames if r.action == "Heartbeat" and r.direction == "to_csms"] == [
        30,
        60,
        90,
        100,
        105,
    ]


def test_a_reconnect_is_no_boot() -> None:
    """B04: no BootNotification after a mere loss of the network."""

    async def scene(it: Rig) -> None:
        await it.do("network", down_for="10s")
        await asyncio.sleep(60)

    assert len(play(scene).sent("BootNotification")) == 1
