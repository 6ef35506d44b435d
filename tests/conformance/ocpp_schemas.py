"""The OCPP JSON schemas read a second time, with a small judge and a generator of our own: no code of the product.

Numbers are judged as they stand in the text: a value is what ``json.loads(text, parse_float=Decimal)`` gives.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion
_FOLDERS = {V16: "v16", V201: "v201", V21: "v21"}
#: Kinds of breach; UNSURE is one that the standard leaves open (is 1.0 an integer? has that minute 61 seconds?).
FORM, OCCURRENCE, TYPE, VALUE, UNSURE = "form", "occurrence", "type", "value", "unsure"

_DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
)
_ODD_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2})?([.,]\d+)?\s?([Zz]|[+-]\d{2}:?\d{2})?")
_EDGES: tuple[float, ...] = (1.0, 2.0, 2**31 - 1, -(2**31), 2**53, 2**63 - 1, -(2**63))
_EDGES_OF_TIME = (
    *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-06-30T23:59:60Z"),
    *("9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59Z", "2026-02-28t10:00:00.123456789z"),
)
_URI = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9./:]*")


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


@functools.cache
def _folder(version: OcppVersion) -> Path:
    spec = importlib.util.find_spec("ocpp")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / _FOLDERS[version] / "schemas"


@functools.cache
def schema(version: OcppVersion, action: str, *, answer: bool = False) -> dict[str, Any]:
    """The schema of an action's request or answer, or of an unconfirmed message."""
    plain = version is V16 or action in sends(version)
    name = f"{action}Response" if answer else action if plain else f"{action}Request"
    read: dict[str, Any] = json.loads((_folder(version) / f"{name}.json").read_text("utf-8-sig"))
    return read


@functools.cache
def actions(version: OcppVersion) -> tuple[str, ...]:
    """Every action of a version, in order."""
    names = (path.stem for path in _folder(version).glob("*Response.json"))
    return tuple(sorted(name.removesuffix("Response") for name in names))


@functools.cache
def sends(version: OcppVersion) -> tuple[str, ...]:
    """Every unconfirmed message of a version: SEND, from 2.1 on."""
    names = () if version is V16 else (path.stem for path in _folder(version).glob("*.json"))
    return tuple(sorted(name for name in names if not name.endswith(("Request", "Response"))))


def breaches(version: OcppVersion, action: str, payload: Any, *, answer: bool = False) -> frozenset[str]:
    """The kinds of breach in a payload; empty when it fits."""
    if not isinstance(payload, dict):
        return frozenset({FORM})
    root = schema(version, action, answer=answer)
    return frozenset(_breaches(root, payload, root))


