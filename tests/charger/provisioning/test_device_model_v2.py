"""The device model: what GetVariables and SetVariables answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.provisioning.device_model import DeviceModel
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.validation import validate_response
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, is_error, play

V201 = OcppVersion.V201
SECRET = of_2x("SecurityCtrlr", "BasicAuthPassword", "string", "x", mutability="WriteOnly")


def model() -> DeviceModel:
    """That of a station as it comes, with one variable more, which can only be written."""

    async def make() -> DeviceModel:
        context = Rig({}, V201).charger.context
        context.variables.declare([SECRET])
        return DeviceModel(context.variables, context.config.features)

    return clock.run(make())


def read(device: DeviceModel, key: str) -> str:
    """The value of a variable."""
    value: str = device.get(item(key))["attributeValue"]
    return value


def item(key: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    component, name, *instance = key.split(".")
    data: dict[str, Any] = {"component": {"name": component}, "variable": {"name": name}, **more}
    if instance:
        data["variable"]["instance"] = instance[0]
    if value is not None:
        data["attributeValue"] = value
    return data


@pytest.mark.parametrize(
    ("asked", "status", "value"),
    [
        (item("AuthCtrlr.LocalPreAuthorize"), "Accepted", "true"),
        (item("authctrlr.LOCALPREAUTHORIZE"), "Accepted", "true"),
        (item("OCPPCommCtrlr.MessageAttempts.TransactionEvent"), "Accepted", "3"),
        (item("OCPPCommCtrlr.MessageAttempts"), "UnknownVariable", None),
        (item("AuthCtrlr.Nothing"), "UnknownVariable", None),
        (item("NothingCtrlr.Enabled"), "UnknownComponent", None),
        (item("AuthCtrlr.Enabled", attributeType="Actual"), "Accepted", "true"),
        (item("AuthCtrlr.Enabled", attributeType="Target"), "NotSupportedAttributeType", None),
        (item("SecurityCtrlr.BasicAuthPassword"), "Rejected", None),
        ({"component": {"name": "AuthCtrlr", "evse": {"id": 1}}, "variable": {"name": "Enabled"}},
         "UnknownComponent", None),
    ],
)  # fmt: skip
def test_reading(asked: dict[str, Any], status: str, value: str | None) -> None:
    """B06: each way in which a variable can be asked for."""
    answer = model().get(asked)
    assert (answer["attributeStatus"], answer.get("attributeValue")) == (status, value)
    assert (answer["component"], answer["variable"]) == (asked["component"], asked["variable"])
    assert validate_response(V201, "GetVariables", {"getVariableResult": [answer]}) is None


@pytest.mark.parametrize(
    ("asked", "status", "after"),
    [
        (item("AuthCtrlr.LocalPreAuthorize", "false"), "Accepted", "false"),
        (item("AuthCtrlr.LocalPreAuthorize", "FALSE"), "Rejected", "true"),
        (item("AuthCtrlr.LocalPreAuthorize", "false "), "Rejected", "true"),
        (item("AuthCtrlr.LocalPreAuthorize", "maybe"), "Rejected", "true"),
        (item("TxCtrlr.EVConnectionTimeOut", "20"), "Accepted", "20"),
        (item("TxCtrlr.EVConnectionTimeOut", "0"), "Rejected", "60"),
        (item("TxCtrlr.EVConnectionTimeOut", "-5"), "Rejected", "60"),
        (item("TxCtrlr.EVConnectionTimeOut", "1.5"), "Rejected", "60"),
        *(
            (item("TxCtrlr.EVConnectionTimeOut", no_number), "Rejected", "60")
            for no_number in ("²", " 20 ", "+20", "2_0", "٢٠", "２０", "2e1", "20.0", "0x14", "", "2147483648")
        ),
        (item("TxCtrlr.EVConnectionTimeOut", "0020"), "Accepted", "20"),
        (item("TxCtrlr.TxStartPoint", "EVConnected,,Authorized"), "Rejected", "PowerPathClosed"),
        (item("TxCtrlr.TxStartPoint", "evconnected"), "Rejected", "PowerPathClosed"),
        (item("TxCtrlr.TxStartPoint", "EVConnected, Authorized"), "Accepted", "EVConnected,Authorized"),
        (item("TxCtrlr.TxStartPoint", "EnergyTransfer"), "Accepted", "EnergyTransfer"),
        (item("SampledDataCtrlr.TxEndedMeasurands", "Voltage"), "Accepted", "Voltage"),
        (item("SampledDataCtrlr.TxEndedMeasurands", "Loudness"), "Rejected", "Energy.Active.Import.Register"),
        (item("SampledDataCtrlr.TxUpdatedMeasurands", "Loudness"), "Rejected",
         "Energy.Active.Import.Register,Power.Active.Import"),
        (item("SampledDataCtrlr.Available", "false"), "Rejected", "true"),
        (item("AuthCtrlr.Enabled", "false", attributeType="Target"), "NotSupportedAttributeType", "true"),
        (item("AuthCtrlr.Nothing", "x"), "UnknownVariable", None),
        (item("NothingCtrlr.Enabled", "x"), "UnknownComponent", None),
    ],
)  # fmt: skip
def test_writing(asked: dict[str, Any], status: str, after: str | None) -> None:
    """B05: types, limits, choices, read-only variables; what is refused changes nothing."""
    device = model()
    answer = device.set(asked)
    assert answer["attributeStatus"] == status
    assert validate_response(V201, "SetVariables", {"setVariableResult": [answer]}) is None
    again = {key: asked[key] for key in ("component", "variable")}
    assert device.get(again).get("attributeValue") == after


def test_every_setting_has_its_variable() -> None:
    """The one table of settings and the device model agree."""
    device = model()
    for setting in SETTINGS.values():
        if setting.v2 is not None:
            key = ".".join(filter(None, (setting.v2.component, setting.v2.name, setting.v2.instance)))
            assert read(device, key) == setting.default


def test_from_inside_even_read_only_variables_can_be_set() -> None:
    """``configuration`` and ``set_configuration`` reach every variable whose value the station goes by."""
    device = model()
    device.set_raw("DeviceDataCtrlr.ItemsPerMessage.GetVariables", "2")
    device.set_raw("OCPPCommCtrlr.MessageAttempts.TransactionEvent", "7")
    device.set_raw("OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", "9")
    assert read(device, "DeviceDataCtrlr.ItemsPerMessage.GetVariables") == "2"
    assert read(device, "OCPPCommCtrlr.MessageAttempts.TransactionEvent") == "7"
    assert read(device, "OCPPCommCtrlr.MessageAttemptInterval.TransactionEvent") == "9"
    for key in ("Nothing", "No.Such", "TxCtrlr.EVConnectionTimeOut"):
        with pytest.raises(Refused):
            device.set_raw(key, "x")
    with pytest.raises(Refused, match="says what the station does"):  # to report it, and do otherwise, would be a lie
        device.set_raw("SampledDataCtrlr.Available", "false")


@settings(deadline=None)
@given(st.sampled_from([s for s in model() if s.mutability == "ReadWrite"]), st.text(max_size=30))
def test_any_text_is_taken_or_refused(spec: Variable, text: str) -> None:
    """No value makes it fall over; an accepted one is there afterwards, and setting it again changes nothing."""
    device = model()
    asked: dict[str, Any] = {
        "component": {"name": spec.component.name},
        "variable": {"name": spec.variable},
        "attributeValue": text,
    }
    if spec.instance is not None:
        asked["variable"]["instance"] = spec.instance
    before = device.get(asked)["attributeValue"]
    status = device.set(asked)["attributeStatus"]
    after = device.get(asked)["attributeValue"]
    assert status in ("Accepted", "Rejected")
    if status == "Rejected":
        assert after == before
    else:
        assert device.set({**asked, "attributeValue": after})["attributeStatus"] == "Accepted"
        assert device.get(asked)["attributeValue"] == after


def test_a_set_variable_works_at_once() -> None:
    """Sampling, the authorization switch and the end measurands follow SetVariables."""

    async def scene(it: Rig) -> None:
        answer = await it.call(
            "SetVariables",
            {
                "setVariableData": [
                    item("SampledDataCtrlr.TxUpdatedInterval", "10"),
                    item("SampledDataCtrlr.TxUpdatedMeasurands", "Voltage"),
                    item("SampledDataCtrlr.TxEndedMeasurands", ""),
                    item("AuthCtrlr.Enabled", "false"),
                    item("SecurityCtrlr.Identity", "x"),
                ]
            },
        )
        statuses = [result["attributeStatus"] for result in answer["setVariableResult"]]
        assert statuses == ["Accepted"] * 4 + ["Rejected"]
        await it.charge("B")
        await asyncio.sleep(21)
        await it.do("authorize_id_tag", id_tag="B")

    it = play(scene, csms={"id_tokens": {"B": "Accepted"}})
    assert it.sent("Authorize") == []
    assert [event.split()[2] for event in it.events()] == [
        "Authorized",
        "MeterValuePeriodic",
        "MeterValuePeriodic",
        "StopAuthorized",
    ]
    sample = it.sent("TransactionEvent")[1]["meterValue"][0]["sampledValue"]
    assert [(s["phase"], s["value"]) for s in sample] == [("L1-N", 230), ("L2-N", 230), ("L3-N", 230)]
    assert "meterValue" not in it.sent("TransactionEvent")[-1]


def test_what_follows_from_the_state() -> None:
    """AvailabilityState of station, EVSE and connector, the list's entries and the clock."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector", evse_id=2)
        evse = {"id": 2}
        connector = {"id": 2, "connectorId": 1}
        answer = await it.call(
            "GetVariables",
            {
                "getVariableData": [
                    item("ChargingStation.AvailabilityState"),
                    {"component": {"name": "EVSE", "evse": evse}, "variable": {"name": "AvailabilityState"}},
                    {"component": {"name": "Connector", "evse": connector}, "variable": {"name": "AvailabilityState"}},
                    item("LocalAuthListCtrlr.Entries"),
                    item("ClockCtrlr.DateTime"),
                ]
            },
        )
        values = [result["attributeValue"] for result in answer["getVariableResult"]]
        assert values == ["Available", "Occupied", "Occupied", "2", "2026-01-01T00:00:00.000Z"]

    given = {"evses": 2, "local_list": {"version": 1, "entries": {"A": "Accepted", "B": "Blocked"}}}
    play(scene, given=given)


def test_too_many_items() -> None:
    """B06.FR.16: more than ItemsPerMessage is a CALLERROR."""

    async def scene(it: Rig) -> None:
        payload = {"getVariableData": [item("AuthCtrlr.Enabled")] * 101}
        assert is_error(await it.call("GetVariables", payload), "OccurrenceConstraintViolation")

    play(scene)


def test_a_station_without_the_list_has_none_of_its_variables() -> None:
    """What is reported has its effect: without the feature there is only Available, and it says so."""

    async def scene(it: Rig) -> None:
        await it.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})

    it = play(scene, given={"features": ["Core"]})
    assert [
        (item["variable"]["name"], item["variableAttribute"][0]["value"])
        for report in it.sent("NotifyReport")
        for item in report["reportData"]
        if item["component"]["name"] == "LocalAuthListCtrlr"
    ] == [("Available", "false")]
