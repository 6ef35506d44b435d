"""How a bare value is written with the name of its field, where there is no short form for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.texts import shortened

#: A mapping with more keys than these is looked up with `steps`.
_MANY = 16


def with_its_name(spec: VerbSpec, value: Any) -> str:
    """A hint for a bare value of a verb: the fields that the verb needs, that which fits with the value.

    Args:
        spec: of the verb.
        value: what stands there, text or a number.
    """
    needed = [field for field in spec.fields if field.required]
    if not needed:
        return _one_of(spec, value)
    chosen = next((field for field in needed if _fits(field.schema, value)), needed[0])
    written = (f"{field.name}: {shortened(str(value)) if field is chosen else '…'}" for field in needed)
    return f"name the fields: {{{', '.join(written)}}}"


def field_of_word(spec: VerbSpec, word: str) -> str:
    """A hint for a word that stands as the short form of one field and is listed for another."""
    fields = [field.name for field in spec.fields if word in field.schema.get("enum", ())]
    return f"name the field: {{{fields[0]}: {word}}}" if len(fields) == 1 else ""


def keys_of(schema: Mapping[str, Any]) -> str:
    """A hint for a bare value in the place of a mapping: the keys that the mapping has, if they are not too many."""
    keys = list(schema.get("properties", ()))
    return f"its keys: {', '.join(keys)}" if 0 < len(keys) <= _MANY else ""


def _one_of(spec: VerbSpec, value: Any) -> str:
    """For a verb that needs no field: the first that fits; text, which may be a secret, is not said again."""
    first: FieldSpec | None = next((field for field in spec.fields if _fits(field.schema, value)), None)
    if first is None:
        return ""
    return f"name the field: {{{first.name}: {value if is_number(value) else '…'}}}"


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    if not isinstance(schema.get("type"), str):
        return False
    if isinstance(value, str):
        return bool(schema["type"] == "string" and "pattern" not in schema)
    return is_number(value) and (schema["type"] == "number" or (schema["type"] == "integer" and isinstance(value, int)))
