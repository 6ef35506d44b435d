"""What the last event of a transaction measures in OCPP 2.x: TxEndedInterval and TxEndedMeasurands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.charger.rig import Rig, play

SAMPLED, ALIGNED = "SampledDataCtrlr.TxEndedInterval", "AlignedDataCtrlr.TxEndedInterval"


async def session(it: Rig) -> None:
    await it.charge("A")
    await asyncio.sleep(130)
    await it.do("authorize_id_tag", id_tag="A")


def ended(scene: Any = session, **configuration: str) -> list[tuple[str, str, float]]:
    """Context, seconds and value of each sample in the last event."""
    given: Mapping[str, Any] = {"settings": {"meter_value_interval": "7s"}, "configuration": configuration}
    event = play(scene, given=given).sent("TransactionEvent")[-1]
    assert event["eventType"] == "Ended"
    return [
        (sample["context"], value["timestamp"][14:19], sample["value"])
        for value in event["meterValue"]
        for sample in value["sampledValue"]
    ]


BEGIN, END = ("Transaction.Begin", "00:00", 0), ("Transaction.End", "02:10", 397)


def test_nothing_in_between_without_an_interval() -> None:
    """0 of both, whatever is told meanwhile."""
    assert ended() == [BEGIN, END]


def test_samples_from_the_begin_of_the_transaction() -> None:
    """J02: each minute; what is told comes every 7 seconds."""
    between = [("Sample.Periodic", "01:00", 183), ("Sample.Periodic", "02:00", 366)]
    assert ended(**{SAMPLED: "60"}) == [BEGIN, *between, END]


def test_readings_by_the_clock() -> None:
    """J01: at the boundaries of the day, of the measurands for the end; without these there is nothing to keep."""
    assert ended(**{ALIGNED: "50"}) == [BEGIN, END]
    kept = ended(**{ALIGNED: "50", "AlignedDataCtrlr.TxEndedMeasurands": "Energy.Active.Import.Register"})
    assert kept == [BEGIN, ("Sample.Clock", "00:50", 152), ("Sample.Clock", "01:40", 305), END]


def test_energy_of_an_interval_counts_from_what_was_kept_before() -> None:
    """Not from what was told."""
    interval = "Energy.Active.Import.Interval"
    values = ended(**{SAMPLED: "60", "SampledDataCtrlr.TxEndedMeasurands": interval})
    assert [round(value) for _, _, value in values] == [0, 183, 183, 31]


def test_another_interval_counts_at_once() -> None:
    """The CSMS may change it while a transaction runs, or set it to 0."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        for seconds, value in ((10, "30"), (40, "0"), (80, "")):
            await asyncio.sleep(seconds)
            if value:
                component, _, variable = SAMPLED.partition(".")
                place = {"component": {"name": component}, "variable": {"name": variable}}
                await it.call("SetVariables", {"setVariableData": [{**place, "attributeValue": value}]})
        await it.do("authorize_id_tag", id_tag="A")

    assert ended(scene) == [BEGIN, ("Sample.Periodic", "00:40", 122), END]
