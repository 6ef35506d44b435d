"""Programmed answers of the CSMS, and what it remembers after them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, CallError, CallTimeout
from ocpplab_runner.ocppj.frames import Malformed
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import BOOT, TIME, V16, V201, World, play

AUTHORIZE = {V16: {"idTag": "CARD"}, V201: {"idToken": {"idToken": "CARD", "type": "ISO14443"}}}
STOP = {"meterStop": 100, "timestamp": TIME}


@pytest.mark.parametrize("version", [V16, V201])
def test_a_programmed_error_is_answered_as_often_as_it_says(version: OcppVersion) -> None:
    """`error` answers with its CALLERROR, twice here, and then as usual."""

    async def scene(world: World) -> None:
        station = await world.station(version)
        rule = {"to": "Authorize", "error": "GenericError", "description": "broken", "times": 2}
        world.csms.program("CP-1", rule)
        for _ in range(2):
            answer = await station.ask("Authorize", AUTHORIZE[version])
            assert isinstance(answer, CallError)
            assert (answer.code, answer.description) == ("GenericError", "broken")
        await station.tell("Authorize", AUTHORIZE[version])

    assert play(scene).codes == []


def test_a_whole_payload_and_a_patch() -> None:
    """`payload` is the whole answer, `patch` changes the usual one; a payload may break its schema."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.program("CP-1", {"to": "Authorize", "patch": {"idTagInfo": {"parentIdTag": "G"}}})
        world.csms.program("CP-1", {"to": "Authorize", "payload": {"idTagInfo": {"status": "Blocked"}}})
        world.csms.program("CP-1", {"to": "Authorize", "payload": {"nonsense": 1}})
        assert await station.tell("Authorize", {"idTag": "CARD"}) == {
            "idTagInfo": {"status": "Accepted", "parentIdTag": "G"}
        }
        assert await station.tell("Authorize", {"idTag": "CARD"}) == {"idTagInfo": {"status": "Blocked"}}
        await station.ask("Authorize", {"idTag": "CARD"})
        assert '{"nonsense":1}' in world.heard.frames[-1][1].text

    assert play(scene, id_tokens={"CARD": "Accepted"}).codes == []


def test_silence_and_delay() -> None:
    """`silence` lets the call time out; `delay` answers later, with the time of the answer."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.program("CP-1", {"to": "Heartbeat", "silence": True})
        world.csms.program("CP-1", {"to": "Heartbeat", "delay": "5s"})
        with pytest.raises(CallTimeout):
            await station.ask("Heartbeat", timeout=10)
        assert clock.now() == 10
        assert await station.tell("Heartbeat") == {"currentTime": "2026-01-01T00:00:15.000Z"}

    assert play(scene).codes == []


def test_garbage() -> None:
    """`garbage` is sent as it is, in place of an answer."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.program("CP-1", {"to": "Heartbeat", "garbage": "{]"})
        with pytest.raises(CallTimeout):
            await station.ask("Heartbeat", timeout=10)
        record = world.heard.frames[-1][1]
        assert record.text == "{]"
        assert isinstance(record.message, Malformed)

    play(scene)


def test_replies_given_from_the_start() -> None:
    """`given.csms.replies` are in force for each station before it connects."""

    async def scene(world: World) -> None:
        for identity in ("A", "B"):
            station = await world.station(identity=identity, boot=False)
            assert (await station.boot())["status"] == "Rejected"
            assert world.csms.stations[identity].registration == "Rejected"
            assert (await station.boot())["status"] == "Accepted"

    play(scene, replies=[{"to": "BootNotification", "patch": {"status": "Rejected"}}])


def test_only_matching_calls() -> None:
    """`matching` lets other calls pass."""

    async def scene(world: World) -> None:
        station = await world.station()
        rule = {"to": "Authorize", "matching": {"idTag": "card"}, "error": "InternalError"}
        world.csms.program("CP-1", rule)
        await station.tell("Authorize", {"idTag": "OTHER"})
        assert isinstance(await station.ask("Authorize", {"idTag": "CARD"}), CallError)

    play(scene)


def test_a_transaction_id_from_a_programmed_answer_is_the_one_that_counts() -> None:
    """The CSMS remembers the id that it really handed out: stops with it, and remote stops with it."""

    async def scene(world: World) -> None:
        station = await world.station()
        answer = {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}
        world.csms.program("CP-1", {"to": "StartTransaction", "payload": answer})
        assert await station.start("CARD") == answer
        await world.csms.operate("CP-1", "remote_stop").future
        assert station.calls[0].payload == {"transactionId": 77}
        await station.tell("StopTransaction", {"transactionId": 77, **STOP})

    assert play(scene).codes == []


