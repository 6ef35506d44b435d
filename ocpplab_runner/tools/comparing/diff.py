"""What two recordings have different: messages, their fields, their order, their times. Pure.

What is another in every session is not compared but counted: the first transaction of one recording is the first of the
other, whatever their ids; message ids and times of day say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from ocpplab_runner.tools.frames.exchanges import Exchange

Kind = Literal["only in A", "only in B", "moved", "field", "answer", "time"]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_TRANSACTION = ("transactionId",)
#: What tells messages of one action apart.
_WORDS = ("status", "eventType", "type", "requestedMessage", "key", "reason")
_MISSING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One.

    Attributes:
        kind: what is different.
        station: whose message it is; empty where the recordings have one station.
        message: its action, with its status where it has one.
        line_a: in the first recording, 0 where it is not there.
        line_b: in the second.
        path: of a field.
        a: its value in the first, or the time in seconds.
        b: in the second.
    """

    kind: Kind
    station: str
    message: str
    line_a: int = 0
    line_b: int = 0
    path: str = ""
    a: Any = None
    b: Any = None


def compare(
    one: Mapping[str, Sequence[Exchange]], other: Mapping[str, Sequence[Exchange]], *, tolerance: float | None
) -> list[Difference]:
    """Every difference, station by station.

    Args:
        one: station → its exchanges in the first recording.
        other: in the second. Where both have one station, these are compared, whatever they are called.
        tolerance: seconds by which the time between two messages may differ; None compares no times.
    """
    if len(one) == 1 == len(other):
        (ours,), (theirs,) = one.values(), other.values()
        return list(_station("", ours, theirs, tolerance))
    names = dict.fromkeys((*one, *other))
    return [found for name in names for found in _station(name, one.get(name, ()), other.get(name, ()), tolerance)]


def _station(
    name: str, ours: Sequence[Exchange], theirs: Sequence[Exchange], tolerance: float | None
) -> Iterator[Difference]:
    a, b = [*map(_Plain(), ours)], [*map(_Plain(), theirs)]
    pairs: list[tuple[int, int]] = []
    only_a: list[int] = []
    only_b: list[int] = []
    matcher = SequenceMatcher(None, [_key(one) for one in ours], [_key(one) for one in theirs], autojunk=False)
    for tag, begin_a, end_a, begin_b, end_b in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(range(begin_a, end_a), range(begin_b, end_b), strict=True)
            continue
        left = list(range(begin_b, end_b))
        for place in range(begin_a, end_a):
            same = next((one for one in left if _same_action(ours[place], theirs[one])), None)
            if same is None:
                only_a.append(place)
            else:
                pairs.append((place, same))
                left.remove(same)
        only_b += left
    found: list[tuple[int, Difference]] = []
    for place in only_a:
        moved = next((one for one in only_b if a[place] == b[one]), None)
        if moved is not None:
            only_b.remove(moved)
            found.append((place, _of("moved", name, ours[place], theirs[moved])))
        else:
            found.append((place, _of("only in A", name, ours[place], None)))
    found += [(_near(place, pairs), _of("only in B", name, None, theirs[place])) for place in only_b]
    pairs.sort()
    for place, same in pairs:
        mine, their = ours[place], theirs[same]
        for path, was, is_ in _fields(a[place][0], b[same][0]):
            found.append((place, _of("field", name, mine, their, path, was, is_)))
        for path, was, is_ in _fields(a[place][1], b[same][1]):
            found.append((place, _of("answer", name, mine, their, path, was, is_)))
    if tolerance is not None:
        found += _times(name, ours, theirs, pairs, tolerance)
    yield from (difference for _, difference in sorted(found, key=lambda one: one[0]))


class _Plain:
    """An exchange without what is another in every session: (call, answer)."""

    def __init__(self) -> None:
        self._transactions: dict[str, str] = {}

    def __call__(self, exchange: Exchange) -> tuple[Any, Any]:
        answer = {"CALLERROR": exchange.error} if exchange.error else exchange.answer
        return self._of(exchange.payload), self._of(answer)

    def _of(self, value: Any, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {key: self._of(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self._of(one, name) for one in value]
        if name in _TRANSACTION:
            return self._transactions.setdefault(str(value), f"(transaction {len(self._transactions) + 1})")
        return "(a time)" if isinstance(value, str) and _MOMENT.match(value) else value


def _key(exchange: Exchange) -> tuple[Any, ...]:
    return (exchange.direction, exchange.action, _word(exchange))


def _word(exchange: Exchange) -> str:
    payload = exchange.payload if isinstance(exchange.payload, Mapping) else {}
    return next((str(payload[name]) for name in _WORDS if isinstance(payload.get(name), str)), "")


def _same_action(one: Exchange, other: Exchange) -> bool:
    return (one.direction, one.action) == (other.direction, other.action)


def _near(place: int, pairs: Sequence[tuple[int, int]]) -> int:
    """Where something of the second recording would stand in the first."""
    return max((mine for mine, their in pairs if their < place), default=-1)


def _of(
    kind: Kind,
    station: str,
    mine: Exchange | None,
    their: Exchange | None,
    path: str = "",
    was: Any = None,
    is_: Any = None,
) -> Difference:
    about = mine or their
    assert about is not None
    word = _word(about)
    message = about.action + (f" ({word})" if word else "")
    return Difference(kind, station, message, mine.line if mine else 0, their.line if their else 0, path, was, is_)


def _fields(mine: Any, their: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(mine, Mapping) and isinstance(their, Mapping):
        for name in dict.fromkeys((*mine, *their)):
            inner = f"{path}.{name}" if path else str(name)
            yield from _fields(mine.get(name, _MISSING), their.get(name, _MISSING), inner)
    elif isinstance(mine, list) and isinstance(their, list) and len(mine) == len(their):
        for number, (one, other) in enumerate(zip(mine, their, strict=True)):
            yield from _fields(one, other, f"{path}[{number}]")
    elif mine != their:
        yield path, mine, their


def _times(
    name: str,
    ours: Sequence[Exchange],
    theirs: Sequence[Exchange],
    pairs: Sequence[tuple[int, int]],
    tolerance: float,
) -> list[tuple[int, Difference]]:
    """Where the time since the message before is another."""
    found = []
    for (before_a, before_b), (place, same) in pairwise(pairs):
        times = [ours[place].at, ours[before_a].at, theirs[same].at, theirs[before_b].at]
        if any(one is None for one in times):
            continue
        at_a, was_a, at_b, was_b = (float(one) for one in times if one is not None)
        if abs((at_a - was_a) - (at_b - was_b)) > tolerance:
            shown = round(at_a - was_a, 3), round(at_b - was_b, 3)
            found.append((place, _of("time", name, ours[place], theirs[same], "since the message before", *shown)))
    return found
