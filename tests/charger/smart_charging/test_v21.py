"""Smart charging in OCPP 2.1: dynamic profiles, priority charging, and EVs that say what they need."""

from __future__ import annotations

import asyncio
import json

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.ocppj import NO_REPLY
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import error, rig

_, V201, V21 = OcppVersion


def world(version=V21, start=True, **answers):
    return rig(
        {"ev": {"power_w": 11_000}, "settings": {"meter_value_interval": "0s"}, "clock": {"follows": False}},
        version=version,
        answers={"Authorize": lambda _: {"idTokenInfo": {"status": "Accepted"}}, "TransactionEvent": {}, **answers},
        start=start,
    )


def profile(limit=4000, *, number=1, kind="Relative", purpose="TxDefaultProfile", schedules=1, **more):
    return {
        "id": number,
        "stackLevel": number,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [
            {
                "id": one,
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit + 1000 * one}],
            }
            for one in range(schedules)
        ],
        **more,
    }


async def install(it, wire, evse_id=1):
    answer = await it.call("SetChargingProfile", evseId=evse_id, chargingProfile=wire)
    assert answer == {"status": "Accepted"}


def power(it):
    return it.charger.evses[0].meter.power_w


def wire_id(it):
    return it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]


def test_a_dynamic_profile_is_asked_for_its_values():
    """Each interval after the latest values, also after a refusal; what it may not follow it does not (K28)."""
    answers = iter(
        [
            {"status": "Accepted", "scheduleUpdate": {"limit": 3000}},
            {"status": "Rejected"},
            {"status": "Accepted", "scheduleUpdate": {"setpoint": 100}},
            {"status": "Accepted", "scheduleUpdate": {"limit": 2000}},
        ]
    )

    async def main():
        async with world(PullDynamicScheduleUpdate=lambda _: next(answers)) as it:
            await it.charge()
            await install(it, profile(kind="Dynamic", dynUpdateInterval=60))
            seen = []
            for _ in range(4):
                await it.wait(60.5)
                seen.append((len(it.sent("PullDynamicScheduleUpdate")), power(it)))
            assert seen == [(1, 3000), (2, 3000), (3, 3000), (4, 2000)]
            await it.call("ClearChargingProfile", chargingProfileId=1)
            await it.wait(600)
            assert len(it.sent("PullDynamicScheduleUpdate")) == 4

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("lost", [False, True])
def test_a_dynamic_profile_is_asked_for_again_where_no_answer_came(lost):
    """An interval after a CALLERROR, or after the connection that was lost is back (K28.FR.10)."""

    def unanswered(_):
        if lost:
            return NO_REPLY
        raise error("InternalError")

    async def main():
        async with world(PullDynamicScheduleUpdate=unanswered) as it:
            await install(it, profile(kind="Dynamic", dynUpdateInterval=20))
            for pulls in (1, 2, 3):
                await it.wait(20.5)
                assert len(it.sent("PullDynamicScheduleUpdate")) == pulls
                if lost:
                    await it.do("network", state="down")
                    await it.do("network", state="up")

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("wrong", ["schedules", "periods"])
def test_a_dynamic_profile_has_one_schedule_of_one_period(wrong):
    """More of either is Rejected with InvalidSchedule, and nothing is there to update (K28.FR.01, K28.FR.03)."""

    async def main():
        async with world() as it:
            wire = profile(kind="Dynamic", schedules=2 if wrong == "schedules" else 1)
            if wrong == "periods":
                wire["chargingSchedule"][0]["chargingSchedulePeriod"].append({"startPeriod": 60, "limit": 1000})
            answer = await it.call("SetChargingProfile", evseId=1, chargingProfile=wire)
            assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidSchedule")
            answer = await it.call("UpdateDynamicSchedule", chargingProfileId=1, scheduleUpdate={"limit": 1})
            assert answer["statusInfo"]["reasonCode"] == "InvalidProfile"

    clock.run(main())


