"""Offline behaviour: authorization, statuses and the transaction queue. OCPP 1.6 sections 3.5, 3.7, 4.9."""

import asyncio
from types import SimpleNamespace

from ocpplab_runner import clock
from ocpplab_runner.ocppj import NO_REPLY, Direction
from tests.charger.rig import error, rig


def _verdicts(it):
    return [(f["is"], f["via"]) for f in it.told("auth_status")]


def test_offline_cards_follow_list_cache_and_the_rule_for_unknown_ones():
    """Offline the list decides, then the cache, then AllowOfflineTxForUnknownId."""

    async def main():
        given = {
            "evses": 4,
            "settings": {"allow_offline_tx_for_unknown_id": True},
            "local_list": {"version": 1, "entries": {"BAD": "Blocked", "GOOD": "Accepted"}},
            "cache": {"CACHED": "Accepted", "OLD": {"status": "Accepted", "expired_for": "1h"}},
        }
        async with rig(given) as it:
            await it.do("network", state="down")
            for card in ("BAD", "GOOD", "CACHED", "OLD", "UNKNOWN"):
                await it.do("authorize_id_tag", id_tag=card)
            assert _verdicts(it) == [
                ("Blocked", "local_list"),
                ("Accepted", "local_list"),
                ("Accepted", "cache"),
                ("Expired", "cache"),
                ("Accepted", "offline"),
            ]

    clock.run(main())


def test_offline_nobody_without_local_authorize_offline():
    """Without LocalAuthorizeOffline neither list nor cache accepts a card."""

    async def main():
        given = {"settings": {"local_authorize_offline": False}, "cache": {"A": "Accepted"}}
        async with rig(given) as it:
            await it.do("network", state="down")
            await it.do("authorize_id_tag", id_tag="A")
            assert _verdicts(it) == [("Invalid", "offline")]

    clock.run(main())


def test_session_offline_is_delivered_in_order_with_the_id_of_the_csms():
    """A whole offline session arrives in order; the stop has the id that the start was given, times are true."""

    async def main():
        async with rig({"cache": {"A": "Accepted"}, "ev": {"power_w": 6000}}) as it:
            it.csms.transactions = 41
            await it.do("network", state="down")
            it.forget()
            await it.do("start_session", id_tag="A")
            await it.wait(125)
            await it.do("stop_session")
            await it.wait(60)
            assert it.actions() == []
            await it.do("network", state="up")
            assert it.actions() == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
            assert it.sent("StartTransaction")[0]["timestamp"] == "2026-01-01T00:00:00.000Z"
            assert it.sent("MeterValues")[0]["transactionId"] == 42
            assert it.sent("StopTransaction")[0]["transactionId"] == 42
            assert it.sent("StopTransaction")[0]["timestamp"] == "2026-01-01T00:02:05.000Z"

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


def test_offline_start_refused_later_stops():
    """An offline start that the CSMS refuses afterwards ends with DeAuthorized."""

    async def main():
        given = {"settings": {"allow_offline_tx_for_unknown_id": True}}
        async with rig(given, cards={"A": "Invalid"}) as it:
            await it.do("plug_connector")
            await it.do("network", state="down")
            await it.do("authorize_id_tag", id_tag="A")
            await it.wait(60)
            it.forget()
            await it.do("network", state="up")
            assert it.actions()[0] == "StartTransaction"
            stop = it.sent("StopTransaction")[0]
            assert (stop["reason"], stop["meterStop"]) == ("DeAuthorized", 183)

    clock.run(main())


def test_refusal_of_an_ended_offline_transaction_changes_nothing():
    """The verdict on a transaction that has ended in the meantime only reaches the cache."""

    async def main():
        async with rig({"cache": {"A": "Accepted"}}, cards={"A": "Blocked"}) as it:
            await it.do("network", state="down")
            await it.do("start_session", id_tag="A")
            await it.do("stop_session")
            await it.do("network", state="up")
            assert len(it.sent("StopTransaction")) == 1
            assert "reason" not in it.sent("StopTransaction")[0]
            await it.do("network", state="down")
            await it.do("authorize_id_tag", id_tag="A")
            assert _verdicts(it)[-1] == ("Blocked", "cache")

    clock.run(main())


def test_network_lost_while_authorizing_falls_back_to_the_offline_rules():
    """A card that was being asked when the network failed is judged by the offline rules."""

    async def main():
        given = {"settings": {"allow_offline_tx_for_unknown_id": True}}
        async with rig(given, answers={"Authorize": lambda call: NO_REPLY}) as it:
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            assert _verdicts(it) == []
            await it.do("network", state="down")
            assert _verdicts(it) == [("Accepted", "offline")]
            assert it.charger.snapshot()["evses"][0]["transaction"]["id_tag"] == "A"

    clock.run(main())


