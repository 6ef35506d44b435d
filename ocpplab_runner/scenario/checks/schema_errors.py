"""What the schema says of a broken file, in words: one message per keyword, at the right place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from ocpplab_runner.ocppj.times import DATE_TIME
from ocpplab_runner.scenario.checks.schema_hints import (
    called,
    forms_of,
    holder_of,
    is_version,
    key_and_value,
    kind_of,
    meant_matcher,
    meant_word,
    show,
    surplus,
    wrong_type,
)
from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Span
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.language import Language
from ocpplab_runner.scenario.suggest import nearest
from ocpplab_runner.vocabulary.durations import LIMITS, PATTERN, is_too_long, meant_duration
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.texts import shortened

Explanation = tuple[Span, str, str, str]

_EXPECT_HINT = "write `expect: Accepted` or `expect: {connector_status: Charging}`"
_WITHOUT = {"for": "say how long is watched, in the step: `for: 1m`"}
_DURATION_HINT = "write a number with a unit: 500ms, 30s, 5m, 24h, 1h30m"


def explain(language: Language, document: Document, part: str) -> Iterator[Explanation]:
    """Say why a document does not follow a part of the schema: (where, code, message, hint), each once."""
    validator = jsonschema.Draft7Validator(language.part(part))
    seen: set[tuple[Span, str]] = set()
    for error in _flat(validator.iter_errors(document.root)):
        for span, code, message, hint in _explain(language, document, error):
            if (span, code) not in seen:
                seen.add((span, code))
                yield span, code, message, hint


def _flat(errors: Any) -> Iterator[Any]:
    """The errors, with those of the alternative that was meant in the place of an ``anyOf``."""
    for error in errors:
        if error.validator in ("anyOf", "oneOf") and error.context:
            yield from _flat(_meant(error))
        else:
            yield error


def _meant(error: Any) -> list[Any]:
    branches: dict[int, list[Any]] = {}
    for child in error.context:
        branches.setdefault(child.schema_path[0], []).append(child)
    real = {index: found for index, found in branches.items() if not _is_expression(error.validator_value[index])}
    if len(real) > 1:
        value = error.instance
        fitting = {index: found for index, found in real.items() if not _wrongkind_of(found, value)}
        real = fitting or real
    if len(real) == 1:
        return next(iter(real.values()))
    if not real:
        return list(error.context)[:1]
    # Several alternatives of the right kind: the one that was understood furthest.
    return max(real.values(), key=lambda found: max(len(child.absolute_path) for child in found))


def _is_expression(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("$ref") == "#/definitions/expression"


def _wrongkind_of(errors: list[Any], value: Any) -> bool:
    """Whether an alternative is meant for another kind of value."""
    for child in errors:
        if len(child.path) == 0:
            if child.validator == "type":
                return True
            if child.validator in ("enum", "const") and isinstance(value, dict | list):
                return True
            if child.validator == "anyOf" and child.context:
                inner: dict[int, list[Any]] = {}
                for grandchild in child.context:
                    inner.setdefault(grandchild.schema_path[0], []).append(grandchild)
                return all(_wrongkind_of(found, value) for found in inner.values())
    return False


def _explain(language: Language, document: Document, error: Any) -> Iterator[Explanation]:
    path = list(error.absolute_path)
    keyword = error.validator
    value = error.instance
    if "propertyNames" in error.schema_path:
        yield _name(document, path, value)
        return
    if path and path[-1] == "change_configuration" and isinstance(value, dict) and {"key", "value"} <= value.keys():
        yield key_and_value(document, value)
        return
    match keyword:
        case "additionalProperties":
            yield from surplus(language, document, error, value)
        case "required":
            yield from _missing(document, error, path, value)
        case "dependencies":
            for key, needed in error.validator_value.items():
                if key in value and isinstance(needed, list):
                    for other in needed:
                        if other not in value and not (isinstance(value[key], dict) and other in value[key]):
                            span = document.key_span(value, key)
                            hint = _WITHOUT.get(other, "")
                            yield span, "missing-key", f"'{key}' stands here without '{other}'", hint
        case "not":
            pass  # count beside at_least: the semantic checks say it better
        case "minItems" | "minProperties" | "maxItems" | "maxProperties":
            yield _length(document, path, keyword, error)
        case _:
            yield _scalar(language, document, path, keyword, error)


def _name(document: Document, path: list[Any], name: str) -> Explanation:
    container = document.root
    for part in path:
        container = container[part]
    span = document.key_span(container, name)
    if not name:
        return span, "bad-name", "this name is empty", ""
    message = f"'{shortened(name)}' cannot be the name of a variable"
    return span, "bad-name", message, "a name has letters, digits and '_', and begins with a letter"


def _missing(document: Document, error: Any, path: list[Any], value: dict[str, Any]) -> Iterator[Explanation]:
    title = error.schema.get("title") or (path[-1] if path and isinstance(path[-1], str) else "")
    span = document.span_at(path, key=True) if path else WHOLE_FILE
    lacking = [name for name in error.validator_value if name not in value]
    # Where any key may stand, nobody else tells what stands there instead.
    closed = "propertyNames" not in error.schema and error.schema.get("additionalProperties") is not True
    unknown = [key for key in value if key not in error.schema.get("properties", {})]
    if closed and title != "scenario" and len(unknown) >= len(lacking):
        return  # what stands there instead is told
    for name in lacking:
        if not (closed and _misspelt(name, value, error.schema)):
            yield span, "missing-key", f"{called(title)} needs '{name}'", ""


def _misspelt(name: str, value: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether a missing key stands there in another spelling, which is a diagnostic of its own."""
    return nearest(name, [key for key in value if key not in schema.get("properties", {})]) is not None


