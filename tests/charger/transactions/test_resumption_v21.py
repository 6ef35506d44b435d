"""Transactions of OCPP 2.1 that go on after an interruption: E17, and the reset ImmediateAndResume."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.charger.station import SimulatedCharger
from tests.charger.rig import V21, V201, Rig, play

_RESUMES = {"TxCtrlr.ResumptionTimeout": "600"}


def given(**configuration: str) -> dict[str, Any]:
    """A station whose transactions go on."""
    named = {f"TxCtrlr.{name}": value for name, value in configuration.items()}
    return {"settings": {"meter_value_interval": "0s"}, "configuration": {**_RESUMES, **named}}


def test_it_goes_on_with_its_number_its_sequence_and_its_meter():
    """Nothing flows without power, and nothing is counted twice."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.wait(360)
        it.forget()
        await it.do("power", off_for="9m")
        await it.wait(541)
        await it.wait(359)
        await it.do("stop_session")

    it = play(scene, given=given(), version=V21)
    assert it.events() == ["Updated 1 TxResumed Charging offline", "Ended 2 StopAuthorized EVConnected Local"]
    last = it.sent("TransactionEvent")[-1]["meterValue"][-1]["sampledValue"][0]["value"]
    assert last == pytest.approx(2200, abs=4)


@pytest.mark.parametrize(
    ("timeout", "away", "told"),
    [
        ("600", 600, "Updated 1 TxResumed Charging offline"),
        ("600", 601, "Ended 1 AbnormalCondition EVConnected PowerLoss offline"),
        ("0", 1, "Ended 1 AbnormalCondition EVConnected PowerLoss offline"),
    ],
)
def test_it_goes_on_within_its_time_only(timeout, away, told):
    """ResumptionTimeout in seconds; 0 is for never."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        it.forget()
        await it.do("power", off_for=f"{away}s")
        await it.wait(away + 5)

    assert play(scene, given=given(ResumptionTimeout=timeout), version=V21).events() == [told]


def test_in_2_0_1_nothing_goes_on():
    """The variable is not there."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        it.forget()
        await it.do("power", off_for="1s")
        await it.wait(5)

    assert play(scene, version=V201).events() == ["Ended 1 AbnormalCondition EVConnected PowerLoss offline"]


@pytest.mark.parametrize(
    ("allowed", "demand", "state"),
    [
        ("true", True, "Charging"),
        ("false", True, "SuspendedEVSE"),
        ("true", False, "SuspendedEV"),
        ("false", False, "SuspendedEV"),
    ],
)
def test_what_flowed_may_have_to_wait(allowed, demand, state):
    """What did not flow is as it was (E17.FR.11 to FR.13)."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        if not demand:
            await it.do("ev_stops_energy")
        it.forget()
        await it.do("power", off_for="1s")
        await it.wait(5)

    (told,) = play(scene, given=given(AllowEnergyTransferResumption=allowed), version=V21).events()
    assert told.split()[2:4] == ["TxResumed", state]


def test_what_waits_flows_once_the_ev_is_plugged_in_anew():
    """The driver is there then."""

    async def scene(it: Rig) -> None:
        await it.do("set_configuration", settings={"stop_transaction_on_ev_disconnect": False})
        await it.charge("A")
        await it.do("power", off_for="1s")
        await it.wait(5)
        it.forget()
        await it.do("unplug_connector")
        await it.do("plug_connector")

    it = play(scene, given=given(AllowEnergyTransferResumption="false"), version=V21)
    assert it.events() == ["Updated 2 EVCommunicationLost Idle", "Updated 3 CablePluggedIn Charging"]


def test_without_its_ev_it_has_ended_once():
    """What was unplugged without power goes on nowhere, and its end is told once."""
    for version, station in ((V21, given()), (V201, {})):

        async def scene(it: Rig) -> None:
            await it.charge("A")
            it.forget()
            await it.do("power", state="off")
            await it.do("unplug_connector")
            await it.do("power", state="on")
            await it.wait(5)

        told = play(scene, given=station, version=version).events()
        assert told == ["Ended 1 AbnormalCondition Idle PowerLoss offline"]


def test_a_cable_without_its_card_goes_on():
    """TxStartPoint EVConnected: the card that comes afterwards belongs to the same transaction."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        await it.do("power", off_for="1m")
        await it.wait(65)
        await it.do("authorize_id_tag", id_tag="A")

    it = play(scene, given=given(TxStartPoint="EVConnected"), version=V21)
    assert it.events() == [
        "Started 0 CablePluggedIn EVConnected",
        "Updated 1 TxResumed EVConnected offline",
        "Updated 2 Authorized -",
        "Updated 3 ChargingStateChanged Charging",
    ]
    assert len({event["transactionInfo"]["transactionId"] for event in it.sent("TransactionEvent")}) == 1


