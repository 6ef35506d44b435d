"""What JSON schemas say of the values that may come in a place, and what is wrong with one that never does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.scenario.values import matches
from ocpplab_runner.vocabulary.texts import shortened

Path = tuple[str | int, ...]
#: A schema's root, for its references, and the node that describes the value at hand.
Node = tuple[Mapping[str, Any], Mapping[str, Any]]

KINDS: Final = {
    "null": "nothing",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a mapping",
}
NUMBERS: Final = frozenset({"integer", "number"})
#: ``> 100``, ``>= 1 and < 5``, ``1 .. 5``: what its writer took for a comparison.
_COMPARISON: Final = re.compile(r"\s*(?:([<>]=?|[!=]=|≤|≥)\s*(-?[\d.]+)|-?[\d.]+\s*\.\.\s*-?[\d.]+).*", re.DOTALL)
_AS_MATCHERS: Final = {">=": "$gte", "≥": "$gte", "<=": "$lte", "≤": "$lte", ">": "$gt", "<": "$lt", "!=": "$not"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a question, or a part of it, cannot be answered.

    Attributes:
        path: of the part, from the question on.
        code: of the diagnostic.
        message: what is wrong.
        hint: what would be right, or empty.
        at_key: whether the key at the end of the path is meant, and not its value.
        is_value: whether it is about a value that never comes, and not about a matcher; where frames that break their
            schema are looked at, such a value may come after all.
    """

    path: Path
    code: str
    message: str
    hint: str = ""
    at_key: bool = False
    is_value: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the values that may come in a place.

    Attributes:
        nodes: schemas of which one is enough; none when nothing is known.
        what: the place, for people: ``reason of transaction``.
        field: name of the field, which says whether it is an id token.
        always: whether a value is always there.
        inside: whether ``what`` is the message that the place is in.
        elsewhere: the nodes of all versions, where ``nodes`` are only those of some.
    """

    nodes: tuple[Node, ...] = ()
    what: str = "value"
    field: str = ""
    always: bool = False
    inside: bool = False
    elsewhere: tuple[Node, ...] = ()

    @property
    def kinds(self) -> frozenset[str] | None:
        """The JSON types of the values; None when they are not known."""
        kinds: set[str] = set()
        for node in self.nodes:
            own = _kinds(resolved(node)[1])
            if own is None:
                return None
            kinds |= own
        return frozenset(kinds) if kinds else None

    @property
    def listed(self) -> tuple[Any, ...] | None:
        """Every value that may come; None when they are not listed."""
        values: list[Any] = []
        for node in self.nodes:
            schema = resolved(node)[1]
            if "enum" not in schema:
                return None
            values += [value for value in schema["enum"] if value not in values]
        return tuple(values) if self.nodes else None

    def anywhere(self) -> Known:
        """The same in every version."""
        return replace(self, nodes=self.elsewhere) if self.elsewhere else self

    @property
    def subject(self) -> str:
        """The place as the subject of a sentence."""
        return f"'{self.field}' of {self.what}" if self.inside and self.field else self.what

    def items(self) -> Known:
        """What is known of the items of a list that stands here."""
        nodes = [resolved(node) for node in self.nodes]
        inner = tuple((root, node["items"]) for root, node in nodes if isinstance(node.get("items"), Mapping))
        return replace(self, nodes=inner if len(inner) == len(nodes) else (), always=False, elsewhere=())

    def part(self, name: str) -> Known | None:
        """What is known of the value under a key of a mapping that stands here; None when there is no such key."""
        nodes = [resolved(node) for node in self.nodes]
        if not nodes or any("properties" not in node for _, node in nodes):
            return Known(what=self.what, field=name, inside=self.inside)  # free-form data
        inner = tuple((root, node["properties"][name]) for root, node in nodes if name in node["properties"])
        if not inner and all(node.get("additionalProperties") is False for _, node in nodes):
            return None
        return Known(inner, self.what, name, inside=self.inside)

    def keys(self) -> set[str]:
        """The keys of a mapping that stands here."""
        return {name for node in self.nodes for name in resolved(node)[1].get("properties", ())}


ANYTHING: Final = Known()


def shown(value: Any) -> str:
    """A value for a message, not too long."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return shortened(text)


