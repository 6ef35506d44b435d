"""Reset in OCPP 1.6: section 5.14."""

from ocpplab_runner import clock
from ocpplab_runner.ocppj import NO_REPLY
from tests.charger.rig import rig


def test_soft_reset_delivers_the_stop_before_it_restarts():
    """A soft reset ends the transaction with SoftReset, then closes, boots again and reports everything."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            assert await it.call("Reset", type="Soft") == {"status": "Accepted"}
            await it.wait(10)
            actions = it.actions()
            assert actions.index("StopTransaction") < actions.index("BootNotification")
            assert it.sent("StopTransaction")[0]["reason"] == "SoftReset"
            assert it.statuses()[-1] == "Preparing"

    clock.run(main())


def test_hard_reset_delivers_the_stop_after_the_boot():
    """A hard reset drops the connection at once; the StopTransaction with HardReset follows after the boot."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            assert await it.call("Reset", type="Hard") == {"status": "Accepted"}
            assert (await it.do("authorize_id_tag", id_tag="A")).reason == "the charger restarts"
            await it.wait(10)
            actions = it.actions()
            assert actions.index("StopTransaction") > actions.index("BootNotification")
            assert it.sent("StopTransaction")[0]["reason"] == "HardReset"

    clock.run(main())


def test_reset_while_a_card_waits_forgets_it():
    """A granted card does not survive a reset."""

    async def main():
        async with rig() as it:
            await it.do("authorize_id_tag", id_tag="A")
            await it.call("Reset", type="Hard")
            await it.wait(5)
            await it.do("plug_connector")
            assert it.sent("StartTransaction") == []
            assert it.told("token_status")[-1]["is"] == "Withdrawn"

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
