"""The station's clock: the CSMS's dates, the run's durations. OCPP 1.6 sections 4.2 and 4.6, 2.0.1 B01 and G02."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.charger.core.station_time import StationTime
from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.persistence import recall, remember
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig

SUMMER = "2026-06-01T12:00:00Z"


def boot(current_time: str, **more: object) -> dict[str, object]:
    return {"status": "Accepted", "currentTime": current_time, "interval": 0, **more}


def stamps(it: Rig) -> list[str]:
    """Every date that the station has sent, in order."""
    found = []
    for payload in it.sent():
        readings = payload.get("meterValue", ())
        found += [text for text in (payload.get("timestamp"), *(one["timestamp"] for one in readings)) if text]
    return found


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (SUMMER, SUMMER),
        ("2026-06-01T14:00:00+02:00", SUMMER),
        ("2026-06-01T12:00:00", SUMMER),
        ("2020-02-29T23:59:59.500Z", "2020-02-29T23:59:59.500Z"),
        ("2026-01-01T00:00:00.999Z", None),
        ("2025-12-31T23:59:59Z", None),
        ("2026-01-01T00:00:01.5Z", "2026-01-01T00:00:01.500Z"),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("0000-00-00T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_what_it_takes_over(told, shown):
    """Any date to live in, not less than a second away; else it stays where it is."""

    async def main():
        time = StationTime()
        assert time.follow(told) is (shown is not None)
        assert time.now() == (clock.utcnow() if shown is None else moment(shown))

    clock.run(main())


@given(st.text(max_size=30) | st.datetimes().map(lambda date: f"{date.isoformat()}Z"))
def test_nothing_that_a_csms_says_stops_the_clock(told):
    """It goes on as the run's clock does, wherever it has been put."""

    async def main():
        time = StationTime()
        time.follow(told)
        before = time.now()
        time.follow(told)
        assert time.now() == before
        clock.timestamp(before + timedelta(days=365))

    clock.run(main())


@pytest.mark.parametrize("version", [OcppVersion.V16, OcppVersion.V201])
def test_all_dates_are_those_of_the_csms(version):
    """From the boot on, whatever is stamped."""
    answers = {
        "BootNotification": boot(SUMMER),
        "Heartbeat": lambda _: {"currentTime": clock.timestamp(moment(SUMMER) + timedelta(seconds=it.charger.now()))},
    }

    async def main():
        nonlocal it
        async with rig(version=version, answers=answers) as it:
            await it.do("plug_connector")
            await it.wait(30)
            await it.do("authorize_id_tag", id_tag="A")
            await it.wait(400)
            await it.do("stop_transaction")
            await it.call("TriggerMessage", requestedMessage="MeterValues")
            told = list(dict.fromkeys(stamps(it)))  # a transaction's end tells its begin once more
            assert told[0] == "2026-06-01T12:00:00.000Z"
            assert told == sorted(told)
            assert told[-1] == "2026-06-01T12:07:10.000Z"

    it: Rig
    clock.run(main())


def test_a_heartbeat_corrects_it():
    """Section 4.6: by the answer to each Heartbeat; durations go on."""

    async def main():
        answers = {"Heartbeat": lambda _: {"currentTime": SUMMER}}
        async with rig({"settings": {"heartbeat_interval": "100s"}}, answers=answers) as it:
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            await it.wait(90)
            await it.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)
            assert stamps(it)[-1].startswith("2026-01-01T00:00:00")
            await it.wait(11)
            it.forget()
            await it.do("unplug_connector")
            assert stamps(it) == ["2026-06-01T12:00:01.000Z"] * 3
            assert any("the clock follows the CSMS: 2026-06-01T12:00:00" in note for note in it.notes)

    clock.run(main())


@pytest.mark.parametrize(
    ("given", "first", "later"),
    [
        ({}, "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:05.000Z"),
        ({"clock": {"ahead": "1h"}}, "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:05.000Z"),
        ({"clock": {"ahead": "1h", "follows": False}}, "2026-01-01T01:00:00.000Z", "2026-01-01T01:00:05.000Z"),
        ({"clock": {"behind": "1h", "follows": False}}, "2025-12-31T23:00:00.000Z", "2025-12-31T23:00:05.000Z"),
    ],
    ids=["right", "put right", "ahead", "behind"],
)
def test_it_can_be_wrong_at_first(given, first, later):
    """The boot answer puts it right, unless it keeps a time of its own."""

    async def main():
        async with rig({"settings": {"heartbeat_interval": "2s"}, **given}) as it:
            assert stamps(it)[0] == first
            await it.wait(5)
            await it.do("plug_connector")
            assert stamps(it)[-1] == later

    clock.run(main())


