"""Loss of power in OCPP 1.6, and what survives it."""

from ocpplab_runner import clock
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, LOCAL_LIST
from ocpplab_runner.ocppj import NO_REPLY
from tests.charger.rig import rig


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
