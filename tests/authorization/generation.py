"""Values of EVerest's types for property tests, made from what the catalogue says of each type."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from ocpplab_runner.authorization.types import UnknownValue
from ocpplab_runner.authorization.types.catalogue import Choice, Field, Many, Plain, Record, Shape, catalogue
from ocpplab_runner.authorization.types.property import Property

SHAPES: dict[str, Choice | Record] = {shape.name: shape for _, shapes in catalogue() for shape in shapes}
RECORDS: list[str] = [name for name, shape in SHAPES.items() if isinstance(shape, Record)]
CHOICES: list[str] = [name for name, shape in SHAPES.items() if isinstance(shape, Choice)]
_NO_LIMITS = Property("")
_LETTERS = string.printable + "äß€İı\u2028\U0001f50c\x00"
_DAWN = datetime(1000, 1, 2, tzinfo=UTC)


def kind_of(name: str) -> type[Any]:
    """The Python type of that name; the first one where an enumeration has two."""
    shape = SHAPES[name]
    return shape.python if isinstance(shape, Record) else type(shape.members[0])


def value(random: Random, shape: Shape, facts: Property = _NO_LIMITS) -> Any:
    """Any value of that shape within the limits of its property, unknown values of enumerations among them."""
    match shape:
        case Record():
            return shape.python(**{field.attribute: _held(random, field) for field in shape.fields})
        case Choice():
            return random.choice(shape.members) if random.randrange(4) else unknown_value(random, shape, facts)
        case Many():
            count = random.randint(0, min(facts.max_items or 3, 3))
            return tuple(value(random, shape.item, facts) for _ in range(count))
        case Plain():
            return _PLAIN[shape.kind](random, facts)


def unknown_value(random: Random, shape: Choice, facts: Property = _NO_LIMITS) -> UnknownValue:
    """A value that a newer peer might know."""
    text = _text(random, Property("", min_length=facts.min_length or 1, max_length=facts.max_length))
    return UnknownValue(text if shape.find(text) is None else text[:1] + text)


def _held(random: Random, field: Field) -> Any:
    if field.facts.until is not None:
        return ()  # what is written by default has it no longer
    is_optional = not (field.facts.required or isinstance(field.shape, Many) or field.shape == Plain(bool))
    return None if is_optional and random.randrange(2) else value(random, field.shape, field.facts)


def _text(random: Random, facts: Property) -> str:
    least = facts.min_length or 0
    most = facts.max_length or 40
    length = random.choice((least, most, random.randint(least, min(most, least + 8))))
    return "".join(random.choice(_LETTERS) for _ in range(min(length, 60))).ljust(length, "x")


def _whole(random: Random, facts: Property) -> int:
    if facts.minimum is not None:
        return facts.minimum + random.choice((0, 1, random.randrange(1 << 31)))
    return random.choice((0, -1, random.randrange(1 << 31)))


def _moment(random: Random, facts: Property) -> datetime:
    whole = _DAWN + timedelta(seconds=random.randrange(8990 * 365 * 86400))
    return whole + timedelta(microseconds=random.choice((0, 250_000, random.randrange(1_000_000))))


_PLAIN = {str: _text, int: _whole, bool: lambda random, facts: random.random() < 0.5, datetime: _moment}
