"""The log of the data collector in OCPP 2.1."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.charger.rig import V21, V201, Rig, play


def _lines(it: Rig, **within: Any) -> list[str]:
    block = next(one for one in it.charger.blocks if hasattr(one, "lines_of"))
    since, until = within.get("since"), within.get("until")
    found = block.lines_of("DataCollectorLog", since, until)
    assert found is not None
    return [line.partition(" ")[2] for line in found[1]]


def test_each_change_of_power_is_written_down() -> None:
    """With the register then; what does not change is not."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.wait(180)
        await it.do("power_update", power_w=5000)
        await it.wait(360)
        at = it.charger.context.time.now()
        await it.do("stop_session")
        assert _lines(it) == ["EVSE 1 10000 W 0 Wh", "EVSE 1 5000 W 500 Wh", "EVSE 1 0 W 1000 Wh"]
        assert _lines(it, since=at) == ["EVSE 1 0 W 1000 Wh"]
        assert _lines(it, until=at - timedelta(seconds=1)) == ["EVSE 1 10000 W 0 Wh", "EVSE 1 5000 W 500 Wh"]

    play(scene, given={"ev": {"power_w": 10000}}, version=V21)


def test_a_log_that_there_is_not_is_refused() -> None:
    """2.0.1 has no such log, and in 2.1 it is empty at first."""

    async def scene(it: Rig) -> None:
        asked = {"logType": "DataCollectorLog", "requestId": 1, "log": {"remoteLocation": "http://127.0.0.1:1/x"}}
        assert (await it.call("GetLog", asked))["status"] == "Rejected"

    play(scene, version=V21)
    block_less = play(lambda it: it.wait(0), version=V201)
    block = next(one for one in block_less.charger.blocks if hasattr(one, "lines_of"))
    assert block.lines_of("DataCollectorLog", None, None) is None
