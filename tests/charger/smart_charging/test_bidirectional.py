"""Bidirectional charging at a station of OCPP 2.1."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember, resume
from tests.charger.rig import V16, V21, V201, rig

BOTH = {"idTokenInfo": {"status": "Accepted"}, "allowedEnergyTransfer": ["AC_three_phase", "AC_BPT"]}
ONE = {"idTokenInfo": {"status": "Accepted"}}
EV = {"power_w": 9000, "discharge_w": 6000, "battery_wh": 10_000, "soc_percent": 50}


@asynccontextmanager
async def charging(answer=BOTH, ev=EV, **more):
    given = {"ev": ev, "settings": {"meter_value_interval": "0s"}, **more}
    answers = {"Authorize": lambda _: answer, "TransactionEvent": {}}
    async with rig(given, version=V21, answers=answers) as it:
        await clock.settled()
        await it.charge()
        yield it


def profile(*periods, unit="W", **more):
    periods = [{"startPeriod": 0, **period} if "startPeriod" not in period else period for period in periods]
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}],
        **more,
    }


def setpoint(amount, **more):
    return {"operationMode": "CentralSetpoint", "setpoint": amount, **more}


async def install(it, *periods, **more):
    answer = await it.call("SetChargingProfile", evseId=1, chargingProfile=profile(*periods, **more))
    assert answer == {"status": "Accepted"}, answer


def power(it):
    return it.charger.evses[0].meter.power_w


@pytest.mark.parametrize(
    ("period", "unit", "expected"),
    [
        (setpoint(-4000), "W", -4000),
        (setpoint(-9999), "W", -6000),
        (setpoint(-5), "A", -3450),
        (setpoint(-4000, dischargeLimit=-4000), "W", -4000),
        (setpoint(4000), "W", 4000),
        (setpoint(20_000), "W", 9000),
        (setpoint(0), "W", 0),
        ({"operationMode": "Idle"}, "W", 0),
        ({"operationMode": "ChargingOnly", "limit": 3000}, "W", 3000),
        ({"operationMode": "ExternalLimits"}, "W", 9000),
    ],
)
def test_what_flows(period, unit, expected):
    """What the period wants, within what the EV can do in either direction."""

    async def main():
        async with charging() as it:
            await install(it, period, unit=unit)
            assert power(it) == expected
            assert not it.minded

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(
    ("answer", "ev", "state"),
    [
        (ONE, EV, "SuspendedEVSE"),
        (BOTH, {"power_w": 9000}, "SuspendedEV"),
        (BOTH, EV | {"soc_percent": 0}, "SuspendedEV"),
    ],
)
def test_who_gives_nothing_back(answer, ev, state):
    """Whoever must not, whoever cannot, and whose battery is empty."""

    async def main():
        async with charging(answer, ev) as it:
            await install(it, setpoint(-4000))
            assert power(it) == 0
            told = [one["transactionInfo"].get("chargingState") for one in it.sent("TransactionEvent")]
            assert state in told

    clock.run(main(), virtual=True)


def test_what_is_given_back_is_counted_and_taken_from_the_battery():
    """Each way has its register, and what was given back can be charged again."""

    async def main():
        async with charging() as it:
            await install(it, setpoint(-6000), {"startPeriod": 3600, "operationMode": "ChargingOnly", "limit": 9000})
            await it.wait(1800)
            evse, now = it.charger.evses[0], clock.now()
            assert (evse.meter.register_wh(now), evse.meter.export_register_wh(now)) == (0, 3000)
            assert evse.soc_percent(now) == pytest.approx(20)
            await it.wait(1800)
            assert (power(it), evse.meter.export_register_wh(clock.now())) == (9000, 5000), "it was empty after 50 min"
            await it.wait(3 * 3600)
            assert power(it) == 0
            assert evse.meter.register_wh(clock.now()) == pytest.approx(10_000, abs=1), "all that there is room for"

    clock.run(main(), virtual=True)


def test_what_flows_back_goes_on_in_another_process():
    """The registers, the battery and the leave to give energy back are remembered."""

    async def main():
        async with charging() as it:
            await install(it, setpoint(-6000))
            await it.wait(600)
            memory = json.loads(json.dumps(remember(it.charger)))
        async with rig({"ev": EV}, version=V21, start=False) as other:
            recall(other.charger, memory)
            await resume(other.charger, memory)
            evse = other.charger.evses[0]
            assert evse.meter.exported_wh(clock.now()) == pytest.approx(1000, abs=2)
            assert evse.soc_percent(clock.now()) == pytest.approx(40, abs=0.1)
            assert evse.meter.power_w == -6000

    clock.run(main(), virtual=True)


def test_the_next_transaction_is_asked_about_anew():
    """What one card may the next one may not."""

    async def main():
        async with charging() as it:
            await install(it, setpoint(-4000))
            assert power(it) == -4000
            await it.do("stop_session")
            it.answers["Authorize"] = lambda _: ONE
            await it.charge("B")
            assert power(it) == 0

    clock.run(main(), virtual=True)


def test_a_loss_of_power_ends_what_the_csms_has_allowed():
    """Whoever charges there afterwards is asked about anew."""

    async def main():
        async with charging() as it:
            await install(it, setpoint(-4000))
            await it.do("power", state="off")
            it.answers["Authorize"] = lambda _: ONE
            await it.wait(600)
            await it.do("power", state="on")
            await it.wait(5)
            await it.do("unplug_connector")
            await it.charge("B")
            assert it.charger.evses[0].transaction is not None
            assert power(it) == 0

    clock.run(main(), virtual=True)


def test_a_changed_mode_is_told_once():
    """The begin tells its own; another value of the same mode is nothing new."""

    async def main():
        async with charging() as it:
            await install(it, setpoint(-1000))
            await install(it, setpoint(-2000))
            await it.call("ClearChargingProfile", chargingProfileId=1)
            told = [
                one["transactionInfo"]["operationMode"]
                for one in it.sent("TransactionEvent")
                if one["triggerReason"] == "OperationModeChanged"
            ]
            assert told == ["CentralSetpoint", "ChargingOnly"]
            assert not any("operationMode" in one["transactionInfo"] for one in it.sent("TransactionEvent")[:1])

    clock.run(main(), virtual=True)


def test_a_signal_that_nobody_waits_for_is_refused():
    """AFRRSignal without a curve for it."""

    async def main():
        async with charging() as it:
            await install(it, setpoint(-1000))
            answer = await it.call("AFRRSignal", timestamp=clock.timestamp(clock.utcnow()), signal=3)
            assert answer["status"] == "Rejected"

    clock.run(main(), virtual=True)


@pytest.mark.parametrize("version", [V16, V201])
def test_before_2_1_nobody_says_what_is_to_flow(version):
    """`external_limit` has a limit there, and nothing else."""

    async def main():
        async with rig({"ev": EV}, version=version) as it:
            for fields in ({"setpoint": -1}, {"discharge_limit": 1}):
                assert "has no setpoint and no discharge_limit" in (await it.do("external_limit", **fields)).reason
            assert (await it.do("external_limit", limit=8)).status == "done"
            assert (await it.do("grid", frequency_hz=49.9)).status == "done"

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"setpoint": -1000}, {"setpoint": -1050}, False),
        ({"setpoint": -1000}, {"setpoint": -1100}, True),
        ({"setpoint": -1000}, {"setpoint": 1000}, True),
        ({"setpoint": -1000}, {"limit": 1000}, True),
        ({"discharge_limit": 1000}, {"discharge_limit": 1020}, False),
        ({"discharge_limit": 1000}, {"discharge_limit": 1000, "limit": 500}, True),
    ],
)
def test_what_others_want_is_told_where_it_differs_enough(first, second, told):
    """By LimitChangeSignificance, in per cent of what it was (Q06.FR.11)."""

    async def main():
        async with charging(configuration={"SmartChargingCtrlr.LimitChangeSignificance": "10"}) as it:
            await it.do("external_limit", unit="W", **first)
            await it.do("external_limit", unit="W", **second)
            assert len(it.sent("NotifyChargingLimit")) == (2 if told else 1)
            assert not it.minded

    clock.run(main(), virtual=True)


def test_whose_setpoint_that_is():
    """Of one EVSE: of several it must be said."""

    async def main():
        async with charging(evses=2) as it:
            assert "say which EVSE" in (await it.do("external_limit", setpoint=-1)).reason
            assert (await it.do("external_limit", setpoint=1000, unit="W", evse_id=1)).status == "done"
            assert power(it) == 1000

    clock.run(main(), virtual=True)


def test_what_is_given_back_costs_nothing_to_read():
    """Readings of a car that gives nothing back are what they were, to the byte."""
    names = ["Power.Active.Import", "Power.Active.Export", "Current.Export", "Energy.Active.Export.Register"]

    async def main():
        async with charging(ONE, settings={"sampled_measurands": names, "meter_value_interval": "60s"}) as it:
            await it.wait(61)
            text = next(frame.text for frame in it.frames if "MeterValuePeriodic" in frame.text)
            for name in ("Power.Active.Export", "Current.Export", "Energy.Active.Export.Register"):
                assert f'"value":0.0,"context":"Sample.Periodic","measurand":"{name}"' in text.replace(" ", "")

    clock.run(main(), virtual=True)
