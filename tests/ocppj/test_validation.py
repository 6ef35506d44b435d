"""Payloads against their OCPP schemas: verdicts, CALLERROR codes, places and words."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from enum import StrEnum
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.ocppj import (
    CallError,
    CallResultError,
    SchemaBreach,
    actions,
    is_known_action,
    request_schema,
    response_schema,
    send_actions,
    send_schema,
    validate_error,
    validate_request,
    validate_response,
    validate_send,
)
from ocpplab_runner.ocppj.diagnosis import diagnose, every_breach
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
CALM = settings(deadline=None)
TOKEN = {"idToken": "CARD", "type": "ISO14443"}
STATUS_16 = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def profile(limit: Any) -> dict[str, Any]:
    """A 1.6 SetChargingProfile with one period of that limit."""
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 1,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
            },
        },
    }


@pytest.mark.parametrize(("version", "count"), [(V16, 39), (V201, 64), (V21, 90)], ids=lambda value: str(value))
def test_every_action_has_both_schemas(version: OcppVersion, count: int) -> None:
    """Each version's actions are known, and each has a request and a response schema that compile."""
    assert len(actions(version)) == count
    for action in actions(version):
        assert is_known_action(version, action)
        assert request_schema(version, action)["type"] == "object"
        assert response_schema(version, action)["type"] == "object"
        validate_request(version, action, {})
        validate_response(version, action, {})


def test_unconfirmed_messages_are_of_2_1() -> None:
    """Only 2.1 has a SEND; its action is no CALL."""
    assert (send_actions(V16), send_actions(V201)) == (frozenset(), frozenset())
    assert send_actions(V21) == {"NotifyPeriodicEventStream"}
    assert not is_known_action(V21, "NotifyPeriodicEventStream")
    assert send_schema(V21, "NotifyPeriodicEventStream")["type"] == "object"
    assert validate_send(V21, "NotifyPeriodicEventStream", {"id": 1, "pending": 0}) is not None
    assert getattr(validate_send(V21, "Heartbeat", {}), "code", None) == "NotImplemented"


def test_an_unknown_action_has_no_schema() -> None:
    """A name that the version does not have is a KeyError, in whatever letter case."""
    for find in (request_schema, response_schema, send_schema):
        with pytest.raises(KeyError, match="heartbeat"):
            find(V201, "heartbeat")


@pytest.mark.parametrize(
    ("action", "payload", "code_16", "path", "message"),
    [
        ("Nonsense", {}, "NotImplemented", "", "has no action 'Nonsense'"),
        ("heartbeat", {}, "NotImplemented", "", "has no action"),
        ("HeartbeatResponse", {}, "NotImplemented", "", "has no action"),
        ("../Heartbeat", {}, "NotImplemented", "", "has no action"),
        ("Authorize", [], "FormationViolation", "", "not a JSON object"),
        ("Authorize", "CARD", "FormationViolation", "", "not a JSON object"),
        ("Authorize", 5, "FormationViolation", "", "not a JSON object"),
        ("Authorize", {}, "OccurenceConstraintViolation", "", "idTag is missing"),
        ("Authorize", {"idTag": 5}, "TypeConstraintViolation", "idTag", "is 5, not a string"),
        ("Authorize", {"idTag": None}, "TypeConstraintViolation", "idTag", "is null, not a string"),
        ("Authorize", {"idTag": {}}, "TypeConstraintViolation", "idTag", "is an object, not a string"),
        ("Authorize", {"idTag": "x" * 21}, "PropertyConstraintViolation", "idTag", "21 characters, more than 20"),
        ("Authorize", {"idTag": "x", "y": 1}, "FormationViolation", "", "unknown property y"),
        ("Authorize", {"y": 1, "z": 2}, "FormationViolation", "", "unknown properties y, z"),
        ("Reset", {"type": "Warm"}, "PropertyConstraintViolation", "type", 'is "Warm", not one of Hard, Soft'),
        ("StatusNotification", {**STATUS_16, "connectorId": "1"}, "TypeConstraintViolation", "connectorId", '"1"'),
        ("StatusNotification", {**STATUS_16, "connectorId": 1.5}, "TypeConstraintViolation", "connectorId", "1.5"),
        ("StatusNotification", {**STATUS_16, "connectorId": True}, "TypeConstraintViolation", "connectorId", "true"),
        ("StatusNotification", {**STATUS_16, "timestamp": "now"}, "PropertyConstraintViolation", "timestamp", "date"),
        ("SetChargingProfile", profile(0.25), "PropertyConstraintViolation", None, "is 0.25, not a multiple of 0.1"),
        ("GetDiagnostics", {"location": "no uri"}, "PropertyConstraintViolation", "location", "not a valid uri"),
        (
            "MeterValues",
            {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{}]}]},
            "OccurenceConstraintViolation",
            "meterValue[0].sampledValue[0]",
            "value is missing",
        ),
    ],
)
def test_breaches_in_1_6(action: str, payload: Any, code_16: str, path: str | None, message: str) -> None:
    """Each kind of breach has its CALLERROR code, its place and plain words (OCPP-J 1.6 table 7)."""
    breach = validate_request(V16, action, payload)
    assert breach is not None
    assert breach.code == code_16
    assert message in breach.message
    assert path is None or breach.path == path


