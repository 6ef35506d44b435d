"""Checks of expected payloads: a key or a value that no OCPP schema has can never be met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.ocppj import validation
from ocpplab_runner.scenario.checks.payloads import REQUEST, RESPONSE
from ocpplab_runner.scenario.checks.scope import Scope, is_computed, spelled
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.versions import OcppVersion

#: A schema's root, for its references, and the node that describes the value at hand.
_Node = tuple[Mapping[str, Any], Mapping[str, Any]]
_SCHEMAS = {REQUEST: validation.request_schema, RESPONSE: validation.response_schema}


def check_expected(
    scope: Scope, container: dict[str, Any], key: str, kind: str, action: str, versions: Iterable[OcppVersion]
) -> None:
    """Check the keys and the listed values of an expected payload.

    What one version has is enough: the payload may be meant for that one.

    Args:
        scope: of the step.
        container: the mapping that holds the payload.
        key: of the payload in it.
        kind: ``request`` or ``response``.
        action: the OCPP action.
        versions: those that have the action.
    """
    known = tuple(versions)
    nodes: list[_Node] = [(schema, schema) for schema in (_SCHEMAS[kind](version, action) for version in known)]
    if nodes:
        _value(scope, container, key, nodes, f"{action} {kind} of {spelled(known)}")


def _value(scope: Scope, container: Any, key: str | int, nodes: list[_Node], what: str) -> None:
    value = container[key]
    nodes = [_resolved(node) for node in nodes]
    if isinstance(value, dict):
        if any(name.startswith("$") for name in value):
            _matcher(scope, value, nodes, what)
        else:
            _mapping(scope, value, nodes, what)
    elif isinstance(value, list):
        items = [(root, node["items"]) for root, node in nodes if isinstance(node.get("items"), Mapping)]
        if items:
            for index in range(len(value)):
                _value(scope, value, index, items, what)
    elif isinstance(value, str) and not is_computed(value):
        listed = [node["enum"] for _, node in nodes if "enum" in node]
        if listed and len(listed) == len(nodes) and not any(value in values for values in listed):
            hint = did_you_mean(value, (name for values in listed for name in values))
            scope.at_value(container, key, "value-not-allowed", f"no {what} has '{value[:40]}' here", hint)


def _matcher(scope: Scope, matchers: dict[str, Any], nodes: list[_Node], what: str) -> None:
    wanted = matchers.get("$any_of")
    if isinstance(wanted, list):
        for index in range(len(wanted)):
            _value(scope, wanted, index, nodes, what)
    if "$not" in matchers:
        _value(scope, matchers, "$not", nodes, what)
    contained = matchers.get("$contains")
    items = [(root, node["items"]) for root, node in nodes if isinstance(node.get("items"), Mapping)]
    if isinstance(contained, list) and items:
        for index in range(len(contained)):
            _value(scope, contained, index, items, what)


def _mapping(scope: Scope, fields: dict[str, Any], nodes: list[_Node], what: str) -> None:
    if any("properties" not in node for _, node in nodes):
        return  # free-form data
    for name in fields:
        inner = [(root, node["properties"][name]) for root, node in nodes if name in node["properties"]]
        if inner:
            _value(scope, fields, name, inner, what)
        elif all(node.get("additionalProperties") is False for _, node in nodes):
            hint = did_you_mean(name, {known for _, node in nodes for known in node["properties"]})
            scope.at_key(fields, name, "payload-breaks-schema", f"no {what} has '{name[:40]}' here", hint)


def _resolved(node: _Node) -> _Node:
    root, schema = node
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return root, schema
