"""Why a payload was refused: the slow look, with jsonschema, at what the compiled gate did not let pass."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

import jsonschema
import jsonschema_rs
import orjson

from ocpplab_runner.ocppj.frames import dumps
from ocpplab_runner.ocppj.schema_breach import SchemaBreach, clipped, path_of
from ocpplab_runner.ocppj.times import DATE_TIME, LENIENT_DATE_TIME
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.versions import OcppVersion

FORMATION, OCCURRENCE, TYPE, PROPERTY = range(4)

# The CALLERROR codes by kind of breach (OCPP-J 1.6 table 7, OCPP 2.x Part 4 section 4.3).
_CODES_16 = {
    FORMATION: "FormationViolation",
    OCCURRENCE: "OccurenceConstraintViolation",
    TYPE: "TypeConstraintViolation",
    PROPERTY: "PropertyConstraintViolation",
}
_CODES_2X = {
    FORMATION: "FormatViolation",
    OCCURRENCE: "OccurrenceConstraintViolation",
    TYPE: "TypeConstraintViolation",
    PROPERTY: "PropertyConstraintViolation",
}
_KINDS = {
    "additionalProperties": FORMATION,
    "additionalItems": FORMATION,
    "required": OCCURRENCE,
    "minItems": OCCURRENCE,
    "maxItems": OCCURRENCE,
    "type": TYPE,
}
_SCALARS = frozenset({str, int, bool, type(None)})
# Breaches that leave the message readable: what it must say is there, in the right type.
_USABLE = frozenset({"additionalProperties", "maxLength", "maxItems", "multipleOf", "minimum", "maximum"})


def diagnose(
    schema: dict[str, Any], version: OcppVersion, payload: Any, gate: Callable[[Any], bool]
) -> SchemaBreach | None:
    """Say how a refused payload breaks its schema.

    Args:
        schema: the action's schema.
        version: decides the spelling of the code.
        payload: what the gate refused.
        gate: one that minds no missing offsets, asked again when the payload holds Python values that JSON has other
            names for.

    Returns:
        The gravest breach: the payload's form first, then missing or surplus fields, types, values; in document order
        within each. None when the payload was refused only for Python values that are fine as JSON.
    """
    codes = _CODES_16 if version is OcppVersion.V16 else _CODES_2X
    normal = payload if _is_json(payload) else _as_json(payload)
    if type(normal) is not dict:
        return SchemaBreach(codes[FORMATION], "", "the payload is not a JSON object", "type")
    try:
        if gate(normal):
            return None
    except ValueError as error:
        return SchemaBreach(codes[FORMATION], "", f"the payload is not JSON: {error}", "type")
    found: list[_Breach] = []
    for look in (_breaches, _gate_breaches):
        try:
            found = list(look(schema, version, normal))
        except (RecursionError, ValueError):  # jsonschema writes out what it refuses, however deep or long
            continue
        if found:
            break
    if not found:
        return SchemaBreach(codes[FORMATION], "", "the payload does not fit its schema")
    _, _, path, message, keyword = min(found, key=lambda breach: breach[:2])
    return SchemaBreach(
        codes[_KINDS.get(keyword, PROPERTY)], path, message, keyword, all(breach[4] in _USABLE for breach in found)
    )


_Breach = tuple[int, int, str, str, str]


def _is_json(payload: Any) -> bool:
    """Whether it holds what JSON has and nothing else: what came over the wire does, and may be too large to copy."""
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is dict:
            if any(type(key) is not str for key in value):
                return False
            waiting.extend(value.values())
        elif kind is list:
            waiting.extend(value)
        elif kind is float:
            if not isfinite(value):
                return False
        elif kind not in _SCALARS:
            return False
    return True


def _as_json(payload: Any) -> Any:
    try:
        return orjson.loads(orjson.dumps(payload))
    except (TypeError, ValueError):
        return payload


def _breaches(schema: dict[str, Any], version: OcppVersion, payload: Any) -> Iterator[_Breach]:
    validator = _validator_class(version)(schema, format_checker=_format_checker(lenient=True))
    for order, error in enumerate(validator.iter_errors(payload)):
        keyword = str(error.validator)
        path = path_of(error.absolute_path)
        yield _KINDS.get(keyword, PROPERTY), order, path, _message(keyword, error), keyword


def _gate_breaches(schema: dict[str, Any], version: OcppVersion, payload: Any) -> Iterator[_Breach]:
    """The gate's own words, for the rare payload that the two libraries judge differently."""
    # Unmasked, a message begins with the value, whatever its length, and what is wrong would be cut off behind it.
    compiled: Any = (
        jsonschema_rs.Draft4Validator(schema, mask="the value")
        if version is OcppVersion.V16
        else jsonschema_rs.Draft6Validator(schema, mask="the value")
    )
    for order, error in enumerate(compiled.iter_errors(payload)):
        keyword = str(error.schema_path[-1]) if error.schema_path else ""
        yield _KINDS.get(keyword, PROPERTY), order, path_of(error.instance_path), clipped(error.message), keyword


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return clipped(f'"{value[:100]}"', 60)
    try:
        return clipped(dumps(value), 60)
    except ValueError:
        return "no JSON value"