def test_values_last_as_long_as_their_schedule():
    """The duration of a dynamic profile counts from its latest values."""

    async def main():
        async with world() as it:
            await it.charge()
            wire = profile(kind="Dynamic")
            wire["chargingSchedule"][0]["duration"] = 100
            await install(it, wire)
            await it.wait(80)
            await it.call("UpdateDynamicSchedule", chargingProfileId=1, scheduleUpdate={"limit": 5000})
            await it.wait(80)
            assert power(it) == 5000
            await it.wait(30)
            assert power(it) == 11_000

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(
    ("number", "update"), [(2, {"limit": 1}), (1, {"limit": -1}), (1, {"dischargeLimit": -5}), (9, {"limit": 1})]
)
def test_values_that_cannot_be(number, update):
    """No dynamic profile has that number, or this station charges only."""

    async def main():
        async with world() as it:
            await install(it, profile(kind="Dynamic"))
            await install(it, profile(number=2))
            answer = await it.call("UpdateDynamicSchedule", chargingProfileId=number, scheduleUpdate=update)
            assert answer["status"] == "Rejected"

    clock.run(main())


def test_who_is_charged_first():
    """As long as the transaction runs, and only where there is a profile for it (K21, K22)."""

    async def main():
        async with world() as it:
            await it.charge()
            use = {"transactionId": wire_id(it), "activate": True}
            assert await it.call("UsePriorityCharging", **use) == {"status": "NoProfile"}
            assert (await it.do("priority_charging")).status == "refused"
            await install(it, profile(1000))
            await install(it, profile(6000, number=2, purpose="PriorityCharging"), 0)
            assert await it.call("UsePriorityCharging", **use) == {"status": "Accepted"}
            assert (power(it), it.sent("NotifyPriorityCharging")) == (6000, [])
            await it.call("UsePriorityCharging", transactionId=use["transactionId"], activate=False)
            assert power(it) == 1000
            await it.do("priority_charging")
            await it.do("priority_charging")
            assert it.sent("NotifyPriorityCharging") == [{"transactionId": use["transactionId"], "activated": True}]
            await it.do("stop_session")
            await it.charge()
            assert power(it) == 1000
            assert (await it.call("UsePriorityCharging", **use))["statusInfo"]["reasonCode"] == "TxNotFound"

    clock.run(main())


def test_a_limit_of_the_station_stands_above_who_is_charged_first():
    """Priority takes the place of the profiles of a transaction only."""

    async def main():
        async with world() as it:
            await it.charge()
            await install(it, profile(8000, number=2, purpose="PriorityCharging"), 0)
            start = {"startSchedule": "2026-01-01T00:00:00Z"}
            most = profile(5000, number=3, purpose="ChargingStationMaxProfile", kind="Absolute")
            most["chargingSchedule"][0] |= start
            await install(it, most, 0)
            await it.do("priority_charging")
            assert power(it) == 5000

    clock.run(main())


def test_it_outlives_the_process():
    """Who is charged first, and what is asked for."""

    async def main():
        async with world() as first:
            await first.charge()
            await install(first, profile(1000, kind="Dynamic", dynUpdateInterval=60))
            await install(first, profile(6000, number=2, purpose="PriorityCharging"), 0)
            await first.do("priority_charging")
            memory = json.loads(json.dumps(remember(first.charger)))
        answer = {"status": "Accepted", "scheduleUpdate": {"limit": 2000}}
        async with world(start=False, PullDynamicScheduleUpdate=answer) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await second.wait(61)
            assert (power(second), len(second.sent("PullDynamicScheduleUpdate"))) == (6000, 1)

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(("mode", "told"), [("ScheduledControl", 1), ("DynamicControl", 0), (None, 1)])
def test_an_ev_that_is_controlled_chooses_nothing(mode, told):
    """It follows what it is given (K19)."""

    async def main():
        async with world(V21, NotifyEVChargingNeeds={"status": "Accepted"}) as it:
            it.answers["NotifyEVChargingSchedule"] = {"status": "Accepted"}
            await it.charge()
            await it.do("ev_charging_needs", **({} if mode is None else {"control_mode": mode}))
            assert it.sent("NotifyEVChargingNeeds")[0]["chargingNeeds"].get("controlMode") == mode
            await install(it, profile(4000, purpose="TxProfile", transactionId=wire_id(it)))
            assert power(it) == 4000
            assert len(it.sent("NotifyEVChargingSchedule")) == told

    clock.run(main())


