"""Reports of what a 2.x station is and has: B07 and B08."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Payload, Rig, is_error, play, rig

_, V201, V21 = OcppVersion
#: Reason codes of a value that does not fit.
WRONG = {"InvalidValue", "ValueTooLow", "ValueTooHigh", "TooLargeElement"}


def test_a_base_report() -> None:
    """B07: every part has its number, only the last has no tbc, and every report is valid."""

    async def scene(it: Rig) -> None:
        answer = await it.call("GetBaseReport", {"requestId": 9, "reportBase": "FullInventory"})
        assert answer == {"status": "Accepted"}

    reports = play(scene).sent("NotifyReport")
    assert [report["seqNo"] for report in reports] == list(range(len(reports)))
    assert [report.get("tbc", False) for report in reports] == [True] * (len(reports) - 1) + [False]
    names = {f"{d['component']['name']}.{d['variable']['name']}" for r in reports for d in r["reportData"]}
    assert {"AuthCtrlr.Enabled", "TxCtrlr.TxStartPoint", "EVSE.AvailabilityState", "SecurityCtrlr.Identity"} <= names


def _reported(it: Rig, request_id: int) -> list[Payload]:
    """ReportDataType of a report, all parts together."""
    return [
        data for report in it.sent("NotifyReport") if report["requestId"] == request_id for data in report["reportData"]
    ]


def _names(data: list[Payload]) -> set[str]:
    return {f"{one['component']['name']}.{one['variable']['name']}" for one in data}


def test_a_summary() -> None:
    """B07: what may be used, and what is wrong; nothing else."""

    async def scene(it: Rig) -> None:
        await it.call("GetBaseReport", {"requestId": 1, "reportBase": "SummaryInventory"})
        await it.do("inject_fault", evse_id=2, fault_type="GroundFailure")
        await it.call("GetBaseReport", {"requestId": 2, "reportBase": "SummaryInventory"})

    it = play(scene, given={"evses": 2})
    states = {"ChargingStation.AvailabilityState", "EVSE.AvailabilityState", "Connector.AvailabilityState"}
    assert (_names(_reported(it, 1)), len(_reported(it, 1))) == (states, 5)
    assert _names(_reported(it, 2)) == {*states, "Connector.Problem"}
    (problem,) = [one for one in _reported(it, 2) if one["variable"]["name"] == "Problem"]
    assert problem["component"]["evse"] == {"id": 2, "connectorId": 1}


@pytest.mark.parametrize("version", [V201, V21])
def test_a_full_inventory_is_read_back(version: OcppVersion) -> None:
    """Every attribute of every variable is read as it was reported, and no other attribute is there."""
    kinds = ("Actual", "Target", "MinSet", "MaxSet")

    async def scene(it: Rig) -> None:
        await it.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
        assert len(_reported(it, 1)) > 120
        for one in _reported(it, 1):
            there = {attribute["type"]: attribute for attribute in one["variableAttribute"]}
            assert len(there) == len(one["variableAttribute"])
            place = {"component": one["component"], "variable": one["variable"]}
            answer = await it.call(
                "GetVariables", {"getVariableData": [{**place, "attributeType": kind} for kind in kinds]}
            )
            for kind, result in zip(kinds, answer["getVariableResult"], strict=True):
                assert (result["component"], result["variable"]) == (one["component"], one["variable"])
                if kind not in there:
                    assert result["attributeStatus"] == "NotSupportedAttributeType", place
                elif there[kind]["mutability"] == "WriteOnly":
                    assert (result["attributeStatus"], "value" in there[kind]) == ("Rejected", False), place
                else:
                    assert (result["attributeStatus"], result["attributeValue"]) == (
                        "Accepted",
                        there[kind]["value"],
                    ), place

    play(scene, given={"evses": 2, "vendors": {"org.example": {"*": "Accepted"}}}, version=version)


def _illegal(one: Payload, attribute: Payload) -> Iterator[str]:
    """Values that an attribute cannot have, by what its report says of it and nothing else."""
    characteristics = one["variableCharacteristics"]
    least, most = characteristics.get("minLimit", 0), characteristics.get("maxLimit")
    match characteristics["dataType"]:
        case "boolean":
            yield from ("", "1", "TRUE", "yes", "true ")
        case "integer":
            yield from ("", "x", "1.5", "-1", " 1", "٣", "2147483648")
            if least:
                yield str(least - 1)
            if most is not None:
                yield str(most + 1)
        case "decimal":
            yield from ("", "x", "1,5", "1.", "1e3", "NaN", str(least - 1))
            if most is not None:
                yield str(most + 0.5)
        case "dateTime":
            yield from ("", "tomorrow", "2026-13-01T00:00:00Z")
        case "OptionList":
            several = ",".join(characteristics["valuesList"].split(",")[:2])
            yield from ("", "Nothing", *([several] if "," in several else []))
        case "MemberList" | "SequenceList":
            first = characteristics["valuesList"].split(",")[0]
            yield from ("Nothing", f"{first},,{first}", f"{first},{first}", f"{first},Nothing")
        case "string":
            if most is not None:
                yield "x" * (most + 1)


@pytest.mark.parametrize("version", [V201, V21])
def test_every_illegal_value_of_every_variable_is_refused(version: OcppVersion) -> None:
    """B05, over all variables and all attributes: the right status, the right reason, and nothing has changed."""

    async def scene(it: Rig) -> None:
        await it.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
        tried = 0
        for one in _reported(it, 1):
            place = {"component": one["component"], "variable": one["variable"]}
            rows: list[tuple[Payload, str, set[str] | None]] = []
            there = {attribute["type"]: attribute for attribute in one["variableAttribute"]}
            for kind in ("Actual", "Target", "MinSet", "MaxSet"):
                asked = {**place, "attributeType": kind}
                if kind not in there:
                    rows.append(({**asked, "attributeValue": "1"}, "NotSupportedAttributeType", None))
                elif there[kind]["mutability"] == "ReadOnly":
                    rows.append(({**asked, "attributeValue": there[kind]["value"]}, "Rejected", {"ReadOnly"}))
                else:
                    rows += [
                        ({**asked, "attributeValue": value}, "Rejected", WRONG) for value in _illegal(one, there[kind])
                    ]
            stranger = {**one["component"], "instance": "nobody"}
            rows.append(({**place, "component": stranger, "attributeValue": "1"}, "UnknownComponent", None))
            elsewhere = {**one["component"], "evse": {"id": 9}}
            rows.append(({**place, "component": elsewhere, "attributeValue": "1"}, "UnknownComponent", None))
            other = {**one["variable"], "instance": "nobody"}
            rows.append(({**place, "variable": other, "attributeValue": "1"}, "UnknownVariable", None))
            answer = await it.call("SetVariables", {"setVariableData": [asked for asked, _, _ in rows]})
            for (asked, status, codes), result in zip(rows, answer["setVariableResult"], strict=True):
                assert result["attributeStatus"] == status, (asked, result)
                assert codes is None or result["attributeStatusInfo"]["reasonCode"] in codes, (asked, result)
                tried += 1
        assert tried > 800
        await it.call("GetBaseReport", {"requestId": 2, "reportBase": "FullInventory"})
        assert _reported(it, 1) == _reported(it, 2)

    play(scene, version=version)


@pytest.mark.parametrize(
    ("criteria", "faulted", "components"),
    [
        (["Problem"], False, set()),
        (["Problem"], True, {"Connector"}),
        (["Enabled"], False, {"AuthCtrlr", "TxCtrlr", "CHAdeMOCtrlr", "Connector"}),
        (["Available"], False, {"AuthCtrlr", "TxCtrlr", "Connector"}),
        (["Active"], False, {"AuthCtrlr", "TxCtrlr", "CHAdeMOCtrlr", "Connector"}),
        (["Available", "Problem"], True, {"AuthCtrlr", "TxCtrlr", "Connector"}),
    ],
)
def test_criteria(criteria: list[str], faulted: bool, components: set[str]) -> None:
    """B08.FR.07 to FR.10: one is enough; what a component does not say is so, but for a problem."""

    async def scene(it: Rig) -> None:
        if faulted:
            await it.do("inject_fault", evse_id=1, fault_type="GroundFailure")
        wanted = [{"component": {"name": name}} for name in ("AuthCtrlr", "TxCtrlr", "CHAdeMOCtrlr", "Connector")]
        answer = await it.call(
            "GetReport", {"requestId": 5, "componentCriteria": criteria, "componentVariable": wanted}
        )
        assert answer["status"] == ("Accepted" if components else "EmptyResultSet")

    it = play(scene)
    assert {one["component"]["name"] for one in _reported(it, 5)} == components


def test_a_report_of_nothing_named_is_of_everything() -> None:
    """B08: without criteria and variables it is the full inventory."""

    async def scene(it: Rig) -> None:
        await it.call("GetReport", {"requestId": 5})
        await it.call("GetBaseReport", {"requestId": 6, "reportBase": "FullInventory"})

    it = play(scene)
    assert _reported(it, 5) == _reported(it, 6)


@pytest.mark.parametrize(
    ("items", "long", "code"),
    [(101, False, "OccurrenceConstraintViolation"), (100, True, "FormatViolation"), (100, False, None)],
)
def test_too_much_at_once(items: int, long: bool, code: str | None) -> None:
    """B05.FR.11 and FR.12, B06.FR.16 and FR.17, B08.FR.17 and FR.18: ItemsPerMessage and BytesPerMessage."""

    async def scene(it: Rig) -> None:
        place = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "MasterPassGroupId"}}
        values = [{**place, "attributeValue": "x" * (700 if long else 1)} for _ in range(items)]
        answer = await it.call("SetVariables", {"setVariableData": values})
        assert is_error(answer, code) if code else "setVariableResult" in answer
        if not long:
            answer = await it.call("GetReport", {"requestId": 1, "componentVariable": [place] * items})
            assert is_error(answer, code) if code else answer == {"status": "Accepted"}

    play(scene)


def test_sizes_of_values() -> None:
    """What is written may be so long, and what is read is cut so short, as DeviceDataCtrlr says."""

    async def scene(it: Rig) -> None:
        await it.do("set_configuration", configuration={"DeviceDataCtrlr.ConfigurationValueSize": "8"})
        place = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "MasterPassGroupId"}}
        for value, status in (("x" * 9, "Rejected"), ("x" * 8, "Accepted")):
            answer = await it.call("SetVariables", {"setVariableData": [{**place, "attributeValue": value}]})
            assert answer["setVariableResult"][0]["attributeStatus"] == status
        await it.do("set_configuration", configuration={"DeviceDataCtrlr.ReportingValueSize": "5"})
        answer = await it.call("GetVariables", {"getVariableData": [place]})
        assert answer["getVariableResult"][0]["attributeValue"] == "xxxxx"

    play(scene)


def test_bounds_outlive_the_process() -> None:
    """MinSet and MaxSet are remembered as values are."""

    async def main() -> None:
        place = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        async with rig(version=V201) as before:
            data = {**place, "attributeType": "MaxSet", "attributeValue": "700"}
            answer = await before.call("SetVariables", {"setVariableData": [data]})
            assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
            memory = json.loads(json.dumps(remember(before.charger)))
        async with rig(version=V201, start=False) as after:
            recall(after.charger, memory)
            await after.charger.start()
            await clock.settled()
            answer = await after.call("SetVariables", {"setVariableData": [{**place, "attributeValue": "701"}]})
            assert answer["setVariableResult"][0]["attributeStatusInfo"]["reasonCode"] == "ValueTooHigh"

    clock.run(main())
