"""Charging sessions in OCPP 1.6: cards, cables, transactions, and what each puts on the wire."""

from ocpplab_runner import clock
from tests.charger.rig import rig


def test_cable_then_card():
    """Plug, card, transaction, Charging: in that order on the wire."""

    async def main():
        async with rig() as it:
            it.forget()
            assert (await it.do("plug_connector", evse_id=1)).status == "done"
            await it.do("authorize_id_tag", id_tag="CARD-1")
            assert it.actions() == ["StatusNotification", "Authorize", "StartTransaction", "StatusNotification"]
            assert it.statuses() == ["Preparing", "Charging"]
            assert it.sent("StartTransaction") == [
                {
                    "connectorId": 1,
                    "idTag": "CARD-1",
                    "meterStart": 0,
                    "timestamp": "2026-01-01T00:00:00.000Z",
                }
            ]

    clock.run(main())


def test_card_then_cable():
    """A card first shows Preparing; the cable starts the transaction."""

    async def main():
        async with rig() as it:
            it.forget()
            await it.do("authorize_id_tag", id_tag="CARD-1")
            assert it.statuses() == ["Preparing"]
            await it.wait(30)
            await it.do("plug_connector", evse_id=1)
            assert it.statuses() == ["Preparing", "Charging"]
            assert len(it.sent("StartTransaction")) == 1

    clock.run(main())


def test_card_without_cable_times_out():
    """ConnectionTimeOut takes the authorization back: Preparing, then Available."""

    async def main():
        async with rig({"settings": {"connection_timeout": "20s"}}) as it:
            it.forget()
            await it.do("authorize_id_tag", id_tag="CARD-1")
            await it.wait(20)
            assert it.statuses() == ["Preparing", "Available"]
            assert [f["is"] for f in it.told("token_status")] == ["Processing", "Accepted", "UsedToStart", "TimedOut"]
            await it.do("plug_connector", evse_id=1)
            await it.wait(60)
            assert it.sent("StartTransaction") == []
            await it.do("authorize_id_tag", id_tag="CARD-1")
            assert len(it.sent("StartTransaction")) == 1

    clock.run(main())


def test_cable_without_card_stays_preparing():
    """A cable waits for a card as long as it takes."""

    async def main():
        async with rig({"settings": {"connection_timeout": "20s"}}) as it:
            it.forget()
            await it.do("plug_connector", evse_id=1)
            await it.wait(3600)
            assert it.statuses() == ["Preparing"]

    clock.run(main())


def test_same_card_stops():
    """The card that started the transaction stops it without being asked again."""

    async def main():
        async with rig({"ev": {"power_w": 6000}}) as it:
            await it.do("start_session", id_tag="card-1")
            await it.wait(600)
            it.forget()
            await it.do("authorize_id_tag", id_tag="CARD-1")
            assert it.actions() == ["StopTransaction", "StatusNotification"]
            assert it.sent("StopTransaction") == [
                {
                    "transactionId": 1,
                    "idTag": "CARD-1",
                    "meterStop": 1000,
                    "reason": "Local",
                    "timestamp": "2026-01-01T00:10:00.000Z",
                }
            ]
            assert it.statuses() == ["Finishing"]
            await it.do("unplug_connector", evse_id=1)
            assert it.statuses() == ["Finishing", "Available"]

    clock.run(main())


def test_card_of_the_group_stops_foreign_card_does_not():
    """A card with the same parentIdTag stops the transaction, another one does not."""

    async def main():
        group = {"status": "Accepted", "parentIdTag": "FLEET"}
        async with rig(cards={"A": group, "B": group, "C": "Accepted"}) as it:
            await it.do("start_session", id_tag="A")
            await it.do("authorize_id_tag", id_tag="C")
            assert it.sent("StopTransaction") == []
            await it.do("authorize_id_tag", id_tag="B")
            assert [p.get("idTag") for p in it.sent("StopTransaction")] == ["B"]

    clock.run(main())


