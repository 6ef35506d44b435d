"""EVerest's authorization types from JSON, and back.

JSON is plain data here, as ``json.loads`` gives it. Objects are read as strictly as EVerest reads them. Enumerations
are open, for a newer peer knows values that we do not: such a value is kept as an
:class:`~ocpplab_runner.authorization.types.UnknownValue`, and noted.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar, overload

from ocpplab_runner.authorization.types.catalogue import Choice, Field, Many, Plain, Record, Shape, shape_of
from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.authorization.types.validation import ValidationStatus
from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.texts import shortened

T = TypeVar("T")
E = TypeVar("E", bound=DescribedEnum)
# `fromisoformat` reads more of ISO 8601 than is allowed here: dates by weeks, and times without a zone.
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class InvalidValueError(ValueError):
    """JSON that is no value of its type, or a value that the wanted vocabulary cannot say.

    Attributes:
        path: where, from the type's name on: ``ProvidedIdToken.id_token.value``.
        problem: what is wrong there.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Note:
    """Something in JSON that could be read, and that somebody should know of.

    Attributes:
        path: where, as in :class:`InvalidValueError`.
        text: what there is to say.
    """

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """A value read from JSON, and what is to be said of it."""

    value: T
    notes: tuple[Note, ...] = ()


@overload
def from_json(
    kind: type[AuthorizationStatus], data: object, *, tolerant: bool = False
) -> Decoded[ValidationStatus]: ...
@overload
def from_json(kind: type[E], data: object, *, tolerant: bool = False) -> Decoded[E | UnknownValue]: ...
@overload
def from_json(kind: type[T], data: object, *, tolerant: bool = False) -> Decoded[T]: ...
def from_json(kind: type[Any], data: object, *, tolerant: bool = False) -> Decoded[Any]:
    """Read a value of one of EVerest's types.

    Args:
        kind: a dataclass or enumeration of :mod:`ocpplab_runner.authorization.types`.
        data: the JSON.
        tolerant: an unknown property of a closed object is noted and left out, as is right for what a newer peer has
            sent; otherwise it is an error, as it is for EVerest.

    Raises:
        InvalidValueError: the JSON is no value of that type.
    """
    shape = shape_of(kind)
    reader = _Reader(tolerant)
    value = reader.read(shape, data, shape.name, Property(""))
    return Decoded(value, tuple(reader.notes))


def to_json(value: Any, vocabulary: Vocabulary = Vocabulary.LATER) -> Any:
    """The JSON of a value, with EVerest's names; what equals its absence is left out.

    Lengths and numbers are not looked at, so that a deliberately wrong value can be written.

    Args:
        value: a dataclass or enumeration member of :mod:`ocpplab_runner.authorization.types`, or an unknown value.
        vocabulary: of whoever is to read it. What the page lacks has no JSON for a peer that knows only the page.

    Raises:
        InvalidValueError: the value holds something that the vocabulary cannot say.
    """
    if isinstance(value, UnknownValue):
        return value.value
    shape = shape_of(type(value))
    return _write(shape, value, shape.name, vocabulary)


class _Reader:
    """Reads JSON, collecting notes."""

    def __init__(self, tolerant: bool) -> None:
        self.notes: list[Note] = []
        self._tolerant = tolerant

    def read(self, shape: Shape, data: object, path: str, facts: Property) -> Any:
        match shape:
            case Record():
                return self._record(shape, data, path)
            case Choice():
                return self._choice(shape, data, path, facts)
            case Many():
                return self._list(shape, data, path, facts)
            case Plain():
                return _PLAIN[shape.kind](data, path, facts)

    def _record(self, shape: Record, data: object, path: str) -> Any:
        if not isinstance(data, Mapping):
            raise InvalidValueError(path, _instead("an object", data))
        names = {field.name for field in shape.fields}
        for name in data:
            if name not in names:
                self._unknown_property(shape, names, name, path)
        values = {}
        for field in shape.fields:
            where = f"{path}.{field.name}"
            if field.name in data:
                values[field.attribute] = self.read(field.shape, data[field.name], where, field.facts)
            elif field.facts.required:
                raise InvalidValueError(where, "is required")
        return shape.python(**values)

    def _unknown_property(self, shape: Record, names: set[str], name: object, path: str) -> None:
        where = f"{path}.{name}"
        if not shape.closed:
            self.notes.append(Note(where, f"{shape.name} has no such property of its own; left out"))
        elif self._tolerant:
            self.notes.append(Note(where, f"{shape.name} has no such property; left out"))
        else:
            raise InvalidValueError(where, f"{shape.name} has no such property{_did_you_mean(name, names)}")

    def _choice(self, shape: Choice, data: object, path: str, facts: Property) -> DescribedEnum | UnknownValue:
        text = _text(data, path, facts)
        member = shape.find(text)
        if member is not None:
            return member
        if not text:
            raise InvalidValueError(path, f"is empty; {shape.name} has no such value")
        known = {member.value for member in shape.members}
        self.notes.append(Note(path, f"{shape.name} has no value {text!r} that we know{_did_you_mean(text, known)}"))
        return UnknownValue(text)

    def _list(self, shape: Many, data: object, path: str, facts: Property) -> tuple[Any, ...]:
        if not isinstance(data, list | tuple):
            raise InvalidValueError(path, _instead("a list", data))
        if facts.min_items is not None and len(data) < facts.min_items:
            raise InvalidValueError(path, f"has {_items(len(data))}; at least {facts.min_items} must be there")
        if facts.max_items is not None and len(data) > facts.max_items:
            raise InvalidValueError(path, f"has {_items(len(data))}; at most {facts.max_items} may be there")
        if not data and not facts.always_written:
            self.notes.append(Note(path, "is empty; read as absent"))
        return tuple(self.read(shape.item, item, f"{path}[{index}]", facts) for index, item in enumerate(data))