def test_transaction_message_is_retried_with_growing_pauses_and_given_up():
    """TransactionMessageAttempts and RetryInterval: after 10 s, after 20 s more, then it is given up."""

    async def main():
        times = []

        def fail(call):
            times.append(clock.now())
            raise error("InternalError")

        async with rig(answers={"StartTransaction": fail}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(29)
            await it.do("stop_session")
            await it.wait(300)
            assert times == [0.0, 10.0, 30.0]
            assert it.sent("StopTransaction")[0]["transactionId"] == -1
            assert any("gave up StartTransaction" in note for note in it.notes)

    clock.run(main())


def test_time_out_counts_as_an_attempt():
    """A StartTransaction that is never answered is sent again after the time-out and the pause."""

    async def main():
        async with rig(answers={"StartTransaction": lambda call: NO_REPLY}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(39)
            assert it.actions().count("StartTransaction") == 1
            await it.wait(2)
            assert it.actions().count("StartTransaction") == 2

    clock.run(main())


def test_lost_connection_is_no_attempt():
    """What was under way when the connection was lost goes again at once after the next one, unchanged."""

    async def main():
        async with rig(answers={"StartTransaction": lambda call: NO_REPLY}) as it:
            await it.do("start_session", id_tag="A")
            for _ in range(5):
                await it.do("network", state="down")
                await it.do("network", state="up")
            assert it.actions().count("StartTransaction") == 6
            assert {p["idTag"] for p in it.sent("StartTransaction")} == {"A"}

    clock.run(main())


def test_network_up_reconnects_at_once():
    """When the network is back the station does not wait for its back-off."""

    async def main():
        async with rig() as it:
            await it.do("network", state="down")
            await it.wait(1000)
            await it.do("network", state="up")
            assert it.charger.online

    clock.run(main())


def test_connection_closed_by_the_csms_is_restored_after_the_pause():
    """When the CSMS closes the socket the station comes back after given.reconnect, without a boot."""

    async def main():
        async with rig({"reconnect": "7s"}) as it:
            it.forget()
            assert it.session is not None
            closing = it.charger.context.connection._ws
            await closing.close()
            await it.wait(6)
            assert not it.charger.online
            await it.wait(2)
            assert it.charger.online
            assert it.actions() == []

    clock.run(main())


def test_pings_follow_the_setting_and_find_a_dead_connection():
    """WebSocketPingInterval sends pings; one that is not answered until the next is due ends the connection."""

    async def main():
        async with rig({"settings": {"websocket_ping_interval": "10s"}, "reconnect": "1h"}) as it:
            ws = it.charger.context.connection._ws
            pings = []
            ping = ws.ping

            async def counted():
                pings.append(clock.now())
                if len(pings) < 4:
                    return await ping()
                return asyncio.get_running_loop().create_future()

            ws.ping = counted
            await it.wait(35)
            assert pings == [10.0, 20.0, 30.0]
            assert it.charger.online
            await it.wait(20)
            assert not it.charger.online

    clock.run(main())


def test_network_that_blinks_is_back_at_once():
    """Down and up in one instant: the connection is lost, and there again without a pause."""

    async def main():
        async with rig({"reconnect": "1h"}) as it:
            await it.charger.perform("network", {"state": "down"})
            await it.charger.perform("network", {"state": "up"})
            await clock.settled()
            assert it.charger.online
            assert [f["is"] for f in it.told("connection")] == ["opened", "closed", "opened"]

    clock.run(main())


def test_message_answered_at_the_moment_of_the_loss_is_not_sent_again():
    """An answer that has come counts, even when the connection goes before the station has looked at it."""

    async def main():
        async with rig() as it:
            loop = asyncio.get_running_loop()

            def cut(record):
                it.frames.append(record)
                if record.action == "StartTransaction" and record.direction is Direction.TO_CHARGER:
                    loop.call_soon(it.charger.context.connection.set_network, False)

            it.charger.context.connection._observer = SimpleNamespace(frame=cut, violation=it.violation)
            await it.do("network", state="down")
            await it.do("network", state="up")
            await it.do("start_session", id_tag="A")
            assert not it.charger.online
            await it.do("network", state="up")
            await it.do("stop_session")
            assert len(it.sent("StartTransaction")) == 1
            assert it.sent("StopTransaction")[0]["transactionId"] == 1

    clock.run(main())
