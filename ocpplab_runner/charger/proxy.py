"""Messages past the station's own state: names in OCPP's spelling or in snake_case. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ocpplab_runner.ocppj.schemas import request_schema
from ocpplab_runner.ocppj.validation import actions, is_known_action
from ocpplab_runner.vocabulary.versions import OcppVersion


def proxy_call(version: OcppVersion, action: str, payload: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An action and its payload as OCPP spells them.

    Names that OCPP does not have stay as they are: a test may want just these.
    """
    name = _actions(version).get(_folded(action), action)
    if not is_known_action(version, name):
        return name, dict(payload)
    names = _property_names(version, name)
    return name, {names.get(_folded(key), key): _renamed(value, names) for key, value in payload.items()}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {names.get(_folded(key), key): _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(inner, names) for inner in value]
    return value


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


@cache
def _actions(version: OcppVersion) -> dict[str, str]:
    return {_folded(name): name for name in actions(version)}


@cache
def _property_names(version: OcppVersion, action: str) -> dict[str, str]:
    found: dict[str, str] = {}
    _collect(request_schema(version, action), found)
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
