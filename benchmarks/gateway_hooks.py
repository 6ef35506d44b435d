"""Hooks of Schemathesis for :mod:`benchmarks.fuzz_gateway`: let a part of what it makes up hit things that exist.

Only values that are valid already are replaced by others, so that a request stays as right or as wrong as it was.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

import schemathesis

#: Names that stand for things that exist: a parameter or property → its values.
THINGS: dict[str, list[str]] = json.loads(os.environ.get("FUZZ_GATEWAY_THINGS", "{}"))
_URL = re.compile(r"wss?://[!-~]+")
#: Chargers of one request that are enough.
_MANY = 3
_CSMS = THINGS.get("ws_url", ["ws://127.0.0.1:9/ocpp"])[0]


def real(name: str, value: Any) -> Any:
    """The same value, or a real one of that name in every other case."""
    if not isinstance(value, str) or not 1 <= len(value) <= 255:
        return value
    if name == "ws_url":
        return _CSMS if _URL.fullmatch(value) else value
    known = THINGS.get(name)
    chosen = sum(value.encode("utf-8", "replace"))
    return known[chosen // 2 % len(known)] if known and chosen % 2 == 0 else value


def replaced(value: Any) -> Any:
    """JSON with real names in it."""
    if isinstance(value, dict):
        return {key: _replaced(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner) for inner in value]
    return value


def _replaced(key: str, value: Any) -> Any:
    if key == "chargers_number" and isinstance(value, int) and value > _MANY:
        return _MANY
    return real(key, value) if isinstance(value, str) else replaced(value)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Real chargers, locations, brands and models in bodies."""
    return replaced(body) if isinstance(body, dict | list) else body


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Real ids in paths, but for what would delete them."""
    if not isinstance(path_parameters, dict) or context.operation.method.upper() == "DELETE":
        return path_parameters
    return {name: real(name, value) for name, value in path_parameters.items()}


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    """Real ids and identities in queries, but for what would delete them."""
    if not isinstance(query, dict) or context.operation.method.upper() == "DELETE":
        return query
    return {name: real(name, value) for name, value in query.items()}
