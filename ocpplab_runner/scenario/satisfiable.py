"""Can matchers that are sound one by one hold together, of some value that may come?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from ocpplab_runner.scenario.known_values import NUMBERS, Known, not_listed, wrong_kind
from ocpplab_runner.scenario.values import MISSING, instant, matches

_ORDERED: Final = frozenset({"$gte", "$lte", "$between"})
#: Matchers that look into a text or a list: which ones they hold of is not worked out here.
_STRUCTURAL: Final = frozenset({"$matches", "$contains"})
_OTHER_TEXT: Final = "\x00"


def can_be_met(wanted: Mapping[str, Any], known: Known) -> bool:
    """Whether some value that may come, or none at all, meets matchers that are sound one by one.

    Every set that matchers without ``$matches`` and ``$contains`` describe has a member among a few candidates: the
    listed values, or what is named, what lies beside and between it, and something else.
    """
    field = known.field
    if not known.always and matches(wanted, MISSING, field):
        return True
    listed = known.listed
    if listed is not None:
        return any(matches(wanted, value, field) for value in listed)
    kinds = known.kinds
    named = list(_named(wanted))
    if any(_may_come(value, known) and matches(wanted, value, field) for value in _candidates(named, kinds)):
        return True
    chosen = wanted.get("$any_of")
    if chosen is not None and not any(isinstance(one, Mapping | list) for one in chosen):
        return False
    open_ended = kinds is None or kinds & {"array", "object"}
    return any(name in _STRUCTURAL for name in _used(wanted)) or (
        bool(open_ended) and not any(name in _ORDERED for name in wanted) and not _only_of_presence(wanted)
    )


def _only_of_presence(wanted: Mapping[str, Any]) -> bool:
    return set(_used(wanted)) <= {"$absent", "$present", "$not", "$any_of"} and not any(
        not isinstance(value, bool) for value in _named(wanted)
    )


def _may_come(value: Any, known: Known) -> bool:
    return not wrong_kind(value, known, ()) and not not_listed(value, known, ())


def _candidates(named: Sequence[Any], kinds: frozenset[str] | None) -> Iterator[Any]:
    yield from named
    if kinds is None or kinds & NUMBERS:
        numbers = sorted({0, *(one for one in named if isinstance(one, int | float) and not isinstance(one, bool))})
        yield from numbers
        for number in numbers:
            yield from (number - 1, number + 1, number - 0.5, number + 0.5)
        for low, high in pairwise(numbers):
            yield (low + high) / 2
            yield int((low + high) // 2)
    if kinds is None or "string" in kinds:
        yield _OTHER_TEXT
        moments = sorted(moment for one in named if isinstance(one, str) and (moment := instant(one)) is not None)
        for moment in moments:
            yield from ((moment + timedelta(seconds=seconds)).isoformat() for seconds in (-1, 0, 1))
        for early, late in pairwise(moments):
            yield (early + (late - early) / 2).isoformat()
    if kinds is None or "boolean" in kinds:
        yield from (True, False)
    if kinds is None or "array" in kinds:
        yield [_OTHER_TEXT]
    if kinds is None or "object" in kinds:
        yield {_OTHER_TEXT: _OTHER_TEXT}


def _named(wanted: Any) -> Iterator[Any]:
    """Every plain value that matchers name, however deep."""
    if isinstance(wanted, Mapping):
        if any(str(name).startswith("$") for name in wanted):
            for argument in wanted.values():
                yield from _named(argument)
        else:
            yield wanted
    elif isinstance(wanted, list | tuple):
        yield list(wanted)
        for item in wanted:
            yield from _named(item)
    else:
        yield wanted


def _used(wanted: Any) -> Iterator[str]:
    """The names of all matchers in a question."""
    if isinstance(wanted, Mapping):
        for name, argument in wanted.items():
            if str(name).startswith("$"):
                yield name
            yield from _used(argument)
    elif isinstance(wanted, list | tuple):
        for item in wanted:
            yield from _used(item)


def because(wanted: Mapping[str, Any], known: Known) -> str:
    listed = known.listed
    if listed is not None and len(listed) <= 10:
        return f": {known.what} is one of {', '.join(map(str, listed))}"
    if known.always and _only_of_presence(wanted):
        return f": {known.what} is always there"
    return f": no {known.what} is all of {', '.join(wanted)}" if len(wanted) > 1 else f", no {known.what} is so"
