"""Boot, heartbeat, and what is allowed before the boot is accepted: OCPP 1.6 sections 4.2 and 4.6."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj.records import CallTimeout
from tests.charger.rig import error, rig


def _boot(status, interval=0):
    return {"status": status, "currentTime": "2026-01-01T00:00:00Z", "interval": interval}


def test_boot_then_statuses_of_station_and_connectors():
    """An accepted boot is followed by the status of connector 0 and of each connector, in order."""

    async def main():
        async with rig({"evses": 2}) as it:
            assert it.actions() == ["BootNotification"] + ["StatusNotification"] * 3
            assert [(p["connectorId"], p["status"]) for p in it.sent("StatusNotification")] == [
                (0, "Available"),
                (1, "Available"),
                (2, "Available"),
            ]
            assert it.charger.booted
            assert it.charger.online

    clock.run(main())


def test_boot_carries_the_make():
    """BootNotification says vendor, model, serial number and firmware."""

    async def main():
        async with rig({"vendor": "V", "model": "M", "serial_number": "S", "firmware_version": "F"}) as it:
            assert it.sent("BootNotification") == [
                {
                    "chargePointVendor": "V",
                    "chargePointModel": "M",
                    "chargePointSerialNumber": "S",
                    "firmwareVersion": "F",
                }
            ]

    clock.run(main())


def test_heartbeat_interval_of_the_boot_answer():
    """The interval of the boot answer drives the heartbeats and becomes the setting."""

    async def main():
        async with rig(answers={"BootNotification": _boot("Accepted", 30)}) as it:
            await it.wait(100)
            assert it.actions().count("Heartbeat") == 3
            assert it.charger.context.variables.integer("heartbeat_interval") == 30

    clock.run(main())


def test_heartbeat_interval_zero_in_the_answer_leaves_the_own_one():
    """An interval of 0 leaves the choice to the station."""

    async def main():
        async with rig({"settings": {"heartbeat_interval": "20s"}}) as it:
            await it.wait(61)
            assert it.actions().count("Heartbeat") == 3

    clock.run(main())


def test_pending_boots_again_after_the_interval_and_sends_nothing_else():
    """While Pending the station sends nothing but the next BootNotification."""

    async def main():
        boots = iter([_boot("Pending", 15), _boot("Pending", 15), _boot("Accepted", 60)])
        async with rig(answers={"BootNotification": lambda call: next(boots)}) as it:
            await it.do("plug_connector", evse_id=1)
            await it.do("authorize_id_tag", id_tag="CARD-1")
            await it.wait(29)
            assert it.actions() == ["BootNotification"] * 2
            await it.wait(2)
            assert it.actions()[2:4] == ["BootNotification", "StatusNotification"]
            assert it.statuses(1) == ["Preparing"]

    clock.run(main())


def test_rejected_boots_again_after_the_interval():
    """After Rejected the station waits for the whole interval."""

    async def main():
        boots = iter([_boot("Rejected", 120), _boot("Accepted", 60)])
        async with rig(answers={"BootNotification": lambda call: next(boots)}) as it:
            await it.wait(119)
            assert it.actions() == ["BootNotification"]
            await it.wait(2)
            assert it.charger.booted

    clock.run(main())


def test_no_call_is_answered_while_rejected():
    """While Rejected the station does not respond to any message of the CSMS (section 4.2); afterwards it does."""

    async def main():
        boots = iter([_boot("Rejected", 120), _boot("Accepted", 60)])
        async with rig(answers={"BootNotification": lambda call: next(boots)}) as it:
            calls = {"GetConfiguration": {}, "TriggerMessage": {"requestedMessage": "BootNotification"}}
            for action, payload in calls.items():
                with pytest.raises(CallTimeout):
                    await it.session.call(action, payload, timeout=20)
            assert it.notes == [f"{action} is not answered: the boot of this station was rejected" for action in calls]
            assert it.actions() == ["BootNotification"]
            await it.wait(100)
            assert "configurationKey" in await it.call("GetConfiguration")

    clock.run(main())


def test_failed_boot_is_tried_again():
    """A CALLERROR to the boot is no answer: the station asks again."""

    async def main():
        async with rig(answers={"BootNotification": error("InternalError")}) as it:
            it.answers["BootNotification"] = _boot("Accepted", 60)
            await it.wait(31)
            assert it.charger.booted

    clock.run(main())


def test_csms_may_trigger_while_pending():
    """While Pending the CSMS may read settings and trigger messages; a remote start is Rejected."""

    async def main():
        async with rig(answers={"BootNotification": _boot("Pending", 600)}) as it:
            assert "configurationKey" in await it.call("GetConfiguration", key=["HeartbeatInterval"])
            assert await it.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1) == {
                "status": "Accepted"
            }
            assert it.statuses(1) == ["Available"]
            assert await it.call("RemoteStartTransaction", idTag="C", connectorId=1) == {"status": "Rejected"}
            it.answers["BootNotification"] = _boot("Accepted", 60)
            await it.call("TriggerMessage", requestedMessage="BootNotification")
            assert it.charger.booted

    clock.run(main())


def test_reconnect_while_rejected_does_not_ask_earlier():
    """A new connection does not shorten the interval that the CSMS has set."""

    async def main():
        async with rig(answers={"BootNotification": _boot("Rejected", 120)}) as it:
            await it.wait(30)
            await it.do("network", down_for="10s")
            await it.wait(89)
            assert it.actions() == ["BootNotification"]
            await it.wait(2)
            assert it.actions() == ["BootNotification"] * 2

    clock.run(main())