def _message(keyword: str, error: Any) -> str:
    value, limit = error.instance, error.validator_value
    match keyword:
        case "required":
            return f"{_missing(error)} is missing"
        case "additionalProperties":
            surplus = sorted(str(name) for name in value if name not in error.schema.get("properties", {}))
            names = ", ".join(clipped(name, 40) for name in surplus[:5])
            return f"unknown {'property' if len(surplus) == 1 else 'properties'} {names}"
        case "type":
            return f"is {_show(value)}, not {_article(str(limit))}"
        case "enum":
            return f"is {_show(value)}, not one of {clipped(', '.join(map(str, limit)), 200)}"
        case "maxLength":
            return f"has {len(value)} characters, more than {limit}"
        case "minItems" | "maxItems":
            return f"has {len(value)} items, {'fewer' if keyword == 'minItems' else 'more'} than {limit}"
        case "minimum" | "maximum":
            return f"is {_show(value)}, {'less' if keyword == 'minimum' else 'more'} than {limit}"
        case "multipleOf":
            return f"is {_show(value)}, not a multiple of {limit}"
        case "format":
            return f"is {_show(value)}, not a valid {limit}"
        case _:
            return f"breaks {keyword}"


def _missing(error: Any) -> str:
    # jsonschema reports one error per missing name and names it only in its text: '…' is a required property.
    return str(error.message).removesuffix(" is a required property").strip("'\"")


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _multiple_of(_: Any, divisor: Any, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    if not is_number(instance):
        return
    try:
        remainder = Decimal(repr(instance)) % Decimal(repr(divisor))
    except InvalidOperation:  # the quotient has more digits than a Decimal carries: too large to have a fraction
        return
    if remainder:
        yield jsonschema.ValidationError(f"{instance!r} is not a multiple of {divisor}")


@functools.cache
def _validator_class(version: OcppVersion) -> Any:
    base = jsonschema.Draft4Validator if version is OcppVersion.V16 else jsonschema.Draft6Validator
    extend: Any = jsonschema.validators.extend
    return extend(base, {"multipleOf": _multiple_of})


@functools.cache
def _format_checker(*, lenient: bool) -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    date_time = LENIENT_DATE_TIME if lenient else DATE_TIME
    for name, schema in (("date-time", date_time), ("uri", {"format": "uri"})):
        # As the gate: jsonschema has no check of these formats without further packages, and would find nothing wrong.
        judge = jsonschema_rs.Draft6Validator(schema)
        checker.checks(name)(lambda value, judge=judge: judge.is_valid(value))
    return checker


@dataclass(frozen=True, slots=True)
class Breach:
    """One of the ways in which a payload breaks its schema: where (keys and indices), what, by which keyword.

    Attributes:
        wrong: the words at fault: keys that nobody knows, or a value that is none of those known.
        known: what might be meant by them.
    """

    path: tuple[str | int, ...]
    message: str
    keyword: str
    wrong: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def every_breach(schema: dict[str, Any], version: OcppVersion, payload: Any) -> list[Breach]:
    """Every way in which a payload of our own breaks its schema, in document order; empty when it fits."""
    # What the version only recommends a message of ours may leave out.
    lenient = FRAME_VIOLATIONS["missing-offset"].weight(version) == "should"
    validator = _validator_class(version)(schema, format_checker=_format_checker(lenient=lenient))
    return [
        Breach(
            tuple(error.absolute_path), _message(str(error.validator), error), str(error.validator), *_words_of(error)
        )
        for error in validator.iter_errors(payload)
    ]


def _words_of(error: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that are wrong, and those that might be meant."""
    if error.validator == "additionalProperties":
        known = tuple(error.schema.get("properties", ()))
        return tuple(name for name in error.instance if name not in known), known
    if error.validator == "enum" and isinstance(error.instance, str):
        return (error.instance,), tuple(map(str, error.validator_value))
    return (), ()