def test_the_reason_local_is_said_or_left_out():
    """Section 4.10 allows both for what the driver ends; any other reason is always said."""

    async def main():
        for given, told in (({}, "Local"), ({"local_reason": "sent"}, "Local"), ({"local_reason": "left_out"}, None)):
            async with rig(given) as it:
                await it.do("start_session", id_tag="A")
                await it.do("stop_session")
                await it.do("start_session", id_tag="A")
                await it.do("unplug_connector")
                assert [stop.get("reason") for stop in it.sent("StopTransaction")] == [told, "EVDisconnected"]

    clock.run(main())


def test_unplugging_ends_the_transaction():
    """Taking the cable away at the EV ends the transaction with EVDisconnected."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            await it.do("unplug_connector")
            assert it.sent("StopTransaction")[0]["reason"] == "EVDisconnected"
            assert it.statuses() == ["Finishing", "Available"]
            assert [one.get("info") for one in it.sent("StatusNotification")] == ["EV side disconnected", None]

    clock.run(main())


def test_unplugging_only_suspends_when_so_configured():
    """With StopTransactionOnEVSideDisconnect false the transaction survives the cable."""

    async def main():
        given = {"settings": {"stop_transaction_on_ev_disconnect": False, "unlock_on_ev_disconnect": False}}
        async with rig(given) as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            await it.do("unplug_connector")
            await it.do("plug_connector")
            assert it.statuses() == ["SuspendedEV", "Charging"]
            assert it.sent("StopTransaction") == []
            await it.do("unplug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            assert it.statuses() == ["SuspendedEV", "Charging", "SuspendedEV", "Available"]
            infos = [one.get("info") for one in it.sent("StatusNotification")]
            assert infos == ["EV side disconnected", None, "EV side disconnected", None]

    clock.run(main())


def test_cable_stays_locked_when_so_configured():
    """With UnlockConnectorOnEVSideDisconnect false the station keeps its end of the cable until it is unlocked."""

    async def main():
        async with rig({"settings": {"unlock_on_ev_disconnect": False}}) as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            await it.do("unplug_connector")
            assert it.statuses() == ["Finishing"]
            assert await it.call("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
            assert it.statuses() == ["Finishing", "Available"]

    clock.run(main())


def test_ev_demand_and_power():
    """The EV suspends itself, the EVSE suspends the EV, and both end again; the EVSE's suspension shows first."""

    async def main():
        async with rig() as it:
            await it.do("plug_connector", ev={"demand": False})
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            await it.do("ev_requests_energy")
            await it.do("power_update", power_w=0)
            await it.do("ev_stops_energy")
            await it.do("power_update", power_w=3700)
            await it.do("ev_requests_energy")
            assert it.statuses() == ["SuspendedEV", "Charging", "SuspendedEVSE", "SuspendedEV", "Charging"]
            assert it.charger.evses[0].meter.power_w == 3700

    clock.run(main())


def test_full_ev_suspends():
    """An EV that has the energy it needs stops drawing and keeps its transaction."""

    async def main():
        async with rig({"ev": {"power_w": 11000, "energy_needed_wh": 1100}}) as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            await it.wait(3600)
            assert it.statuses() == ["SuspendedEV"]
            assert it.charger.snapshot()["evses"][0]["meter_wh"] == 1100

    clock.run(main())