def test_a_card_that_waits_for_its_cable_has_ended():
    """What it was granted is gone (TxStartPoint Authorized)."""

    async def scene(it: Rig) -> None:
        await it.do("authorize_id_tag", id_tag="A")
        it.forget()
        await it.do("power", off_for="1s")
        await it.wait(5)

    told = play(scene, given=given(TxStartPoint="Authorized"), version=V21).events()
    assert told == ["Ended 1 AbnormalCondition Idle PowerLoss offline"]


def test_its_card_still_stops_it():
    """Who began it holds the EVSE as before; another card does not stop it."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("power", off_for="1s")
        await it.wait(5)
        it.forget()
        await it.do("authorize_id_tag", id_tag="S")
        assert it.events() == []
        await it.do("authorize_id_tag", id_tag="A")

    assert play(scene, given=given(), version=V21).events() == ["Ended 2 StopAuthorized EVConnected Local"]


def test_a_session_that_is_to_take_a_time_takes_that_long():
    """The interruption is no part of it."""

    async def scene(it: Rig) -> None:
        await it.do("start_session", id_tag="A", duration_seconds=100)
        await it.wait(40)
        it.forget()
        await it.do("power", off_for="30s")
        await it.wait(89)
        assert it.events() == ["Updated 1 TxResumed Charging offline"]
        await it.wait(2)

    assert play(scene, given=given(), version=V21).events()[1:] == [
        "Ended 2 TimeLimitReached EVConnected TimeLimitReached"
    ]


def test_limits_hold_on():
    """A limit in energy that was set before is reached afterwards."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("limit_transaction", energy_wh=1100)
        await it.wait(180)
        it.forget()
        await it.do("power", off_for="1m")
        await it.wait(239)
        assert it.events() == ["Updated 2 TxResumed Charging offline"]
        await it.wait(3)

    told = play(scene, given=given(), version=V21).events()
    assert told[1:] == ["Updated 3 EnergyLimitReached SuspendedEVSE"]


def test_it_goes_on_in_another_process():
    """What is remembered while there is no power is enough (E17.FR.01)."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.wait(60)
        await it.do("power", state="off")
        it.forget()
        memory = json.loads(json.dumps(remember(it.charger)))
        with clock.hold():
            await it.charger.stop()
        fresh = SimulatedCharger(
            ChargerConfig.from_given(it.given), version=it.version, connect=it.connect, observer=it, random=Random(2)
        )
        recall(fresh, memory)
        it.charger = fresh
        await resume(fresh, memory)
        await it.wait(5)
        await it.do("stop_session")

    told = play(scene, given=given(), version=V21).events()
    assert told == ["Updated 1 TxResumed Charging offline", "Ended 2 StopAuthorized EVConnected Local"]


def test_a_reset_that_lets_it_go_on():
    """Of the station, and of one EVSE, which does not boot."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        it.forget()
        assert (await it.call("Reset", {"type": "ImmediateAndResume", "evseId": 1}))["status"] == "Accepted"
        assert it.events() == ["Updated 1 TxResumed Charging"]
        assert "BootNotification" not in it.actions()
        assert (await it.call("Reset", {"type": "ImmediateAndResume"}))["status"] == "Accepted"
        await it.wait(5)

    it = play(scene, given=given(), version=V21)
    assert it.events() == ["Updated 1 TxResumed Charging", "Updated 2 TxResumed Charging offline"]
    assert it.sent("BootNotification")[0]["reason"] == "RemoteReset"
