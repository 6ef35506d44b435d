"""Availability and statuses in OCPP 2.x: G03, G04 and B04."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.charger.rig import Rig, play


@pytest.mark.parametrize(
    ("place", "unavailable"),
    [
        ({}, [(1, 1), (1, 2), (2, 1), (2, 2)]),
        ({"evse": {"id": 2}}, [(2, 1), (2, 2)]),
        ({"evse": {"id": 1, "connectorId": 2}}, [(1, 2)]),
    ],
)
def test_availability_of_station_evse_and_connector(place: dict[str, Any], unavailable: list[tuple[int, int]]) -> None:
    """G03 and G04: exactly the connectors concerned change, and change back."""

    async def scene(it: Rig) -> None:
        for status in ("Inoperative", "Operative"):
            answer = await it.call("ChangeAvailability", {"operationalStatus": status, **place})
            assert answer == {"status": "Accepted"}

    it = play(scene, given={"evses": 2, "connectors_per_evse": 2})
    changes = [(s["evseId"], s["connectorId"], s["connectorStatus"]) for s in it.sent("StatusNotification")[4:]]
    assert changes == [(*p, "Unavailable") for p in unavailable] + [(*p, "Available") for p in unavailable]


def test_availability_waits_for_the_transaction() -> None:
    """G03.FR.05: Scheduled, and carried out at its end; meanwhile it charges."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        answer = await it.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}})
        assert answer == {"status": "Scheduled"}
        await asyncio.sleep(60)
        assert len(it.events()) == 2
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("unplug_connector")

    assert play(scene).statuses() == ["Available", "Occupied", "Unavailable"]


@pytest.mark.parametrize("place", [{"id": 3}, {"id": 1, "connectorId": 2}])
def test_availability_of_what_is_not_there(place: dict[str, int]) -> None:
    """Unknown EVSEs and connectors are rejected."""

    async def scene(it: Rig) -> None:
        payload = {"operationalStatus": "Inoperative", "evse": place}
        assert (await it.call("ChangeAvailability", payload))["status"] == "Rejected"

    play(scene)


@pytest.mark.parametrize(("seconds", "again"), [(30, False), (90, True)])
def test_after_a_long_time_offline_every_status_is_reported(seconds: int, again: bool) -> None:
    """B04.FR.01: longer than OfflineThreshold (60 s)."""

    async def scene(it: Rig) -> None:
        await it.do("network", down_for=f"{seconds}s")
        await asyncio.sleep(200)

    assert play(scene).statuses() == ["Available"] * (2 if again else 1)


def test_an_unplugged_cable_while_offline_is_reported_afterwards() -> None:
    """Only the last status counts."""

    async def scene(it: Rig) -> None:
        await it.do("network", state="down")
        await it.do("plug_connector")
        await it.do("unplug_connector")
        await it.do("plug_connector")
        await it.do("network", state="up")
        await asyncio.sleep(30)

    assert play(scene).statuses() == ["Available", "Occupied"]
