"""Signed meter values in OCPP 2.x: which readings, and which of them name the meter's public key."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ocpplab_runner.certificates.ocmf import judge_signed_value
from tests.charger.rig import Rig, play

SIGNED = {"SampledDataCtrlr.SignReadings": "true"}


def signed(payload: Mapping[str, Any]) -> list[str]:
    """What the signed values of a message are worth, in their order."""
    return [
        judge_signed_value(sample["signedMeterValue"])[0]
        for value in payload.get("meterValue", ())
        for sample in value["sampledValue"]
        if "signedMeterValue" in sample
    ]


def records(it: Rig) -> Iterator[dict[str, Any]]:
    """The records of OCMF in all messages, in their order."""
    for payload in it.sent():
        for value in payload.get("meterValue", ()):
            for sample in value["sampledValue"]:
                if "signedMeterValue" in sample:
                    text = b64decode(sample["signedMeterValue"]["signedMeterData"]).decode()
                    yield json.loads(text.split("|")[1])


async def two_sessions(it: Rig) -> None:
    for _ in range(2):
        await it.charge("A")
        await asyncio.sleep(61)
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("unplug_connector")


@pytest.mark.parametrize(
    ("rule", "of_a_session"),
    [
        ("Never", [["no_key"], ["no_key"], ["no_key", "no_key"]]),
        ("OncePerTransaction", [["valid"], ["no_key"], ["no_key", "no_key"]]),
        ("EveryMeterValue", [["valid"], ["valid"], ["valid", "valid"]]),
    ],
)
def test_which_readings_name_the_key(rule: str, of_a_session: list[list[str]]) -> None:
    """PublicKeyWithSignedMeterValue, in each of two transactions."""
    it = play(two_sessions, given={"configuration": {**SIGNED, "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": rule}})
    assert [signed(event) for event in it.sent("TransactionEvent")] == [*of_a_session, *of_a_session]


def test_the_key_goes_with_the_first_reading_that_is_told() -> None:
    """Neither with one that is only kept, nor with a begin that nobody was told of."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector", ev={"demand": False})
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("ev_requests_energy")
        await it.do("authorize_id_tag", id_tag="A")

    once = {"OCPPCommCtrlr.PublicKeyWithSignedMeterValue": "OncePerTransaction"}
    late = play(scene, given={"configuration": {**SIGNED, **once, "TxCtrlr.TxStartPoint": "EnergyTransfer"}})
    assert [signed(event) for event in late.sent("TransactionEvent")] == [["valid"], ["no_key", "no_key"]]
    silent = {**SIGNED, **once, "SampledDataCtrlr.SignStartedReadings": "false"}
    events = play(scene, given={"configuration": silent}).sent("TransactionEvent")
    assert [signed(event) for event in events] == [[], [], ["valid", "no_key"]]


def test_only_the_register_is_signed() -> None:
    """A reading without it has no signature, and one with more has it beside the register."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(61)

    def update(measurands: str) -> Mapping[str, Any]:
        given = {"configuration": {**SIGNED, "SampledDataCtrlr.TxUpdatedMeasurands": measurands}}
        return play(scene, given=given).sent("TransactionEvent")[1]

    assert signed(update("Power.Active.Import")) == []
    (value,) = update("Power.Active.Import,Energy.Active.Import.Register")["meterValue"]
    assert ["signedMeterValue" in sample for sample in value["sampledValue"]] == [False, True]


def test_a_begin_that_waits_for_a_signature_that_never_comes() -> None:
    """TxStartPoint DataSigned alone, and nothing is signed: no transaction, unless there is another point."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(61)

    assert play(scene, given={"configuration": {"TxCtrlr.TxStartPoint": "DataSigned"}}).events() == []
    both = play(scene, given={"configuration": {"TxCtrlr.TxStartPoint": "DataSigned,PowerPathClosed"}})
    assert both.events()[0] == "Started 0 Authorized Charging"


def test_a_main_setting_of_readings_by_the_clock() -> None:
    """AlignedDataCtrlr.SignReadings signs what is sent outside of a transaction, too."""

    async def scene(it: Rig) -> None:
        await asyncio.sleep(901)
        await it.charge("A")
        await asyncio.sleep(900)

    aligned = {"AlignedDataCtrlr.SignReadings": "true", "AlignedDataCtrlr.SignUpdatedReadings": "false"}
    it = play(
        scene,
        given={"settings": {"aligned_interval": "15m", "meter_value_interval": "0s"}, "configuration": aligned},
    )
    assert signed(it.sent("MeterValues")[0]) == ["valid"]
    assert [signed(event) for event in it.sent("TransactionEvent")] == [[], []]


def test_pages_are_counted_for_each_context() -> None:
    """OCMF has one counter of the readings of transactions, and another of those without one."""

    async def scene(it: Rig) -> None:
        await asyncio.sleep(901)
        await it.charge("A")
        await it.do("authorize_id_tag", id_tag="A")
        await it.do("unplug_connector")
        await asyncio.sleep(900)
        await it.charge("A")

    aligned = {**SIGNED, "AlignedDataCtrlr.SignReadings": "true"}
    it = play(scene, given={"settings": {"aligned_interval": "15m"}, "configuration": aligned})
    # Of a begin there are two: one to tell, and one to keep for the end.
    assert [record["PG"] for record in records(it)] == ["F1", "T2", "T1", "T3", "F2", "T5"]


def test_who_charges_is_told_only_in_a_transaction() -> None:
    """OCMF leaves the user out without a transaction, and says that there is none where nobody is known yet."""

    async def scene(it: Rig) -> None:
        await asyncio.sleep(901)
        await it.do("plug_connector")
        await it.do("authorize_id_tag", id_tag="A")
        await asyncio.sleep(61)
        await it.do("authorize_id_tag", id_tag="A")

    connected = {**SIGNED, "AlignedDataCtrlr.SignReadings": "true", "TxCtrlr.TxStartPoint": "EVConnected"}
    it = play(scene, given={"settings": {"aligned_interval": "15m"}, "configuration": connected})
    users = [{key: record[key] for key in ("IS", "IT", "ID") if key in record} for record in records(it)]
    nobody, known = {"IS": False, "IT": "NONE"}, {"IS": True, "IT": "CENTRAL", "ID": "A"}
    assert users[:3] == [{}, nobody, known]
