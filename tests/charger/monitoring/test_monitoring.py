"""Monitoring of variables in OCPP 2.x: use cases N02 to N08."""

from __future__ import annotations

import json
from random import Random

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember
from ocpplab_runner.ocppj.frames import Send
from ocpplab_runner.ocppj.validation import validate_send
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig
from tests.thoroughness import THOROUGH

_, V201, V21 = OcppVersion
POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
STATE = {
    "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
    "variable": {"name": "AvailabilityState"},
}
INTERVAL = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}


def world(given=None, version=V201, **more):
    return rig(given, version=version, **more)


def _data(kind, value, place=POWER, severity=5, **more):
    return {"type": kind, "value": value, "severity": severity, **place, **more}


async def _set(it, *data):
    return (await it.call("SetVariableMonitoring", setMonitoringData=list(data)))["setMonitoringResult"]


def _events(it):
    return [event for payload in it.sent("NotifyEvent") for event in payload["eventData"]]


def _seen(it):
    """When, which monitor, what, cleared or not."""
    return [
        (event["timestamp"][11:19], event["variableMonitoringId"], event["actualValue"], event.get("cleared"))
        for event in _events(it)
    ]


async def _charge(it, power=7000):
    await it.do("plug_connector", ev={"power_w": power})
    await it.do("authorize_id_tag", id_tag="CARD")


@pytest.mark.parametrize(("seed", "version", "end"), [(0, V201, 86_400), (1, V21, 86_400 if THOROUGH else 21_600)])
def test_a_day(seed, version, end):
    """Thresholds, deltas and periodics against a computation of their own, second by second."""
    random = Random(seed)
    moments = sorted(random.sample(range(10, end - 400), 60))
    changes = [(at, float(random.choice([0, 1000, 2500, 4000, 5500, 7000, 8000]))) for at in moments]
    high, low, delta = random.choice([3000, 5000, 6500]), random.choice([500, 1500, 3000]), random.choice([900, 2000])
    every, aligned = random.choice([3600, 5000]), random.choice([900, 7200])

    async def main():
        async with world({"max_power_w": 22000}, version) as it:
            await _charge(it, 4000)
            await it.wait(5.5)
            it.forget()
            await _set(
                it,
                _data("UpperThreshold", high),
                _data("LowerThreshold", low),
                _data("Delta", delta),
                _data("Periodic", every),
                _data("PeriodicClockAligned", aligned),
            )
            for at, power in changes:
                await it.wait(at - clock.now())
                await it.do("power_update", power_w=power)
            await it.wait(end - clock.now())
            assert [(e["trigger"], e["eventNotificationType"]) for e in _events(it) if e["trigger"] != "Periodic"] == [
                ("Delta" if e["variableMonitoringId"] == 3 else "Alerting", "CustomMonitor")
                for e in _events(it)
                if e["trigger"] != "Periodic"
            ]
            assert sorted(_seen(it)) == sorted(_expected(changes, high, low, delta, every, aligned, end))
            assert [event["eventId"] for event in _events(it)] == list(range(1, len(_events(it)) + 1))

    clock.run(main())


