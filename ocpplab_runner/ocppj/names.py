"""OCPP's names and the same in snake_case, both ways. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ocpplab_runner.ocppj.schemas import actions, is_known_action, request_schema, response_schema
from ocpplab_runner.vocabulary.versions import OcppVersion

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """``BootNotification`` → ``boot_notification``; what is so already stays."""
    return _WORD.sub("_", name).lower()


def camel_case(version: OcppVersion, name: str) -> str:
    """The OCPP action behind either spelling; what OCPP does not have stays as it is."""
    return _actions(version).get(_folded(name), name)


def payload_names(version: OcppVersion, action: str, payload: Any, part: Literal["request", "response"]) -> Any:
    """A payload with its keys as OCPP spells them; keys that the schema does not have stay."""
    if not is_known_action(version, action):
        return payload
    return _renamed(payload, _shape_of(version, action, part))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an object of a payload, or each of a list, has by the schema.

    Attributes:
        spelling: a property's folded name → as OCPP spells it, which two objects of a message may do differently.
        inner: OCPP's name → the shape of the value.
    """

    spelling: Mapping[str, str]
    inner: Mapping[str, _Shape]


_NOTHING = _Shape({}, {})


def _renamed(value: Any, shape: _Shape) -> Any:
    if isinstance(value, Mapping):
        renamed = {}
        for key, inner in value.items():
            name = key if key in shape.inner else shape.spelling.get(_folded(key), key)
            renamed[name] = _renamed(inner, shape.inner.get(name, _NOTHING))
        return renamed
    if isinstance(value, list | tuple):
        return [_renamed(inner, shape) for inner in value]
    return value


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


@cache
def _actions(version: OcppVersion) -> dict[str, str]:
    return {_folded(name): name for name in actions(version)}


@cache
def _shape_of(version: OcppVersion, action: str, part: Literal["request", "response"]) -> _Shape:
    schema = (request_schema if part == "request" else response_schema)(version, action)
    return _shape(schema, schema.get("definitions", {}))


def _shape(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> _Shape:
    if "$ref" in schema:
        return _shape(definitions[schema["$ref"].removeprefix("#/definitions/")], definitions)
    if "items" in schema:
        return _shape(schema["items"], definitions)
    properties = schema.get("properties", {})
    return _Shape(
        {_folded(name): name for name in properties},
        {name: _shape(inner, definitions) for name, inner in properties.items()},
    )
