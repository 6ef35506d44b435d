"""A schema written short: what stands in it more than once is written once, under ``p``, where that is shorter.

What a part says to people (its description, its words) may stand beside the reference to what it asks: language servers
show both, and a validator has nothing to ask of the former.
"""

from __future__ import annotations

from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import orjson

Schema = dict[str, Any]

#: Keywords whose values are schemas, maps of names to schemas, and lists of schemas.
_PARTS: Final = ("items", "additionalProperties", "then", "else", "if", "not", "propertyNames")
_MAPS: Final = ("properties", "dependencies")
_LISTS: Final = ("anyOf", "allOf")
#: Keywords that say something and ask nothing, in the order in which they are taken off.
_SAID: Final[tuple[str, ...]] = ("description", "examples", "defaultSnippets", "title")
#: Letters of a name, if no other part has the same.
_LETTERS: Final = 3
_REFERENCE: Final = len('{"$ref":"#/p/abc"}')
_ENTRY: Final = len('"abc":,\n')


def compact(value: Any) -> str:
    """JSON without blanks."""
    return orjson.dumps(value).decode()


def share_parts(definitions: Mapping[str, Schema]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Definitions that refer to the parts which they have in common, and these parts by name."""
    tree = _Tree(definitions)
    names = _names(tree.worth_sharing())
    parts = {name: tree.written(digest, names) for digest, name in names.items()}
    return {name: tree.referred_to(top, names) for name, top in tree.tops.items()}, parts


def _names(digests: Iterable[str]) -> dict[str, str]:
    """A short name for each: by what the part is, so that a new part gives the others no other name."""
    taken: dict[str, str] = {}
    for digest in digests:
        letters = b32encode(bytes.fromhex(digest)).decode().lower()
        taken[next(name for end in range(_LETTERS, len(letters)) if (name := letters[:end]) not in taken)] = digest
    return {digest: name for name, digest in taken.items()}


@dataclass(frozen=True)
class _Part:
    """One schema.

    Args:
        own: the schema, with digests in the place of the schemas in it; of a schema with a ``base``, what it says.
        inner: these digests.
        base: what it asks, when it also says something.
        size: the length of what is written of it beside the inner ones.
    """

    own: Schema
    inner: tuple[str, ...]
    base: str | None
    size: int


class _Tree:
    """Every different schema in some definitions, once; those within another one come before it."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._parts: dict[str, _Part] = {}
        #: Mappings without a title: a server says the name of the reference where something else stands.
        self._shown: set[str] = set()
        self.tops = {name: self._add(schema) for name, schema in definitions.items()}

    def worth_sharing(self) -> list[str]:
        """The digests of the parts that make the whole shorter when they are written once."""
        shared = {one: None for one, uses in self._uses(()).items() if uses > 1 and one not in self._shown}
        while True:
            uses, sizes = self._uses(shared), self._sizes(shared)
            gains = {one: (uses[one] - 1) * sizes[one] - uses[one] * _REFERENCE - _ENTRY for one in shared}
            losses = sorted((gain, one) for one, gain in gains.items() if gain <= 0)
            if not losses:
                return list(shared)
            # Not all at once: without the worst of them, others may be worth it.
            for _, one in losses[: len(losses) // 4 + 1]:
                del shared[one]

    def referred_to(self, digest: str, names: Mapping[str, str]) -> Schema:
        """A schema, by its name if it has one."""
        return {"$ref": f"#/p/{names[digest]}"} if digest in names else self.written(digest, names)

    def written(self, digest: str, names: Mapping[str, str]) -> Schema:
        """A schema with references to those in it that have a name."""
        part = self._parts[digest]
        if part.base is not None:
            return part.own | self.referred_to(part.base, names)
        return _each(part.own, lambda one: self.referred_to(one, names), str)

    def _add(self, schema: Schema, *, titled: bool = False) -> str:
        titled = titled or "title" in schema
        digest = blake2b(compact(schema).encode()).hexdigest()
        if digest not in self._parts:
            self._parts[digest] = self._part(schema, titled=titled)
        if schema.get("type") == "object" and not titled:
            self._shown.add(digest)
        return digest

    def _part(self, schema: Schema, *, titled: bool) -> _Part:
        said = next((key for key in _SAID if key in schema and len(schema) > 1), None)
        if said is not None:
            own = {said: schema[said]}
            base = self._add({key: value for key, value in schema.items() if key != said}, titled=titled)
            return _Part(own, (base,), base, len(compact(own)) - 1)
        inner: list[str] = []

        def add(one: Schema) -> str:
            inner.append(self._add(one, titled=one is schema.get("if")))
            return inner[-1]

        own = _each(schema, add, dict)  # a digest in quotes stands there for each inner one
        return _Part(own, tuple(inner), None, len(compact(own)) - sum(len(one) + len('""') for one in inner))

    def _uses(self, shared: Iterable[str]) -> Counter[str]:
        """How often each schema is written, or would be if it had no name."""
        uses = Counter(self.tops.values())
        for digest, part in reversed(self._parts.items()):
            for one in part.inner:
                uses[one] += 1 if digest in shared else uses[digest]
        return uses

    def _sizes(self, shared: Iterable[str]) -> dict[str, int]:
        """The length of each schema as it is written."""
        sizes: dict[str, int] = {}
        for digest, part in self._parts.items():
            sizes[digest] = part.size + sum(_REFERENCE if one in shared else sizes[one] for one in part.inner)
        return sizes


def _each(schema: Schema, change: Callable[[Any], Any], kind: type) -> Schema:
    """A schema with something else for each schema that is directly in it.

    Args:
        kind: what stands for a schema there; what is not that, such as ``false``, stays.
    """

    def changed(one: Any) -> Any:
        return change(one) if isinstance(one, kind) else one

    out: Schema = {}
    for key, value in schema.items():
        if key in _MAPS:
            out[key] = {name: changed(one) for name, one in value.items()}
        elif key in _LISTS:
            out[key] = [changed(one) for one in value]
        else:
            out[key] = changed(value) if key in _PARTS else value
    return out
