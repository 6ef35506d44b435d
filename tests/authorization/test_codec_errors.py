"""What is no value of EVerest's types, and how that is said."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.authorization.codec import InvalidValueError, from_json
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    IdToken,
    MessageContent,
    ProvidedIdToken,
    Reservation,
    TokenHandlingResult,
    ValidationResult,
    ValidationResultUpdate,
)

CARD = {"value": "CARD", "type": "ISO14443"}
PROVIDED = {"id_token": CARD, "authorization_type": "RFID"}
ACCEPTED = {"authorization_status": "Accepted"}
HASHES = "iso15118CertificateHashData"
NO_MOMENT = "is no RFC 3339 date and time with a zone, as 2026-01-31T12:00:00Z is"


@pytest.mark.parametrize(
    ("data", "path", "problem"),
    [
        (None, "", "is null; an object belongs here, or nothing at all"),
        ("CARD", "", "'CARD' is not an object"),
        ({"type": "Central"}, ".value", "is required"),
        ({"value": "A"}, ".type", "is required"),
        ({**CARD, "value": 7}, ".value", "7 is not a text"),
        ({**CARD, "value": None}, ".value", "is null; a text belongs here, or nothing at all"),
        ({**CARD, "value": "x" * 37}, ".value", "has 37 characters; at most 36 are allowed"),
        ({**CARD, "type": ""}, ".type", "is empty; IdTokenType has no such value"),
        ({**CARD, "vlaue": 1}, ".vlaue", "IdToken has no such property; did you mean 'value'?"),
        ({**CARD, "additional_info": "A"}, ".additional_info", "'A' is not a list"),
        ({**CARD, "additional_info": ["A"]}, ".additional_info[0]", "'A' is not an object"),
        (
            {**CARD, "additional_info": [{"value": "A", "type": "y" * 51}]},
            ".additional_info[0].type",
            "has 51 characters; at most 50 are allowed",
        ),
    ],
)
def test_broken_tokens(data: object, path: str, problem: str) -> None:
    """The error names the path and the problem; both stand in its text."""
    with pytest.raises(InvalidValueError) as raised:
        from_json(IdToken, data)
    assert (raised.value.path, raised.value.problem) == (f"IdToken{path}", problem)
    assert str(raised.value) == f"IdToken{path}: {problem}"


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"id_token": {**CARD, "value": ["A"]}}, "id_token.value", "['A'] is not a text"),
        ({"authorization_type": "X"}, "authorization_type", "has 1 character; at least 2 are needed"),
        ({"authorization_type": "X" * 33}, "authorization_type", "has 33 characters; at most 32 are allowed"),
        ({"connectors": [1, 0]}, "connectors[1]", "is 0; 1 is the least"),
        ({"connectors": [True]}, "connectors[0]", "True is not a whole number"),
        ({"request_id": 1.5}, "request_id", "1.5 is not a whole number"),
        ({"request_id": "1"}, "request_id", "'1' is not a whole number"),
        ({"prevalidated": "yes"}, "prevalidated", "'yes' is not true or false"),
        ({"parent_id_token": {"value": "A"}}, "parent_id_token.type", "is required"),
        ({"certificate": "x" * 5501}, "certificate", "has 5501 characters; at most 5500 are allowed"),
        ({HASHES: []}, HASHES, "has no items; at least 1 must be there"),
        ({HASHES: [{}] * 5}, HASHES, "has 5 items; at most 4 may be there"),
        ({HASHES: [{}]}, f"{HASHES}[0].hashAlgorithm", "is required"),
        ({"group": CARD}, "group", "ProvidedIdToken has no such property"),
    ],
)
def test_broken_provided_tokens(changes: dict[str, object], path: str, problem: str) -> None:
    """However deep it is."""
    with pytest.raises(InvalidValueError) as raised:
        from_json(ProvidedIdToken, {**PROVIDED, **changes})
    assert (raised.value.path, raised.value.problem) == (f"ProvidedIdToken.{path}", problem)


@pytest.mark.parametrize(
    ("kind", "data", "path", "problem"),
    [
        (ValidationResult, {}, ".authorization_status", "is required"),
        (ValidationResult, {**ACCEPTED, "tariff_messages": [{}]}, ".tariff_messages[0].content", "is required"),
        (
            ValidationResultUpdate,
            {"validation_result": {**ACCEPTED, "parent_id_token": {}}, "connector_id": 1},
            ".validation_result.parent_id_token.value",
            "is required",
        ),
        (AuthorizationStatus, 1, "", "1 is not a text"),
        (MessageContent, {"text": "x"}, ".content", "is required"),
        (Reservation, {"reservation_id": 1, "id_token": 5, "expiry_time": ""}, ".id_token", "5 is not a text"),
    ],
)
def test_other_broken_values(kind: type[Any], data: object, path: str, problem: str) -> None:
    """Each type by its own rules."""
    with pytest.raises(InvalidValueError) as raised:
        from_json(kind, data)
    assert (raised.value.path, raised.value.problem) == (f"{kind.__name__}{path}", problem)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-13-31T12:00:00Z",
        "2026-01-31 12:00Z",
        "20260131T120000Z",
        "0001-01-01T00:00:00+23:00",
        "٢٠٢٦-01-31T12:00:00Z",
    ],
)
def test_a_moment_must_be_one(text: str) -> None:
    """A date alone, a missing zone, a month that there is not: none of them is a moment."""
    with pytest.raises(InvalidValueError) as raised:
        from_json(ValidationResult, {**ACCEPTED, "expiry_time": text})
    assert str(raised.value) == f"ValidationResult.expiry_time: {text!r} {NO_MOMENT}"


def test_a_long_wrong_value_is_cut_short_in_the_error() -> None:
    """The error is one line for people."""
    with pytest.raises(InvalidValueError) as raised:
        from_json(ProvidedIdToken, ["x" * 1000])
    assert len(str(raised.value)) < 120


def test_a_type_without_json_is_refused() -> None:
    """The handling result never leaves the station."""
    with pytest.raises(TypeError, match="TokenHandlingResult is none of EVerest's authorization types"):
        from_json(TokenHandlingResult, "Rejected")