def _length(document: Document, path: list[Any], keyword: str, error: Any) -> Explanation:
    span = document.span_at(path, key=True)
    if path == ["steps"]:
        return span, "empty-scenario", "there are no steps", ""
    what = "items" if "Items" in keyword else "keys"
    limit = error.validator_value
    if keyword.startswith("min"):
        if not error.instance:
            if error.schema.get("title") == "step":
                return span, "wrong-length", "this step is empty", "begin it with a verb, 'expect' or 'never'"
            name = path[-1] if path and isinstance(path[-1], str) else "this"
            return span, "wrong-length", f"'{name}' is empty", ""
        return span, "wrong-length", f"at least {limit} {what} are needed here", ""
    message = f"only {limit} {what[:-1] if limit == 1 else what} may stand here"
    if path and path[-1] == "change_configuration":
        return span, "wrong-length", message, "change one setting in each step"
    hint = "make it a list of single facets" if error.schema.get("title") == "facets" else ""
    if hint and isinstance(error.instance, dict):
        names = list(error.instance)
        span = document.key_span(error.instance, names[limit])
        hint = "give each its own '- '"
    return span, "wrong-length", message, hint


def _scalar(language: Language, document: Document, path: list[Any], keyword: str, error: Any) -> Explanation:
    span = document.span_at(path)
    value, limit = error.instance, error.validator_value
    in_settings = "settings" in path[:-1] or "change_configuration" in path[:-1]
    if _is_duration(error):
        if is_too_long(value):
            return span, "bad-duration", f"{show(value)} is too long for a duration", f"at most {LIMITS}"
        return span, "bad-duration", f"{show(value)} is not a duration", _duration_hint(document, path, value)
    if is_version(path) and is_number(value):
        holder, key = holder_of(document, path)
        return (
            span,
            "unquoted-version",
            "YAML reads this version as a number",
            f'quote it: "{document.source_of(holder, key)}"',
        )
    code = "wrong-setting-value" if in_settings else ""
    match keyword:
        case "type":
            return span, code or "wrong-type", *wrong_type(language, document, path, value, limit, error)
        case "enum":
            names = [str(item) for item in limit]
            hint = meant_word(value, names) if isinstance(value, str) else ""
            hint = hint or (f"allowed: {', '.join(names)}" if len(names) <= 20 else "")
            if value is None and path and path[-1] == "expect":
                return span, "wrong-type", "nothing stands here; a status or facets are wanted", _EXPECT_HINT
            if isinstance(value, dict | list):
                hint = meant_matcher(language, value) or hint
                return span, "wrong-type", f"this is {kind_of(value)}, not a single word", hint
            if form := forms_of(path, value):
                return span, "value-not-allowed", f"'{value}' needs fields", form
            return span, code or "value-not-allowed", f"{show(value)} is not allowed here", hint
        case "const":
            hint = f"allowed: {show(limit)}"
            if path[-1:] == ["response"] and isinstance(value, str):
                hint = f"write `response: {{status: {shortened(value)}}}`; `response: none` wants silence"
            return span, code or "value-not-allowed", f"{show(value)} is not allowed here", hint
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            word = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}.get(
                keyword, "less than"
            )
            return span, code or "value-not-allowed", f"{show(value)} is not {word} {limit}", ""
        case "minLength":
            return span, "value-not-allowed", "this text is empty", ""
        case "uniqueItems":
            return document.span_at(path, key=True), "value-not-allowed", "something stands here twice", ""
        case "pattern":
            if path and path[-1] == "name":
                return span, "value-not-allowed", "a name is one line", ""
            if limit == DATE_TIME["pattern"]:
                return (
                    span,
                    "value-not-allowed",
                    f"{show(value)} is no time",
                    "a time is RFC 3339: 2030-01-31T12:00:00Z",
                )
            return span, "value-not-allowed", f"{show(value)} may only have letters, digits, '_', '-' and '.'", ""
        case _:
            return span, "wrong-type", f"{show(value)} is not allowed here", ""


def _duration_hint(document: Document, path: list[Any], value: Any) -> str:
    written = document.source_of(*holder_of(document, path)) if path else str(value)
    meant = meant_duration(written or str(value))
    if not meant:
        return _DURATION_HINT
    return f"write {meant}" if isinstance(value, str) else f"write {meant} if seconds are meant"


def _is_duration(error: Any) -> bool:
    schema = error.schema
    return isinstance(schema, dict) and schema.get("pattern") == PATTERN
