"""What two recordings have different: messages, their fields, their order, their times. Pure.

What is another in every session is compared by its kind: see :mod:`~ocpplab_runner.tools.comparing.plain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from ocpplab_runner.tools.comparing.plain import Id, Plain
from ocpplab_runner.tools.frames.exchanges import Exchange

Kind = Literal["only in A", "only in B", "moved", "field", "answer", "time"]
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
    a, b = [*map(Plain(), ours)], [*map(Plain(), theirs)]
    pairs: list[tuple[int, int]] = []
    only_a: list[int] = []
    only_b: list[int] = []
    # autojunk would take what comes often in a long recording, each MeterValues, for noise.
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
        # Tried with pairs of its own: what only may be the same must not settle which ids belong together.
        moved = next((one for one in only_b if not any(_differences(a[place], b[one], _Pairs()))), None)
        if moved is not None:
            only_b.remove(moved)
            found.append((place, _of("moved", name, ours[place], theirs[moved])))
        else:
            found.append((place, _of("only in A", name, ours[place], None)))
    found += [(_near(place, pairs), _of("only in B", name, None, theirs[place])) for place in only_b]
    # In the order of the messages: the first that have an id settle which it is in the other recording.
    pairs.sort()
    known = _Pairs()
    for place, same in pairs:
        mine, their = ours[place], theirs[same]
        for kind, path, was, is_ in _differences(a[place], b[same], known):
            found.append((place, _of(kind, name, mine, their, path, was, is_)))
    if tolerance is not None:
        found += _times(name, ours, theirs, pairs, tolerance)
    yield from (difference for _, difference in sorted(found, key=lambda one: one[0]))


class _Pairs:
    """Which id of one recording is which of the other, as the messages that belong together say."""

    def __init__(self) -> None:
        self._there: dict[tuple[str, str], str] = {}
        self._back: dict[tuple[str, str], str] = {}

    def fit(self, mine: Id, their: Id) -> bool:
        """Whether one may be the other; so it is from now on."""
        there = self._there.setdefault((mine.of, mine.value), their.value)
        back = self._back.setdefault((their.of, their.value), mine.value)
        return mine.of == their.of and there == their.value and back == mine.value


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


def _differences(mine: tuple[Any, Any], their: tuple[Any, Any], known: _Pairs) -> Iterator[tuple[Kind, str, Any, Any]]:
    """What calls, and then answers, have different: (kind, path, in the first, in the second)."""
    yield from (("field", *one) for one in _fields(mine[0], their[0], known))
    yield from (("answer", *one) for one in _fields(mine[1], their[1], known))


def _fields(mine: Any, their: Any, known: _Pairs, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(mine, Mapping) and isinstance(their, Mapping):
        for name in dict.fromkeys((*mine, *their)):
            inner = f"{path}.{name}" if path else str(name)
            yield from _fields(mine.get(name, _MISSING), their.get(name, _MISSING), known, inner)
    elif isinstance(mine, list) and isinstance(their, list) and len(mine) == len(their):
        for number, (one, other) in enumerate(zip(mine, their, strict=True)):
            yield from _fields(one, other, known, f"{path}[{number}]")
    elif not known.fit(mine, their) if isinstance(mine, Id) and isinstance(their, Id) else mine != their:
        yield path, _shown(mine), _shown(their)


def _shown(value: Any) -> Any:
    """Plain data, ids by their numbers."""
    if isinstance(value, Mapping):
        return {key: _shown(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return str(value) if isinstance(value, Id) else value


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