def _expected(changes, high, low, delta, every, aligned, end):
    def power(at):
        return next((watt for moment, watt in reversed(changes) if moment <= at), 4000.0)

    def told(at):
        whole = int(at)
        return f"{whole // 3600 % 24:02}:{whole % 3600 // 60:02}:{whole % 60:02}"

    expected, above, below, reference = [], False, False, 4000.0
    look = 5.5
    while look <= end:
        now = power(look)
        if (now > high) is not above:
            above = not above
            expected.append((told(look), 1, str(now), not above))
        if (now < low) is not below:
            below = not below
            expected.append((told(look), 2, str(now), not below))
        if abs(now - reference) > delta:
            reference = now
            expected.append((told(look), 3, str(now), None))
        look += 1
    at = 5.5 + every
    while at <= end:
        expected.append((told(at), 4, str(power(at)), None))
        at += every
    expected += [(told(at), 5, str(power(at)), None) for at in range(aligned, end + 1, aligned)]
    return expected


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (_data("UpperThreshold", 5000), "Accepted"),
        (_data("Delta", 0, STATE), "Accepted"),
        (_data("Periodic", 1, STATE), "Accepted"),
        (_data("UpperThreshold", 1, STATE), "UnsupportedMonitorType"),
        (_data("LowerThreshold", 1, STATE), "UnsupportedMonitorType"),
        (_data("LowerThreshold", -1, INTERVAL), "Rejected"),
        (_data("LowerThreshold", 5, INTERVAL), "Accepted"),
        (_data("Delta", -1), "Rejected"),
        (_data("Periodic", 0), "Rejected"),
        (_data("PeriodicClockAligned", -5), "Rejected"),
        (_data("Delta", 1, severity=10), "Rejected"),
        (_data("Delta", 1, severity=-1), "Rejected"),
        (_data("Delta", 1, severity=9), "Accepted"),
        (_data("Delta", 1, {**POWER, "component": {"name": "Nothing"}}), "UnknownComponent"),
        (_data("Delta", 1, {**POWER, "component": {"name": "EVSE", "evse": {"id": 2}}}), "UnknownComponent"),
        (_data("Delta", 1, {**POWER, "variable": {"name": "Nothing"}}), "UnknownVariable"),
        (_data("Delta", 1, id=3), "Rejected"),
    ],
)
def test_each_answer(data, status):
    """What can be watched, and what cannot; only what is accepted has an id."""

    async def main():
        async with world() as it:
            (result,) = await _set(it, data)
            assert result["status"] == status
            assert ("id" in result) is (status == "Accepted")
            assert {key: result[key] for key in ("component", "variable", "type", "severity")} == {
                key: data[key] for key in ("component", "variable", "type", "severity")
            }

    clock.run(main())


def test_one_of_a_kind_and_replacing_it():
    """Variable, kind and severity are there once; an id replaces, but only on its own variable (N04)."""

    async def main():
        async with world() as it:
            first, second = await _set(it, _data("UpperThreshold", 5000), _data("UpperThreshold", 6000))
            assert (first["status"], second["status"]) == ("Accepted", "Duplicate")
            (other,) = await _set(it, _data("UpperThreshold", 6000, severity=4))
            assert other["status"] == "Accepted"
            (replaced,) = await _set(it, _data("UpperThreshold", 4000, id=first["id"]))
            assert (replaced["status"], replaced["id"]) == ("Accepted", first["id"])
            assert (await _set(it, _data("UpperThreshold", 1, id=other["id"])))[0]["status"] == "Duplicate"
            assert (await _set(it, _data("UpperThreshold", 9, INTERVAL, id=first["id"])))[0]["status"] == "Rejected"
            await _charge(it)
            await it.wait(2)
            assert [event["variableMonitoringId"] for event in _events(it)] == [first["id"], other["id"]]

    clock.run(main())


@pytest.mark.parametrize("version", [V201, V21])
def test_reports(version):
    """All, by criteria and by variable, in parts; none is told so."""

    async def main():
        async with world({"evses": 2}, version) as it:

            async def report(number, **asked):
                it.forget()
                answer = await it.call("GetMonitoringReport", requestId=number, **asked)
                sent = it.sent("NotifyMonitoringReport")
                assert all(one["requestId"] == number for one in sent)
                return answer["status"], [
                    (m["id"], m["type"]) for one in sent for e in one["monitor"] for m in e["variableMonitoring"]
                ]

            assert await report(1) == ("EmptyResultSet", [])
            other = {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}}
            await _set(it, _data("UpperThreshold", 1), _data("Delta", 1), _data("Periodic", 60, other))
            assert await report(2) == ("Accepted", [(1, "UpperThreshold"), (2, "Delta"), (3, "Periodic")])
            assert await report(3, monitoringCriteria=["DeltaMonitoring"]) == ("Accepted", [(2, "Delta")])
            assert (await report(4, monitoringCriteria=["PeriodicMonitoring", "ThresholdMonitoring"]))[1] == [
                (1, "UpperThreshold"),
                (3, "Periodic"),
            ]
            assert await report(5, componentVariable=[other]) == ("Accepted", [(3, "Periodic")])
            assert len((await report(6, componentVariable=[{"component": {"name": "EVSE"}}]))[1]) == 3
            assert await report(7, componentVariable=[INTERVAL]) == ("EmptyResultSet", [])
            asked = {"componentVariable": [other], "monitoringCriteria": ["DeltaMonitoring"]}
            assert await report(8, **asked) == ("EmptyResultSet", [])
            await _set(it, *(_data("Delta", 1, INTERVAL, severity=number) for number in range(10)))
            await report(9)
            (sent,) = it.sent("NotifyMonitoringReport")
            assert len(sent["monitor"]) == 3 and "tbc" not in sent

    clock.run(main())


