"""Provisioning in OCPP 2.x, as the CSMS sees it."""

from __future__ import annotations

import pytest

from ocpplab_runner.ocppj import CallError
from tests.csms.stations import TIME, V201, World, play


def test_messages_before_the_boot_is_accepted_are_refused() -> None:
    """B02.FR.09, B03.FR.07: SecurityError, unless the CSMS has asked for the message."""

    async def scene(world: World) -> None:
        station = await world.station(V201, boot=False)

        async def heartbeat() -> str:
            answer = await station.ask("Heartbeat")
            return answer.code if isinstance(answer, CallError) else "answered"

        assert await heartbeat() == "SecurityError"
        assert (await station.boot())["status"] == "Pending"
        assert await heartbeat() == "SecurityError"
        await world.csms.operate("CP-1", "trigger_message", {"message": "Heartbeat"}).future
        assert await heartbeat() == "answered"
        await world.csms.call("CP-1", "GetBaseReport", {"requestId": 3, "reportBase": "FullInventory"}).future
        assert await station.tell("NotifyReport", {"requestId": 3, "generatedAt": TIME, "seqNo": 0}) == {}
        assert (await station.boot())["status"] == "Accepted"
        assert await heartbeat() == "answered"

    assert play(scene, boot="Pending").codes == ["message-before-boot"] * 2


@pytest.mark.parametrize(
    ("parts", "codes"),
    [([0, 1, 2], []), ([0, 2], ["sequence-number-gap"])],
)
def test_reports_come_in_order(parts: list[int], codes: list[str]) -> None:
    """The parts of a report are numbered from 0."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await world.csms.call("CP-1", "GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}).future
        for part in parts:
            await station.tell("NotifyReport", {"requestId": 1, "generatedAt": TIME, "seqNo": part})

    assert play(scene).codes == codes


def test_a_report_that_nobody_asked_for_is_minded() -> None:
    """A NotifyReport carries the id of a request of the CSMS."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await station.tell("NotifyReport", {"requestId": 8, "generatedAt": TIME, "seqNo": 0})

    assert play(scene).codes == ["unknown-request-id"]


def test_a_part_of_a_report_that_comes_again_is_no_gap() -> None:
    """Its answer may have been lost; the next one still has to come next."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await world.csms.call("CP-1", "GetReport", {"requestId": 4}).future
        for seq_no in (0, 1, 1, 0, 2, 4):
            await station.tell("NotifyReport", {"requestId": 4, "generatedAt": TIME, "seqNo": seq_no})

    assert play(scene).codes == ["sequence-number-gap"]


def test_a_number_of_a_request_that_is_written_with_a_fraction() -> None:
    """To JSON Schema draft 6 the number 1.0 is an integer: who was asked with it may answer with it, or with 1."""

    async def scene(world: World) -> None:
        station = await world.station(V201)
        await world.csms.call("CP-1", "GetBaseReport", {"requestId": 1.0, "reportBase": "FullInventory"}).future
        for request_id in (1.0, 1):
            await station.tell("NotifyReport", {"requestId": request_id, "generatedAt": TIME, "seqNo": 0})

    assert play(scene).codes == []
