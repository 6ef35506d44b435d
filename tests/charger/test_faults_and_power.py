"""Faults with their error codes and recovery, loss of power, and what survives it."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.core.services import AUTHORIZATION, LOCAL_LIST
from ocpplab_runner.ocppj import NO_REPLY
from ocpplab_runner.vocabulary.faults import FAULTS
from tests.charger.rig import rig


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_fault_is_reported_and_goes_away(name):
    """An inoperative fault makes the connector Faulted, a warning keeps the status; both report their code."""

    async def main():
        fault = FAULTS[name]
        async with rig() as it:
            it.forget()
            await it.do("inject_fault", fault_type=name, evse_id=1, info="why", vendor_error_code="V7")
            await it.do("clear_fault", evse_id=1)
            broken = "Faulted" if fault.inoperative else "Available"
            shown = [(p["status"], p["errorCode"], p.get("info")) for p in it.sent("StatusNotification")]
            assert shown == [(broken, fault.error_code, "why"), ("Available", "NoError", None)]
            assert it.sent("StatusNotification")[0]["vendorErrorCode"] == "V7"

    clock.run(main())


def test_fault_ends_the_transaction_and_recovers_to_finishing():
    """A fault while charging ends the transaction with Other; after the repair the car is still there."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            await it.do("inject_fault", fault_type="ground_failure", evse_id=1)
            assert it.sent("StopTransaction")[0]["reason"] == "Other"
            await it.do("clear_fault")
            assert it.statuses() == ["Faulted", "Finishing"]

    clock.run(main())


def test_fault_while_a_card_waits_withdraws_it():
    """A faulted EVSE forgets the card that waits for a cable, and starts nothing until it is repaired."""

    async def main():
        async with rig() as it:
            await it.do("authorize_id_tag", id_tag="A")
            await it.do("inject_fault", fault_type="OverVoltage", evse_id=1)
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            assert it.sent("StartTransaction") == []
            await it.do("clear_fault")
            assert it.statuses()[-1] == "Preparing"
            await it.do("authorize_id_tag", id_tag="A")
            assert len(it.sent("StartTransaction")) == 1

    clock.run(main())


