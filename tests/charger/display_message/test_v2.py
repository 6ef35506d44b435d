"""Messages on the display of a station: use cases O01 to O06."""

from __future__ import annotations

import json

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.display_message.v2 import LANGUAGES, MOST, REPORTED_AT_ONCE
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

_, V201, V21 = OcppVersion
TEXT = {"format": "UTF8", "content": "Welcome"}


def message(number=1, priority="NormalCycle", content=TEXT, **more):
    return {"id": number, "priority": priority, "message": content, **more}


def texts(it):
    """What the display has shown, one after the other."""
    return [fact["texts"] for fact in it.told("display")]


async def put(it, *args, **fields):
    return (await it.call("SetDisplayMessage", message=message(*args, **fields)))["status"]


@pytest.mark.parametrize(
    ("version", "fields", "status"),
    [
        (V201, {}, "Accepted"),
        (V201, {"state": "Idle", "priority": "AlwaysFront"}, "Accepted"),
        (V201, {"display": {"name": "Display"}}, "Accepted"),
        (V201, {"display": {"name": "Roof"}}, "Rejected"),
        (V201, {"display": {"name": "Display", "evse": {"id": 1}}}, "Rejected"),
        (V201, {"transactionId": "x"}, "UnknownTransaction"),
        (V201, {"content": {"format": "HTML", "content": "<b>"}}, "Accepted"),
        (V201, {"content": {**TEXT, "language": "tlh"}}, "Accepted"),
        (V21, {"content": {**TEXT, "language": "tlh"}}, "LanguageNotSupported"),
        (V21, {"content": {**TEXT, "language": "de-AT"}}, "Accepted"),
        (V21, {"messageExtra": [{**TEXT, "language": "tlh"}]}, "LanguageNotSupported"),
        (V21, {"content": {"format": "QRCODE", "content": "https://example.com"}}, "Accepted"),
        (V21, {"state": "Suspended"}, "Accepted"),
        (V21, {"state": "Discharging"}, "NotSupportedState"),
        (V201, {"endDateTime": "2025-12-31T23:59:59Z"}, "Rejected"),
        (V201, {"endDateTime": "2026-01-01T01:00:00Z"}, "Accepted"),
        (V201, {"startDateTime": "2026-01-01T01:00:00Z", "endDateTime": "2026-01-01T01:00:00Z"}, "Rejected"),
        (V201, {"startDateTime": "2026-01-01T03:00:00+01:00", "endDateTime": "2026-01-01T02:30:00Z"}, "Accepted"),
    ],
)
def test_what_is_taken(version, fields, status):
    """What the display can show, in each version; a refusal shows nothing."""

    async def main():
        async with rig(version=version) as it:
            assert await put(it, **fields) == status
            listed = await it.call("GetDisplayMessages", requestId=1)
            assert listed == {"status": "Accepted" if status == "Accepted" else "Unknown"}

    clock.run(main())


@pytest.mark.parametrize(
    ("variable", "value", "fields", "status"),
    [
        ("SupportedFormats", "UTF8", {"content": {"format": "ASCII", "content": "x"}}, "NotSupportedMessageFormat"),
        ("SupportedPriorities", "InFront", {}, "NotSupportedPriority"),
        ("SupportedStates", "Charging", {"state": "Idle"}, "NotSupportedState"),
        ("Available", "false", {}, "Rejected"),
        ("Enabled", "false", {}, "Rejected"),
    ],
)
def test_what_the_controller_says_is_so(variable, value, fields, status):
    """A display that can do less refuses more."""

    async def main():
        async with rig({"configuration": {f"DisplayMessageCtrlr.{variable}": value}}, version=V201) as it:
            assert await put(it, **fields) == status

    clock.run(main())