def test_monitors_that_go():
    """ClearVariableMonitoring (N06), SetMonitoringBase (N03)."""

    async def main():
        async with world() as it:
            await _set(it, _data("Periodic", 10), _data("Periodic", 10, severity=6))
            answer = await it.call("ClearVariableMonitoring", id=[1, 7])
            assert answer["clearMonitoringResult"] == [
                {"id": 1, "status": "Accepted"},
                {"id": 7, "status": "NotFound"},
            ]
            await it.wait(10)
            assert [event["variableMonitoringId"] for event in _events(it)] == [2]
            for base, left in (("All", 1), ("HardWiredOnly", 0)):
                assert await it.call("SetMonitoringBase", monitoringBase=base) == {"status": "Accepted"}
                it.forget()
                await it.wait(10)
                assert len(_events(it)) == left
            (again,) = await _set(it, _data("Periodic", 10))
            assert again["id"] == 3

    clock.run(main())


def test_level_and_switch():
    """What is less severe than the level is not told (N05), and nothing while monitoring is off."""

    async def main():
        async with world() as it:
            await _set(it, _data("Periodic", 10, severity=5), _data("Periodic", 10, severity=6))
            assert await it.call("SetMonitoringLevel", severity=5) == {"status": "Accepted"}
            for wrong in (-1, 10):
                assert (await it.call("SetMonitoringLevel", severity=wrong))["status"] == "Rejected"
            await it.wait(10)
            assert [event["variableMonitoringId"] for event in _events(it)] == [1]
            await it.do("set_configuration", configuration={"MonitoringCtrlr.Enabled": "false"})
            it.forget()
            await it.wait(60)
            assert _events(it) == []

    clock.run(main())


def test_only_in_a_transaction():
    """With ``transaction`` it is watched while one runs there, which the event names."""

    async def main():
        async with world({"evses": 2}) as it:
            await _set(it, _data("Periodic", 10, transaction=True))
            await it.wait(25)
            assert _events(it) == []
            await it.do("start_session", id_tag="CARD", evse_id=2)
            await it.wait(10)
            assert _events(it) == []
            await it.do("start_session", id_tag="CARD2", evse_id=1)
            await it.wait(10)
            (event,) = _events(it)
            wanted = [
                p["transactionInfo"]["transactionId"]
                for p in it.sent("TransactionEvent")
                if p.get("evse", {}).get("id") == 1
            ]
            assert event["transactionId"] in wanted

    clock.run(main())


@pytest.mark.parametrize(("severity", "queueing", "told"), [(3, 5, 2), (5, 5, 2), (6, 5, 1)])
def test_without_a_connection(severity, queueing, told):
    """As severe as OfflineQueuingSeverity is kept and told later; what is less severe is lost (N07)."""

    async def main():
        async with world() as it:
            await it.do("set_configuration", configuration={"MonitoringCtrlr.OfflineQueuingSeverity": str(queueing)})
            await _set(it, _data("Periodic", 100, severity=severity))
            await it.do("network", state="down")
            await it.wait(150)
            assert _events(it) == []
            await it.do("network", state="up")
            await it.wait(70)
            assert [event["timestamp"][14:19] for event in _events(it)] == ["01:40", "03:20"][-told:]

    clock.run(main())


