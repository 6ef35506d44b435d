"""Where an OCPP message has id tokens, as its schema says: nothing else in it is one, whatever it looks like."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ocpplab_runner.ocppj.schemas import request_schema, response_schema, send_schema
from ocpplab_runner.vocabulary.versions import OcppVersion

Kind = Literal["request", "response", "send"]
#: Of OCPP 1.6, whose schemas do not name their types: the properties of type IdToken (sections 6 and 7.27).
_V16 = frozenset({"idTag", "parentIdTag"})
_V2 = "IdTokenType"
_SOURCES: Mapping[Kind, Callable[[OcppVersion, str], dict[str, Any]]] = {
    "request": request_schema,
    "response": response_schema,
    "send": send_schema,
}

#: Where tokens are below a value: True for the value itself, a mapping for properties; items of a list count as one.
_Places = bool | Mapping[str, "_Places"]


def exchange_tokens(version: OcppVersion, action: str, kind: Kind, payload: Any, exchange: Callable[[str], str]) -> Any:
    """A payload with other id tokens in the places where its schema has some.

    Args:
        version: of the message.
        action: of the message; an unknown one has no tokens.
        kind: which of the action's messages it is.
        payload: which need not fit its schema.
        exchange: gives the token that stands for one.
    """
    return _exchanged(payload, _places(version, action, kind), exchange)


def _exchanged(value: Any, places: _Places, exchange: Callable[[str], str]) -> Any:
    if not places:
        return value
    if isinstance(value, list):
        return [_exchanged(item, places, exchange) for item in value]
    if places is True:
        return exchange(value) if isinstance(value, str) else value
    if not isinstance(value, Mapping) or not isinstance(places, Mapping):
        return value
    return {name: _exchanged(item, places.get(name, False), exchange) for name, item in value.items()}


@functools.cache
def _places(version: OcppVersion, action: str, kind: Kind) -> _Places:
    try:
        schema = _SOURCES[kind](version, action)
    except KeyError:
        return False
    return _below(schema, schema.get("definitions", {}), version)


def _below(schema: Mapping[str, Any], definitions: Mapping[str, Any], version: OcppVersion) -> _Places:
    reference = schema.get("$ref")
    if reference is not None:
        name = str(reference).rpartition("/")[2]
        return {"idToken": True} if name == _V2 else _below(definitions[name], definitions, version)
    if "items" in schema:
        return _below(schema["items"], definitions, version)
    found: dict[str, _Places] = {}
    for name, inner in schema.get("properties", {}).items():
        places = True if version is OcppVersion.V16 and name in _V16 else _below(inner, definitions, version)
        if places:
            found[name] = places
    return found