def test_session_with_duration_or_energy_stops_by_itself():
    """start_session stops after its duration or its energy, whichever it was given."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=1, duration_seconds=900)
            await it.do("start_session", id_tag="B", evse_id=2, target_energy_kwh=1.1)
            await it.wait(359)
            assert it.sent("StopTransaction") == []
            await it.wait(2)
            assert [p["meterStop"] for p in it.sent("StopTransaction")] == [1100]
            await it.wait(538)
            assert len(it.sent("StopTransaction")) == 1
            await it.wait(2)
            assert len(it.sent("StopTransaction")) == 2

    clock.run(main())


def test_two_cards_two_evses_by_plug_order():
    """With PlugEvents the first card takes the EVSE that was plugged first."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("plug_connector", evse_id=2)
            await it.do("plug_connector", evse_id=1)
            await it.do("authorize_id_tag", id_tag="A")
            await it.do("authorize_id_tag", id_tag="B")
            assert [(p["idTag"], p["connectorId"]) for p in it.sent("StartTransaction")] == [("A", 2), ("B", 1)]
            await it.do("authorize_id_tag", id_tag="A")
            assert [p["transactionId"] for p in it.sent("StopTransaction")] == [1]

    clock.run(main())


def test_late_refusal_stops_the_transaction():
    """StartTransaction.conf refuses the card: the transaction ends with DeAuthorized."""

    async def main():
        answer = {"transactionId": 7, "idTagInfo": {"status": "Invalid"}}
        async with rig(answers={"StartTransaction": lambda call: answer}) as it:
            await it.do("start_session", id_tag="A")
            assert it.sent("StopTransaction")[0]["reason"] == "DeAuthorized"
            assert it.sent("StopTransaction")[0]["transactionId"] == 7
            assert it.statuses()[-1] == "Finishing"

    clock.run(main())


def test_late_refusal_suspends_when_so_configured():
    """With StopTransactionOnInvalidId false no energy flows, but the transaction goes on until its card ends it."""

    async def main():
        answer = {"transactionId": 7, "idTagInfo": {"status": "Invalid"}}
        given = {"settings": {"stop_transaction_on_invalid_id": False}}
        async with rig(given, answers={"StartTransaction": lambda call: answer}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(600)
            assert it.statuses()[-1] == "SuspendedEVSE"
            assert it.sent("StopTransaction") == []
            await it.do("authorize_id_tag", id_tag="A")
            assert it.sent("StopTransaction")[0]["meterStop"] == 0

    clock.run(main())


def test_late_refusal_leaves_a_last_amount_of_energy():
    """MaxEnergyOnInvalidId is what a refused transaction may still draw."""

    async def main():
        answer = {"transactionId": 7, "idTagInfo": {"status": "Blocked"}}
        given = {"settings": {"stop_transaction_on_invalid_id": False, "max_energy_on_invalid_id": 550}}
        async with rig(given, answers={"StartTransaction": lambda call: answer}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(179)
            assert it.statuses()[-1] == "Charging"
            await it.wait(2)
            assert it.statuses()[-1] == "SuspendedEVSE"
            await it.do("stop_session")
            assert it.sent("StopTransaction")[0]["meterStop"] == 550

    clock.run(main())


def test_raw_transaction_bypasses_authorization():
    """start_transaction and stop_transaction ask nobody; the reason and the card are those of the command."""

    async def main():
        async with rig() as it:
            await it.do("plug_connector")
            it.forget()
            await it.do("start_transaction", id_tag="A")
            assert "Authorize" not in it.actions()
            await it.do("stop_transaction", transaction_id="1", reason="EmergencyStop", id_tag="B")
            assert it.sent("StopTransaction")[0]["reason"] == "EmergencyStop"
            assert it.sent("StopTransaction")[0]["idTag"] == "B"

    clock.run(main())


def test_power_update_is_about_the_ev_that_is_plugged():
    """The next EV is offered full power again."""

    async def main():
        async with rig() as it:
            await it.do("plug_connector")
            await it.do("power_update", power_w=0)
            await it.do("unplug_connector")
            await it.do("start_session", id_tag="A")
            assert it.statuses()[-1] == "Charging"

    clock.run(main())


def test_duration_of_a_session_ends_with_it():
    """The time of a session that was stopped early does not end the next one."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A", duration_seconds=100)
            await it.do("stop_session")
            await it.do("start_session", id_tag="A")
            await it.wait(200)
            assert len(it.sent("StopTransaction")) == 1

    clock.run(main())