def test_monitors_outlast_a_restart_and_a_process():
    """Also whether a threshold is passed: it is not told twice."""

    async def main():
        async with world() as it:
            await _charge(it)
            await _set(it, _data("UpperThreshold", 5000), _data("Periodic", 1000))
            await it.wait(2)
            assert len(_events(it)) == 1
            memory = json.loads(json.dumps(remember(it.charger)))
            await it.do("power", state="off")
            it.forget()
            await it.do("power", state="on")
            await it.wait(1001)
            assert {event["variableMonitoringId"] for event in _events(it)} == {1, 2}
            assert [e["cleared"] for e in _events(it) if e["variableMonitoringId"] == 1] == [True]
        async with world(start=False) as other:
            recall(other.charger, memory)
            await other.charger.start()
            await other.wait(1001)
            assert {event["variableMonitoringId"] for event in _events(other)} >= {2}
            (third,) = await _set(other, _data("Delta", 5))
            assert third["id"] == 3

    clock.run(main())


def test_too_many_at_once():
    """What is more than ItemsPerMessage is refused."""

    async def main():
        async with world() as it:
            answer = await it.call("SetVariableMonitoring", setMonitoringData=[_data("Delta", 1)] * 51)
            assert answer.code == "OccurrenceConstraintViolation"

    clock.run(main())


def test_targets_of_2_1():
    """The deviation from what the value was, in units and in percent: told beyond it, and cleared within it."""

    async def main():
        async with world({"max_power_w": 22000}, V21) as it:
            await _charge(it, 4000)
            await it.wait(1)
            await _set(it, _data("TargetDelta", 1500), _data("TargetDeltaRelative", 50))
            for power in (5000, 6000, 7000, 4500):
                await it.do("power_update", power_w=power)
                await it.wait(2)
            told = [(event["variableMonitoringId"], event["actualValue"], event["cleared"]) for event in _events(it)]
            assert told == [(1, "6000.0", False), (2, "7000.0", False), (1, "4500.0", True), (2, "4500.0", True)]
            assert all(event["severity"] == 5 for event in _events(it))

    clock.run(main())


def test_clock_aligned_follows_the_clock():
    """The CSMS says that it is another time: the quarter hours are of that."""

    async def main():
        async with world() as it:
            await _set(it, _data("PeriodicClockAligned", 900))
            it.answers["Heartbeat"] = {"currentTime": "2026-01-01T05:14:00Z"}
            await it.call("TriggerMessage", requestedMessage="Heartbeat")
            await it.wait(61)
            assert [event["timestamp"] for event in _events(it)] == ["2026-01-01T05:15:00.000Z"]

    clock.run(main())


def test_an_interval_by_the_clock_that_does_not_divide_the_day():
    """PeriodicClockAligned counts from midnight anew each day; of more than a day it is a day."""

    async def main():
        async with world() as it:
            await _set(it, _data("PeriodicClockAligned", 7 * 3600), _data("PeriodicClockAligned", 1e300, severity=6))
            await it.wait(86400 + 7 * 3600 + 1)
            told = [(event["timestamp"][8:16], event["variableMonitoringId"]) for event in _events(it)]
            assert [at for at, number in told if number == 1] == [
                "01T07:00",
                "01T14:00",
                "01T21:00",
                "02T00:00",
                "02T07:00",
            ]
            assert [at for at, number in told if number == 2] == ["02T00:00"]

    clock.run(main())


@pytest.mark.parametrize("version", [V201, V21])
def test_problems_that_nobody_has_to_watch(version):
    """Each fault of a connector, once, with OCPP 1.6's code; and its end. The level holds for them, too."""

    async def main():
        async with world({"evses": 2}, version) as it:
            await it.do("inject_fault", fault_type="GroundFailure", evse_id=2)
            await it.do("inject_fault", fault_type="WeakSignal", evse_id=2)
            await it.call("SetMonitoringLevel", severity=0.0)
            await it.do("inject_fault", fault_type="HighTemperature", evse_id=1)
            await it.call("SetMonitoringLevel", severity=1)
            await it.do("clear_fault", evse_id=2)
            told = [(e["component"]["evse"]["id"], e["techCode"], e["actualValue"], e["cleared"]) for e in _events(it)]
            assert told == [
                (2, "GroundFailure", "true", False),
                (2, "WeakSignal", "true", False),
                (2, "GroundFailure", "false", True),
                (2, "WeakSignal", "false", True),
            ]
            assert {e["eventNotificationType"] for e in _events(it)} == {"HardWiredNotification"}
            assert all("variableMonitoringId" not in e for e in _events(it))

    clock.run(main())