def test_station_fault_hits_every_connector():
    """A fault without an EVSE is reported for connector 0 and makes every connector Faulted."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=2)
            it.forget()
            await it.do("inject_fault", fault_type="InternalError")
            assert (it.statuses(0), it.statuses(1), it.statuses(2)) == (["Faulted"],) * 3
            assert len(it.sent("StopTransaction")) == 1
            await it.do("clear_fault")
            assert it.statuses(0)[-1] == it.statuses(1)[-1] == "Available"

    clock.run(main())


def test_station_warning_is_reported_for_connector_0_alone():
    """A warning of the whole station changes no connector."""

    async def main():
        async with rig() as it:
            it.forget()
            await it.do("inject_fault", fault_type="WeakSignal")
            assert [(p["connectorId"], p["status"], p["errorCode"]) for p in it.sent("StatusNotification")] == [
                (0, "Available", "WeakSignal")
            ]

    clock.run(main())


def test_two_faults_need_two_repairs_to_go():
    """With two faults the latest is shown; clearing the EVSE clears both."""

    async def main():
        async with rig() as it:
            it.forget()
            await it.do("inject_fault", fault_type="OverVoltage", evse_id=1)
            await it.do("inject_fault", fault_type="HighTemperature", evse_id=1)
            result = await it.do("clear_fault", evse_id=1)
            assert result.detail == {"faults_cleared": 2}
            assert [p["errorCode"] for p in it.sent("StatusNotification")] == [
                "OverVoltage",
                "HighTemperature",
                "NoError",
            ]

    clock.run(main())


def test_broken_reader_reads_no_card_and_a_jammed_lock_does_not_open():
    """ReaderFailure and ConnectorLockFailure do what they say."""

    async def main():
        async with rig() as it:
            await it.do("inject_fault", fault_type="ReaderFailure")
            assert (await it.do("authorize_id_tag", id_tag="A")).status == "refused"
            await it.do("inject_fault", fault_type="ConnectorLockFailure", evse_id=1)
            assert await it.call("UnlockConnector", connectorId=1) == {"status": "UnlockFailed"}

    clock.run(main())


def test_loss_of_power_in_a_transaction():
    """The socket drops at once; after the boot the transaction is stopped with PowerLoss as of the loss."""

    async def main():
        async with rig({"ev": {"power_w": 6000}}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(600)
            it.forget()
            await it.do("power", off_for="1h")
            assert not it.charger.connected
            assert not it.charger.powered
            await it.wait(3599)
            assert it.actions() == []
            await it.wait(2)
            assert it.actions()[0] == "BootNotification"
            stop = it.sent("StopTransaction")[0]
            assert (stop["reason"], stop["meterStop"], stop["timestamp"]) == (
                "PowerLoss",
                1000,
                "2026-01-01T00:10:00.000Z",
            )
            assert it.statuses() == ["Preparing"]
            assert it.charger.snapshot()["evses"][0]["meter_wh"] == 1000

    clock.run(main())


def test_what_waits_for_delivery_survives_a_loss_of_power():
    """Queued transaction messages are delivered after the power is back."""

    async def main():
        async with rig({"cache": {"A": "Accepted"}}) as it:
            await it.do("network", state="down")
            await it.do("start_session", id_tag="A")
            await it.do("stop_session")
            await it.do("power", state="off")
            await it.do("network", state="up")
            it.forget()
            await it.wait(100)
            assert it.actions() == []
            await it.do("power", state="on")
            assert [a for a in it.actions() if "Transaction" in a] == ["StartTransaction", "StopTransaction"]

    clock.run(main())


def test_granted_card_does_not_survive_a_loss_of_power():
    """An authorization that waits for a cable is volatile; list and cache are not."""

    async def main():
        given = {"local_list": {"version": 4, "entries": {"L": "Accepted"}}}
        async with rig(given) as it:
            await it.do("authorize_id_tag", id_tag="A")
            await it.do("power", state="off")
            assert (await it.do("authorize_id_tag", id_tag="A")).reason == "the charger has no power"
            assert (await it.do("plug_connector")).status == "done"
            await it.do("power", state="on")
            await it.wait(5)
            assert it.sent("StartTransaction") == []
            assert it.statuses()[-1] == "Preparing"
            assert it.charger.context.ask(LOCAL_LIST).entries.version == 4
            assert len(it.charger.context.ask(AUTHORIZATION).cache) == 1

    clock.run(main())


def test_power_loss_in_the_middle_of_a_reset():
    """Power that fails during a restart stays off until it is switched on."""

    async def main():
        async with rig() as it:
            await it.call("Reset", type="Soft")
            await it.do("power", state="off")
            it.forget()
            await it.wait(100)
            assert it.actions() == []
            await it.do("power", state="on")
            assert it.charger.booted

    clock.run(main())


def test_soft_reset_restarts_even_when_the_last_message_is_never_taken():
    """A soft reset waits for delivery, but not for ever; meanwhile the station starts nothing."""

    async def main():
        async with rig({"evses": 2}, answers={"StopTransaction": lambda call: NO_REPLY}) as it:
            await it.do("start_session", id_tag="A", evse_id=1)
            await it.call("Reset", type="Soft")
            assert (await it.do("authorize_id_tag", id_tag="B")).reason == "the charger restarts"
            assert await it.call("RemoteStartTransaction", idTag="B") == {"status": "Rejected"}
            it.forget()
            await it.wait(29)
            assert it.actions() == []
            it.answers["StopTransaction"] = {}
            await it.wait(5)
            assert [a for a in it.actions() if a != "StatusNotification"] == ["BootNotification", "StopTransaction"]

    clock.run(main())


def test_soft_reset_goes_on_when_the_connection_is_lost_meanwhile():
    """Nobody can take the last message any more, so the station restarts and delivers after the boot."""

    async def main():
        async with rig(answers={"StopTransaction": lambda call: NO_REPLY}) as it:
            await it.do("start_session", id_tag="A")
            await it.call("Reset", type="Soft")
            it.answers["StopTransaction"] = {}
            it.forget()
            await it.do("network", down_for="3s")
            await it.wait(10)
            assert [a for a in it.actions() if a != "StatusNotification"] == ["BootNotification", "StopTransaction"]

    clock.run(main())


def test_power_that_fails_while_a_soft_reset_waits_stays_off():
    """A restart that was under way is over when the power fails."""

    async def main():
        async with rig(answers={"StopTransaction": lambda call: NO_REPLY}) as it:
            await it.do("start_session", id_tag="A")
            await it.call("Reset", type="Soft")
            await it.do("power", state="off")
            it.forget()
            await it.wait(300)
            assert it.actions() == []
            assert not it.charger.powered

    clock.run(main())


def test_stopping_a_station_in_any_state_leaves_nothing():
    """A station can be closed while it connects, authorizes, restarts or waits for its network."""

    async def main():
        for doing in ("connect", "authorize", "soft", "hard", "offline", "off"):
            answers = {"Authorize": lambda call: NO_REPLY, "StopTransaction": lambda call: NO_REPLY}
            async with rig({"settings": {"allow_offline_tx_for_unknown_id": True}}, answers=answers) as it:
                if doing == "connect":
                    await it.charger.perform("power", {"off_for": "1s"})
                    await it.wait(1)
                elif doing == "authorize":
                    await it.do("plug_connector")
                    await it.do("authorize_id_tag", id_tag="A")
                elif doing in ("soft", "hard"):
                    await it.do("plug_connector")
                    await it.do("start_transaction", id_tag="A")
                    await it.call("Reset", type=doing.title())
                elif doing == "offline":
                    await it.do("network", down_for="1h")
                else:
                    await it.do("power", off_for="1h")

    clock.run(main())


def test_loss_of_power_while_a_card_is_being_asked_starts_nothing():
    """The card that was being asked is forgotten, whatever the offline rules would say."""

    async def main():
        given = {"settings": {"allow_offline_tx_for_unknown_id": True}}
        async with rig(given, answers={"Authorize": lambda call: NO_REPLY}) as it:
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            await it.do("power", off_for="10s")
            await it.wait(60)
            assert it.told("auth_status") == []
            assert it.sent("StartTransaction") == []

    clock.run(main())


def test_fault_that_comes_again_is_the_latest():
    """The fault that was reported last is the one that is shown."""

    async def main():
        async with rig() as it:
            it.forget()
            for name in ("OverVoltage", "HighTemperature", "OverVoltage"):
                await it.do("inject_fault", fault_type=name, evse_id=1)
            assert [p["errorCode"] for p in it.sent("StatusNotification")] == [
                "OverVoltage",
                "HighTemperature",
                "OverVoltage",
            ]

    clock.run(main())
