"""Can matchers that are sound one by one hold together, of some value that may come?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise, product
from typing import Any, Final

from ocpplab_runner.scenario.known_values import NUMBERS, Known, not_listed, wrong_kind
from ocpplab_runner.scenario.values import MISSING, compare, instant, is_matcher, is_unsure, matches
from ocpplab_runner.vocabulary.numbers import is_number

#: Matchers that look into a text or a list: which ones they hold of is not worked out here.
_STRUCTURAL: Final = frozenset({"$matches", "$contains"})
_OTHER_TEXT: Final = "\x00"
_ODD_TEXTS: Final = ("", _OTHER_TEXT, "zq-7_.ß", "  ", "A" * 60)
#: Beyond so many no one writes: what is left over is taken to hold.
_MOST_GUESSES: Final = 6


def can_be_met(wanted: Mapping[str, Any], known: Known) -> bool:
    """Whether some value that may come, or none at all, meets matchers that are sound one by one.

    Every set that matchers describe has a member among a few candidates: the listed values, or what is named, what lies
    beside and between it, and something else. Of that something else a pattern may hold or not, and a list may contain
    anything: there all that they may say together is tried.
    """
    field = known.field
    # A field that need not be there may meet the question by not being there.
    if not known.always and matches(wanted, MISSING, field):
        return True
    listed = known.listed
    if listed is not None:
        return any(matches(wanted, value, field) for value in listed)
    kinds = known.kinds
    named = list(_named(wanted))
    if any(_may_come(value, known) and matches(wanted, value, field) for value in _candidates(named, kinds)):
        return True
    guesses = sorted(set(_guessed(wanted)))[:_MOST_GUESSES]
    for value in _others(wanted, kinds):
        for truths in product((True, False), repeat=len(guesses)):
            if _holds(wanted, value, field, dict(zip(guesses, truths, strict=True))):
                return True
    return False


def _holds(wanted: Any, value: Any, field: str, truth: Mapping[str, bool]) -> bool | None:
    """Whether a value meets matchers, given what the guessed ones say; None where they cannot compare."""
    if not is_matcher(wanted):
        return matches(wanted, value, field)
    said = [_one(name, argument, value, field, truth) for name, argument in wanted.items()]
    return False if False in said else None if None in said else True


def _one(name: str, argument: Any, value: Any, field: str, truth: Mapping[str, bool]) -> bool | None:
    if name == "$not":
        inner = _holds(argument, value, field, truth)
        return None if inner is None else not inner
    if name == "$any_of":
        said = [_holds(one, value, field, truth) for one in argument]
        return True if True in said else None if None in said else False
    guess = _guess(name, argument)
    if guess in truth and isinstance(value, str if name == "$matches" else list):
        return truth[guess]
    found = compare({name: argument}, value, field=field)
    return None if is_unsure(found) else not found


def _guess(name: str, argument: Any) -> str:
    return f"{name} {argument!r}"


def _guessed(wanted: Any) -> Iterator[str]:
    """The matchers of which nobody knows what they say of something else."""
    if isinstance(wanted, Mapping):
        for name, argument in wanted.items():
            if name in _STRUCTURAL and not (name == "$matches" and _is_plain(argument)):
                yield _guess(name, argument)
            yield from _guessed(argument)
    elif isinstance(wanted, list | tuple):
        for item in wanted:
            yield from _guessed(item)


def _is_plain(pattern: Any) -> bool:
    """Whether a pattern fits one text, or any: then there is nothing to guess."""
    return re.escape(str(pattern)) == pattern or all(matches({"$matches": pattern}, text) for text in _ODD_TEXTS)


def _others(wanted: Any, kinds: frozenset[str] | None) -> Iterator[Any]:
    """Something else than what is named: a text that holds some of the texts that must be in it, a list, a mapping."""
    if kinds is None or "string" in kinds:
        pieces = sorted({text for text in _named(_contained(wanted)) if isinstance(text, str)})[:_MOST_GUESSES]
        for chosen in product((True, False), repeat=len(pieces)):
            yield _OTHER_TEXT + _OTHER_TEXT.join(piece for piece, taken in zip(pieces, chosen, strict=True) if taken)
    if kinds is None or "array" in kinds:
        yield [_OTHER_TEXT]
    if kinds is None or "object" in kinds:
        yield {_OTHER_TEXT: _OTHER_TEXT}


def _contained(wanted: Any) -> list[Any]:
    """What stands beside every `$contains`."""
    if isinstance(wanted, Mapping):
        own = [argument for name, argument in wanted.items() if name == "$contains"]
        return own + [one for argument in wanted.values() for one in _contained(argument)]
    if isinstance(wanted, list | tuple):
        return [one for item in wanted for one in _contained(item)]
    return []


def _only_of_presence(wanted: Mapping[str, Any]) -> bool:
    return set(_used(wanted)) <= {"$absent", "$present", "$not", "$any_of"} and not any(
        not isinstance(value, bool) for value in _named(wanted)
    )


def _may_come(value: Any, known: Known) -> bool:
    return not wrong_kind(value, known, ()) and not not_listed(value, known, ())


def _candidates(named: Sequence[Any], kinds: frozenset[str] | None) -> Iterator[Any]:
    yield from named
    if kinds is None or kinds & NUMBERS:
        numbers = sorted({0, *(one for one in named if is_number(one))})
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
        return f": {known.subject} is one of {', '.join(map(str, listed))}"
    if known.always and _only_of_presence(wanted):
        return f": {known.what} is always there"
    return f": no {known.what} is all of {', '.join(wanted)}" if len(wanted) > 1 else f", no {known.what} is so"
