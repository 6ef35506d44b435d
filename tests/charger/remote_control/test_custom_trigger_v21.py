"""A trigger of the vendor's own in OCPP 2.1: F06."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.charger.rig import V21, V201, Rig, play


@pytest.mark.parametrize(
    ("asked", "evses"), [({}, {"1": 500, "2": 0}), ({"evse": {"id": 2}}, {"2": 0}), ({"evse": {"id": 1}}, {"1": 500})]
)
def test_the_registers_are_told(asked: dict[str, Any], evses: dict[str, int]) -> None:
    """Of all EVSEs, or of one."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.wait(180)
        wanted = {"requestedMessage": "CustomTrigger", "customTrigger": "MeterRegisters", **asked}
        assert await it.call("TriggerMessage", wanted) == {"status": "Accepted"}

    it = play(scene, given={"evses": 2, "ev": {"power_w": 10000}}, version=V21)
    (told,) = it.sent("DataTransfer")
    assert (told["vendorId"], told["messageId"]) == ("ocpplab", "MeterRegisters")
    assert json.loads(told["data"]) == evses


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"requestedMessage": "CustomTrigger", "customTrigger": "Nothing"}, "NotImplemented"),
        ({"requestedMessage": "CustomTrigger"}, "NotImplemented"),
        ({"requestedMessage": "CustomTrigger", "customTrigger": "Heartbeat"}, "NotImplemented"),
        ({"requestedMessage": "Heartbeat", "customTrigger": "MeterRegisters"}, "Accepted"),
    ],
)
def test_only_what_is_named_can_be_triggered(asked: dict[str, Any], status: str) -> None:
    """And only by CustomTrigger."""

    async def scene(it: Rig) -> None:
        it.forget()
        assert (await it.call("TriggerMessage", asked))["status"] == status

    assert play(scene, version=V21).sent("DataTransfer") == []


def test_in_2_0_1_there_is_none() -> None:
    """Nor the variable that names it."""

    async def scene(it: Rig) -> None:
        place = {"component": {"name": "CustomizationCtrlr"}, "variable": {"name": "CustomTriggers"}}
        answer = await it.call("GetVariables", getVariableData=[place])
        assert answer["getVariableResult"][0]["attributeStatus"] == "UnknownComponent"

    play(scene, version=V201)
