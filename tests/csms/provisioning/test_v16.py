"""Provisioning in OCPP 1.6, as the CSMS sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.csms.stations import World, play


@pytest.mark.parametrize(
    ("boot", "answers"),
    [
        ("Accepted", [("Accepted", 60)]),
        ("Pending", [("Pending", 10), ("Accepted", 60)]),
        (
            {"status": "Rejected", "interval": "30s", "times": 2},
            [("Rejected", 30), ("Rejected", 30), ("Accepted", 60), ("Accepted", 60)],
        ),
    ],
)
def test_boot_plans(boot: Any, answers: list[tuple[str, int]]) -> None:
    """The planned answers come first, then Accepted with the heartbeat interval."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        assert world.csms.stations["CP-1"].registration is None
        for status, interval in answers:
            answer = await station.boot()
            assert (answer["status"], answer["interval"]) == (status, interval)
            assert world.csms.stations["CP-1"].registration == status

    assert play(scene, boot=boot, heartbeat_interval="1m").codes == []


def test_messages_before_the_boot_is_accepted_are_minded() -> None:
    """1.6 gives no way to refuse them: they are answered and recorded, unless the CSMS has asked for them."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        await station.tell("Heartbeat")
        await station.boot()
        await world.csms.operate("CP-1", "trigger_message", {"message": "Heartbeat"}).future
        await station.tell("Heartbeat")
        await station.tell("Authorize", {"idTag": "A"})
        await station.boot()
        await station.tell("Authorize", {"idTag": "A"})

    assert play(scene, boot="Pending").codes == ["message-before-boot"] * 2
