"""Tariffs by which a 2.1 charger counts: use cases I07 to I12."""

from __future__ import annotations

import json

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

V21 = OcppVersion.V21
KWH = {"tariffId": "KWH", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.5}]}}


def world(tariff=None, version=V21, status="Accepted", start=True, evses=1, **configuration):
    answer = {"idTokenInfo": {"status": status}, **({} if tariff is None else {"tariff": tariff})}
    names = {f"TariffCostCtrlr.{name.replace('__', '.')}": value for name, value in configuration.items()}
    settings = {"meter_value_interval": "0s", "cache_enabled": False}
    given = {"configuration": names, "max_power_w": 10_000, "ev": {"power_w": 10_000}, "settings": settings}
    return rig(
        {**given, "evses": evses, "clock": {"follows": False}},
        version=version,
        answers={"Authorize": lambda _: answer, "TransactionEvent": {}},
        start=start,
    )


def named(tariff_id, **more):
    return {**KWH, "tariffId": tariff_id, **more}


async def begin(it, card="CARD", evse_id=1):
    await it.do("plug_connector", evse_id=evse_id)
    await it.do("authorize_id_tag", id_tag=card, evse_id=evse_id)


async def install(it, tariff=KWH, evse_id=0):
    return await it.call("SetDefaultTariff", evseId=evse_id, tariff=tariff)


def last(it):
    return it.sent("TransactionEvent")[-1]


def play(scene, **more):
    async def main():
        async with world(**more) as it:
            await scene(it)

    clock.run(main(), virtual=True)


def test_a_tariff_is_told_once_and_counted_by_to_the_end():
    """transactionInfo.tariffId in the first message, costDetails in the last (I08, I12)."""

    async def scene(it):
        await install(it)
        await begin(it)
        await it.wait(1800)
        await it.do("ev_stops_energy")
        await it.do("stop_session")
        events = it.sent("TransactionEvent")
        assert [one["transactionInfo"].get("tariffId") for one in events] == ["KWH", None, None]
        assert [("costDetails" in one) for one in events] == [False, False, True]
        assert events[-1]["costDetails"]["totalCost"]["total"] == {"exclTax": 2.5, "inclTax": 2.5}
        assert events[-1]["costDetails"]["totalUsage"] == {"energy": 5000, "chargingTime": 1800, "idleTime": 0}

    play(scene)


def test_a_cable_that_stays_is_idle_time():
    """Where only the cable ends a transaction, what follows the card's stop counts as idle."""

    async def scene(it):
        await install(it, named("IDLE", idleTime={"prices": [{"priceMinute": 1}]}))
        point = {"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStopPoint"}, "attributeValue": "EVConnected"}
        await it.call("SetVariables", setVariableData=[point])
        await begin(it)
        await it.wait(600)
        await it.do("authorize_id_tag", id_tag="CARD")
        assert "costDetails" not in last(it)
        await it.wait(1200)
        await it.do("unplug_connector")
        assert last(it)["costDetails"]["totalUsage"] == {"energy": 1666.666667, "chargingTime": 600, "idleTime": 1200}
        assert last(it)["costDetails"]["totalCost"]["idleTime"]["exclTax"] == 20

    play(scene)


def test_the_driver_comes_after_the_cable():
    """The transaction has begun by the default, and is counted by the driver's own tariff from its begin on."""

    async def scene(it):
        await install(it)
        point = {
            "component": {"name": "TxCtrlr"},
            "variable": {"name": "TxStartPoint"},
            "attributeValue": "EVConnected",
        }
        await it.call("SetVariables", setVariableData=[point])
        await it.do("plug_connector")
        await it.wait(60)
        await it.do("authorize_id_tag", id_tag="CARD")
        await it.wait(360)
        await it.do("stop_session")
        told = [one["transactionInfo"].get("tariffId") for one in it.sent("TransactionEvent")]
        assert told == ["KWH", "OWN", None, None]
        assert last(it)["costDetails"]["totalCost"]["total"]["exclTax"] == 1
        assert last(it)["costDetails"]["totalUsage"]["idleTime"] == 60

    play(scene, tariff=named("OWN", energy={"prices": [{"priceKwh": 1}]}))


@pytest.mark.parametrize(
    ("how", "token", "tariff_id"),
    [("Deauthorize", "Rejected", None), ("UseDefaultTariff", "Accepted", "KWH"), ("CentralCost", "Accepted", None)],
)
def test_a_drivers_tariff_that_cannot_be_counted_with(how, token, tariff_id):
    """What becomes of the driver is configured, and Problem says that there was one (I08)."""

    async def scene(it):
        await install(it)
        await begin(it)
        assert [one["is"] for one in it.told("token_status")][1] == token
        begun = it.sent("TransactionEvent")
        assert [one["transactionInfo"].get("tariffId") for one in begun] == ([] if token == "Rejected" else [tariff_id])
        problem = {"component": {"name": "TariffCostCtrlr"}, "variable": {"name": "Problem"}}
        answer = await it.call("GetVariables", getVariableData=[problem])
        assert answer["getVariableResult"][0]["attributeValue"] == "true"

    bad = named("OWN", fixedFee={"prices": [{"priceFixed": 1, "conditions": {"startTimeOfDay": "25:00"}}]})
    play(scene, tariff=bad, HandleFailedTariff__Tariff=how)