@pytest.mark.parametrize("version", [V201, V21])
def test_an_ev_takes_one_of_the_schedules(version):
    """The one that it wants, else the last that is offered; the CSMS hears of it, and not of those who say nothing."""

    async def main(takes, offered, expected):
        async with world(version, NotifyEVChargingNeeds={"status": "Processing"}) as it:
            it.answers["NotifyEVChargingSchedule"] = {"status": "Accepted"}
            await it.charge()
            if takes:
                await it.do("ev_charging_needs", takes=takes, energy_wh=10)
            wire = profile(purpose="TxProfile", schedules=offered, transactionId=wire_id(it))
            await install(it, wire)
            assert power(it) == 4000 + 1000 * expected
            told = [one["chargingSchedule"]["id"] for one in it.sent("NotifyEVChargingSchedule")]
            assert told == ([expected] if takes else [])
            chosen = [one.get("selectedChargingScheduleId") for one in it.sent("NotifyEVChargingSchedule")]
            assert chosen == [expected if version is V21 else None] * len(told)

    clock.run(main(2, 3, 1))
    clock.run(main(3, 2, 1))
    clock.run(main(0, 3, 0))


@pytest.mark.parametrize("version", [V201, V21])
def test_what_an_ev_needs_without_a_connection(version):
    """It is told later, in 2.1 with the time at which it was said; of an EV that has said it again, only that."""

    async def main():
        async with world(version, NotifyEVChargingNeeds={"status": "Rejected"}) as it:
            await it.charge()
            await it.do("network", state="down")
            await it.do("ev_charging_needs", energy_wh=1)
            await it.wait(60)
            await it.do("ev_charging_needs", energy_wh=2, energy_transfer="DC")
            await it.wait(60)
            await it.do("network", state="up")
            await it.wait(60)
            (told,) = it.sent("NotifyEVChargingNeeds")
            assert told["chargingNeeds"]["dcChargingParameters"]["energyAmount"] == 2
            assert told.get("timestamp") == (None if version is V201 else "2026-01-01T00:01:00.000Z")

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("version", [V201, V21])
def test_what_an_ev_needs_is_told_again_where_the_answer_was_lost(version):
    """After the next connection, as it was said; what was answered, and what has no EV any more, is not."""

    async def main():
        async with world(version, NotifyEVChargingNeeds=lambda _: NO_REPLY) as it:
            await it.charge()
            await it.do("ev_charging_needs", energy_wh=1)
            await it.do("network", state="down")
            await it.wait(10)
            it.answers["NotifyEVChargingNeeds"] = {"status": "Rejected"}
            await it.do("network", state="up")
            await it.do("network", state="down")
            await it.do("network", state="up")
            first, again = it.sent("NotifyEVChargingNeeds")
            assert again["chargingNeeds"] == first["chargingNeeds"]
            assert again.get("timestamp") == (None if version is V201 else "2026-01-01T00:00:00.000Z")
            it.answers["NotifyEVChargingNeeds"] = lambda _: NO_REPLY
            await it.do("ev_charging_needs", energy_wh=2)
            await it.do("stop_session")
            await it.do("network", state="down")
            await it.do("network", state="up")
            await it.wait(200)
            assert len(it.sent("NotifyEVChargingNeeds")) == 3

    clock.run(main(), virtual=True)


def test_an_ev_that_is_not_there():
    """Nobody can say anything."""

    async def main():
        async with world() as it:
            assert (await it.do("ev_charging_needs")).reason == "no EV is plugged in"

    clock.run(main())