@pytest.mark.parametrize("version", [V201, V21])
@pytest.mark.parametrize(
    ("action", "payload", "code", "path"),
    [
        ("StartTransaction", {}, "NotImplemented", ""),
        ("Authorize", [], "FormatViolation", ""),
        ("Authorize", {}, "OccurrenceConstraintViolation", ""),
        ("Authorize", {"idToken": TOKEN, "x": 1}, "FormatViolation", ""),
        ("Authorize", {"idToken": "CARD"}, "TypeConstraintViolation", "idToken"),
        ("Authorize", {"idToken": {**TOKEN, "idToken": "x" * 300}}, "PropertyConstraintViolation", "idToken.idToken"),
        ("Authorize", {"idToken": {**TOKEN, "additionalInfo": []}}, "OccurrenceConstraintViolation", None),
        ("GetVariables", {"getVariableData": []}, "OccurrenceConstraintViolation", "getVariableData"),
        ("Heartbeat", {"customData": {}}, "OccurrenceConstraintViolation", "customData"),
        (
            "StatusNotification",
            {"timestamp": "2026-01-01", "connectorStatus": "Available", "evseId": 1, "connectorId": 1},
            "PropertyConstraintViolation",
            "timestamp",
        ),
        (
            "StatusNotification",
            {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Charging", "evseId": 1, "connectorId": 1},
            "PropertyConstraintViolation",
            "connectorStatus",
        ),
    ],
)
def test_breaches_in_2_x(version: OcppVersion, action: str, payload: Any, code: str, path: str | None) -> None:
    """The same in the spelling of OCPP 2.x Part 4 section 4.3."""
    breach = validate_request(version, action, payload)
    assert breach is not None
    assert breach.code == code
    assert path is None or breach.path == path


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize(
    ("moment", "fits", "taken"),
    [
        ("2026-01-01T00:00:00Z", True, True),
        ("2026-01-01T00:00:00.123456Z", True, True),
        ("2026-01-01T00:00:00+02:00", True, True),
        ("2026-01-01T00:00:00", False, True),
        ("2026-01-01t00:00:00.5", False, True),
        ("2026-02-30T00:00:00Z", False, False),
        ("2026-13-01T00:00:00", False, False),
        ("2026-01-01 00:00:00Z", False, False),
        ("2026-01-01 00:00:00", False, False),
        ("2026-01-01", False, False),
        ("", False, False),
    ],
)
def test_timestamps(version: OcppVersion, moment: str, fits: bool, taken: bool) -> None:
    """RFC 3339; one that lacks only its offset is taken all the same, in every version."""
    breach = validate_request(version, "StatusNotification", status_at(version, moment))
    assert (breach is None) is fits
    if breach is not None:
        assert (breach.taken, breach.path) == (taken, "timestamp")


@pytest.mark.parametrize(
    ("version", "weight"),
    [(V16, "should"), (V201, "must"), (V21, "must")],
)
def test_a_missing_offset_weighs_as_its_version_says(version: OcppVersion, weight: str) -> None:
    """1.6 sections 3.14 and 3.15 recommend; the dateTime of 2.x is RFC 3339's, and so is no message of ours without."""
    breach = validate_request(version, "StatusNotification", status_at(version, "2026-01-01T00:00:00"))
    assert breach is not None and breach.weight == weight
    schema = request_schema(version, "StatusNotification")
    breaches = every_breach(schema, version, status_at(version, "2026-01-01T00:00:00"))
    assert [breach.path for breach in breaches] == ([] if weight == "should" else [("timestamp",)])


@pytest.mark.parametrize("version", [V16, V201])
def test_a_missing_offset_excuses_nothing_else(version: OcppVersion) -> None:
    """Beside it a breach of the schema is found, and named; it is in the answer to a call, and deep inside, too."""
    wrong = validate_request(version, "StatusNotification", {**status_at(version, "2026-01-01T00:00:00"), "info_": 1})
    assert wrong is not None and not wrong.taken and "info_" in wrong.message
    boot = {"status": "Accepted", "interval": 300, "currentTime": "2026-01-01T00:00:00"}
    answer = validate_response(version, "BootNotification", boot)
    assert answer is not None and (answer.taken, answer.path) == (True, "currentTime")
    sample = {"value": "1"} if version is V16 else {"value": 1}
    elements = [{"timestamp": f"2026-01-01T00:00:00{offset}", "sampledValue": [sample]} for offset in ("Z", "")]
    evse = {"connectorId": 1} if version is V16 else {"evseId": 1}
    deep = validate_request(version, "MeterValues", {**evse, "meterValue": elements})
    assert deep is not None and (deep.taken, deep.path) == (True, "meterValue[1].timestamp")


def status_at(version: OcppVersion, moment: str) -> dict[str, Any]:
    """A StatusNotification of that time."""
    if version is V16:
        return {**STATUS_16, "timestamp": moment}
    return {"timestamp": moment, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}


@pytest.mark.parametrize("limit", [0, 0.1, 0.3, 0.7, 1.1, 2.3, 16, 21.4, 32.0, 1234567.8, 1e15, 1e22, -0.3])
def test_one_decimal_is_a_multiple_of_a_tenth(limit: float) -> None:
    """Numbers with one decimal pass in 1.6, however binary floating point sees them."""
    assert validate_request(V16, "SetChargingProfile", profile(limit)) is None


@pytest.mark.parametrize("limit", [0.25, 0.05, 21.45, 0.30000000000000004, 1e-9, 4.11])
def test_two_decimals_are_not(limit: float) -> None:
    """Numbers with more decimals are refused, by the gate and with the diagnosis's reason."""
    breach = validate_request(V16, "SetChargingProfile", profile(limit))
    assert breach is not None
    assert (breach.keyword, breach.usable) == ("multipleOf", True)


@CALM
@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_gate_and_diagnosis_agree_on_tenths(digits: int, decimals: int) -> None:
    """For any decimal number both say the same, and what decimal arithmetic says."""
    number = float(Decimal(digits).scaleb(-decimals))
    exact = Decimal(repr(number)) % Decimal("0.1") == 0
    assert (validate_request(V16, "SetChargingProfile", profile(number)) is None) == exact
    found = diagnose(request_schema(V16, "SetChargingProfile"), V16, profile(number), lambda _: False)
    assert found is not None
    assert (found.keyword == "multipleOf") == (not exact)


@pytest.mark.parametrize(
    ("payload", "usable"),
    [
        ({"idTagInfo": {"status": "Accepted"}, "x": 1}, True),
        ({"idTagInfo": {"status": "Accepted", "parentIdTag": "x" * 21}}, True),
        ({"idTagInfo": {"status": "Perhaps"}}, False),
        ({"idTagInfo": {}}, False),
        ({"idTagInfo": {}, "x": 1}, False),
        ({"idTagInfo": {"status": "Accepted", "expiryDate": "tomorrow"}}, False),
        ({}, False),
        ([], False),
    ],
)
def test_answers_are_judged_and_some_breaches_are_harmless(payload: Any, usable: bool) -> None:
    """A breach is usable when all that must be there is there and has the right type."""
    breach = validate_response(V16, "Authorize", payload)
    assert breach is not None
    assert breach.usable is usable


def test_an_answer_to_an_unknown_action_is_not_judged() -> None:
    """There is no schema to judge it by."""
    assert validate_response(V16, "Nonsense", {"x": 1}) is None


@pytest.mark.parametrize(
    ("version", "error", "keyword"),
    [
        (V16, CallError("1", "OccurenceConstraintViolation"), None),
        (V16, CallError("1", "OccurrenceConstraintViolation"), None),
        (V16, CallError("1", "FormatViolation"), "enum"),
        (V16, CallError("1", "GenericError", "x" * 300), None),
        (V201, CallError("1", "FormationViolation"), "enum"),
        (V201, CallError("1", "GenericError", "x" * 255), None),
        (V201, CallError("1", "GenericError", "x" * 256), "maxLength"),
        (V21, CallResultError("1", "GenericError", "", []), "type"),
        (V201, CallError("1", ""), "enum"),
    ],
)
def test_errors_are_judged(version: OcppVersion, error: CallError | CallResultError, keyword: str | None) -> None:
    """A CALLERROR's code is of its version, its description short enough for 2.x, its details an object."""
    breach = validate_error(version, error)
    assert (breach and breach.keyword) == keyword


class Status(StrEnum):
    """A string that Python knows more of."""

    HARD = "Hard"


class Text(str):
    """A string of a class of its own."""


@pytest.mark.parametrize("value", [Status.HARD, Text("Hard")])
def test_python_values_that_json_writes_plainly_pass(value: str) -> None:
    """Enumerations and subclasses of str count as what they are on the wire."""
    assert validate_request(V16, "Reset", {"type": value}) is None


@pytest.mark.parametrize(
    "value",
    [object(), float("nan"), float("inf"), 10**5000, b"x", "\ud800", {1, 2}, len],
    ids=["object", "nan", "inf", "digits", "bytes", "surrogate", "set", "function"],
)
def test_values_that_are_not_json_are_violations(value: Any) -> None:
    """What JSON cannot carry is a breach, never an exception."""
    assert isinstance(validate_request(V16, "Reset", {"type": value}), SchemaBreach)


def test_what_came_over_the_wire_is_not_copied() -> None:
    """A peer chooses how large it is, and a copy that does not fit into memory ends the process."""
    payload = {"x": "x" * 1_000_000, "numbers": [1, 1.5, True, None]}
    validate_response(OcppVersion.V16, "StatusNotification", {"x": 1})
    tracemalloc.start()
    breach = validate_response(OcppVersion.V16, "StatusNotification", payload)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert breach is not None
    assert "unknown properties numbers, x" in breach.message
    assert most < 500_000


def test_deep_and_large_payloads_are_judged() -> None:
    """Deep nesting and megabytes of text give a verdict with a short message."""
    deep: Any = {}
    for _ in range(900):
        deep = {"x": deep}
    for payload in ({"idTag": deep}, {"idTag": "x" * 8_000_000}, {"x" * 1_000_000: 1}, {"idTag": [1] * 100_000}):
        breach = validate_request(V16, "Authorize", payload)
        assert breach is not None
        assert len(str(breach)) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@CALM
@given(st.sampled_from([(v, a) for v in OcppVersion for a in sorted(actions(v))]), JSON)
def test_any_payload_gets_a_verdict(where: tuple[OcppVersion, str], payload: Any) -> None:
    """No payload raises; a refusal has a code of its version."""
    version, action = where
    for breach in (validate_request(version, action, payload), validate_response(version, action, payload)):
        if breach is not None:
            ours = "Formation" if version is V16 else "Format"
            assert breach.code.startswith((ours, "Occur", "Type", "Property"))
            assert breach.message


@CALM
@given(st.data())
def test_a_refused_payload_always_has_a_reason(data: st.DataObject) -> None:
    """Whatever is wrong with a real message, the diagnosis finds it: gate and diagnosis agree."""
    payload = {
        "connectorId": data.draw(st.integers(0, 3) | JSON),
        "idTag": data.draw(st.text(max_size=25) | JSON),
        "meterStart": data.draw(st.integers() | JSON),
        "timestamp": data.draw(st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "x"]) | JSON),
    }
    breach = validate_request(V16, "StartTransaction", payload)
    if breach is not None:
        assert breach.keyword in {"type", "maxLength", "format"}
        assert breach.path in payload