def test_a_verdict_that_refuses_needs_no_tariff():
    """It comes with none that counts."""

    async def scene(it):
        await begin(it)
        assert await it.call("GetTariffs", evseId=0) == {"status": "NoTariff"}

    play(scene, tariff=KWH, status="Blocked")


def test_running_costs_are_told_where_that_is_wanted():
    """Each interval, without periods, and shown in any case (I12.FR.02)."""

    async def main(enabled, expected):
        async with world(Enabled__RunningCost=enabled, Interval__Cost="360") as it:
            await install(it)
            await begin(it)
            await it.wait(720.5)
            told = [one for one in it.sent("TransactionEvent") if one["triggerReason"] == "RunningCost"]
            assert [one["costDetails"]["totalCost"]["total"]["inclTax"] for one in told] == expected
            assert not any("chargingPeriods" in one["costDetails"] for one in told)
            assert [one["amount"] for one in it.told("price_display")] == [0.5, 1]

    clock.run(main("true", [0.5, 1]), virtual=True)
    clock.run(main("false", []), virtual=True)


def test_what_the_csms_says_of_a_cost_that_the_station_counts_is_not_shown():
    """There is one cost only; offline, too, since it is known."""

    async def scene(it):
        it.answers["TransactionEvent"] = {"totalCost": 99}
        await install(it)
        await begin(it)
        await it.wait(36)
        await it.do("network", state="down")
        await it.do("stop_session")
        shown = it.told("price_display")
        assert [(one["is"], one.get("amount"), one.get("text")) for one in shown] == [("total_cost", 0.05, None)]
        await it.do("network", state="up")
        await it.wait(60)
        assert len(it.told("price_display")) == 1

    play(scene, TotalCostFallbackMessage="unknown")


def test_where_nothing_is_counted():
    """Without both variables no tariff is taken, and none that was there is counted by."""

    async def scene(it):
        await install(it)
        for name in ("Tariff", "Cost"):
            other = "Cost" if name == "Tariff" else "Tariff"
            for instance, value in ((name, "false"), (other, "true")):
                enabled = {
                    "component": {"name": "TariffCostCtrlr"},
                    "variable": {"name": "Enabled", "instance": instance},
                }
                await it.call("SetVariables", setVariableData=[{**enabled, "attributeValue": value}])
            answer = await install(it, named("OTHER"))
            assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NotEnabled")
        await begin(it)
        assert "tariffId" not in last(it)["transactionInfo"]

    play(scene)


def test_defaults_by_evse():
    """0 stands for every EVSE; who is cleared is said tariff by tariff (I07, I09, I10)."""

    async def scene(it):
        assert await install(it, named("ALL")) == {"status": "Accepted"}
        assert await install(it, named("TWO"), 2) == {"status": "Accepted"}
        assert await install(it, named("ALL"), 1) == {"status": "DuplicateTariffId"}
        answer = await install(it, named("X"), 3)
        assert answer["statusInfo"]["reasonCode"] == "UnknownEvse"
        found = await it.call("GetTariffs", evseId=0)
        assert found["tariffAssignments"] == [
            {"tariffId": "ALL", "tariffKind": "DefaultTariff", "evseIds": [1]},
            {"tariffId": "TWO", "tariffKind": "DefaultTariff", "evseIds": [2]},
        ]
        assert (await it.call("GetTariffs", evseId=2))["tariffAssignments"][0]["tariffId"] == "TWO"
        assert (await it.call("GetTariffs", evseId=9))["status"] == "Rejected"
        cleared = await it.call("ClearTariffs", tariffIds=["ALL", "NONE"], evseId=1)
        assert cleared["clearTariffsResult"] == [
            {"tariffId": "ALL", "status": "Accepted"},
            {"tariffId": "NONE", "status": "NoTariff"},
        ]
        assert (await it.call("ClearTariffs"))["clearTariffsResult"] == [{"tariffId": "TWO", "status": "Accepted"}]
        assert (await it.call("ClearTariffs"))["clearTariffsResult"] == [{"status": "NoTariff"}]

    play(scene, evses=2)


def test_tariffs_that_begin_later():
    """One that begins takes the place of what held; what begins later still is left (I07)."""

    async def scene(it):
        hours = {"NOW": None, "AT-2": 2, "AT-4": 4, "AT-1": 1}
        for tariff_id, hour in hours.items():
            when = {} if hour is None else {"validFrom": f"2026-01-01T0{hour}:00:00Z"}
            assert await install(it, named(tariff_id, **when)) == {"status": "Accepted"}
        seen = []
        for _ in range(3):
            await begin(it)
            seen.append(last(it)["transactionInfo"]["tariffId"])
            await it.do("stop_session")
            await it.wait(7200)
        assert seen == ["NOW", "AT-2", "AT-4"]
        await install(it, named("NEW"))
        await begin(it)
        assert last(it)["transactionInfo"]["tariffId"] == "NEW"

    play(scene)


