"""What everybody writes first, and only one thing can be meant by: read as that, and shown so to editors.

- Where text is wanted, a number is the text as it is written: a card 12345678, a configuration value 60; ``true`` is so
  where any names have texts.
- Where a list of words is wanted, one word is a list of one.
- A listed word may be written in lower case: ``reset: hard``.
- Where a number is looked for, a comparison in text is its matchers: ``"> 100"`` is ``{$gt: 100}``.

:func:`read_everyday` brings a document into the language's own form, before anything else looks at it.
:func:`everyday_schema` makes of the language's schema the one for who has not read it so: an editor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ocpplab_runner.ocppj.times import DATE_TIME
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.vocabulary.durations import PATTERN

Schema = dict[str, Any]

#: Of a text that is computed.
EXPRESSION_PATTERN: Final = r"\$\{\{"
_DEFINITIONS: Final = "#/definitions/"
_EXPRESSION: Final = f"{_DEFINITIONS}expression"
#: Text of which every sign counts.
_STRICT_PATTERNS: Final = frozenset({PATTERN, DATE_TIME["pattern"], EXPRESSION_PATTERN})
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?"
_OPERATOR: Final = r"(?:[<>]=?|[!=]=|=|≤|≥)"
_BOUND: Final = rf"{_OPERATOR}\s*{_NUMBER}"
#: A comparison in text, for draft-07.
COMPARISON: Final = rf"^\s*(?:{_BOUND}(?:\s*(?:and|,)\s*{_BOUND})?|{_NUMBER}\s*\.\.\s*{_NUMBER})\s*$"
_COMPARISON: Final = re.compile(COMPARISON)
_PARTS: Final = re.compile(rf"(?P<operator>{_OPERATOR})\s*(?P<number>{_NUMBER})")
_MATCHERS: Final = {">": "$gt", ">=": "$gte", "≥": "$gte", "<": "$lt", "<=": "$lte", "≤": "$lte", "!=": "$not"}


def comparison(text: str) -> Any:
    """The matchers that a comparison in text stands for, or the number of ``= 3``; None when it is none.

    >>> comparison(">= 1 and < 5"), comparison("1 .. 5"), comparison("= 3")
    ({'$gte': 1, '$lt': 5}, {'$between': [1, 5]}, 3)
    """
    if not _COMPARISON.match(text):
        return None
    if ".." in text:
        return {"$between": [_number(part) for part in text.split("..")]}
    parts = [(match["operator"], _number(match["number"])) for match in _PARTS.finditer(text)]
    if len(parts) == 1 and parts[0][0] in ("=", "=="):
        return parts[0][1]
    # `> 1 and > 5`, or an equation beside a bound, is no comparison that a mapping of matchers could hold.
    found = {_MATCHERS.get(operator, ""): number for operator, number in parts}
    return found if len(found) == len(parts) and "" not in found else None


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def read_everyday(document: Document, schema: Schema, part: str) -> None:
    """Bring a document's content into the form that the language has for it, as far as only one can be meant.

    Args:
        document: its content is changed; places stay those of the text.
        schema: of the language.
        part: the definition that the content as a whole shall follow.
    """
    if isinstance(document.root, dict | list):
        _Reading(document, schema["definitions"]).inside(document.root, {"$ref": f"{_DEFINITIONS}{part}"})


class _Reading:
    def __init__(self, document: Document, definitions: Mapping[str, Schema]) -> None:
        self._document = document
        self._definitions = definitions
        self._seen: set[tuple[int, int]] = set()

    def inside(self, container: Any, schema: Schema) -> None:
        """Read what a container holds, as a schema describes it."""
        for one in self._applying(schema, container):
            if (id(container), id(one)) in self._seen:
                continue
            self._seen.add((id(container), id(one)))
            if isinstance(container, dict):
                named, others = one.get("properties", {}), one.get("additionalProperties")
                for key in list(container):
                    inner = named.get(key, others)
                    if isinstance(inner, dict):
                        self._value(container, key, inner, free=key not in named)
            elif isinstance(one.get("items"), dict):
                for index in range(len(container)):
                    self._value(container, index, one["items"])

    def _value(self, container: Any, key: Any, schema: Schema, *, free: bool = False) -> None:
        value = container[key]
        if isinstance(value, dict | list):
            self.inside(value, schema)
            return
        if value is None or (isinstance(value, str) and "${{" in value):
            return
        if isinstance(value, bool) and not free:
            return
        written = self._document.source_of(container, key)
        meant = self._meant(schema, value, written)
        if meant is not _NOTHING:
            self._document.rewrite(container, key, meant)

    def _meant(self, schema: Schema, value: Any, written: str) -> Any:
        """What a scalar means that is not taken as it is; ``_NOTHING`` when it is taken, or nothing is clear."""
        readings: list[Any] = []
        for one in self._applying(schema, value):
            if takes(one, value):
                return _NOTHING
            meant = _reading_of(one, value, written)
            if meant is not _NOTHING and meant not in readings:
                readings.append(meant)
        return readings[0] if len(readings) == 1 else _NOTHING

    def _applying(self, schema: Schema, value: Any) -> Iterator[Schema]:
        """The parts of a schema that look at this value itself, its references followed."""
        if "$ref" in schema:
            if schema["$ref"] != _EXPRESSION:
                yield from self._applying(self._definitions[schema["$ref"].removeprefix(_DEFINITIONS)], value)
            return
        if schema.keys() & {"type", "enum", "const", "properties", "items", "additionalProperties", "pattern"}:
            yield schema
        for inner in schema.get("allOf", ()):
            yield from self._applying(inner, value)
        if "anyOf" in schema:
            for inner in schema["anyOf"]:
                yield from self._applying(inner, value)
        if "if" in schema:
            branch = schema.get("then" if _holds(schema["if"], value) else "else")
            if isinstance(branch, dict):
                if _is_matchable(schema) and isinstance(value, str):
                    yield {"comparison": branch, "type": "object"}
                yield from self._applying(branch, value)


_NOTHING: Final = object()


def _is_matchable(schema: Schema) -> bool:
    """Whether a matcher may stand in for the value, as in facets."""
    then = schema.get("then", {})
    return bool(then.get("$ref") == f"{_DEFINITIONS}matcher")


def _kinds(schema: Schema) -> frozenset[str]:
    kind = schema.get("type", ())
    return frozenset((kind,) if isinstance(kind, str) else kind)


def _plain_kinds(schema: Schema) -> frozenset[str]:
    """The kinds of a schema, or of the one alternative to an expression."""
    real = [one for one in schema.get("anyOf", ()) if one.get("$ref") != _EXPRESSION]
    return _plain_kinds(real[0]) if len(real) == 1 else _kinds(schema)


def _holds(condition: Schema, value: Any) -> bool:
    """Whether an ``if`` of ours holds: they ask for kinds, keys and patterns of keys."""
    if "not" in condition and _holds(condition["not"], value):
        return False
    if "anyOf" in condition and not any(_holds(one, value) for one in condition["anyOf"]):
        return False
    if not takes({key: condition[key] for key in ("type",) if key in condition}, value):
        return False
    if not isinstance(value, dict):
        return True
    pattern = condition.get("propertyNames", {}).get("pattern")
    return (
        all(key in value for key in condition.get("required", ()))
        and len(value) >= condition.get("minProperties", 0)
        and (pattern is None or all(re.search(pattern, str(key)) for key in value))
    )


def takes(schema: Schema, value: Any) -> bool:
    """Whether a schema without references takes a scalar, or a container by its kind."""
    kinds = _kinds(schema)
    if kinds and not kinds & _kinds_of(value):
        return False
    if "enum" in schema and not any(one == value and type(one) is type(value) for one in schema["enum"]):
        return False
    if "const" in schema and schema["const"] != value:
        return False
    if isinstance(value, str):
        return len(value) >= schema.get("minLength", 0) and (
            "pattern" not in schema or re.search(schema["pattern"], value) is not None
        )
    return True


def _kinds_of(value: Any) -> frozenset[str]:
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int):
        return frozenset({"integer", "number"})
    if isinstance(value, float):
        return frozenset({"number", "integer"} if value.is_integer() else {"number"})
    named = {str: "string", list: "array", dict: "object", type(None): "null"}
    return frozenset({named[type(value)]})


def _reading_of(schema: Schema, value: Any, written: str) -> Any:
    """The one thing that a scalar can mean where a schema wants something else."""
    if "comparison" in schema:
        numeric = _plain_kinds(schema["comparison"]) & {"integer", "number"}
        found = comparison(value) if numeric and isinstance(value, str) else None
        return _NOTHING if found is None else found
    if "enum" in schema:
        words = in_lower_case(schema["enum"])
        return words.get(value, _NOTHING) if isinstance(value, str) else _NOTHING
    if is_text(schema):
        readable = not isinstance(value, str) and takes(schema, written)
        return written if readable else _NOTHING
    if is_list_of_words(schema):
        item = schema["items"]
        if takes(item, value):
            return [value]
        meant = _reading_of(item, value, written)
        return _NOTHING if meant is _NOTHING else [meant]
    return _NOTHING


def in_lower_case(words: list[Any]) -> dict[str, str]:
    """Word in lower case → the word as it is listed, where that is no listed word itself and of one only."""
    lower = [word.lower() for word in words if isinstance(word, str)]
    return {
        word.lower(): word
        for word in words
        if isinstance(word, str) and word.lower() not in words and lower.count(word.lower()) == 1
    }


def is_text(schema: Schema) -> bool:
    """Whether a schema wants text, in which digits are as good as letters."""
    return schema.get("type") == "string" and "enum" not in schema and schema.get("pattern") not in _STRICT_PATTERNS


def is_list_of_words(schema: Schema) -> bool:
    """Whether a schema wants a list, and nothing else, of texts or listed words."""
    items = schema.get("items")
    return (
        schema.get("type") == "array"
        and isinstance(items, dict)
        and schema.get("minItems", 1) <= 1
        and ("enum" in items or items.get("type") == "string")
    )


def everyday_schema(schema: Schema) -> Schema:
    """The schema of files in which everything that :func:`read_everyday` reads stands as it was written."""
    loosened: Schema = _loosened(schema, matchable=False)
    loosened["definitions"]["comparison"] = {"type": "string", "pattern": COMPARISON}
    return loosened


def _loosened(schema: Any, *, matchable: bool) -> Any:
    if isinstance(schema, list):
        return [_loosened(one, matchable=matchable) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out: Schema = {}
    for key, value in schema.items():
        match key:
            case "properties" | "definitions":
                out[key] = {name: _loosened(one, matchable=False) for name, one in value.items()}
            case "additionalProperties" if isinstance(value, dict) and is_text(value):
                out[key] = {**value, "type": ["string", "number", "boolean"]}
            case "items" | "additionalProperties" | "then" | "allOf":
                out[key] = _loosened(value, matchable=False)
            case "else":
                out[key] = _loosened(value, matchable=_is_matchable(schema))
            case "anyOf":
                out[key] = _loosened(value, matchable=matchable)
            case _:
                out[key] = value
    if matchable and _kinds(schema) & {"integer", "number"}:
        return {"anyOf": [out, {"$ref": f"{_DEFINITIONS}comparison"}]}
    if "enum" in schema and (lower := in_lower_case(schema["enum"])):
        said = {key: out.pop(key) for key in ("description", "title") if key in out}
        return {**said, "anyOf": [out, {"pattern": f"^({'|'.join(map(re.escape, lower))})$", "type": "string"}]}
    if is_text(schema):
        return {**out, "type": ["string", "number"]}
    if is_list_of_words(schema):
        said = {key: out.pop(key) for key in ("description", "title") if key in out}
        return {**said, "if": {"type": "array"}, "then": out, "else": out["items"]}
    return out
