"""Availability and statuses in OCPP 1.6: sections 4.9 and 5.2."""

from ocpplab_runner import clock
from tests.charger.rig import rig


def test_availability_of_one_connector():
    """Unavailable and back, reported after the answer; other connectors keep their status."""

    async def main():
        async with rig({"evses": 2}) as it:
            it.forget()
            for kind in ("Inoperative", "Operative"):
                assert await it.call("ChangeAvailability", connectorId=1, type=kind) == {"status": "Accepted"}
            assert it.statuses(1) == ["Unavailable", "Available"]
            assert it.statuses(2) == it.statuses(0) == []
            assert await it.call("ChangeAvailability", connectorId=7, type="Operative") == {"status": "Rejected"}

    clock.run(main())


def test_availability_of_the_station_is_scheduled_behind_transactions():
    """Connector 0 means all; a running transaction makes it Scheduled, and the connector follows when it ends."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=1)
            it.forget()
            assert await it.call("ChangeAvailability", connectorId=0, type="Inoperative") == {"status": "Scheduled"}
            assert (it.statuses(0), it.statuses(1), it.statuses(2)) == ([], [], ["Unavailable"])
            await it.do("stop_session", evse_id=1)
            assert (it.statuses(0), it.statuses(1)) == (["Unavailable"], ["Unavailable"])
            assert await it.call("ChangeAvailability", connectorId=0, type="Operative") == {"status": "Accepted"}
            assert it.statuses(0)[-1] == it.statuses(1)[-1] == it.statuses(2)[-1] == "Available"

    clock.run(main())


def test_unavailable_connector_refuses_cards_and_stays_so_over_a_power_cycle():
    """Availability is not volatile."""

    async def main():
        async with rig() as it:
            await it.call("ChangeAvailability", connectorId=0, type="Inoperative")
            await it.do("power", off_for="10s")
            it.forget()
            await it.wait(20)
            assert (it.statuses(0), it.statuses(1)) == (["Unavailable"], ["Unavailable"])
            await it.do("plug_connector")
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            assert it.actions() == []

    clock.run(main())


def test_operative_station_means_every_connector():
    """In 1.6 ChangeAvailability of connector 0 holds for all connectors, whatever they were before."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.call("ChangeAvailability", connectorId=1, type="Inoperative")
            await it.call("ChangeAvailability", connectorId=0, type="Inoperative")
            await it.call("ChangeAvailability", connectorId=0, type="Operative")
            assert it.statuses(1)[-1] == it.statuses(2)[-1] == "Available"

    clock.run(main())


def test_minimum_status_duration():
    """A status is reported once it has lasted, and one that came and went is not reported at all."""

    async def main():
        async with rig({"settings": {"minimum_status_duration": "10s"}}) as it:
            it.forget()
            await it.do("plug_connector")
            await it.wait(5)
            await it.do("unplug_connector")
            await it.wait(60)
            assert it.statuses() == []
            await it.do("plug_connector")
            await it.wait(9)
            assert it.statuses() == []
            await it.wait(2)
            assert it.statuses() == ["Preparing"]

    clock.run(main())


def test_minimum_status_duration_counts_from_the_change():
    """What happens meanwhile does not start the time anew, and time offline counts too."""

    async def main():
        async with rig({"settings": {"minimum_status_duration": "10s"}}) as it:
            it.forget()
            await it.do("plug_connector")
            await it.wait(6)
            await it.do("ev_stops_energy")
            await it.wait(3)
            assert it.statuses() == []
            await it.wait(2)
            assert it.statuses() == ["Preparing"]
            await it.do("network", down_for="60s")
            await it.do("unplug_connector")
            await it.wait(60)
            assert it.statuses() == ["Preparing", "Available"]

    clock.run(main())


def test_reconnect_reports_the_last_status_and_does_not_boot():
    """After a mere reconnect there is no boot, and only statuses that differ are reported, as they are now."""

    async def main():
        async with rig({"evses": 2}) as it:
            it.forget()
            await it.do("network", down_for="2m")
            await it.do("plug_connector", evse_id=1)
            await it.do("plug_connector", evse_id=2)
            await it.wait(30)
            await it.do("unplug_connector", evse_id=2)
            await it.wait(120)
            assert it.actions() == ["StatusNotification"]
            assert it.statuses(1) == ["Preparing"]
            assert it.sent("StatusNotification")[0]["timestamp"] == "2026-01-01T00:00:00.000Z"
            assert [f["is"] for f in it.told("connection")] == ["closed", "opened"]

    clock.run(main())
