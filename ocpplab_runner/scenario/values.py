"""Comparing what a scenario wants with what came (rule 7).

- Objects match as subsets: what the scenario does not name is not looked at.
- Lists match position by position and as a whole, unless ``$contains``.
- Id tokens compare without letter case, wherever the field's name says that it is one (OCPP 1.6 section 7.28 and
  2.0.1 IdTokenType: CiString, "case insensitive").
- Two RFC 3339 timestamps compare as instants, numbers by value (``1`` is ``1.0``); ``true`` is no number and ``"1"`` is
  no ``1``.
- A mapping of nothing but ``$matchers`` stands in for a value; several in one mapping must all hold.
- A matcher that cannot compare what came (a pattern and a number, a bound and a text) neither holds nor fails: the
  difference is *unsure*, and so is its ``$not``. What is unsure alone decides nothing; beside something that is surely
  different it does not matter.
- A plugin's matcher is known by its function, which :func:`bind` puts into what a scenario wants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ocpplab_runner.scenario import patterns
from ocpplab_runner.vocabulary.numbers import is_number

#: A plugin's matcher: what stands beside it, and what came → whether it holds; None where the two cannot be compared.
Holds = Callable[[Any, Any], bool | None]


class _Missing:
    """The value of a field that is not there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(absent)"


MISSING: Final = _Missing()

#: Fields whose value is an id token: of facts, of OCPP 1.6 payloads and of OCPP 2.x payloads.
ID_TOKEN_FIELDS: Final = frozenset(
    {
        "id_tag",
        "parent_id_tag",
        "parent_id_token",
        "id_token",
        "group_id_token",
        "idTag",
        "parentIdTag",
        "idToken",
        "groupIdToken",
        "additionalIdToken",
    }
)
#: Types of values that have no parts.
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as wanted.

    Attributes:
        path: where (``payload.meterValue[0].timestamp``); empty for the value as a whole.
        expected: what the scenario wants, as written.
        actual: what came, or :data:`MISSING`.
        reason: a few words (``is not there``, ``differs``).
        unsure: the two cannot be compared, so that nobody can say whether it is as wanted.
    """

    path: str
    expected: Any
    actual: Any
    reason: str
    unsure: bool = False

    def to_json(self) -> dict[str, Any]:
        """As an entry of a failure's ``diff``; an absent value is left out."""
        entry: dict[str, Any] = {"path": self.path}
        if self.expected is not MISSING:
            entry["expected"] = self.expected
        if self.actual is not MISSING:
            entry["actual"] = self.actual
        entry["reason"] = self.reason
        return entry


def matches(expected: Any, actual: Any, field: str = "") -> bool:
    """Whether ``actual`` is what ``expected`` asks for.

    Args:
        expected: plain data, with matchers.
        actual: plain data, or :data:`MISSING`.
        field: name of the field that holds the value; it says whether the value is an id token.
    """
    return not compare(expected, actual, field=field)


def compare(expected: Any, actual: Any, path: str = "", field: str = "") -> list[Difference]:
    """Every difference between what is wanted and what came; empty when it matches.

    Args:
        expected, actual, field: as for :func:`matches`.
        path: where the values stand, for the differences.
    """
    if type(expected) not in _PLAIN:
        # `dict` first: an abstract class takes its time to look at an object, and every value passes here.
        if isinstance(expected, dict | Mapping):
            if is_matcher(expected):
                brought = expected.functions if isinstance(expected, Bound) else {}
                found: list[Difference] = []
                for name, argument in expected.items():
                    if name in brought:
                        found += _brought(brought[name], name, argument, actual, path)
                    else:
                        found += _MATCHERS[name](argument, actual, path, field)
                return found
            return _compare_objects(expected, actual, path)
        if _is_list(expected) and actual is not MISSING:
            return _compare_lists(expected, actual, path, field)
    if actual is MISSING:
        return [Difference(path, expected, MISSING, "is not there")]
    return [] if _equal(expected, actual, field) else [Difference(path, expected, actual, _why(expected, actual))]


def is_unsure(differences: Sequence[Difference]) -> bool:
    """Whether nobody can say if it matches: something differs, and nothing surely."""
    return bool(differences) and all(one.unsure for one in differences)


def is_matcher(value: Any) -> bool:
    """Whether a wanted value is made of ``$matchers`` and nothing else."""
    if isinstance(value, Bound):
        return True
    return isinstance(value, dict | Mapping) and bool(value) and value.keys() <= _MATCHERS.keys()


