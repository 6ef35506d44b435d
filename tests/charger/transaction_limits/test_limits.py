"""Transactions with a fixed cost, energy, time or state of charge: E16 of OCPP 2.1."""

from __future__ import annotations

import json

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

_, V201, V21 = OcppVersion
TARIFF = {"tariffId": "T", "currency": "EUR", "energy": {"prices": [{"priceKwh": 1}]}}


def world(limit=None, version=V21, start=True, **given):
    settings = {"meter_value_interval": "0s"}
    ev = {"power_w": 10_000, "battery_wh": 20_000, "soc_percent": 40}
    first = [limit]

    def event(_):
        wire = first.pop() if first and first[0] is not None else None
        first.clear()
        return {} if wire is None else {"transactionLimit": wire}

    return rig(
        {"max_power_w": 10_000, "ev": ev, "settings": settings, **given},
        version=version,
        answers={"Authorize": lambda _: {"idTokenInfo": {"status": "Accepted"}}, "TransactionEvent": event},
        start=start,
    )


def play(scene, **more):
    async def main():
        async with world(**more) as it:
            await scene(it)

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(
    ("limit", "seconds", "trigger"),
    [
        ({"maxEnergy": 2000}, 720, "EnergyLimitReached"),
        ({"maxTime": 500}, 500, "TimeLimitReached"),
        ({"maxSoC": 50}, 720, "SoCLimitReached"),
        ({"maxCost": 1}, 360, "CostLimitReached"),
        ({"maxEnergy": 2000, "maxTime": 100, "maxCost": 7}, 100, "TimeLimitReached"),
        ({"maxEnergy": 0}, 0, "EnergyLimitReached"),
    ],
)
def test_the_first_limit_that_is_reached(limit, seconds, trigger):
    """It is confirmed once, and then nothing flows any more."""

    async def scene(it):
        await it.call("SetDefaultTariff", evseId=0, tariff=TARIFF)
        await it.charge()
        events = it.sent("TransactionEvent")
        assert (events[1]["triggerReason"], events[1]["transactionInfo"]["transactionLimit"]) == ("LimitSet", limit)
        if seconds:
            await it.wait(seconds - 0.5)
            assert len(it.sent("TransactionEvent")) == 2
            await it.wait(1)
        reached = it.sent("TransactionEvent")[2]
        assert (reached["triggerReason"], reached["transactionInfo"]["chargingState"]) == (trigger, "SuspendedEVSE")
        meter = it.charger.evses[0].meter
        assert meter.power_w == 0
        await it.wait(3600)
        assert len(it.sent("TransactionEvent")) == 3

    play(scene, limit=limit)


def test_a_raised_limit_lets_energy_flow_again():
    """By the CSMS; a lower one binds at once (E16.FR.10, .14)."""

    async def scene(it):
        await it.charge()
        await it.wait(400)
        it.answers["TransactionEvent"] = {"transactionLimit": {"maxEnergy": 3000}}
        await it.call("TriggerMessage", requestedMessage="TransactionEvent")
        await clock.settled()
        assert it.charger.evses[0].meter.power_w == 10_000
        it.answers["TransactionEvent"] = {"transactionLimit": {"maxEnergy": 500}}
        await it.do("ev_stops_energy")
        triggers = [one["triggerReason"] for one in it.sent("TransactionEvent")]
        assert triggers[-3:] == ["ChargingStateChanged", "LimitSet", "EnergyLimitReached"]

    play(scene, limit={"maxEnergy": 1000})


def test_a_driver_sets_no_more_than_the_csms():
    """The lower of both holds (E16.FR.04)."""

    async def scene(it):
        await it.charge()
        for wanted, holds in ((9000, None), (500, 500), (9000, 1000)):
            it.forget()
            assert (await it.do("limit_transaction", energy_wh=wanted)).status == "done"
            told = [one["transactionInfo"]["transactionLimit"]["maxEnergy"] for one in it.sent("TransactionEvent")]
            assert told == ([] if holds is None else [holds])

    play(scene, limit={"maxEnergy": 1000})


def test_what_a_station_cannot_hold_it_does_not_take():
    """E16.FR.12, .13; a driver is told so."""

    async def scene(it):
        await it.charge()
        assert len(it.sent("TransactionEvent")) == 1
        refused = await it.do("limit_transaction", time="1m")
        assert (refused.status, refused.reason) == ("refused", "this station has no limit maxTime")

    configuration = {"TxCtrlr.SupportedLimits": "maxEnergy"}
    play(scene, limit={"maxTime": 60}, configuration=configuration)


def test_without_a_transaction_or_in_another_version():
    """There is nothing to limit."""

    async def scene(it):
        assert (await it.do("limit_transaction", energy_wh=1)).reason == "no transaction runs"

    async def older(it):
        await it.charge()
        assert "has no limits" in (await it.do("limit_transaction", energy_wh=1)).reason

    play(scene)
    play(older, version=V201)


def test_a_limit_ends_with_its_transaction():
    """The next one begins without."""

    async def scene(it):
        await it.charge()
        await it.do("stop_session")
        await it.charge()
        await it.wait(3600)
        assert it.charger.evses[0].meter.power_w == 10_000

    play(scene, limit={"maxTime": 60})


def test_limits_outlive_the_process():
    """As behind a broken network."""

    async def main():
        async with world({"maxEnergy": 2000}) as first:
            await first.charge()
            memory = json.loads(json.dumps(remember(first.charger)))
        async with world(start=False) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await second.wait(721)
            assert second.sent("TransactionEvent")[-1]["triggerReason"] == "EnergyLimitReached"

    clock.run(main(), virtual=True)


def test_a_limit_that_is_set_before_the_cable_is_in_holds_afterwards():
    """The CSMS has answered the begin of what has only its card yet; it is told that the limit holds."""

    async def scene(it):
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        await it.do("plug_connector", evse_id=1)
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        assert told == [None, {"maxTime": 100}, None]
        await it.wait(101)
        assert it.sent("TransactionEvent")[-1]["triggerReason"] == "TimeLimitReached"

    play(scene, limit={"maxTime": 100}, configuration={"TxCtrlr.TxStartPoint": "Authorized"})


@pytest.mark.parametrize("clock_is", [{"ahead": "2h"}, {"behind": "2h"}])
def test_a_time_is_as_long_as_it_is(clock_is):
    """Whatever the CSMS, or somebody at the station, does to the clock meanwhile; also once it is recalled."""

    async def scene(it):
        await it.charge()
        await it.wait(100)
        await it.do("set_clock", **clock_is)
        await it.do("limit_transaction", time="500s")
        await it.wait(300)
        recall(it.charger, json.loads(json.dumps(remember(it.charger))))
        assert it.charger.evses[0].meter.power_w == 10_000
        await it.do("limit_transaction", time="450s")
        await it.wait(49)
        assert it.charger.evses[0].meter.power_w == 10_000
        await it.wait(2)
        assert it.sent("TransactionEvent")[-1]["triggerReason"] == "TimeLimitReached"

    play(scene, clock={"follows": False})
