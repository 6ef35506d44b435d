"""Pieces of the scenario schema: computed values, facets and matchers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.scenario.given_schema import ref
from ocpplab_runner.scenario.registry import FacetSpec, Registry
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus

Schema = dict[str, Any]

EXPRESSION: Schema = ref("expression")
_MATCHER_KEYS: Schema = {"type": "object", "propertyNames": {"pattern": r"^\$"}, "minProperties": 1}


def described(schema: Schema, description: str) -> Schema:
    """A schema with its description; a reference is wrapped, because draft-07 ignores what stands beside it."""
    if "$ref" in schema:
        return {"description": description, "allOf": [schema]}
    return {**schema, "description": description}


def computed(schema: Mapping[str, Any]) -> Schema:
    """The schema with ``${{ expressions }}`` allowed wherever a typed value stands."""
    if "$ref" in schema:
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        reference = {"$ref": schema["$ref"]}
        return {"allOf": [reference], **siblings} if siblings else reference
    inner: Schema = {}
    for key, value in schema.items():
        match key:
            case "properties":
                inner[key] = {name: computed(child) for name, child in value.items()}
            case "items" | "additionalProperties" | "then" | "else" if isinstance(value, Mapping):
                inner[key] = computed(value)
            case "anyOf":
                inner[key] = [computed(child) for child in value]
            case _:
                inner[key] = value
    if not _needs_expression(inner):
        return inner
    annotations: Schema = {
        key: inner.pop(key) for key in ("description", "title") if key in inner and "properties" not in inner
    }
    return {**annotations, "anyOf": [inner, EXPRESSION]}


def _needs_expression(schema: Schema) -> bool:
    if "enum" in schema or "const" in schema:
        return True
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind or []
    if "string" in kinds:
        # Any other text takes an expression as it is.
        return "pattern" in schema
    if "object" in kinds:
        return schema.keys() <= {"type", "description"}
    return bool(kinds)


def expect_schema(registry: Registry) -> Schema:
    """What may stand under `expect`."""
    statuses = [status.value for status in AuthorizationStatus]
    return {
        "title": "expect",
        "description": "What must follow: an authorization status, facets in any order, or a list of facets in order.",
        "if": {"type": "object"},
        "then": facets_schema(registry, "facet"),
        "else": {
            "if": {"type": "array"},
            "then": {
                "type": "array",
                # A list is an order, and the keys of a mapping have none.
                "items": {**facets_schema(registry, "facet"), "maxProperties": 1},
                "minItems": 1,
            },
            "else": {"title": "status", "anyOf": [{"enum": statuses}, EXPRESSION]},
        },
    }


def never_schema(registry: Registry) -> Schema:
    """What may stand under `never`."""
    return {
        **facets_schema(registry, "event"),
        "description": "What must not happen; each facet by itself.",
    }


def still_schema(registry: Registry) -> Schema:
    """What may stand under `still`."""
    return {
        "title": "still",
        "description": "What must be so when the step gets there, whenever it has come about; each facet by itself.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            name: {"description": facet.summary, "allOf": [ref(f"state.{name}")]}
            for name, facet in registry.facets.items()
            if facet.state is not None
        },
    }


def facets_schema(registry: Registry, prefix: str) -> Schema:
    """A mapping of facets; the prefix names the definitions that it refers to."""
    return {
        "title": "facets",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            name: {"description": facet.summary, "allOf": [ref(f"{prefix}.{name}")]}
            for name, facet in registry.facets.items()
        },
    }


def facet_schema(facet: FacetSpec) -> Schema:
    """What may stand beside a facet in ``expect``: an event, or a list of events, a contiguous sequence."""
    if facet.bound:
        return event_schema(facet, counted=False)
    return {
        "if": {"type": "array"},
        "then": {"type": "array", "items": ref(f"event.{facet.name}"), "minItems": 1},
        "else": event_schema(facet, counted=True),
    }


def event_schema(facet: FacetSpec, *, counted: bool) -> Schema:
    """What one event must be like: the scalar form, a matcher, or fields."""
    if facet.value is not None and facet.value.get("type") == "object":
        return {"description": facet.summary, "anyOf": [{"type": "object"}, {"const": "none"}, EXPRESSION]}
    mapping: Schema = {
        "title": facet.name,
        "type": "object" if facet.value is not None else ["object", "null"],
        "additionalProperties": False,
        "properties": {spec.name: described(_matchable(spec.schema), spec.description) for spec in facet.fields},
    }
    if counted:
        mapping["properties"]["count"] = {
            "description": "Exactly so many within the whole deadline.",
            "anyOf": [{"type": "integer", "minimum": 1}, EXPRESSION],
        }
        mapping["properties"]["at_least"] = {
            "description": "Return as soon as so many have come.",
            "anyOf": [{"type": "integer", "minimum": 1}, EXPRESSION],
        }
        mapping["dependencies"] = {"count": {"not": {"required": ["at_least"]}}}
    if facet.value is None:
        return mapping
    return {
        "if": {"type": "object"},
        "then": {
            "if": _MATCHER_KEYS,
            "then": _matcher_of(facet.value),
            "else": mapping,
        },
        "else": computed(facet.value),
    }


def _matchable(schema: Mapping[str, Any]) -> Schema:
    if not schema:
        return {}
    return {
        "if": _MATCHER_KEYS,
        "then": _matcher_of(schema),
        "else": computed(schema),
    }


def matcher_schema(registry: Registry) -> Schema:
    """A mapping that stands in for any value."""
    return {
        "title": "matcher",
        "description": "Stands in for a value.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            spec.name: described(computed(spec.argument), spec.summary) for spec in registry.matchers.values()
        },
    }


def _matcher_of(schema: Mapping[str, Any]) -> Schema:
    """A matcher in the place of a value of that schema: where the values are listed, so are those inside."""
    if "enum" not in schema:
        return ref("matcher")
    inside = {"if": {"type": "object"}, "else": computed(schema)}
    return {
        "allOf": [ref("matcher")],
        "properties": {"$any_of": {"items": inside}, "$not": inside},
    }