class Bound(dict[str, Any]):
    """A mapping of matchers, of which plugins have brought some.

    Attributes:
        functions: those, by name.
    """

    __slots__ = ("functions",)

    def __init__(self, wanted: Mapping[str, Any], functions: Mapping[str, Holds]) -> None:
        super().__init__(wanted)
        self.functions = functions


def bind(wanted: Any, functions: Mapping[str, Holds]) -> Any:
    """What is wanted, with every plugin's matcher in it bound to its function; itself where there is none.

    Args:
        wanted: plain data, with matchers.
        functions: matcher → what it does.
    """
    if not functions or type(wanted) in _PLAIN:
        return wanted
    if isinstance(wanted, Mapping):
        bound = {key: bind(value, functions) for key, value in wanted.items()}
        known = _MATCHERS.keys() | functions.keys()
        return Bound(bound, functions) if functions.keys() & bound.keys() and bound.keys() <= known else bound
    return [bind(item, functions) for item in wanted] if _is_list(wanted) else wanted


def join(path: str, key: str | int) -> str:
    """The path of a part: ``a`` and ``b`` make ``a.b``, ``a`` and 0 make ``a[0]``."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _brought(holds: Holds, name: str, argument: Any, actual: Any, path: str) -> list[Difference]:
    """A plugin's matcher: what it raises, or says beside yes and no, is no verdict on what came."""
    wanted = {name: argument}
    if actual is MISSING:
        return [Difference(path, wanted, MISSING, "is not there")]
    try:
        said = holds(argument, actual)
    except Exception as error:
        return [Difference(path, wanted, actual, f"{name} raised {type(error).__name__}: {error}", unsure=True)]
    if said is None:
        return [Difference(path, wanted, actual, f"cannot be compared by {name}", unsure=True)]
    if not isinstance(said, bool):
        return [Difference(path, wanted, actual, f"{name} gave a {type(said).__name__}, not a truth", unsure=True)]
    return [] if said else [Difference(path, wanted, actual, "does not match")]


def _compare_objects(expected: Mapping[str, Any], actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, dict | Mapping):
        reason = "is not there" if actual is MISSING else "is not an object"
        return [Difference(path, expected, actual, reason)]
    found: list[Difference] = []
    for key, wanted in expected.items():
        came = actual.get(key, MISSING)
        if type(wanted) is type(came) and type(wanted) in _PLAIN and wanted == came:
            continue  # nearly always; the path is for people
        found += compare(wanted, came, join(path, str(key)), str(key))
    return found


def _compare_lists(expected: Sequence[Any], actual: Any, path: str, field: str) -> list[Difference]:
    if not _is_list(actual):
        return [Difference(path, expected, actual, "is not a list")]
    found: list[Difference] = []
    for index in range(max(len(expected), len(actual))):
        where = join(path, index)
        if index >= len(expected):
            found.append(Difference(where, MISSING, actual[index], "is one too many"))
        elif index >= len(actual):
            found.append(Difference(where, expected[index], MISSING, "is not there"))
        else:
            found += compare(expected[index], actual[index], where, field)
    return found


def _equal(expected: Any, actual: Any, field: str) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, str) and isinstance(actual, str):
        if expected == actual:
            return True
        if field in ID_TOKEN_FIELDS:
            return expected.casefold() == actual.casefold()
        moments = instant(expected), instant(actual)
        return None not in moments and moments[0] == moments[1]
    if isinstance(expected, str) or isinstance(actual, str):
        return False
    return bool(expected == actual)


def _why(expected: Any, actual: Any) -> str:
    if expected is None or actual is None or isinstance(expected, bool) is not isinstance(actual, bool):
        return "differs"
    number = isinstance(expected, int | float), isinstance(actual, int | float)
    if number == (True, False) and isinstance(actual, str):
        return "is text, not a number"
    if number == (False, True) and isinstance(expected, str):
        return "is a number, not text"
    return "differs"


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def instant(text: str) -> datetime | None:
    """The moment that an RFC 3339 timestamp names; None when the text is none."""
    # The shortest one has 20 characters; nearly every other text is out by that.
    if len(text) < 20 or _TIMESTAMP.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def _order_key(value: Any) -> float | int | datetime | None:
    if is_number(value):
        return value
    return instant(value) if isinstance(value, str) else None


def _compares(
    bound: Any, actual: Any, holds: Callable[[Any, Any], bool], words: str, wanted: Any, path: str
) -> list[Difference]:
    if actual is MISSING:
        return [Difference(path, wanted, MISSING, "is not there")]
    limit, value = _order_key(bound), _order_key(actual)
    if limit is None or value is None or isinstance(limit, datetime) is not isinstance(value, datetime):
        kind = "time" if isinstance(limit, datetime) else "number"
        return [Difference(path, wanted, actual, f"is not a {kind} that can be compared", unsure=True)]
    return [] if holds(value, limit) else [Difference(path, wanted, actual, words)]


