"""How a sequence that did not come was broken: how far it got, and what stood in the way (rule 5)."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from ocpplab_runner.engine.matching.streams import Entry, Links, first_intruder

#: Only the latest events of a sequence's stream are looked at; failures are explained once, but promptly.
_MOST_LOOKED_AT = 2_000
_MOST_STARTS = 200


@dataclass(frozen=True, slots=True)
class Break:
    """How far a sequence got.

    Attributes:
        matched: the events of its items from the first on, in order, whatever stood between them.
        item: index of the first item that is not met, or that something stood before.
        intruder: the event that stood before it, when all items came.
        early: an event that would have been that item, but came before the item before it.
    """

    matched: tuple[int, ...]
    item: int
    intruder: int | None = None
    early: int | None = None


def find_break(stream: Sequence[Entry], links: Links, length: int, *, gaps: bool = False) -> Break:
    """Find the order in which most of the items came, and the first thing that is wrong with it.

    Args:
        stream: the events that count, in the order in which they happened.
        links: for each item (later item, own subject index, its subject index) whose subjects must agree.
        length: how many items there are.
        gaps: whether other events may stand between.
    """
    stream = stream[-_MOST_LOOKED_AT:]
    best: Break | None = None
    starts = [place for place, entry in enumerate(stream) if entry.fits & 1]
    for start in starts[-_MOST_STARTS:]:
        found = _from(start, stream, links, length, gaps)
        if best is None or (len(found.matched), found.item) >= (len(best.matched), best.item):
            best = found
    return best or Break((), 0)


def _from(start: int, stream: Sequence[Entry], links: Links, length: int, gaps: bool) -> Break:
    places = [start]
    while len(places) < length:
        following = range(places[-1] + 1, len(stream))
        place = next((p for p in following if _could_be(len(places), p, places, stream, links)), None)
        if place is None:
            break
        places.append(place)
    matched = tuple(stream[place].seq for place in places)
    item = len(places)
    if item < length:
        before = range(places[-1] - 1, -1, -1)
        early = next((p for p in before if p not in places and _could_be(item, p, places, stream, links)), None)
        return Break(matched, item, early=None if early is None else stream[early].seq)
    intruder = None if gaps else first_intruder(stream, places)
    if intruder is None:
        return Break(matched, length)
    return Break(matched, bisect(places, intruder), intruder=stream[intruder].seq)


def _could_be(item: int, place: int, places: Sequence[int], stream: Sequence[Entry], links: Links) -> bool:
    entry = stream[place]
    if not entry.fits >> item & 1:
        return False
    for own, taken in enumerate(places):
        for later, own_index, its_index in links[own]:
            if later == item:
                mine, other = stream[taken].subject[own_index], entry.subject[its_index]
                if mine != other and mine is not None and other is not None:
                    return False
    return True
