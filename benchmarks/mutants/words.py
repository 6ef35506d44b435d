"""Which words may stand for each other: the members of an enum, and the values of one enumeration of OCPP."""

from __future__ import annotations

import ast
import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """What a constant or a member can be exchanged with.

    Attributes:
        members: enum class → its members.
        values: word → the words of every enumeration that has it.
    """

    members: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]


@cache
def words_of(package: Path) -> Words:
    """The words of a package's enums and ``Literal`` types, and of the OCPP schemas.

    Args:
        package: folder of Python modules.
    """
    members: dict[str, tuple[str, ...]] = {}
    together: list[tuple[str, ...]] = list(_ocpp())
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
                assigned = [one for one in node.body if isinstance(one, ast.Assign)]
                names = [target.id for one in assigned for target in one.targets if isinstance(target, ast.Name)]
                members[node.name] = tuple(names)
                together.append(_texts(one.value for one in assigned))
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
                elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                together.append(_texts(elements))
    values: defaultdict[str, set[str]] = defaultdict(set)
    for vocabulary in together:
        for word in vocabulary:
            values[word].update(vocabulary)
    return Words(
        {name: found for name, found in members.items() if len(found) > 1},
        {word: tuple(sorted(others - {word})) for word, others in values.items() if len(others) > 1},
    )


def _texts(nodes: Iterable[ast.expr]) -> tuple[str, ...]:
    return tuple(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def _ocpp() -> tuple[tuple[str, ...], ...]:
    spec = importlib.util.find_spec("ocpp")
    assert spec is not None and spec.origin is not None
    schemas = [
        json.loads(path.read_text("utf-8-sig"))
        for version in ("v16", "v201")
        for path in sorted((Path(spec.origin).parent / version / "schemas").glob("*.json"))
    ]
    return tuple(sorted({found for schema in schemas for found in _enumerations(schema)}))


def _enumerations(schema: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            yield tuple(schema["enum"])
        for value in schema.values():
            yield from _enumerations(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _enumerations(value)
