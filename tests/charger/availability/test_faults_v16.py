"""Faults with their error codes and recovery."""

import pytest

from ocpplab_runner import clock
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
