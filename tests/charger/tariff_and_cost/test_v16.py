"""What a driver is shown of prices and costs in OCPP 1.6, by the application note on pricing requirements."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.tariff_and_cost.running import RunningCost
from ocpplab_runner.charger.blocks.tariff_and_cost.wanted import WantedReading
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES
from tests.charger.rig import Rig, rig

NOW = clock.VIRTUAL_EPOCH
HOUR = timedelta(hours=1)
SIX_KW = {"ev": {"power_w": 6000}, "settings": {"meter_value_interval": "0s"}}


async def say(it: Rig, message: str, **data: Any) -> str:
    """The status of a DataTransfer of the CSMS."""
    payload = {"vendorId": COST_MESSAGES, "messageId": message, "data": json.dumps(data)}
    return str((await it.call("DataTransfer", payload))["status"])


def shown(it: Rig) -> list[tuple[str, Any]]:
    return [(one["is"], one.get("amount", one.get("text"))) for one in it.told("price_display")]


@pytest.mark.parametrize(
    ("data", "hours", "wh", "amount"),
    [
        ({"cost": 2}, 3, 5000, 2),
        ({"cost": 2, "chargingPrice": {"kWhPrice": 0.5}}, 1, 4000, 4),
        ({"cost": 2, "chargingPrice": {"hourPrice": 3}}, 2, 0, 8),
        ({"cost": 2, "chargingPrice": {"hourPrice": 3, "kWhPrice": 1, "flatFee": 9}}, 1, 1000, 6),
        ({"cost": 2, "state": "Idle", "chargingPrice": {"hourPrice": 3}}, 1, 1000, 2),
        ({"cost": 2, "state": "Idle", "idlePrice": {"hourPrice": 4}}, 1, 0, 6),
        ({"cost": 2, "state": "Idle", "idlePrice": {"hourPrice": 4, "graceMinutes": 30}}, 1, 0, 4),
        ({"cost": 2, "state": "Idle", "idlePrice": {"hourPrice": 4, "graceMinutes": 90}}, 1, 0, 2),
        ({"cost": 2, "chargingPrice": {"kWhPrice": 1}, "meterValue": 500}, 1, 1500, 3),
        ({"cost": 2, "chargingPrice": {"hourPrice": 1}, "timestamp": "2025-12-31T23:00:00Z"}, 1, 0, 4),
    ],
)
def test_what_a_cost_comes_to(data: dict[str, Any], hours: float, wh: float, amount: float) -> None:
    """By the prices of its state, from the moment and the register that it is of."""
    running = RunningCost.told(data, NOW, 0.0)
    assert running.amount(NOW + hours * HOUR, wh) == pytest.approx(amount)


def test_another_period_has_other_prices() -> None:
    """What has been counted until then stays."""
    later = {"atTime": "2026-01-01T01:00:00Z", "chargingPrice": {"kWhPrice": 2}}
    running = RunningCost.told({"cost": 0, "chargingPrice": {"kWhPrice": 1}, "nextPeriod": later}, NOW, 0.0)
    assert running.following is not None
    assert running.following[0] == NOW + HOUR
    assert running.next_period(NOW + HOUR, 3000.0).amount(NOW + 2 * HOUR, 4000.0) == pytest.approx(5)


def test_a_power_is_crossed_from_both_sides_and_a_status_is_entered() -> None:
    """Once each time."""
    wanted = WantedReading.told({"atPowerkW": 5, "atCPStatus": ["SuspendedEV"]}, 6000.0, "Charging")
    steps = [(6000.0, "Charging"), (5000.0, "Charging"), (4000.0, "Charging"), (6000.0, "Charging")]
    assert [wanted.met_by(*one) for one in steps] == [False, False, True, True]
    assert [wanted.met_by(6000.0, one) for one in ("SuspendedEV", "SuspendedEV", "Charging")] == [True, False, False]


def test_prices_of_one_who_is_here_and_of_one_who_will_come() -> None:
    """SetUserPrice goes before the default price, once."""

    async def main() -> None:
        async with rig({"configuration": {"DefaultPrice": '{"priceText": "dear"}'}}) as it:
            assert await say(it, "SetUserPrice", idToken="A", priceText="cheap") == "Accepted"
            assert shown(it) == []
            await it.do("authorize_id_tag", id_tag="a")
            assert await say(it, "SetUserPrice", idToken="A", priceText="cheaper") == "Accepted"
            await it.do("plug_connector")
            await it.do("stop_session")
            await it.charge("A")
            assert shown(it) == [("tariff", "cheap"), ("tariff", "cheaper"), ("tariff", "dear")]

    clock.run(main())


def test_costs_are_estimated_until_the_csms_says_more_or_the_transaction_is_over() -> None:
    """Each minute, by the prices of the last RunningCost, in the period that holds."""

    async def main() -> None:
        async with rig(SIX_KW) as it:
            await it.charge()
            it.forget()
            later = {"atTime": "2026-01-01T00:01:30Z", "chargingPrice": {"kWhPrice": 1}}
            prices = {"chargingPrice": {"kWhPrice": 0.5}, "nextPeriod": later}
            assert await say(it, "RunningCost", transactionId=1, cost=1, **prices) == "Accepted"
            await it.wait(151)
            assert [amount for _, amount in shown(it)] == [1, 1.05, 1.075, 1.175]
            assert await say(it, "RunningCost", transactionId=1, cost=2) == "Accepted"
            await it.wait(600)
            assert len(shown(it)) == 5
            await say(it, "RunningCost", transactionId=1, cost=2, chargingPrice={"hourPrice": 1})
            await it.do("stop_session")
            await it.wait(600)
            assert len(shown(it)) == 6
            assert await say(it, "FinalCost", transactionId=1, cost=3.5, priceText="bye") == "Accepted"
            assert shown(it)[-1] == ("total_cost", 3.5)
            assert it.told("price_display")[-1]["text"] == "bye"

    clock.run(main())


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("SetUserPrice", {"idToken": "A"}),
        ("SetUserPrice", {"idToken": 1, "priceText": "x"}),
        ("RunningCost", {"transactionId": 2, "cost": 1}),
        ("RunningCost", {"transactionId": 1}),
        ("RunningCost", {"transactionId": 1, "cost": "much"}),
        ("RunningCost", {"transactionId": 1, "cost": 1, "timestamp": "soon"}),
        ("RunningCost", {"transactionId": 1, "cost": 1, "chargingPrice": 3}),
        ("RunningCost", {"transactionId": 1, "cost": 1, "nextPeriod": {}}),
        ("RunningCost", {"transactionId": 1, "cost": 1, "triggerMeterValue": {"atPowerkW": "much"}}),
        ("FinalCost", {"transactionId": 1, "cost": 1}),
        ("FinalCost", {"cost": 1}),
    ],
)
def test_what_says_nothing_is_rejected_and_shown_to_nobody(message: str, data: dict[str, Any]) -> None:
    """While transaction 1 runs."""

    async def main() -> None:
        async with rig(SIX_KW) as it:
            await it.charge()
            assert await say(it, message, **data) == "Rejected"
            assert shown(it) == []

    clock.run(main())


def test_a_scenario_s_own_answers_go_first() -> None:
    """``given.charger.vendors``; a charger without CustomDisplayCostAndPrice knows none of it."""

    async def main() -> None:
        async with rig({"vendors": {COST_MESSAGES: {"RunningCost": "Rejected"}}, **SIX_KW}) as it:
            await it.charge()
            assert await say(it, "RunningCost", transactionId=1, cost=1) == "Rejected"
            assert await say(it, "FinalCost", transactionId=1, cost=1) == "UnknownMessageId"
        async with rig({"configuration": {"CustomDisplayCostAndPrice": "false"}}) as it:
            for message in ("SetUserPrice", "RunningCost", "FinalCost"):
                assert await say(it, message, transactionId=1, cost=1) == "UnknownVendorId"

    clock.run(main())


def test_costs_outlive_the_process() -> None:
    """What grows goes on, in the period that has begun meanwhile; a reading is sent, and a final cost is shown."""
    configuration = {"CustomIdleFeeAfterStop": "true"}
    given = {**SIX_KW, "evses": 2, "configuration": configuration}
    later = {"atTime": "2026-01-01T00:01:00Z", "chargingPrice": {"kWhPrice": 0, "hourPrice": 60}}
    prices = {"chargingPrice": {"kWhPrice": 1}, "nextPeriod": later}

    async def main() -> None:
        async with rig(given) as first:
            await first.charge("B", 2)
            await first.do("stop_transaction", evse_id=2)
            await first.charge()
            wanted = {"atTime": "2026-01-01T00:05:00Z", "atPowerkW": 3}
            fields = {"transactionId": 2, "cost": 1, "triggerMeterValue": wanted}
            assert await say(first, "RunningCost", **fields, **prices) == "Accepted"
            assert await say(first, "SetUserPrice", idToken="C", priceText="cheap") == "Accepted"
            await first.wait(30)
            memory = json.loads(json.dumps(remember(first.charger)))
            await first.wait(60)
        async with rig(given, start=False) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await second.wait(60)
            assert second.told("price_display")[0] == {
                "is": "running_cost",
                "evse_id": 1,
                "id_tag": "A",
                "amount": pytest.approx(1 + 0.15 + 1),
            }
            second.forget()
            await second.wait(150)
            contexts = [one["meterValue"][0]["sampledValue"][0]["context"] for one in second.sent("MeterValues")]
            assert contexts == ["Other"]
            second.forget()
            assert await say(second, "FinalCost", transactionId=1, cost=3) == "Accepted"
            assert second.told("price_display") == [{"is": "total_cost", "evse_id": 2, "id_tag": "B", "amount": 3}]
            await second.do("unplug_connector", evse_id=2)
            (told,) = second.sent("DataTransfer")
            assert (told["messageId"], json.loads(told["data"])["transactionId"]) == ("ConnectorUnplugged", 1)
            await second.charge("C", 2)
            assert shown(second)[-1] == ("tariff", "cheap")

    clock.run(main(), virtual=True)
