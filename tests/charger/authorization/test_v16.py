"""Cards in OCPP 1.6: who is asked, and what the answer does."""

from ocpplab_runner import clock
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from tests.charger.rig import error, rig


def test_clear_cache():
    """ClearCache empties the cache; it is Rejected where the cache is off."""

    async def main():
        async with rig({"cache": {"A": "Accepted"}}) as it:
            assert await it.call("ClearCache") == {"status": "Accepted"}
            assert len(it.charger.context.ask(AUTHORIZATION).cache) == 0
            await it.call("ChangeConfiguration", key="AuthorizationCacheEnabled", value="false")
            assert await it.call("ClearCache") == {"status": "Rejected"}

    clock.run(main())


def test_verdicts_reach_the_cache():
    """The answer to a StopTransaction updates the cache for the card that stopped, and only when one did."""

    async def main():
        info = {"idTagInfo": {"status": "Expired"}}
        async with rig(answers={"StopTransaction": lambda call: info}) as it:
            await it.do("start_session", id_tag="A")
            await it.do("stop_session")
            await it.do("start_session", id_tag="B")
            await it.do("authorize_id_tag", id_tag="B")
            await it.do("unplug_connector")
            await it.do("network", state="down")
            for card in "AB":
                await it.do("authorize_id_tag", id_tag=card)
                await it.wait(61)
            assert [f["is"] for f in it.told("auth_status")[-2:]] == ["Accepted", "Expired"]

    clock.run(main())


def test_refused_card_starts_nothing():
    """A card that the CSMS refuses leaves everything as it was."""

    async def main():
        async with rig(cards={"CARD-1": "Blocked"}) as it:
            await it.do("plug_connector", evse_id=1)
            it.forget()
            await it.do("authorize_id_tag", id_tag="CARD-1")
            assert it.actions() == ["Authorize"]
            assert [f["is"] for f in it.told("token_status")] == ["Processing", "Rejected"]
            assert it.told("auth_status") == []
            assert it.told("validation_result") == [{"is": "Blocked", "via": "Authorize", "id_tag": "CARD-1"}]

    clock.run(main())


def test_callerror_to_authorize_refuses():
    """When the CSMS fails to process Authorize the station says Invalid by itself."""

    async def main():
        async with rig(answers={"Authorize": error("InternalError")}) as it:
            await it.do("plug_connector", evse_id=1)
            await it.do("authorize_id_tag", id_tag="CARD-1")
            reason = "Authorize was answered with the CALLERROR InternalError"
            assert it.told("auth_status") == [{"is": "Invalid", "via": "station", "id_tag": "CARD-1", "reason": reason}]
            assert it.sent("StartTransaction") == []

    clock.run(main())


def test_finishing_evse_refuses_a_card():
    """While the car of an ended transaction is still plugged the station refuses cards without asking the CSMS."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            await it.do("stop_transaction")
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            assert it.actions() == []
            assert it.told("auth_status")[0]["via"] == "station"

    clock.run(main())


def test_find_first_takes_the_first_free_evse():
    """With FindFirst a card holds the first free EVSE before any cable."""

    async def main():
        async with rig({"evses": 2, "authorization": {"selection_algorithm": "FindFirst"}}) as it:
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            assert it.statuses(1) == ["Preparing"]

    clock.run(main())


def test_double_swipe_starts_once():
    """A second swipe of the same card while the first is being asked is ignored."""

    async def main():
        async with rig() as it:
            await it.do("plug_connector")
            first = await it.charger.perform("authorize_id_tag", {"id_tag": "A"})
            second = await it.charger.perform("authorize_id_tag", {"id_tag": "a"})
            await clock.settled()
            assert first.status == second.status == "done"
            assert it.actions().count("Authorize") == 1
            assert it.actions().count("StartTransaction") == 1

    clock.run(main())
