"""OCPP's names and the same in snake_case, both ways. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    return _renamed(payload, _property_names(version, action, part))


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key if key in names.values() else names.get(_folded(key), key): _renamed(inner, names)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_renamed(inner, names) for inner in value]
    return value


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


@cache
def _actions(version: OcppVersion) -> dict[str, str]:
    return {_folded(name): name for name in actions(version)}


@cache
def _property_names(version: OcppVersion, action: str, part: Literal["request", "response"]) -> dict[str, str]:
    found: dict[str, str] = {}
    schema = request_schema if part == "request" else response_schema
    _collect(schema(version, action), found)
    return found


def _collect(schema: Any, found: dict[str, str]) -> None:
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            for name in properties:
                found.setdefault(_folded(name), name)
        for inner in schema.values():
            _collect(inner, found)
    elif isinstance(schema, list):
        for inner in schema:
            _collect(inner, found)