def _text(data: object, path: str, facts: Property) -> str:
    if not isinstance(data, str):
        raise InvalidValueError(path, _instead("a text", data))
    if facts.min_length is not None and len(data) < facts.min_length:
        raise InvalidValueError(path, f"has {_characters(len(data))}; at least {facts.min_length} are needed")
    if facts.max_length is not None and len(data) > facts.max_length:
        raise InvalidValueError(path, f"has {_characters(len(data))}; at most {facts.max_length} are allowed")
    return str(data)


def _whole(data: object, path: str, facts: Property) -> int:
    # JSON has one kind of number, and to a schema 1.0 is an integer.
    if isinstance(data, float) and data.is_integer():
        data = int(data)
    if not is_integer(data):
        raise InvalidValueError(path, _instead("a whole number", data))
    if facts.minimum is not None and data < facts.minimum:
        raise InvalidValueError(path, f"is {data}; {facts.minimum} is the least")
    return data


def _truth(data: object, path: str, facts: Property) -> bool:
    if not isinstance(data, bool):
        raise InvalidValueError(path, _instead("true or false", data))
    return data


def _moment(data: object, path: str, facts: Property) -> datetime:
    text = _text(data, path, facts)
    if _RFC_3339.fullmatch(text):
        try:
            # RFC 3339 takes a small t and z, which `fromisoformat` does not. In UTC the first and last hours of the
            # calendar may lie outside of it.
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise InvalidValueError(path, f"{text!r} is no RFC 3339 date and time with a zone, as 2026-01-31T12:00:00Z is")


_PLAIN: dict[type[Any], Callable[[object, str, Property], Any]] = {
    str: _text,
    int: _whole,
    bool: _truth,
    datetime: _moment,
}


def _write(shape: Shape, value: Any, path: str, vocabulary: Vocabulary) -> Any:
    match shape:
        case Record():
            return _write_record(shape, value, path, vocabulary)
        case Choice():
            if isinstance(value, DescribedEnum):
                _demand(value.vocabulary, vocabulary, path, f"the value {value.value}")
            return value.value
        case Many():
            return [_write(shape.item, item, f"{path}[{index}]", vocabulary) for index, item in enumerate(value)]
        case Plain():
            return _rfc_3339(value, path) if shape.kind is datetime else value


def _write_record(shape: Record, value: Any, path: str, vocabulary: Vocabulary) -> dict[str, Any]:
    _demand(shape.vocabulary, vocabulary, path, f"the type {shape.name}")
    data = {}
    for field in shape.fields:
        held = getattr(value, field.attribute)
        if _is_written(field, held, vocabulary):
            where = f"{path}.{field.name}"
            _demand(field.vocabulary, vocabulary, where, "the property")
            if field.facts.until is not None and vocabulary > field.facts.until:
                raise InvalidValueError(where, f"vocabulary {vocabulary} no longer has it, and would refuse it")
            data[field.name] = _write(field.shape, held, where, vocabulary)
    return data


def _is_written(field: Field, held: object, vocabulary: Vocabulary) -> bool:
    if field.facts.required:
        return True
    if field.facts.always_written and vocabulary >= field.vocabulary:
        return True
    return bool(held != field.absent)


def _demand(has: Vocabulary, wanted: Vocabulary, path: str, what: str) -> None:
    if has > wanted:
        raise InvalidValueError(path, f"vocabulary {wanted} lacks {what}; vocabulary {has} has it")


def _rfc_3339(moment: datetime, path: str) -> str:
    if moment.tzinfo is None:
        raise InvalidValueError(path, f"{moment.isoformat()} has no time zone")
    moment = moment.astimezone(UTC)
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _instead(wanted: str, data: object) -> str:
    if data is None:
        return f"is null; {wanted} belongs here, or nothing at all"
    if isinstance(data, Enum):
        data = data.value
    return f"{shortened(repr(data), 60)} is not {wanted}"


def _did_you_mean(name: object, known: set[str]) -> str:
    folded = {text.casefold(): text for text in sorted(known)}
    close = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.7)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _items(count: int) -> str:
    return {0: "no items", 1: "1 item"}.get(count, f"{count} items")
