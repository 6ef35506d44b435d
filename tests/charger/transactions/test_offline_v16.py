"""Transactions that the CSMS hears of later: OCPP 1.6 sections 3.7 and 4.9."""

import asyncio
from types import SimpleNamespace

from ocpplab_runner import clock
from ocpplab_runner.ocppj import NO_REPLY, Direction
from tests.charger.rig import error, rig


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
            assert it.sent("StopTransaction")[0]["reason"] == "Local"
            await it.do("network", state="down")
            await it.do("authorize_id_tag", id_tag="A")
            assert it.verdicts()[-1] == "cache Blocked"

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
