"""How the methods of a functional block say what they do, and in which versions: common to both ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

from ocpplab_runner.vocabulary.versions import OcppVersion

M = TypeVar("M", bound=Callable[..., Any])

V16 = frozenset({OcppVersion.V16})
V2 = frozenset({OcppVersion.V201, OcppVersion.V21})


@dataclass(frozen=True, slots=True)
class Mark:
    """What a method says of itself.

    Attributes:
        kind: what it does: answer a call, hear an event …
        key: which one.
        method: its name.
        versions: in which it does so.
        more: what else there is to know.
    """

    kind: str
    key: Any
    method: str
    versions: frozenset[OcppVersion]
    more: Any = None


def marked(kind: str, *keys: Any, versions: frozenset[OcppVersion] = V16 | V2, more: Any = None) -> Callable[[M], M]:
    """Decorates a method of a :class:`Marked`; see :class:`Mark`."""

    def mark(method: M) -> M:
        marks: list[Mark] = method.__dict__.setdefault("_marks", [])
        marks.extend(Mark(kind, key, method.__name__, versions, more) for key in keys)
        return method

    return mark


class Marked:
    """A class that knows the marks of its methods; those of a subclass take the place of its base's."""

    #: The versions that this class serves.
    versions: ClassVar[frozenset[OcppVersion]] = frozenset()
    _marks: ClassVar[tuple[Mark, ...]] = ()

    def __init_subclass__(cls) -> None:
        own = (mark for method in vars(cls).values() for mark in getattr(method, "_marks", ()))
        cls._marks = (*cls._marks, *own)

    @classmethod
    @cache
    def marks(cls, kind: str, version: OcppVersion) -> Mapping[Any, Mark]:
        """Its marks of that kind in a version, by their keys."""
        return {mark.key: mark for mark in cls._marks if mark.kind == kind and version in mark.versions}