def test_a_start_that_the_csms_failed_to_process_is_not_recorded() -> None:
    """After an error nothing runs; a station that never got an id is not blamed for the one it makes up."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.program("CP-1", {"to": "StartTransaction", "error": "InternalError"})
        payload = {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": TIME}
        assert isinstance(await station.ask("StartTransaction", payload), CallError)
        assert world.csms.stations["CP-1"].running_transactions == ()
        await station.tell("StopTransaction", {"transactionId": -1, **STOP})
        await station.start("CARD")
        await station.tell("StopTransaction", {"transactionId": -1, **STOP})

    assert play(scene).codes == ["unknown-transaction-id"]


def test_an_event_that_the_csms_failed_to_process_leaves_no_gap() -> None:
    """2.0.1: the events of a transaction whose Started was refused are not blamed."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        world.csms.program("CP-1", {"to": "TransactionEvent", "error": "InternalError"})
        payload = {
            "eventType": "Started",
            "timestamp": TIME,
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "tx"},
        }
        assert isinstance(await station.ask("TransactionEvent", payload), CallError)
        await station.event("Updated", seq_no=1)
        await station.event("Ended", seq_no=2)

    assert play(scene).codes == []


def test_a_programmed_payload_answers_what_is_not_done() -> None:
    """What would have been a CALLERROR becomes the programmed answer; a delay alone leaves it."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.program("CP-1", {"to": "Reset", "payload": {"status": "Accepted"}})
        world.csms.program("CP-1", {"to": "Reset", "delay": "1s"})
        assert await station.tell("Reset", {"type": "Soft"}) == {"status": "Accepted"}
        answer = await station.ask("Reset", {"type": "Soft"})
        assert isinstance(answer, CallError)
        assert answer.code == "NotSupported"

    assert play(scene).codes == ["wrong-direction"] * 2


def test_a_delayed_answer_dies_with_its_connection() -> None:
    """When the connection closes during the delay the call has not been processed."""

    async def scene(world: World) -> None:
        station = await world.station()
        world.csms.program("CP-1", {"to": "StartTransaction", "delay": "5s"})
        asking = asyncio.ensure_future(station.start("CARD"))
        await asyncio.sleep(1)
        await station.leave()
        with pytest.raises(Exception, match=r"clos"):
            await asking
        await asyncio.sleep(10)
        assert world.csms.stations["CP-1"].running_transactions == ()

    assert play(scene).codes == []


@pytest.mark.parametrize("fields", [{"to": "Authorize"}, {"error": "GenericError"}])
def test_a_rule_that_is_none_is_refused(fields: dict[str, Any]) -> None:
    """Programming nonsense raises at once."""

    async def scene(world: World) -> None:
        with pytest.raises(ValueError):
            world.csms.program("CP-1", fields)

    play(scene)


@pytest.mark.parametrize(("version", "weight"), [(V16, "should"), (V201, "must")])
def test_a_slow_csms_sees_that_a_station_does_not_wait(version: OcppVersion, weight: str) -> None:
    """Both calls are answered after the delay; the second one overlaps, and comes before the boot is accepted."""

    async def scene(world: World) -> None:
        station = await world.station(version, boot=False)
        began = clock.now()
        boot = [2, "b", "BootNotification", BOOT[version]]
        station.session.send_raw(json.dumps(boot))
        station.session.send_raw(json.dumps([2, "h", "Heartbeat", {}]))
        await asyncio.sleep(2)
        await clock.settled()
        answers = [r for _, r in world.heard.frames if not isinstance(r.message, Call)]
        assert [(record.action, record.at - began) for record in answers] == [("BootNotification", 2), ("Heartbeat", 2)]

    heard = play(scene, answer_delay="2s")
    found = [(violation.code, violation.weight) for _, violation in heard.violations]
    assert found == [("overlapping-call", weight), ("message-before-boot", "must")]


def test_a_slow_csms_has_nothing_against_a_station_that_waits() -> None:
    """A delay of one action is for that action alone, and an answer with a delay of its own has that."""

    async def scene(world: World) -> None:
        station = await world.station()
        for action, payload, took in (
            ("Heartbeat", {}, 0),
            ("Authorize", {"idTag": "A"}, 2),
            ("Authorize", {"idTag": "A"}, 5),
        ):
            began = clock.now()
            await station.tell(action, payload)
            assert clock.now() - began == took
            world.csms.program("CP-1", {"to": "Authorize", "delay": "5s", "matching": {"idTag": "A"}})
            if action == "Heartbeat":
                world.csms.stations["CP-1"].rules.clear()

    assert play(scene, answer_delay={"Authorize": "2s"}).codes == []