def test_it_can_be_set_wrong_and_is_put_right_by_the_next_heartbeat():
    """Whoever sets it is told of as a security event, as is the CSMS that does."""

    async def main():
        async with rig({"security_profile": 0, "settings": {"heartbeat_interval": "100s"}}) as it:
            it.forget()
            await it.do("set_clock", behind="1h")
            assert it.charger.context.time.now() == clock.utcnow() - timedelta(hours=1)
            assert [one["type"] for one in it.sent("SecurityEventNotification")] == ["SettingSystemTime"]
            await it.do("set_clock", ahead="0s")
            assert it.charger.context.time.now() == clock.utcnow()
            await it.do("set_clock", ahead="2d")
            await it.wait(101)
            assert it.charger.context.time.now() == clock.utcnow()

    clock.run(main())


def test_durations_do_not_follow():
    """A CSMS whose time jumps about by years: samples, heartbeats, timeouts and statuses keep their pace."""
    times = ["2030-01-01T00:00:00Z", "1980-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "8999-01-01T00:00:00Z"]

    async def main():
        beats = 0

        def answer(_):
            nonlocal beats
            beats += 1
            return {"currentTime": times[beats % 4]}

        given = {
            "settings": {
                "heartbeat_interval": "10s",
                "meter_value_interval": "60s",
                "aligned_interval": "900s",
                "connection_timeout": "60s",
                "minimum_status_duration": "5s",
            }
        }
        async with rig(given, answers={"Heartbeat": answer}) as it:
            await it.wait(15)
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            await it.wait(4)
            assert it.statuses() == []
            await it.wait(2)
            assert it.statuses() == ["Preparing"]
            await it.wait(58)
            assert it.statuses() == ["Preparing"]
            await it.wait(2)
            assert it.statuses() == ["Preparing", "Available"]
            await it.do("start_session", id_tag="A", duration_seconds=600)
            it.forget()
            await it.wait(599)
            assert len(it.sent("MeterValues")) in range(9, 12)
            assert len(it.sent("Heartbeat")) == 60
            assert it.sent("StopTransaction") == []
            await it.wait(2)
            assert len(it.sent("StopTransaction")) == 1

    clock.run(main())


def test_clock_aligned_values_keep_to_the_day_of_the_csms():
    """A quarter past is a quarter past at the CSMS."""

    async def main():
        answers = {"BootNotification": boot("2026-06-01T12:10:00Z")}
        async with rig({"settings": {"aligned_interval": "900s"}}, answers=answers) as it:
            it.forget()
            await it.wait(299)
            assert it.sent("MeterValues") == []
            await it.wait(2)
            assert stamps(it) == ["2026-06-01T12:15:00.000Z"]

    clock.run(main())


def test_expiries_are_dates_of_the_csms():
    """A reservation until one o'clock lasts an hour from noon, and a card that has expired there is expired."""

    async def main():
        async with rig(
            {"settings": {"heartbeat_interval": "0s"}},  # its answer would set the clock again
            answers={"BootNotification": boot(SUMMER)},
            cards={"OLD": {"status": "Accepted", "expiryDate": "2026-05-01T00:00:00Z"}},
        ) as it:
            call = {"connectorId": 1, "idTag": "A", "reservationId": 1}
            assert await it.call("ReserveNow", expiryDate="2026-06-01T11:59:59Z", **call) == {"status": "Rejected"}
            assert await it.call("ReserveNow", expiryDate="2026-06-01T13:00:00Z", **call) == {"status": "Accepted"}
            it.forget()
            await it.wait(3599)
            assert it.statuses() == []
            await it.wait(2)
            assert it.statuses() == ["Available"]

    clock.run(main())


def test_the_clock_outlasts_power_and_process():
    """It has a battery, and a memory."""

    async def main():
        answers = iter([boot(SUMMER), boot("nonsense")])
        async with rig(answers={"BootNotification": lambda _: next(answers)}) as it:
            await it.do("power", off_for="10s")
            it.forget()
            await it.wait(20)
            assert stamps(it) == []  # a boot answer that is no date breaks the schema: the station is not registered
            assert it.charger.context.time.now() == moment("2026-06-01T12:00:20Z")
            memory = remember(it.charger)
        async with rig(start=False) as it:
            recall(it.charger, memory)
            assert it.charger.context.time.now() - clock.utcnow() == moment(SUMMER) - clock.VIRTUAL_EPOCH

    clock.run(main())