def _streamed(it):
    sends = [r.message for r in it.frames if isinstance(r.message, Send)]
    assert all(one.action == "NotifyPeriodicEventStream" for one in sends)
    assert all(validate_send(V21, one.action, one.payload) is None for one in sends)
    return [
        (one.payload["id"], one.payload["basetime"][11:19], [(part["t"], part["v"]) for part in one.payload["data"]])
        for one in sends
    ]


def test_streams_of_2_1():
    """Opened with the CSMS's leave, in bundles by number or by time, adjusted, told, closed."""

    async def main():
        async with world({}, V21) as it:
            it.answers["OpenPeriodicEventStream"] = {"status": "Accepted"}
            params = {"values": 3}
            await _set(it, _data("Periodic", 10, periodicEventStream=params))
            assert it.sent("OpenPeriodicEventStream") == [
                {"constantStreamData": {"id": 1, "variableMonitoringId": 1, "params": params}}
            ]
            await it.wait(65)
            assert _streamed(it) == [
                (1, "00:00:10", [(0, "0.0"), (10, "0.0"), (20, "0.0")]),
                (1, "00:00:40", [(0, "0.0"), (10, "0.0"), (20, "0.0")]),
            ]
            assert _events(it) == []
            told = await it.call("GetPeriodicEventStream")
            assert told == {"constantStreamData": [{"id": 1, "variableMonitoringId": 1, "params": params}]}
            assert (await it.call("AdjustPeriodicEventStream", id=9, params={}))["status"] == "Rejected"
            assert await it.call("AdjustPeriodicEventStream", id=1, params={"interval": 60}) == {"status": "Accepted"}
            it.forget()
            await it.wait(61)
            assert [(base, len(data)) for _, base, data in _streamed(it)] == [("00:01:10", 6)]
            it.forget()
            await it.wait(20)
            await it.call("ClearVariableMonitoring", id=[1])
            assert [len(data) for *_, data in _streamed(it)] == [2]
            assert it.sent("ClosePeriodicEventStream") == [{"id": 1}]
            assert await it.call("GetPeriodicEventStream") == {}

    clock.run(main())


def test_streams_that_nobody_wants_and_streams_without_a_connection():
    """Refused, its values are events; without a connection they wait, and a boot opens it anew."""

    async def main():
        async with world({}, V21) as it:
            it.answers["OpenPeriodicEventStream"] = {"status": "Rejected"}
            await _set(it, _data("Periodic", 10, periodicEventStream={}))
            await it.wait(10)
            assert (len(_events(it)), _streamed(it)) == (1, [])
            it.answers["OpenPeriodicEventStream"] = {"status": "Accepted"}
            await _set(it, _data("Periodic", 10, id=1, periodicEventStream={"interval": 20}))
            await it.do("network", state="down")
            await it.wait(45)
            await it.do("network", state="up")
            await it.wait(1)
            assert [len(data) for *_, data in _streamed(it)] == [4]
            it.forget()
            await it.do("power", state="off")
            await it.do("power", state="on")
            await it.wait(41)
            assert len(it.sent("OpenPeriodicEventStream")) == 1
            assert [len(data) for *_, data in _streamed(it)] == [1, 2]

    clock.run(main())


@pytest.mark.parametrize(
    ("version", "kind", "value"), [(V201, "Delta", 1), (V201, "Periodic", 2), (V21, "Periodic", 2)]
)
def test_a_secret_is_not_told(version, kind, value):
    """What can only be written is watched; its events, and its stream, say nothing of it."""

    async def main():
        async with world({"security_profile": 1}, version=version) as it:
            place = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
            (result,) = await _set(it, _data(kind, value, place))
            assert result["status"] == "Accepted"
            await it.do("set_configuration", configuration={"SecurityCtrlr.BasicAuthPassword": "0123456789abcdef"})
            await it.wait(30)
            assert {event["actualValue"] for event in _events(it)} == {""}
            assert not any("0123456789abcdef" in record.text for record in it.frames)

    clock.run(main())
