"""What the bodies of requests hold: the fields of the scenario language's verbs, with its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from ocpplab_runner.csms import OPERATIONS
from ocpplab_runner.scenario.given_schema import definitions
from ocpplab_runner.scenario.registry import VerbSpec
from ocpplab_runner.steps.blocks import ACTING

Schema = dict[str, Any]
_REF = "#/definitions/"

#: The verbs of the CSMS by name: operations, and what it can be told.
VERBS: Mapping[str, VerbSpec] = {
    spec.name: spec for spec in ACTING if spec.actor == "csms" or spec.name == "sign_certificates"
}
#: Those that become a call to a station.
OPERATION_VERBS = tuple(name for name in VERBS if name in OPERATIONS)


class BadBody(ValueError):
    """A body is not what the verb takes; the text says where and why."""


@cache
def reply_schema() -> Schema:
    """A programmed answer: the fields of ``csms_reply``."""
    return _closed(VERBS["csms_reply"])


@cache
def body_schema(verb: str) -> Schema:
    """The schema of a verb's mapping, with every reference resolved."""
    spec = VERBS[verb]
    inlined: Schema = _inlined(_closed(spec) if spec.value is None else dict(spec.value))
    return inlined


@cache
def case_schema() -> Schema:
    """What a case gives: its stations, and ``given.csms``."""
    csms = _inlined(definitions(reply_schema())["given"])["properties"]["csms"]
    return {
        "type": "object",
        "required": ["stations"],
        "additionalProperties": False,
        "properties": {
            "stations": {
                "description": "Identities of the stations that begin anew, and share what they are given.",
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 1,
            },
            "csms": csms,
            "own_heartbeat": {
                "description": "Those of them to which the boot answer leaves the interval of their heartbeats.",
                "type": "array",
                "items": {"type": "string"},
            },
        },
    }


def check(schema: Schema, body: Any) -> None:
    """Raises BadBody for a body that does not fit its schema."""
    error = next(jsonschema_rs.Draft7Validator(schema).iter_errors(body), None)
    if error is not None:
        place = ".".join(map(str, error.instance_path))
        raise BadBody(f"{place}: {error.message}" if place else error.message)


def _closed(spec: VerbSpec) -> Schema:
    return {
        "type": "object",
        "required": [field.name for field in spec.fields if field.required],
        "additionalProperties": False,
        "properties": {field.name: {"description": field.description, **field.schema} for field in spec.fields},
    }


def _inlined(schema: Any) -> Any:
    """The schema with what its references name in their place: OpenAPI keeps definitions elsewhere."""
    if isinstance(schema, list):
        return [_inlined(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REF):
        named = _shared().get(reference.removeprefix(_REF))
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {} if named is None else {**_inlined(named), **_inlined(rest)}
    return {key: _inlined(value) for key, value in schema.items()}


@cache
def _shared() -> Mapping[str, Schema]:
    return {**definitions(reply_schema()), "reply": reply_schema()}