def test_a_reservation_is_paid_for():
    """From ReserveNow to the begin of the transaction that uses it (I12.FR.07, .08)."""

    async def scene(it):
        tariff = named("R", reservationTime={"prices": [{"priceMinute": 1}]})
        await install(it, {**tariff, "reservationFixed": {"prices": [{"priceFixed": 3}]}})
        token = {"idToken": "CARD", "type": "ISO14443"}
        await it.call("ReserveNow", id=7, expiryDateTime="2026-01-01T05:00:00Z", idToken=token, evseId=1)
        await it.wait(600)
        await begin(it)
        await it.do("stop_session")
        details = last(it)["costDetails"]
        assert details["totalCost"]["reservationTime"]["exclTax"] == 10
        assert details["totalCost"]["reservationFixed"]["exclTax"] == 3
        assert details["totalUsage"]["reservationTime"] == 600

    play(scene)


def test_tariffs_and_counts_outlive_the_process():
    """As behind a broken network: what has flowed meanwhile is paid for."""

    async def main():
        async with world(tariff=named("OWN", energy={"prices": [{"priceKwh": 1}]})) as first:
            await install(first)
            await begin(first)
            await first.wait(360)
            memory = json.loads(json.dumps(remember(first.charger)))
        async with world(start=False) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await clock.settled()
            found = await second.call("GetTariffs", evseId=0)
            assert {one["tariffId"] for one in found["tariffAssignments"]} == {"KWH", "OWN"}
            await second.wait(360)
            await second.do("stop_session")
            usage = last(second)["costDetails"]["totalUsage"]
            assert (usage["energy"], usage["chargingTime"]) == (2000, 720)
            assert last(second)["costDetails"]["totalCost"]["total"]["exclTax"] == 2

    clock.run(main(), virtual=True)


def test_the_brand_of_a_card_outlives_the_process():
    """What was paid with is a condition of prices to the end of the transaction."""
    visa = {"priceFixed": 7, "conditions": {"paymentBrand": "VISA", "paymentRecognition": "Credit"}}
    tariff = named("BRAND", fixedFee={"prices": [visa, {"priceFixed": 5}]})

    async def main():
        async with world() as first:
            await install(first, tariff)
            await first.do("plug_connector")
            details = {"PaymentBrand": "VISA", "PaymentRecognition": "Credit"}
            await first.do("pay_by_card", psp_ref="PSP-1", evse_id=1, details=details)
            memory = json.loads(json.dumps(remember(first.charger)))
        async with world(start=False) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await second.do("stop_session")
            assert last(second)["costDetails"]["totalCost"]["fixed"]["exclTax"] == 7

    clock.run(main(), virtual=True)


def test_that_a_cost_was_counted_outlives_the_process():
    """What the CSMS says of it later is not shown beside it."""

    async def main():
        async with world() as first:
            await install(first)
            await begin(first)
            await first.wait(360)
            await first.do("network", state="down")
            await first.do("stop_session")
            assert [one["is"] for one in first.told("price_display")][-1] == "total_cost"
            memory = json.loads(json.dumps(remember(first.charger)))
        async with world(start=False) as second:
            second.answers["TransactionEvent"] = {"totalCost": 99}
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await second.wait(60)
            assert last(second)["eventType"] == "Ended"
            assert second.told("price_display") == []

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("clock_is", [{"ahead": "2h"}, {"behind": "2h"}])
def test_a_clock_that_is_set_costs_nothing(clock_is):
    """What is paid for is how long it has lasted."""

    async def scene(it):
        await install(it, {**KWH, "chargingTime": {"prices": [{"priceMinute": 1}]}})
        await begin(it)
        await it.wait(900)
        await it.do("set_clock", **clock_is)
        await it.wait(900)
        await it.do("stop_session")
        details = last(it)["costDetails"]
        assert details["totalUsage"] == {"energy": 5000, "chargingTime": 1800, "idleTime": 0}
        assert details["totalCost"]["total"]["inclTax"] == 32.5

    play(scene)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"minCost": {"inclTax": 1}},
        {"energy": {"prices": [{"priceKwh": 1e308}]}},
        {"idleTime": {"prices": [{"priceMinute": -1e10}]}},
        {"energy": {"prices": [{"priceKwh": 1}]}, "maxCost": {"inclTax": 1e300}},
        {"energy": {"prices": [{"priceKwh": 1}], "taxRates": [{"type": "VAT", "tax": 1e20}]}},
    ],
)
def test_what_is_no_tariff(odd):
    """Nothing is counted by what has no price, or by amounts that no JSON has room for in the end (I07.FR.05)."""

    async def scene(it):
        answer = await install(it, {"tariffId": "ODD", "currency": "EUR", **odd})
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidValue")
        await begin(it)
        await it.do("stop_session")
        assert "costDetails" not in last(it)

    play(scene)
