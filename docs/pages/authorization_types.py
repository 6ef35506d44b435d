"""The reference page of the authorization types, written from the types."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ocpplab_runner.authorization.types.catalogue import Choice, Field, Many, Plain, Record, Shape, catalogue
from ocpplab_runner.authorization.types.property import Property

_PLAIN = {str: "text", int: "whole number", bool: "true or false", datetime: "date and time"}
_HEAD = """\
# Authorization types

Written by `make docs` from the types; change it there.

Every type of EVerest's authorization vocabulary, with its neighbours. Vocabulary 1 is what EVerest's documentation page
of these types names; 2 is what the page lacks, because it was added since or belongs to reservations. How they are
used stands in [authorization.md](../authorization.md#types). Each has a JSON Schema in `schemas/authorization/`.
"""


def page() -> str:
    """The content of ``docs/reference/authorization-types.md``."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield _HEAD.rstrip("\n")
    for heading, shapes in catalogue():
        yield from ("", f"## {heading}")
        for shape in shapes:
            yield from ("", f"### {shape.name}", "", shape.description)
            yield from ("", *(_values(shape) if isinstance(shape, Choice) else _properties(shape)))


def _values(shape: Choice) -> Iterator[str]:
    yield "An enumeration; a value that is not listed is kept and noted."
    yield from ("", "| value | vocabulary | |", "| --- | --- | --- |")
    for member in shape.members:
        yield f"| `{member.value}` | {member.vocabulary} | {member.meaning} |"


def _properties(shape: Record) -> Iterator[str]:
    kind = "A closed object" if shape.closed else "An open object: it may have other properties, which are left out"
    yield f"{kind}; vocabulary {shape.vocabulary}."
    yield from ("", "| property | value | vocabulary | |", "| --- | --- | --- | --- |")
    for field in shape.fields:
        needed = " Required." if field.facts.required else _required_later(field)
        yield f"| `{field.name}` | {_value(field)} | {field.vocabulary} | {field.facts.description}{needed} |"


def _required_later(field: Field) -> str:
    if field.facts.always_written:
        return f" Required by peers of vocabulary {field.vocabulary}, even empty; always written for them."
    return ""


def _value(field: Field) -> str:
    facts = field.facts
    if not isinstance(field.shape, Many):
        return ", ".join((_kind(field.shape), *_limits(facts)))
    items = _bounds(facts.min_items, facts.max_items)
    each = ", ".join((_kind(field.shape.item, plural=True), *_limits(facts)))
    return f"list of {items + ' ' if items else ''}{each}"


def _kind(shape: Shape, *, plural: bool = False) -> str:
    match shape:
        case Plain():
            return _PLAIN[shape.kind] + ("s" if plural else "")
        case Many():
            return f"list of {_kind(shape.item, plural=True)}"
        case Choice() | Record():
            return f"[{shape.name}](#{shape.name.lower()})"


def _limits(facts: Property) -> Iterator[str]:
    characters = _bounds(facts.min_length, facts.max_length)
    if characters:
        yield f"{characters} characters"
    if facts.minimum is not None:
        yield f"{facts.minimum} or more"


def _bounds(least: int | None, most: int | None) -> str:
    if most is None:
        return "" if least is None else f"{least} or more"
    return f"up to {most}" if least is None else f"{least} to {most}"
