"""Controls of the grid at a station of OCPP 2.1."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.der_control.controls import MOST
from ocpplab_runner.charger.persistence import recall, remember
from tests.charger.rig import V21, V201, rig


@asynccontextmanager
async def world(given=None):
    async with rig(given, version=V21) as it:
        await clock.settled()
        yield it


def droop(control_id, priority=0, **more):
    """A SetDERControlRequest; with a start it is a scheduled one."""
    droops = {"overFreq": 51, "underFreq": 49, "overDroop": 0.1, "underDroop": 0.1, "responseTime": 1}
    field = {"priority": priority, **droops}
    return {"isDefault": not more, "controlId": control_id, "controlType": "FreqDroop", "freqDroop": {**field, **more}}


def test_what_is_set_is_reported_in_parts():
    """Five at once, each with its id and the number of the request."""

    async def main():
        async with world() as it:
            for number in range(7):
                assert (await it.call("SetDERControl", droop(str(number))))["status"] == "Accepted"
            assert await it.call("GetDERControl", requestId=3) == {"status": "Accepted"}
            parts = it.sent("ReportDERControl")
            assert [(part["requestId"], part.get("tbc")) for part in parts] == [(3, True), (3, None)]
            assert [one["id"] for part in parts for one in part["freqDroop"]] == [str(number) for number in range(7)]
            assert not it.minded

    clock.run(main(), virtual=True)


def test_no_more_than_a_list_of_ids_holds():
    """One too many of one type is refused, and another one for an id is not."""

    async def main():
        async with world() as it:
            for number in range(MOST):
                await it.call("SetDERControl", droop(str(number)))
            refused = await it.call("SetDERControl", droop("more"))
            assert (refused["status"], refused["statusInfo"]["reasonCode"]) == ("Rejected", "OutOfStorage")
            assert (await it.call("SetDERControl", droop("3", 1)))["status"] == "Accepted"

    clock.run(main(), virtual=True)


def test_what_happens_without_power_or_link_is_told_later():
    """What begins while there is no link is told with its own time; what was over before the power came back is not."""

    async def main():
        async with world() as it:
            now = clock.timestamp(clock.utcnow())
            await it.call("SetDERControl", droop("short", startTime=now, duration=3600))
            await it.call("SetDERControl", droop("long", startTime=now, duration=7200))
            assert [one["controlId"] for one in it.sent("NotifyDERStartStop")] == ["short", "long"]
            it.forget()
            await it.do("power", state="off")
            await it.wait(5000)
            await it.do("power", state="on")
            await it.wait(5)
            assert [(one["controlId"], one["started"]) for one in it.sent("NotifyDERStartStop")] == [("short", False)]

    clock.run(main(), virtual=True)


def test_controls_outlive_the_process():
    """They are remembered, with what the CSMS does not know yet."""

    async def main():
        async with world() as it:
            await it.call("SetDERControl", droop("kept", startTime=clock.timestamp(clock.utcnow()), duration=3600))
            await it.do("network", state="down")
            await it.do("der_alarm", control_type="FreqDroop")
            memory = json.loads(json.dumps(remember(it.charger)))
            assert [one["control_id"] for one in memory["der_controls"]] == ["kept"]
            async with rig(version=V21, start=False) as other:
                recall(other.charger, memory)
                again = remember(other.charger)
                for name in ("der_controls", "der_alarms", "der_untold"):
                    assert again[name] == memory[name]

    clock.run(main(), virtual=True)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"control_type": "WattPF"}, "the inverters have no WattPF"),
        ({"control_type": "FreqWatt", "fault": "Flood"}, "OCPP knows no fault 'Flood' of the grid"),
        ({"control_type": "FreqWatt", "ended": True}, "no alarm of FreqWatt lasts"),
    ],
)
def test_alarms_that_cannot_be(fields, reason):
    """Refused, and nothing is told."""

    async def main():
        async with world() as it:
            result = await it.do("der_alarm", **fields)
            assert result.status == "refused"
            assert reason in result.reason
            assert it.sent("NotifyDERAlarm") == []

    clock.run(main(), virtual=True)


def test_no_alarm_before_2_1():
    """2.0.1 has no controls of the grid."""

    async def main():
        async with rig(version=V201) as it:
            assert "has no controls of the grid" in (await it.do("der_alarm", control_type="FreqWatt")).reason

    clock.run(main(), virtual=True)


def test_who_has_no_inverter_that_is_enabled_follows_nothing():
    """One of two is enough."""

    async def main():
        async with world({"evses": 2}) as it:
            places = [(name, number) for name in ("DCDERCtrlr", "ACDERCtrlr") for number in (1, 2)]
            for left, (name, number) in reversed(list(enumerate(reversed(places)))):
                data = {"component": {"name": name, "evse": {"id": number}}, "variable": {"name": "Enabled"}}
                await it.call("SetVariables", setVariableData=[{**data, "attributeValue": "false"}])
                answer = await it.call("SetDERControl", droop("one"))
                assert answer["status"] == ("Accepted" if left else "Rejected")

    clock.run(main(), virtual=True)