def test_the_gate_is_compiled() -> None:
    """The library behind the gate has not changed its name for what we call."""
    assert jsonschema_rs.Draft4Validator({"type": "object"}).is_valid({})


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize(
    "when",
    [
        "2026-03-24T18:00:00+01:0-",
        "2026-03-24T18:00:00+0-:00",
        "2026-03-24T18:0-:00Z",
        "20-6-01-01T00:00:00Z",
        "+026-01-01T00:00:00Z",
    ],
)
def test_a_sign_is_no_digit_of_a_timestamp(version: OcppVersion, when: str) -> None:
    """RFC 3339 section 5.6: year, month, hour and offset consist of digits, whatever the compiled validator says."""
    payload = {**STATUS_16, "timestamp": when}
    if version is V201:
        payload = {"timestamp": when, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    breach = validate_request(version, "StatusNotification", payload)
    assert breach is not None
    assert (breach.code, breach.path) == ("PropertyConstraintViolation", "timestamp")
    assert "not a valid date-time" in breach.message


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ("2026-02-28T00:00:00", True),
        ("2026-02-29T00:00:00", False),
        ("2028-02-29T00:00:00", True),
        ("2100-02-29T00:00:00", False),
        ("2000-02-29T00:00:00", True),
        ("2026-04-31T00:00:00", False),
        ("2026-12-31T23:59:59.5", True),
        ("2026-12-32T00:00:00", False),
        ("\u0662026-01-01T00:00:00", False),
    ],
)
def test_a_time_without_an_offset_is_of_a_day_that_there_is(when: str, fits: bool) -> None:
    """The offset may be let go, not the calendar."""
    breach = validate_request(V16, "StatusNotification", {**STATUS_16, "timestamp": when})
    assert breach is not None and breach.taken is fits