def test_parts_and_room():
    """A report comes in parts, the last without ``tbc``; what is kept already may be replaced where nothing fits in."""

    async def main():
        async with rig(version=V201) as it:
            for number in range(MOST):
                assert await put(it, number) == "Accepted"
            assert await put(it, MOST) == "Rejected"
            assert await put(it, 3, "AlwaysFront") == "Accepted"
            await it.call("GetDisplayMessages", requestId=4)
            parts = it.sent("NotifyDisplayMessages")
            assert [len(part["messageInfo"]) for part in parts] == [REPORTED_AT_ONCE] * (MOST // REPORTED_AT_ONCE)
            assert [part.get("tbc", False) for part in parts] == [True] * (len(parts) - 1) + [False]
            assert {part["requestId"] for part in parts} == {4}
            numbers = [one["id"] for part in parts for one in part["messageInfo"]]
            assert sorted(numbers) == list(range(MOST))

    clock.run(main())


def test_time_is_the_station_s():
    """Begin and end are dates of the CSMS's clock, not of the run's."""

    async def main():
        boot = {"status": "Accepted", "currentTime": "2026-06-01T12:00:00Z", "interval": 86400}
        async with rig(version=V201, answers={"BootNotification": boot}) as it:
            assert await put(it, endDateTime="2026-05-31T00:00:00Z") == "Rejected"
            times = {"startDateTime": "2026-06-01T12:10:00Z", "endDateTime": "2026-06-01T12:20:00Z"}
            assert await put(it, **times) == "Accepted"
            await it.wait(599)
            assert texts(it) == []
            await it.wait(2)
            assert texts(it) == [["Welcome"]]
            await it.wait(600)
            assert texts(it) == [["Welcome"], []]

    clock.run(main())


def test_the_clock_is_set():
    """A message whose time has come by a jump of the clock is shown, and one whose time is over goes."""

    async def main():
        now = {"at": "2026-01-01T00:00:00Z"}
        answers = {
            "BootNotification": lambda _: {"status": "Accepted", "currentTime": now["at"], "interval": 60},
            "Heartbeat": lambda _: {"currentTime": now["at"]},
        }
        async with rig(version=V201, answers=answers) as it:
            await put(it, 1, endDateTime="2026-02-01T00:00:00Z")
            await put(it, 2, startDateTime="2026-03-01T00:00:00Z", content={**TEXT, "content": "Spring"})
            now["at"] = "2026-03-02T00:00:00Z"
            await it.wait(61)
            assert texts(it) == [["Welcome"], ["Spring"]]

    clock.run(main())


def test_a_message_of_a_transaction_that_only_the_cable_ends():
    """It lasts as long as the transaction is open on the wire, beyond the station's own end of it."""

    async def main():
        async with rig(
            {"configuration": {"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}},
            version=V201,
            answers={
                "TransactionEvent": {"idTokenInfo": {"status": "Accepted"}},
                "Authorize": {"idTokenInfo": {"status": "Accepted"}},
            },
        ) as it:
            await it.do("plug_connector")
            transaction = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
            assert await put(it, transactionId=transaction) == "Accepted"
            await it.do("authorize_id_tag", id_tag="A")
            await it.do("authorize_id_tag", id_tag="A")
            assert texts(it) == [["Welcome"]]
            await it.do("unplug_connector")
            assert texts(it) == [["Welcome"], []]
            assert await it.call("ClearDisplayMessage", id=1) == {"status": "Unknown"}

    clock.run(main())


def test_a_station_with_two_evses():
    """It charges where one of them does, and is out of order where nothing works."""

    async def main():
        given = {"evses": 2, "settings": {"local_authorize_offline": True}}
        answers = {"Authorize": {"idTokenInfo": {"status": "Accepted"}}, "TransactionEvent": {}}
        async with rig(given, version=V21, answers=answers) as it:
            for number, state in enumerate(("Charging", "Faulted", "Idle", "Unavailable", "Suspended")):
                await put(it, number, state=state, content={"format": "UTF8", "content": state})
            await it.charge(evse_id=1)
            await it.do("inject_fault", evse_id=2, fault_type="GroundFailure")
            await it.do("power_update", evse_id=1, power_w=0)
            await it.do("power_update", evse_id=1, power_w=3000)
            await it.do("inject_fault", evse_id=1, fault_type="GroundFailure")
            await it.do("clear_fault", evse_id=1)
            await it.do("clear_fault", evse_id=2)
            await it.do("unplug_connector", evse_id=1)
            await it.call("ChangeAvailability", operationalStatus="Inoperative")
            states = ["Idle", "Charging", "Suspended", "Charging", "Faulted", "Idle", "Unavailable"]
            assert texts(it) == [[state] for state in states]

    clock.run(main())


def test_languages_of_a_display():
    """Every language that it says it knows is taken, and nothing else becomes its own."""

    async def main():
        async with rig(version=V21) as it:
            for number, language in enumerate(LANGUAGES):
                assert await put(it, number, content={**TEXT, "language": language}) == "Accepted"
            for value, status in (("pl", "Accepted"), ("tlh", "Rejected")):
                data = {
                    "component": {"name": "DisplayMessageCtrlr"},
                    "variable": {"name": "Language"},
                    "attributeValue": value,
                }
                answer = await it.call("SetVariables", setVariableData=[data])
                assert answer["setVariableResult"][0]["attributeStatus"] == status

    clock.run(main())


def test_messages_are_remembered():
    """What a process has been told the next one shows, and what has ended meanwhile it has forgotten."""

    async def main():
        async with rig(version=V201) as before:
            await put(before, 1, endDateTime="2026-01-01T01:00:00Z")
            await put(before, 2, "InFront")
            memory = json.loads(json.dumps(remember(before.charger)))
            assert before.charger.snapshot()["display"] == ["Welcome"]
        async with rig(version=V201, start=False) as after:
            await after.wait(7200)
            recall(after.charger, memory)
            await resume(after.charger, memory)
            await clock.settled()
            assert [fact["message_ids"] for fact in after.told("display")] == [[2]]

    clock.run(main())


def test_the_power_goes():
    """The display is dark without power, and says the same as before with it."""

    async def main():
        async with rig(version=V201) as it:
            await put(it)
            await it.do("power", state="off")
            await it.do("power", state="on")
            await it.wait(1)
            assert texts(it) == [["Welcome"], [], ["Welcome"]]

    clock.run(main())