def _resolve(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        node = root["definitions"][node["$ref"].rpartition("/")[2]]
    return node


def _breaches(node: Mapping[str, Any], value: Any, root: Mapping[str, Any]) -> Iterator[str]:
    node = _resolve(node, root)
    yield from _type_breach(node.get("type"), value)
    if "enum" in node and value not in node["enum"]:
        yield VALUE
    if isinstance(value, str):
        if len(value) > node.get("maxLength", len(value)):
            yield VALUE
        yield from _format_breach(node.get("format"), value)
    elif isinstance(value, dict):
        properties = node.get("properties", {})
        if any(name not in value for name in node.get("required", ())):
            yield OCCURRENCE
        for name, inner in value.items():
            if name in properties:
                yield from _breaches(properties[name], inner, root)
            elif node.get("additionalProperties") is False:
                yield FORM
    elif isinstance(value, list):
        if not node.get("minItems", 0) <= len(value) <= node.get("maxItems", len(value)):
            yield OCCURRENCE
        for item in value if "items" in node else ():
            yield from _breaches(node["items"], item, root)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield from _number_breach(node, value)


def _type_breach(wanted: str | None, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        fits = wanted == "boolean"
    elif isinstance(value, int):
        fits = wanted in ("integer", "number")
        if fits and wanted == "integer" and not -(2**63) <= value < 2**63:
            yield UNSURE
    elif isinstance(value, Decimal):
        fits = wanted == "number"
        if wanted == "integer" and (value == value.to_integral_value() or float(value).is_integer()):
            fits = True
            yield UNSURE
    else:
        fits = isinstance(value, {"object": dict, "array": list, "string": str}.get(wanted or "", ()))
    if wanted is not None and not fits:
        yield TYPE


def _format_breach(name: str | None, value: str) -> Iterator[str]:
    if name == "date-time" and not _DATE.fullmatch(value):
        yield UNSURE if _ODD_DATE.fullmatch(value) else VALUE
    elif name == "date-time" and (value[5:10] > "12-28" or value[8:10] > "28"):
        yield UNSURE  # a day that its month may not have
    elif name == "uri" and not _URI.fullmatch(value):
        yield UNSURE


def _number_breach(node: Mapping[str, Any], value: int | Decimal) -> Iterator[str]:
    if value < node.get("minimum", value) or value > node.get("maximum", value):
        yield VALUE
    if "multipleOf" in node and isinstance(value, Decimal):
        if abs(value.adjusted()) > 12 or len(value.as_tuple().digits) > 15:
            yield UNSURE
        elif value % Decimal(str(node["multipleOf"])):
            yield VALUE


class Samples:
    """Makes payloads that fit their schema.

    Args:
        version: whose schemas.
        random: the only source of randomness.
        aimed: property name → values that mean something to the receiver; the others are made up.
    """

    def __init__(self, version: OcppVersion, random: Random, aimed: Mapping[str, Sequence[Any]]) -> None:
        self._version, self._random, self._aimed = version, random, aimed

    def payload(self, action: str, *, answer: bool = False) -> dict[str, Any]:
        """A payload for a request or an answer of that action."""
        root = schema(self._version, action, answer=answer)
        made: dict[str, Any] = self._value(root, root, "")
        return made

    def _value(self, node: Mapping[str, Any], root: Mapping[str, Any], name: str) -> Any:
        node, random = _resolve(node, root), self._random
        if "enum" in node:
            return random.choice(node["enum"])
        kind = node.get("type")
        if kind == "object":
            wanted = node.get("required", ())
            return {
                key: self._value(inner, root, key)
                for key, inner in node.get("properties", {}).items()
                if key in wanted or random.random() < (0.05 if key == "customData" else 0.5)
            }
        if kind == "array":
            least = node.get("minItems", 0)
            most = min(node.get("maxItems", least + 3), least + 3)
            return [self._value(node["items"], root, name) for _ in range(random.randint(least, most))]
        if name in self._aimed and random.random() < 0.8:
            value = random.choice(self._aimed[name])
            if not any(_breaches(node, value, root)):
                return value
        if kind == "boolean":
            return random.random() < 0.5
        if kind == "integer":
            number = random.choice(_EDGES if random.random() < 0.04 else (0, 1, 2, 3, 5, 30, -1, 4711))
            return min(max(number, int(node.get("minimum", number))), int(node.get("maximum", 2**63)))
        if kind == "number":
            amount = random.choice((0, 1, 16, 0.3, 21.4, random.randint(0, 99)))
            return min(max(amount, node.get("minimum", amount)), node.get("maximum", amount))
        return self._text(node)

    def _text(self, node: Mapping[str, Any]) -> str:
        random = self._random
        if node.get("format") == "date-time":
            if random.random() < 0.05:
                return random.choice(_EDGES_OF_TIME)
            day, zone = random.randint(10, 28), random.choice(("Z", ".5Z", "+01:00"))
            return f"2026-0{random.randint(1, 9)}-{day}T{random.randint(10, 23)}:00:00{zone}"
        if node.get("format") == "uri":
            return "ftp://127.0.0.1:1/path"  # refused at once: a name would be looked for outside, in real time
        length = min(node.get("maxLength", 40), random.choice((0, 1, 5, 12, 20, 36, 255, 500)))
        letters = random.choice(("abcXYZ019-_", "0123456789", 'aé€😀\u0000\n"\\\u202e '))
        return "".join(random.choice(letters) for _ in range(length))
