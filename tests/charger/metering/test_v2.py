"""Meter values in OCPP 2.x: in transactions and outside, adding up."""

from __future__ import annotations

import asyncio

from tests.charger.rig import Rig, play


def test_clock_aligned_values_outside_and_inside_a_transaction() -> None:
    """J01 and E02: MeterValues while idle, TransactionEvent with MeterValueClock while charging."""

    async def scene(it: Rig) -> None:
        await asyncio.sleep(901)
        await it.charge("A")
        await asyncio.sleep(900)

    it = play(scene, given={"settings": {"aligned_interval": "15m", "meter_value_interval": "0s"}})
    (idle,) = it.sent("MeterValues")
    assert (idle["evseId"], idle["meterValue"][0]["timestamp"]) == (1, "2026-01-01T00:15:00.000Z")
    assert it.events()[1] == "Updated 1 MeterValueClock -"
    assert it.sent("TransactionEvent")[1]["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


def test_meter_values_of_a_transaction_add_up() -> None:
    """J02: Begin in Started, Periodic in Updated, Begin and End in Ended; 11 kW for two minutes."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(120)
        await it.do("authorize_id_tag", id_tag="A")

    events = play(scene, given={"meter_start_wh": 1000}).sent("TransactionEvent")
    seen = [
        (event["eventType"], sample["context"], sample["value"])
        for event in events
        for value in event.get("meterValue", ())
        for sample in value["sampledValue"]
        if sample["measurand"] == "Energy.Active.Import.Register"
    ]
    assert seen == [
        ("Started", "Transaction.Begin", 1000),
        ("Updated", "Sample.Periodic", 1183),
        ("Updated", "Sample.Periodic", 1366),
        ("Ended", "Transaction.Begin", 1000),
        ("Ended", "Transaction.End", 1366),
    ]
