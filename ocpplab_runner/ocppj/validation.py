"""Does a payload fit its OCPP schema? A compiled gate for every frame, a slow diagnosis for those that fail.

The gate is jsonschema-rs, compiled per action when that action first crosses. A payload that does not pass is looked
at again by :mod:`ocpplab_runner.ocppj.diagnosis`, which says where and why and which CALLERROR code is right.

OCPP 1.6 limits some numbers to one decimal (``multipleOf: 0.1``); in binary floating point 0.3 and 21.4 are no exact
multiples. Gate and diagnosis both judge the decimal number that stands in the text. A date-time without an offset is
one that its receiver takes all the same: the gate minds it, a second gate, which only sees what the first did not let
pass, does not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jsonschema_rs

from ocpplab_runner.ocppj.frames import MAX_DESCRIPTION, CallError, CallResultError
from ocpplab_runner.ocppj.schema_breach import SchemaBreach, path_of
from ocpplab_runner.ocppj.schemas import (
    actions,
    is_known_action,
    request_schema,
    response_schema,
    send_actions,
    send_schema,
)
from ocpplab_runner.ocppj.times import DATE_TIME, LENIENT_DATE_TIME
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = [
    "ERROR_CODES",
    "SchemaBreach",
    "actions",
    "is_known_action",
    "request_schema",
    "response_schema",
    "send_actions",
    "send_schema",
    "validate_error",
    "validate_request",
    "validate_response",
    "validate_send",
]


_CODES_2X = frozenset(
    {
        "FormatViolation",
        "GenericError",
        "InternalError",
        "MessageTypeNotSupported",
        "NotImplemented",
        "NotSupported",
        "OccurrenceConstraintViolation",
        "PropertyConstraintViolation",
        "ProtocolError",
        "RpcFrameworkError",
        "SecurityError",
        "TypeConstraintViolation",
    }
)
#: The CALLERROR codes of each version. OCPP-J 1.6 table 7 spells Occurence with one r, its later editions with two.
ERROR_CODES: dict[OcppVersion, frozenset[str]] = {
    OcppVersion.V16: frozenset(
        {
            "FormationViolation",
            "GenericError",
            "InternalError",
            "NotImplemented",
            "NotSupported",
            "OccurenceConstraintViolation",
            "OccurrenceConstraintViolation",
            "PropertyConstraintViolation",
            "ProtocolError",
            "SecurityError",
            "TypeConstraintViolation",
        }
    ),
    OcppVersion.V201: _CODES_2X,
    OcppVersion.V21: _CODES_2X,
}

_Gate = Callable[[Any], bool]
_REQUEST, _RESPONSE, _SEND = "request", "response", "send"
_SOURCES: dict[str, Callable[[OcppVersion, str], dict[str, Any]]] = {
    _REQUEST: request_schema,
    _RESPONSE: response_schema,
    _SEND: send_schema,
}
_gates: dict[str, dict[OcppVersion, dict[str, _Gate]]] = {
    kind: {version: {} for version in OcppVersion} for kind in _SOURCES
}
_requests, _responses, _sends = _gates[_REQUEST], _gates[_RESPONSE], _gates[_SEND]


def validate_request(version: OcppVersion, action: str, payload: Any) -> SchemaBreach | None:
    """Judge a CALL's payload.

    Returns:
        None when it fits; one that is ``taken`` when only offsets are missing; code ``NotImplemented`` when the version
        has no such action.
    """
    gate = _requests[version].get(action)
    if gate is None and (gate := _compile(_REQUEST, version, action)) is None:
        return SchemaBreach("NotImplemented", "", f"OCPP {version.value} has no action {_shorten(action)}", "action")
    return None if _passes(gate, payload) else _diagnose(_REQUEST, version, action, payload)


def validate_response(version: OcppVersion, action: str, payload: Any) -> SchemaBreach | None:
    """Judge a CALLRESULT's payload.

    Returns:
        None when it fits, and when the version has no such action, so that there is nothing to judge it by.
    """
    gate = _responses[version].get(action)
    if gate is None and (gate := _compile(_RESPONSE, version, action)) is None:
        return None
    return None if _passes(gate, payload) else _diagnose(_RESPONSE, version, action, payload)


def validate_send(version: OcppVersion, action: str, payload: Any) -> SchemaBreach | None:
    """Judge a SEND's payload (2.1); code ``NotImplemented`` when the version has no such unconfirmed message."""
    gate = _sends[version].get(action)
    if gate is None and (gate := _compile(_SEND, version, action)) is None:
        return SchemaBreach(
            "NotImplemented", "", f"OCPP {version.value} has no unconfirmed message {_shorten(action)}", "action"
        )
    return None if _passes(gate, payload) else _diagnose(_SEND, version, action, payload)


