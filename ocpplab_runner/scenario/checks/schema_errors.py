"""What the schema says of a broken file, in words: one message per keyword, at the right place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Span
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.durations import PATTERN
from ocpplab_runner.scenario.language import Language
from ocpplab_runner.scenario.suggest import did_you_mean, nearest

Explanation = tuple[Span, str, str, str]

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
#: What the mappings of the schema are called, where it is not simply their key.
_TITLES = {
    "scenario": "a scenario",
    "library": "a library of fragments",
    "defaults": "a file of defaults",
    "row": "a row of cases",
    "card": "a card",
    "charger": "a charger",
    "ev": "an EV",
}
_DURATION_HINT = "write a number with a unit: 500ms, 30s, 5m, 24h, 1h30m"
#: A key of a mapping of this title that the schema does not know.
_UNKNOWN = {"facets": "unknown-facet", "matcher": "bad-matcher"}


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
        fitting = {index: found for index, found in real.items() if not _wrong_kind(found, value)}
        real = fitting or real
    if len(real) == 1:
        return next(iter(real.values()))
    if not real:
        return list(error.context)[:1]
    # Several alternatives of the right kind: the one that was understood furthest.
    return max(real.values(), key=lambda found: max(len(child.absolute_path) for child in found))


def _is_expression(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("$ref") == "#/definitions/expression"


def _wrong_kind(errors: list[Any], value: Any) -> bool:
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
                return all(_wrong_kind(found, value) for found in inner.values())
    return False


def _explain(language: Language, document: Document, error: Any) -> Iterator[Explanation]:
    path = list(error.absolute_path)
    keyword = error.validator
    value = error.instance
    if "propertyNames" in error.schema_path:
        yield _name(document, path, value)
        return
    match keyword:
        case "additionalProperties":
            yield from _surplus(language, document, error, value)
        case "required":
            yield from _missing(document, error, path, value)
        case "dependencies":
            for key, needed in error.validator_value.items():
                if key in value and isinstance(needed, list):
                    for other in needed:
                        if other not in value:
                            span = document.key_span(value, key)
                            yield span, "missing-key", f"'{key}' stands here without '{other}'", ""
        case "not":
            pass  # count beside at_least: the semantic checks say it better
        case "minItems" | "minProperties" | "maxItems" | "maxProperties":
            yield _length(document, path, keyword, error)
        case _:
            yield _scalar(document, path, keyword, error)


def _name(document: Document, path: list[Any], name: str) -> Explanation:
    container = document.root
    for part in path:
        container = container[part]
    span = document.key_span(container, name)
    if not name:
        return span, "bad-name", "this name is empty", ""
    message = f"'{_clip(name)}' cannot be the name of a variable"
    return span, "bad-name", message, "a name has letters, digits and '_', and begins with a letter"


def _surplus(language: Language, document: Document, error: Any, value: dict[str, Any]) -> Iterator[Explanation]:
    schema = error.schema
    title = schema.get("title", "")
    known = list(schema.get("properties", {}))
    for key in value:
        if key in schema.get("properties", {}):
            continue
        span = document.key_span(value, key)
        shown = _clip(key)
        if key.startswith("$") and title != "facets":
            hint = did_you_mean(key, language.matchers) or f"there are {', '.join(language.matchers)}"
            message = f"there is no matcher '{shown}'"
            if key in language.matchers:
                message, hint = f"no matcher can stand here: '{shown}'", ""
            yield span, "bad-matcher", message, hint
        elif title == "step":
            has_verb = any(name in language.verbs for name in value)
            if has_verb or any(name in ("expect", "never") for name in value):
                hint = did_you_mean(key, known)
                yield span, "unknown-key", f"a step has no '{shown}'", hint
            else:
                hint = did_you_mean(key, language.verbs) or "`ocpplab-runner steps` lists the verbs"
                yield span, "unknown-verb", f"there is no verb '{shown}'", hint
        elif title == "facets":
            hint = did_you_mean(key, known) or f"there are {', '.join(known)}"
            if key in language.modifiers:
                hint = f"'{key}' belongs into the step, beside 'expect'"
            yield span, "unknown-facet", f"there is no facet '{shown}'", hint
        else:
            hint = did_you_mean(key, known)
            if not hint and len(known) <= 12:
                hint = f"allowed here: {', '.join(known)}" if known else "nothing is allowed here"
            if not did_you_mean(key, known) and key in language.modifiers and title not in _TITLES:
                hint = f"'{key}' belongs into the step, beside its verb"
            yield span, "unknown-key", f"{_called(title)} has no key '{shown}'", hint


def _called(title: str) -> str:
    return _TITLES.get(title) or (f"'{title}'" if title else "this mapping")


def _missing(document: Document, error: Any, path: list[Any], value: dict[str, Any]) -> Iterator[Explanation]:
    title = error.schema.get("title") or (path[-1] if path and isinstance(path[-1], str) else "")
    span = document.span_at(path, key=True) if path else WHOLE_FILE
    for name in error.validator_value:
        if name not in value and not _misspelt(name, value, error.schema):
            yield span, "missing-key", f"{_called(title)} needs '{name}'", ""


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


def _scalar(document: Document, path: list[Any], keyword: str, error: Any) -> Explanation:
    span = document.span_at(path)
    value, limit = error.instance, error.validator_value
    in_settings = "settings" in path[:-1] or "change_configuration" in path[:-1]
    if _is_duration(error):
        return span, "bad-duration", f"{_show(value)} is not a duration", _DURATION_HINT
    if _is_version(path) and isinstance(value, int | float) and not isinstance(value, bool):
        holder, key = _holder(document, path)
        return (
            span,
            "unquoted-version",
            "YAML reads this version as a number",
            f'quote it: "{document.source_of(holder, key)}"',
        )
    code = "wrong-setting-value" if in_settings else ""
    match keyword:
        case "type":
            return span, code or "wrong-type", *_type(document, path, value, limit, error)
        case "enum":
            names = [str(item) for item in limit]
            hint = did_you_mean(value, names) if isinstance(value, str) else ""
            hint = hint or (f"allowed: {', '.join(names)}" if len(names) <= 20 else "")
            if isinstance(value, dict | list):
                return span, "wrong-type", f"this is {_kind(value)}, not a single word", hint
            return span, code or "value-not-allowed", f"{_show(value)} is not allowed here", hint
        case "const":
            return span, code or "value-not-allowed", f"{_show(value)} is not allowed here", f"allowed: {_show(limit)}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            word = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}.get(
                keyword, "less than"
            )
            return span, code or "value-not-allowed", f"{_show(value)} is not {word} {limit}", ""
        case "minLength":
            return span, "value-not-allowed", "this text is empty", ""
        case "uniqueItems":
            return document.span_at(path, key=True), "value-not-allowed", "something stands here twice", ""
        case "pattern":
            if path and path[-1] == "name":
                return span, "value-not-allowed", "a name is one line", ""
            return span, "value-not-allowed", f"{_show(value)} may only have letters, digits, '_', '-' and '.'", ""
        case _:
            return span, "wrong-type", f"{_show(value)} is not allowed here", ""


def _type(document: Document, path: list[Any], value: Any, limit: Any, error: Any) -> tuple[str, str]:
    kinds = [limit] if isinstance(limit, str) else list(limit)
    wanted = " or ".join(_TYPES[kind] for kind in kinds if kind != "null")
    message = f"this is {_kind(value)}, not {wanted}"
    if value is None:
        message = f"nothing stands here; {wanted} is wanted"
    hint = ""
    holder, key = _holder(document, path)
    if "string" in kinds and isinstance(value, bool | int | float) and holder is not None:
        hint = f"quote it: '{document.source_of(holder, key)}'"
    elif "boolean" in kinds and isinstance(value, str) and value.lower() in ("yes", "no", "on", "off"):
        hint = "YAML 1.2 writes true and false"
    elif kinds == ["array"] and not isinstance(value, dict | list) and value is not None and holder is not None:
        source = document.source_of(holder, key)
        hint = f'write a list: ["{source}"]' if _is_version(path) else f"write a list: [{source}]"
    elif isinstance(value, str) and error.schema.get("title") == "step":
        hint = f"write a colon and a blank behind the verb: '{value.split()[0]}: …'" if value.split() else ""
    elif isinstance(value, str) and error.schema.get("title") == "facets":
        hint = f"name the facet: {{auth_status: {_clip(value)}}}"
    elif kinds == ["array"] and isinstance(value, dict):
        hint = "begin each item with '- '"
    return message, hint


def _holder(document: Document, path: list[Any]) -> tuple[Any, Any]:
    if not path:
        return None, ""
    container = document.root
    for part in path[:-1]:
        container = container[part]
    return container, path[-1]


def _is_version(path: list[Any]) -> bool:
    return any(part in ("ocpp", "only") for part in path[-2:])


def _is_duration(error: Any) -> bool:
    schema = error.schema
    return isinstance(schema, dict) and schema.get("pattern") == PATTERN


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if value is None:
        return "nothing"
    return next(
        word
        for kind, word in (
            (str, "text"),
            (int, "a number"),
            (float, "a number"),
            (list, "a list"),
            (dict, "a mapping"),
        )
        if isinstance(value, kind)
    )


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list) or value is None:
        return _kind(value)
    return f"'{_clip(str(value))}'"


def _clip(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
