"""The JSON Schemas: valid, described, and true to the documentation page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs.pages.authorization_schemas import json_schema, json_schemas
from ocpplab_runner.authorization.codec import from_json, to_json
from ocpplab_runner.authorization.types import AuthorizationStatus, ProvidedIdToken, SelectionAlgorithm, Vocabulary

from .generation import RECORDS, SHAPES, kind_of
from .test_catalogue import LATER_VALUES, PAGE_VALUES

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMAS = json_schemas()
CUSTOM = {"value": "ABC-123", "type": "EmployeeNumber"}
CARD = {"value": "04A1B2C3D4E5F6", "type": "ISO14443", "additional_info": [CUSTOM]}
GROUP = {"value": "FLEET", "type": "Central"}
HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "5e" * 32,
    "issuerKeyHash": "c0" * 32,
    "serialNumber": "300A",
    "responderURL": "https://ocsp.example/v2g",
}
PROVIDED = {
    "request_id": 42,
    "id_token": {"value": "DEABCC12345678", "type": "eMAID"},
    "parent_id_token": GROUP,
    "authorization_type": "PlugAndCharge",
    "connectors": [1, 2],
    "prevalidated": True,
    "certificate": "-----BEGIN CERTIFICATE-----",
    "iso15118CertificateHashData": [HASHES],
}
MESSAGE = {"content": "0,49 €/kWh", "format": "UTF8", "language": "de"}
RESULT = {
    "authorization_status": "Accepted",
    "certificate_status": "Accepted",
    "expiry_time": "2026-12-31T23:59:59Z",
    "parent_id_token": GROUP,
    "evse_ids": [1],
    "reservation_id": 7,
}
LATER_RESULT = {**RESULT, "tariff_messages": [MESSAGE], "allowed_energy_transfer_modes": ["AC_BPT"]}
#: What the page's types look like with everything and with no more than they need, then what has come since.
EXAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("CustomIdToken", CUSTOM),
    ("IdToken", CARD),
    ("IdToken", {"value": "", "type": "NoAuthorization"}),
    ("ProvidedIdToken", PROVIDED),
    ("ProvidedIdToken", {"id_token": CARD, "authorization_type": "RFID"}),
    ("TokenValidationStatusMessage", {"token": PROVIDED, "status": "TimedOut", "messages": [MESSAGE]}),
    ("TokenValidationStatusMessage", {"token": PROVIDED, "status": "Processing"}),
    ("ValidationResult", RESULT),
    ("ValidationResult", {"authorization_status": "Blocked"}),
    ("WithdrawAuthorizationRequest", {"evse_id": 1, "id_token": GROUP}),
    ("WithdrawAuthorizationRequest", {"evse_id": 1}),
    ("WithdrawAuthorizationRequest", {"id_token": GROUP}),
    ("WithdrawAuthorizationRequest", {}),
    ("MessageContent", {"content": "Welcome"}),
    ("CertificateHashDataInfo", HASHES),
    ("ValidationResult", LATER_RESULT),
    ("ValidationResultUpdate", {"validation_result": LATER_RESULT, "connector_id": 1}),
    ("TokenValidationStatusMessage", {"token": PROVIDED, "status": "UsedToStart", "validation_results": [RESULT]}),
    ("Reservation", {"reservation_id": 1, "id_token": "CARD", "expiry_time": "2026-12-31T23:59:59Z"}),
    (
        "Reservation",
        {
            "reservation_id": 1,
            "id_token": "CARD",
            "expiry_time": "2026-12-31T23:59:59.500+01:00",
            "evse_id": 2,
            "parent_id_token": "FLEET",
            "connector_type": "cCCS2",
        },
    ),
    ("ReservationCheck", {"id_token": "CARD", "evse_id": 2, "group_id_token": "FLEET"}),
    ("ReservationEnd", {"reason": "Cancelled", "reservation_id": 1}),
    ("ReservationUpdateStatus", {"reservation_id": 1, "reservation_status": "Placed"}),
]


def check(name: str, data: object) -> None:
    """Raises when the data is no such value."""
    jsonschema.Draft7Validator(SCHEMAS[name]).validate(data)


@pytest.mark.parametrize(("name", "data"), EXAMPLES)
def test_objects_as_the_page_has_them_are_valid(name: str, data: dict[str, Any]) -> None:
    """Schema and codec read every example, and nothing of it is lost."""
    check(name, data)
    read = from_json(kind_of(name), data)
    assert read.notes == ()
    assert holds(to_json(read.value, Vocabulary.PAGE if "messages" in data else Vocabulary.LATER), data)


@pytest.mark.parametrize("name", PAGE_VALUES)
def test_every_value_of_the_page_and_since_is_valid(name: str) -> None:
    """Also where only known values are allowed."""
    closed = jsonschema.Draft7Validator(json_schema(kind_of(name), open_enums=False))
    for text in (PAGE_VALUES[name] + " " + LATER_VALUES.get(name, "")).split():
        check(name, text)
        closed.validate(text)


def test_examples_leave_no_object_out() -> None:
    """Every object has one."""
    assert {name for name, _ in EXAMPLES} == set(RECORDS)


@pytest.mark.parametrize("name", SHAPES)
def test_schemas_are_valid_and_described(name: str) -> None:
    """Draft-07, complete in themselves, each property and value with a description and its vocabulary."""
    schema = SCHEMAS[name]
    jsonschema.Draft7Validator.check_schema(schema)
    for node in nodes(schema):
        if "$ref" in node:
            assert list(node) == ["$ref"], "draft-07 ignores what stands beside a $ref"
            assert node["$ref"].removeprefix("#/definitions/") in schema["definitions"]
        for child in node.get("properties", {}).values():
            assert child["description"]
            assert child["x-vocabulary"] in [*Vocabulary]
        if "enum" in node:
            assert len(node["enum"]) == len(node["enumDescriptions"])


def test_the_vocabulary_can_be_read_off_the_schema() -> None:
    """Of types, properties and values."""
    assert SCHEMAS["SelectionAlgorithm"]["x-vocabulary"] == {
        "FindFirst": "1",
        "PlugEvents": "1",
        "PlugEventsLIFO": "2",
        "UserInput": "1",
    }
    assert (SCHEMAS["ProvidedIdToken"]["x-vocabulary"], SCHEMAS["ValidationResultUpdate"]["x-vocabulary"]) == ("1", "2")
    properties = SCHEMAS["ValidationResult"]["properties"]
    assert {name: child["x-vocabulary"] for name, child in properties.items() if child["x-vocabulary"] != "1"} == {
        "tariff_messages": "2",
        "allowed_energy_transfer_modes": "2",
    }
    assert [name for name, child in properties.items() if "x-required-in" in child] == ["tariff_messages"]


def test_objects_are_open_or_closed_as_everest_has_them() -> None:
    """Two are open."""
    still_open = {name for name in RECORDS if SCHEMAS[name].get("additionalProperties") is not False}
    assert still_open == {"WithdrawAuthorizationRequest", "MessageContent"}


def test_unknown_values_are_valid_unless_people_write_them() -> None:
    """A newer peer may know more; whoever writes by hand has most likely slipped."""
    by_hand = jsonschema.Draft7Validator(json_schema(ProvidedIdToken, open_enums=False))
    token = {"id_token": {"value": "A", "type": "Vin"}, "authorization_type": "RFID"}
    check("ProvidedIdToken", token)
    assert [list(error.absolute_path) for error in by_hand.iter_errors(token)] == [["id_token", "type"]]
    assert not jsonschema.Draft7Validator(SCHEMAS["AuthorizationStatus"]).is_valid("")


@pytest.mark.parametrize(
    "broken",
    [
        {"authorization_type": "X"},
        {"connectors": [1, 0]},
        {"certificate": "x" * 5501},
        {"iso15118CertificateHashData": []},
        {"iso15118CertificateHashData": [HASHES] * 5},
    ],
)
def test_limits_hold(broken: dict[str, Any]) -> None:
    """Of lists and items, beside a reference as well as beside a plain type."""
    errors = jsonschema.Draft7Validator(SCHEMAS["ProvidedIdToken"]).iter_errors({**PROVIDED, **broken})
    assert [error.absolute_path[0] for error in errors] == list(broken)


def test_both_classes_of_an_enumeration_have_one_schema() -> None:
    """PinRequired is an AuthorizationStatus like any other."""
    assert json_schema(AuthorizationStatus)["anyOf"][0]["enum"][-2:] == ["PinRequired", "Timeout"]
    with pytest.raises(TypeError, match="str is none of EVerest's"):
        json_schema(str)
    assert json_schema(SelectionAlgorithm) == SCHEMAS["SelectionAlgorithm"]


def test_no_schema_file_is_left_over() -> None:
    """Each file has its type; the generator's own test says that they are in step."""
    assert {path.name for path in (ROOT / "schemas" / "authorization").iterdir()} == {f"{name}.json" for name in SHAPES}


def holds(written: Any, data: Any) -> bool:
    """Whether everything in the data is there, moments as instants."""
    if isinstance(data, dict):
        return all(key in written and holds(written[key], child) for key, child in data.items())
    if isinstance(data, list):
        return len(written) == len(data) and all(map(holds, written, data))
    if isinstance(data, str) and data.startswith("2026-"):
        return datetime.fromisoformat(written) == datetime.fromisoformat(data)
    return bool(written == data)


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside."""
    if isinstance(schema, dict):
        yield schema
        for child in schema.values():
            yield from nodes(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from nodes(child)
