"""JSON Schema (draft-07) of EVerest's authorization types, made from the Python types."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from ocpplab_runner.authorization.types.catalogue import (
    Choice,
    Field,
    Many,
    Plain,
    Record,
    Shape,
    catalogue,
    shape_of,
)

Schema: TypeAlias = dict[str, Any]
_PLAIN: dict[type[Any], Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
}


def json_schema(kind: type[Any], *, open_enums: bool = True) -> Schema:
    """The schema of one type, complete in itself.

    Besides draft-07's keywords there are ``x-vocabulary`` (of a type or property, the first vocabulary that has it; of
    an enumeration, a mapping of its values), ``x-vocabulary-until`` (of a property, the last one),
    ``x-required-in`` (the vocabulary whose peers insist on a property) and editors' ``enumDescriptions``.

    Args:
        kind: a dataclass or enumeration of :mod:`ocpplab_runner.authorization.types`.
        open_enums: allow values that a newer peer may know. False is for what people write by hand, where an unknown
            value is most likely a slip.

    Raises:
        TypeError: the type has no JSON form.
    """
    shape = shape_of(kind)
    definitions: dict[str, Schema] = {}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": shape.name,
        **_named(shape, definitions, open_enums),
    }
    if definitions:
        schema["definitions"] = {name: definitions[name] for name in sorted(definitions)}
    return schema


def json_schemas() -> dict[str, Schema]:
    """The schema of every type, by its name."""
    return {
        shape.name: json_schema(shape.python if isinstance(shape, Record) else type(shape.members[0]))
        for _, shapes in catalogue()
        for shape in shapes
    }


def _named(shape: Choice | Record, definitions: dict[str, Schema], open_enums: bool) -> Schema:
    if isinstance(shape, Choice):
        return _choice(shape, open_enums)
    schema: Schema = {
        "description": shape.description,
        "type": "object",
        "properties": {field.name: _property(field, definitions, open_enums) for field in shape.fields},
    }
    required = [field.name for field in shape.fields if field.facts.required]
    if required:
        schema["required"] = required
    if shape.closed:
        schema["additionalProperties"] = False
    schema["x-vocabulary"] = shape.vocabulary.value
    return schema


def _choice(shape: Choice, open_enums: bool) -> Schema:
    known = {
        "enum": [member.value for member in shape.members],
        "enumDescriptions": [member.meaning for member in shape.members],
    }
    values: Schema = known
    if open_enums:
        values = {"anyOf": [known, {"description": "A value that only a newer peer knows.", "minLength": 1}]}
    return {
        "description": shape.description,
        "type": "string",
        **values,
        "x-vocabulary": {member.value: member.vocabulary.value for member in shape.members},
    }


def _property(field: Field, definitions: dict[str, Schema], open_enums: bool) -> Schema:
    facts = field.facts
    schema: Schema = {"description": facts.description, **_any(field.shape, definitions, open_enums)}
    limited = schema["items"] if isinstance(field.shape, Many) else schema
    limits = {
        "minItems": (schema, facts.min_items),
        "maxItems": (schema, facts.max_items),
        "minimum": (limited, facts.minimum),
        "minLength": (limited, facts.min_length),
        "maxLength": (limited, facts.max_length),
    }
    for keyword, (where, limit) in limits.items():
        if limit is not None:
            where[keyword] = limit
    schema["x-vocabulary"] = field.vocabulary.value
    if field.facts.until is not None:
        schema["x-vocabulary-until"] = field.facts.until.value
    if facts.always_written:
        schema["x-required-in"] = field.vocabulary.value
    return schema


def _any(shape: Shape, definitions: dict[str, Schema], open_enums: bool) -> Schema:
    match shape:
        case Plain():
            return dict(_PLAIN[shape.kind])
        case Many():
            return {"type": "array", "items": _any(shape.item, definitions, open_enums)}
        case Choice() | Record():
            if shape.name not in definitions:
                definitions[shape.name] = _named(shape, definitions, open_enums)
            # In draft-07 nothing beside a bare $ref counts.
            return {"allOf": [{"$ref": f"#/definitions/{shape.name}"}]}
