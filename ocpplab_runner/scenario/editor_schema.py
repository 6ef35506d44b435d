"""The schema of scenario files as editors get it: what is written, before it is read; each part of it once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from ocpplab_runner.scenario.editor_help import help_editors
from ocpplab_runner.scenario.everyday import everyday_schema
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.schema import build_schema

Schema = dict[str, Any]

#: A part that is shorter than this is not worth a reference.
_SHORT = 32
_NAMED = ("definitions", "p")
_MAPS = ("properties",)
_PARTS = ("items", "additionalProperties", "then", "else", "if", "not", "propertyNames")
_LISTS = ("anyOf", "allOf")


def build_editor_schema(registry: Registry) -> Schema:
    """The draft-07 schema of scenario files, as people write them."""
    schema = everyday_schema(build_schema(registry))
    help_editors(schema, registry)
    return _each_once(schema)


def editor_schema_text(registry: Registry) -> str:
    """The same as a file: without blanks, and each definition on a line, so that two of them can be compared."""
    schema = build_editor_schema(registry)
    head = _compact({key: value for key, value in schema.items() if key not in _NAMED})
    for key in _NAMED:
        lines = ",\n".join(f"{_compact(name)}:{_compact(one)}" for name, one in schema[key].items())
        head = f"{head[:-1]},{_compact(key)}:{{\n{lines}\n}}}}"
    return head + "\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _each_once(schema: Schema) -> Schema:
    """The schema with every longer part that stands in it more than once in one place, under ``p``."""
    schema["p"] = {}
    taken: dict[str, str] = {}
    while True:
        tops = [one for key in _NAMED for one in schema[key].values()]
        found = Counter(_compact(one) for top in tops for one in _inside(top))
        again = {text for text, count in found.items() if count > 1 and len(text) >= _SHORT}
        if not again:
            return schema
        used: dict[str, Schema] = {}
        for key in _NAMED:
            schema[key] = {name: _referring(one, again, used, taken) for name, one in schema[key].items()}
        schema["p"] |= used


def _referring(schema: Schema, again: set[str], used: dict[str, Schema], taken: dict[str, str]) -> Schema:
    def part(one: Any) -> Any:
        if not isinstance(one, dict):
            return one
        text = _compact(one)
        if text not in again:
            return _referring(one, again, used, taken)
        # Named by what it is, so that a new part gives the others no other name.
        digest = blake2b(text.encode()).hexdigest()
        name = next(digest[:length] for length in range(4, 128) if taken.get(digest[:length], text) == text)
        taken[name], used[name] = text, one
        return {"$ref": f"#/p/{name}"}

    out: Schema = {}
    for key, value in schema.items():
        if key in _MAPS:
            out[key] = {name: part(one) for name, one in value.items()}
        elif key in _PARTS:
            out[key] = part(value)
        elif key in _LISTS:
            out[key] = [part(one) for one in value]
        else:
            out[key] = value
    return out


def _inside(schema: Schema) -> Iterator[Schema]:
    """The schemas within a schema, at any depth."""
    for key, value in schema.items():
        parts = value.values() if key in _MAPS else value if key in _LISTS else (value,) if key in _PARTS else ()
        for one in parts:
            if isinstance(one, dict):
                yield one
                yield from _inside(one)