def wrong_kind(value: Any, known: Known, path: Path) -> list[Flaw]:
    kinds = known.kinds
    if kinds is None or _kind(value) in kinds or (_kind(value) == "integer" and "number" in kinds):
        return []
    if isinstance(value, float) and value.is_integer() and "integer" in kinds:
        return []
    wanted = " or ".join(KINDS[kind] for kind in sorted(kinds))
    if value is None:
        return [Flaw(path, "wrong-type", f"nothing stands here; {known.subject} is {wanted}")]
    hint = ""
    if isinstance(value, str) and kinds & NUMBERS:
        comparison = _COMPARISON.fullmatch(value)
        if comparison is not None:
            return [Flaw(path, "wrong-type", *comparison_in_text(value))]
        hint = f"write it without quotes: {value.strip()}" if as_number(value) else ""
    message = f"{shown(value)} is {KINDS[_kind(value)]}, and {known.subject} is {wanted}"
    return [Flaw(path, "wrong-type", message, hint, is_value=True)]


def comparison_in_text(value: str) -> tuple[str, str]:
    """Message and hint for a comparison that is written as text; both empty when it is none."""
    found = _COMPARISON.fullmatch(value)
    if found is None:
        return "", ""
    name = _AS_MATCHERS.get(found[1] or "", "$between" if found[1] is None else "$gte")
    bound = found[2] if as_number(value.lstrip("<>=!≤≥ ")) or " and " in value else "…"  # a unit would be left out
    example = "{$between: [low, high]}" if name == "$between" else f"{{{name}: {bound}}}"
    message = f"'{shortened(value)}' is a comparison in text, which only the number of a facet may be"
    return message, f"write a matcher: {example}"


def not_listed(value: Any, known: Known, path: Path) -> list[Flaw]:
    listed = known.listed
    if listed is not None:
        if any(matches(value, one, known.field) for one in listed):
            return []
        names = [str(one) for one in listed]
        hint = did_you_mean(str(value), names) or (f"there are {', '.join(names)}" if len(names) <= 20 else "")
        return [Flaw(path, "value-not-allowed", _never_comes(value, known), hint, is_value=True)]
    if isinstance(value, str) and known.nodes and not any(_in_form(value, node) for node in known.nodes):
        return [Flaw(path, "value-not-allowed", _never_comes(value, known), _longest(value, known), is_value=True)]
    if isinstance(value, int | float) and known.nodes and not any(_in_range(value, node) for node in known.nodes):
        return [Flaw(path, "value-not-allowed", _never_comes(value, known), is_value=True)]
    return []


def _never_comes(value: Any, known: Known) -> str:
    return f"no {known.what} has {shown(value)} here" if known.inside else f"no {known.what} is {shown(value)}"


def _longest(value: str, known: Known) -> str:
    """For a text that is too long, how long it may be."""
    limits = [resolved(node)[1].get("maxLength") for node in known.nodes]
    longest = max((limit for limit in limits if limit is not None), default=len(value))
    return f"it has {longest} characters at most" if None not in limits and longest < len(value) else ""


def _in_form(value: str, node: Node) -> bool:
    schema = resolved(node)[1]
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    pattern = schema.get("pattern")
    return pattern is None or re.search(pattern, value) is not None


def _in_range(value: Any, node: Node) -> bool:
    schema = resolved(node)[1]
    kinds = _kinds(schema)
    if kinds is not None and "number" not in kinds and isinstance(value, float) and not value.is_integer():
        return False
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for type_, kind in ((int, "integer"), (float, "number"), (str, "string"), (Mapping, "object")):
        if isinstance(value, type_):
            return kind
    return "array"


def _kinds(schema: Mapping[str, Any]) -> set[str] | None:
    if "enum" in schema:
        return {_kind(value) for value in schema["enum"]}
    kind = schema.get("type")
    if kind is None:
        return {"object"} if "properties" in schema else None
    return {kind} if isinstance(kind, str) else set(kind)


def resolved(node: Node) -> Node:
    root, schema = node
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return root, schema


def is_what(known: Known) -> str:
    listed = known.listed
    if listed is not None and len(listed) <= 10:
        return f"{known.subject} is one of {', '.join(map(str, listed))}"
    kinds = known.kinds or ()
    return f"{known.subject} is {' or '.join(KINDS[kind] for kind in sorted(kinds))}"


def as_number(text: str) -> bool:
    return re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", text) is not None
