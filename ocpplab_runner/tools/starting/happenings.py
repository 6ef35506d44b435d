"""What a new scenario can be about: the catalogue beside this module, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

_FILE = "happenings.yaml"


@dataclass(frozen=True, slots=True)
class Follow:
    """What may have to follow.

    Attributes:
        name: short, for the command line.
        says: in words.
        expect: the facet that must come, as a line of YAML; empty where something must not come.
        never: the facet that must not come; empty otherwise.
        lasts: for how long it must not come, a duration.
        within: in what time it must come, a duration; empty for the language's own 30 s.
    """

    name: str
    says: str
    expect: str = ""
    never: str = ""
    lasts: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can be tested.

    Attributes:
        name: short, for the command line.
        block: the functional block that it belongs to.
        says: in words.
        step: the step that makes it happen, as a line of YAML.
        follows: what may have to follow.
        given: the world before it, the lines of ``given``; may be empty.
        before: steps before it, lines of a list; may be empty.
    """

    name: str
    block: str
    says: str
    step: str
    follows: tuple[Follow, ...]
    given: str = ""
    before: str = ""


@cache
def happenings() -> Mapping[str, Happening]:
    """All of them, by name."""
    data = yaml.safe_load((resources.files(__package__) / _FILE).read_text("utf-8"))
    return {
        name: Happening(
            name,
            block,
            told["says"],
            told["step"],
            tuple(_follow(follow, said) for follow, said in told["follows"].items()),
            told.get("given", ""),
            told.get("before", ""),
        )
        for block, members in data.items()
        for name, told in members.items()
    }


def _follow(name: str, said: Mapping[str, str]) -> Follow:
    return Follow(
        name, said["says"], said.get("expect", ""), said.get("never", ""), said.get("for", ""), said.get("within", "")
    )