def _gte(argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    return _compares(argument, actual, lambda a, b: a >= b, "is too small", {"$gte": argument}, path)


def _lte(argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    return _compares(argument, actual, lambda a, b: a <= b, "is too large", {"$lte": argument}, path)


def _gt(argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    return _compares(argument, actual, lambda a, b: a > b, "is not above it", {"$gt": argument}, path)


def _lt(argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    return _compares(argument, actual, lambda a, b: a < b, "is not below it", {"$lt": argument}, path)


def _between(argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    low, high = argument
    wanted = {"$between": argument}
    below = _compares(low, actual, lambda a, b: a >= b, "is too small", wanted, path)
    return below or _compares(high, actual, lambda a, b: a <= b, "is too large", wanted, path)


def _any_of(argument: Any, actual: Any, path: str, field: str) -> list[Difference]:
    found = [compare(one, actual, path, field) for one in argument]
    if not all(found):
        return []
    reason = "is not there" if actual is MISSING else "is none of these"
    return [Difference(path, {"$any_of": argument}, actual, reason, unsure=any(map(is_unsure, found)))]


def _matches(argument: Any, actual: Any, path: str, field: str) -> list[Difference]:
    wanted = {"$matches": argument}
    if actual is MISSING:
        return [Difference(path, wanted, MISSING, "is not there")]
    if not isinstance(actual, str):
        return [Difference(path, wanted, actual, "is not text", unsure=True)]
    try:
        found = patterns.matches(str(argument), actual, ignore_case=field in ID_TOKEN_FIELDS)
    except patterns.PatternError as error:
        return [Difference(path, wanted, actual, f"cannot be matched: {error}", unsure=True)]
    return [] if found else [Difference(path, wanted, actual, "does not match")]


def _absent(_argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    return [] if actual is MISSING else [Difference(path, {"$absent": True}, actual, "is there")]


def _present(_argument: Any, actual: Any, path: str, _field: str) -> list[Difference]:
    return [Difference(path, {"$present": True}, MISSING, "is not there")] if actual is MISSING else []


def _not(argument: Any, actual: Any, path: str, field: str) -> list[Difference]:
    # `$not: Blocked` asks for another status, and one that is not there is none.
    if actual is MISSING and not _speaks_of_absence(argument):
        return [Difference(path, {"$not": argument}, MISSING, "is not there")]
    found = compare(argument, actual, path, field)
    if is_unsure(found):
        return [Difference(path, {"$not": argument}, actual, found[0].reason, unsure=True)]
    return [] if found else [Difference(path, {"$not": argument}, actual, "is what it must not be")]


def _speaks_of_absence(argument: Any) -> bool:
    """Whether a matcher has something to say about a field that is not there."""
    if not is_matcher(argument):
        return False
    return any(
        name in ("$absent", "$present")
        or (name == "$not" and _speaks_of_absence(inner))
        or (name == "$any_of" and any(_speaks_of_absence(one) for one in inner))
        for name, inner in argument.items()
    )


def _contains(argument: Any, actual: Any, path: str, field: str) -> list[Difference]:
    wanted = {"$contains": argument}
    if actual is MISSING:
        return [Difference(path, wanted, MISSING, "is not there")]
    items = argument if _is_list(argument) else [argument]
    if isinstance(actual, str):
        text = actual.casefold() if field in ID_TOKEN_FIELDS else actual
        return [
            Difference(path, {"$contains": [item]}, actual, "is not in it", unsure=not isinstance(item, str))
            for item in items
            if not isinstance(item, str) or (item.casefold() if field in ID_TOKEN_FIELDS else item) not in text
        ]
    if not _is_list(actual):
        return [Difference(path, wanted, actual, "is neither a list nor text", unsure=True)]
    lacking: list[Difference] = []
    for item in items:
        found = [compare(item, one, path, field) for one in actual]
        if all(found):
            unsure = any(map(is_unsure, found))
            lacking.append(Difference(path, {"$contains": [item]}, actual, "is not in it", unsure=unsure))
    return lacking


_MATCHERS: Final[dict[str, Callable[[Any, Any, str, str], list[Difference]]]] = {
    "$any_of": _any_of,
    "$matches": _matches,
    "$gte": _gte,
    "$lte": _lte,
    "$gt": _gt,
    "$lt": _lt,
    "$between": _between,
    "$absent": _absent,
    "$present": _present,
    "$not": _not,
    "$contains": _contains,
}