@pytest.mark.parametrize("clock_is", [{"ahead": "2h"}, {"behind": "2h"}])
@pytest.mark.parametrize(
    ("kind", "purpose", "evse_id"),
    [("Dynamic", "TxDefaultProfile", 1), ("Dynamic", "ChargingStationMaxProfile", 0), ("", "", 0)],
)
def test_what_counts_from_when_it_was_set_does_so_on(kind, purpose, evse_id, clock_is):
    """Whatever the clock is set to meanwhile: it lasts ten minutes, as somebody else's limit does."""

    async def main():
        async with world() as it:
            await it.charge()
            if kind:
                wire = profile(kind=kind, purpose=purpose)
                wire["chargingSchedule"][0]["duration"] = 600
                await install(it, wire, evse_id)
            else:
                await it.do("external_limit", limit=4000, unit="W", duration="10m")
            assert power(it) == 4000
            await it.do("set_clock", **clock_is)
            await it.wait(599)
            assert power(it) == 4000
            await it.wait(2)
            assert power(it) == 11_000

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("process", [False, True])
@pytest.mark.parametrize("away", [60, 1200])
def test_a_limit_of_somebody_else_ends_after_a_restart_as_well(process, away):
    """Ten minutes after it was set, which is told; where that was meanwhile it is gone."""

    async def end(it):
        await it.wait(max(600 - away, 0) + 60)
        assert len(it.sent("ClearedChargingLimit")) == (away < 600)
        answer = await it.call("GetChargingProfiles", requestId=1, chargingProfile={})
        assert answer["status"] == "NoProfiles"

    async def main():
        async with world() as first:
            await first.do("external_limit", limit=4000, unit="W", duration="10m")
            if not process:
                await first.do("power", state="off")
                await first.wait(away)
                await first.do("power", state="on")
                await end(first)
                return
            memory = json.loads(json.dumps(remember(first.charger)))
        await asyncio.sleep(away)
        async with world(start=False) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await end(second)

    clock.run(main(), virtual=True)


def test_a_limit_without_an_end_outlives_the_one_that_it_replaces():
    """Somebody else's limit of ten minutes ends nothing that took its place."""

    async def main():
        async with world() as it:
            await it.charge()
            await it.do("external_limit", limit=4000, unit="W", duration="10m")
            await it.do("external_limit", limit=5000, unit="W")
            await it.wait(3600)
            assert (power(it), it.sent("ClearedChargingLimit")) == (5000, [])

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("clock_is", [{"ahead": "2h"}, {"behind": "2h"}])
def test_a_clock_that_is_set_makes_nobody_offline_for_longer(clock_is):
    """A profile that is for a minute without a connection holds for a minute."""

    async def main():
        async with world() as it:
            await install(it, profile(maxOfflineDuration=60, invalidAfterOfflineDuration=True))
            await it.charge()
            await it.do("network", state="down")
            await it.do("set_clock", **clock_is)
            await it.wait(58)
            assert power(it) == 4000
            await it.wait(3)
            assert power(it) == 11_000

    clock.run(main(), virtual=True)


def test_nobody_asks_for_values_of_what_took_its_place():
    """A profile of the same id that is not dynamic has no values to come."""

    async def main():
        async with world(PullDynamicScheduleUpdate={"status": "Rejected"}) as it:
            await install(it, profile(kind="Dynamic", dynUpdateInterval=60))
            await install(it, profile())
            await it.wait(200)
            assert it.sent("PullDynamicScheduleUpdate") == []

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(
    ("version", "transfer", "known"),
    [(V201, "AC_BPT", False), (V21, "AC_BPT", True), (V201, "DC", True), (V201, "WPT", False), (V21, "AC", False)],
)
def test_what_an_ev_may_want_is_what_its_version_has(version, transfer, known):
    """The station tells nothing that breaks the schema."""

    async def main():
        async with world(version, NotifyEVChargingNeeds={"status": "Accepted"}) as it:
            await it.charge()
            result = await it.do("ev_charging_needs", energy_transfer=transfer)
            assert result.status == ("done" if known else "refused")
            assert len(it.sent("NotifyEVChargingNeeds")) == known

    clock.run(main(), virtual=True)
