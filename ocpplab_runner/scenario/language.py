"""A registry made ready for checking: its schema, compiled, and the tables that the checks look things up in."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson

from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.schema import MODIFIERS, build_schema
from ocpplab_runner.scenario.schema_parts import Schema
from ocpplab_runner.scenario.values import Holds


class Language:
    """The language of some specs. Make it with :func:`language_of`, which keeps it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.verbs = registry.verbs
        self.facets = registry.facets
        self.matchers = registry.matchers
        self.modifiers = frozenset(MODIFIERS)

    @functools.cached_property
    def schema(self) -> Schema:
        """The draft-07 schema of scenario files."""
        return build_schema(self.registry)

    @functools.cached_property
    def gate(self) -> Any:
        """``gate(data)``: whether a scenario or a library of fragments follows the schema."""
        return _compiled(orjson.dumps(self.schema)).is_valid

    @functools.cached_property
    def defaults_gate(self) -> Any:
        """The same for a defaults file."""
        return _compiled(orjson.dumps(self.part("defaults"))).is_valid

    def part(self, name: str) -> Schema:
        """One definition as a schema of its own."""
        return {
            "$schema": self.schema["$schema"],
            "$ref": f"#/definitions/{name}",
            "definitions": self.schema["definitions"],
        }

    @functools.cached_property
    def matcher_functions(self) -> dict[str, Holds]:
        """A plugin's matcher → what it does."""
        return {name: spec.holds for name, spec in self.matchers.items() if spec.holds is not None}

    @functools.cached_property
    def shorthand_fields(self) -> dict[str, str]:
        """Facet → the field that its scalar form stands for: ``is``, or the first field where there is no ``is``."""
        return {
            name: next((spec.name for spec in facet.fields if spec.name == "is"), facet.fields[0].name)
            for name, facet in self.facets.items()
            if facet.value is not None and facet.fields
        }

    @functools.cached_property
    def payload_facets(self) -> frozenset[str]:
        """Facets whose mapping is a payload, not fields: ``response``."""
        return frozenset(
            name
            for name, facet in self.facets.items()
            if facet.value is not None and facet.value.get("type") == "object"
        )


@functools.lru_cache(maxsize=8)
def _compiled(schema: bytes) -> Any:
    """A validator of that schema. To compile the language takes longer than to check a file: registries share it."""
    return jsonschema_rs.Draft7Validator(orjson.loads(schema))


def language_of(registry: Registry) -> Language:
    """The language of that registry as it is now; compiled once, and shared by registries of the very same specs."""
    return _language_of(_Specs(registry.verbs), _Specs(registry.facets), _Specs(registry.matchers))


@functools.lru_cache(maxsize=8)
def _language_of(verbs: _Specs, facets: _Specs, matchers: _Specs) -> Language:
    return Language(Registry(verbs.by_name, facets.by_name, matchers.by_name))


class _Specs:
    """Specs by name, as they are now. Equal where they are the same objects in the same order.

    Every registry has the built-in ones, and to build their schema anew takes longer than to check a file.
    """

    def __init__(self, specs: Mapping[str, Any]) -> None:
        self.by_name = dict(specs)
        self._which = tuple(map(id, specs.values()))  # nobody else can have these while the mapping above holds them

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Specs) and self._which == other._which

    def __hash__(self) -> int:
        return hash(self._which)