def validate_error(version: OcppVersion, error: CallError | CallResultError) -> SchemaBreach | None:
    """Judge a CALLERROR or CALLRESULTERROR: code, length of the description (2.x: 255), details (Part 4 4.2.3)."""
    if error.code not in ERROR_CODES[version]:
        message = f"OCPP {version.value} has no error code {_shorten(error.code)}"
        return SchemaBreach("PropertyConstraintViolation", "errorCode", message, "enum", usable=True)
    if len(error.description) > MAX_DESCRIPTION and version is not OcppVersion.V16:
        return SchemaBreach(
            "PropertyConstraintViolation",
            "errorDescription",
            f"has {len(error.description)} characters, more than {MAX_DESCRIPTION}",
            "maxLength",
            usable=True,
        )
    if type(error.details) is not dict:
        return SchemaBreach("TypeConstraintViolation", "errorDetails", "is not an object", "type", usable=True)
    return None


def _passes(gate: _Gate, payload: Any) -> bool:
    try:
        return type(payload) is dict and gate(payload)
    except ValueError:
        return False  # a value that the gate cannot look at; the diagnosis normalises it first


def _compile(kind: str, version: OcppVersion, action: str) -> _Gate | None:
    try:
        gate: _Gate = _validator(kind, version, action, DATE_TIME).is_valid
    except KeyError:
        return None
    _gates[kind][version][action] = gate
    return gate


def _validator(kind: str, version: OcppVersion, action: str, date_time: dict[str, Any]) -> Any:
    """A compiled schema that takes ``date_time`` for a date and time; raises KeyError when there is no such action."""
    schema = _with_times(_SOURCES[kind](version, action), date_time)
    if version is OcppVersion.V16:
        return jsonschema_rs.Draft4Validator(schema)
    return jsonschema_rs.Draft6Validator(schema)


@functools.cache
def _offset_gates(kind: str, version: OcppVersion, action: str) -> tuple[_Gate, Any]:
    """For an action of which something did not pass: a gate that minds no missing offsets, and who finds them."""
    lenient: _Gate = _validator(kind, version, action, LENIENT_DATE_TIME).is_valid
    return lenient, _validator(kind, version, action, DATE_TIME)


def _with_times(node: Any, date_time: dict[str, Any]) -> Any:
    """The schema with ``date_time`` in place of each ``format: date-time``."""
    if isinstance(node, list):
        return [_with_times(item, date_time) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _with_times(value, date_time) for key, value in node.items()}
    if copy.get("format") == "date-time":
        del copy["format"]
        copy.update(date_time)
    return copy


def _diagnose(kind: str, version: OcppVersion, action: str, payload: Any) -> SchemaBreach | None:
    lenient, strict = _offset_gates(kind, version, action)
    if _passes(lenient, payload):
        path = path_of(next(strict.iter_errors(payload)).instance_path)
        weight = FRAME_VIOLATIONS["missing-offset"].weight(version)
        return SchemaBreach(
            "PropertyConstraintViolation", path, "has no offset, as Z is one", "format", True, taken=True, weight=weight
        )
    from ocpplab_runner.ocppj import diagnosis  # jsonschema takes a tenth of a second to import; most runs need it not

    return diagnosis.diagnose(_SOURCES[kind](version, action), version, payload, lenient)


def _shorten(text: str) -> str:
    return shortened(ascii(text) if not text.isprintable() else repr(text), 60)
