"""From OCPP's schemas to payloads that break them: each field that is there dropped, mistyped, out of its enum."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def broken_payloads(schema: dict[str, Any], payload: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every way in which one field of a payload can break its schema; with what it is called.

    Args:
        schema: of the payload.
        payload: one that fits; only what it holds is broken.
    """
    for path, rules, value, required in _fields(schema, schema, payload, ()):
        told = ".".join(map(str, path))
        if required:
            yield f"{told} dropped", _changed(payload, path, drop=True)
        yield f"{told} mistyped", _changed(payload, path, 7 if not isinstance(value, int | float) else "seven")
        if "enum" in rules:
            yield f"{told} out of its enum", _changed(payload, path, "NoSuchValue")


def _fields(root: Any, schema: Any, value: Any, path: Path) -> Iterator[tuple[Path, Any, Any, bool]]:
    """Where each field is, its schema, its value and whether it must be there."""
    schema = _resolved(root, schema)
    if isinstance(value, dict):
        for name, inner in value.items():
            rules = _resolved(root, schema["properties"][name])
            yield (*path, name), rules, inner, name in schema.get("required", ())
            yield from _fields(root, rules, inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            if isinstance(inner, dict):
                yield from _fields(root, schema["items"], inner, (*path, number))


def _resolved(root: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def _changed(payload: dict[str, Any], path: Path, value: Any = None, *, drop: bool = False) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed
