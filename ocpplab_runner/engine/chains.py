"""Contiguous sequences: the part of an expectation that is written as a list (rule 5)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

from ocpplab_runner.engine.assignment import Need
from ocpplab_runner.engine.breaches import Breach, find_breach
from ocpplab_runner.engine.parts import DecisivePart, Free, Item, Miss, Part
from ocpplab_runner.engine.views import Subject, View
from ocpplab_runner.plugin.events import Event

#: A contiguous sequence is searched no further than this; only contrived scenarios get near it.
_MOST_CHAIN_STEPS = 20_000
_MOST_CHAINS = 64


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event of a sequence's stream: ``fits`` has bit i set when it could be item i."""

    at: float
    seq: int
    fits: int
    view: int
    subject: Subject

    def __lt__(self, other: _Entry) -> bool:
        return (self.at, self.seq) < (other.at, other.seq)


class ChainPart(Part):
    """A contiguous sequence: between its events no other event of the same facet and subject (rule 5).

    The items are about one and the same subject unless two of them name it. Events are taken in the order in which
    they happened. A decisive facet is decisive here too: the first event that its first item could mean must be that.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__(items)
        self._views: list[View] = []
        for item in self.items:
            if item.view not in self._views:
                self._views.append(item.view)
        firsts = [next(item for item in self.items if item.view is view) for view in self._views]
        self._deciders = [DecisivePart(item) for item in firsts if item.view.spec.decisive or item.view.spec.bound]
        self._stream: list[_Entry] = []
        self._fitting = 0
        self._links = self._find_links()

    def _find_links(self) -> list[list[tuple[int, int, int]]]:
        """For each item: (later item, own subject index, its subject index) whose subjects must agree."""
        links: list[list[tuple[int, int, int]]] = [[] for _ in self.items]
        for later, item in enumerate(self.items):
            if not item.view.inherits:
                continue
            for its_index, name in enumerate(item.view.subject_fields):
                for earlier in range(later - 1, -1, -1):
                    other = self.items[earlier]
                    if not other.view.inherits or name not in other.view.subject_fields:
                        continue
                    if not (name in item.stated and name in other.stated):
                        own_index = other.view.subject_fields.index(name)
                        links[earlier].append((later, own_index, its_index))
                    break
        return links

    def offer(self, event: Event) -> bool:
        for decider in self._deciders:
            decider.offer(event)
        fits = 0
        for index, item in enumerate(self.items):
            if item.is_met_by(event):
                fits |= 1 << index
        for number, view in enumerate(self._views):
            if view.sees(event) and self._counts(view, event):
                entry = _Entry(event.at, event.seq, fits, number, view.subject(event))
                insort(self._stream, entry)
                self._fitting |= fits
                return True
        return False

    def _counts(self, view: View, event: Event) -> bool:
        """Whether the event belongs to the stream: of messages only the kinds (CALL, CALLRESULT …) that it names."""
        if view.spec.bound or view.kind != "frame":
            return True
        kinds = [item.wanted.get("type") for item in self.items if item.view is view]
        return any(view.differences({"type": kind}, event) == [] for kind in kinds)

    def need(self, free: Free) -> Need:
        if self._fitting != (1 << len(self.items)) - 1:
            return Need(chains=[])
        stream = [entry for entry in self._stream if free(entry.seq)]
        return Need(chains=_Search(stream, self).all())

    def miss(self, free: Free) -> Miss | None:
        return next((miss for decider in self._deciders if (miss := decider.miss(free)) is not None), None)

    def missing(self, free: Free) -> str:
        if self.need(free).chains:
            return ""
        item = self.missing_item(free)
        if item is not None:
            return f"{self.items[item].text} (item {item + 1} of {len(self.items)})"
        return "the sequence " + ", then ".join(one.text for one in self.items)

    def missing_item(self, free: Free) -> int | None:
        """Index of the first item that has not come, where the ones before it have and nothing is out of order."""
        breach = self.breach(free)
        in_order = breach.intruder is None and breach.early is None
        return breach.item if breach.matched and in_order and breach.item < len(self.items) else None

    def found(self, free: Free) -> tuple[int, ...]:
        return self.breach(free).matched

    def breach(self, free: Free) -> Breach:
        """How far it got, and what stood in the way; only for one that has not come."""
        return find_breach([entry for entry in self._stream if free(entry.seq)], self._links, len(self.items))

    @property
    def links(self) -> list[list[tuple[int, int, int]]]:
        """See :meth:`_find_links`."""
        return self._links


class _Search:
    """Finds the chains in one stream, by walking back from each event that could be the last."""

    def __init__(self, stream: Sequence[_Entry], part: ChainPart) -> None:
        self._stream = stream
        self._links = part.links
        self._length = len(part.items)
        self._steps = 0
        self._found: list[tuple[int, ...]] = []

    def all(self) -> list[tuple[int, ...]]:
        last = self._length - 1
        for place, entry in enumerate(self._stream):
            if entry.fits >> last & 1:
                self._walk(last, [place])
            if self._steps > _MOST_CHAIN_STEPS or len(self._found) >= _MOST_CHAINS:
                break
        return self._found

    def _walk(self, item: int, places: list[int]) -> None:
        """``places`` holds the positions of the items from ``item`` on."""
        if item == 0:
            if self._is_contiguous(places):
                self._found.append(tuple(self._stream[place].seq for place in places))
            return
        about = {(self._stream[place].view, self._stream[place].subject) for place in places}
        for place in range(places[0] - 1, -1, -1):
            self._steps += 1
            if self._steps > _MOST_CHAIN_STEPS:
                return
            entry = self._stream[place]
            if entry.fits >> (item - 1) & 1 and self._agrees(item - 1, entry, item, places):
                self._walk(item - 1, [place, *places])
            if (entry.view, entry.subject) in about:
                return

    def _agrees(self, own: int, entry: _Entry, first: int, places: list[int]) -> bool:
        for later, own_index, its_index in self._links[own]:
            mine, other = entry.subject[own_index], self._stream[places[later - first]].subject[its_index]
            if mine != other and mine is not None and other is not None:
                return False
        return True

    def _is_contiguous(self, places: list[int]) -> bool:
        about = {(self._stream[place].view, self._stream[place].subject) for place in places}
        chosen = set(places)
        return all(
            place in chosen or (self._stream[place].view, self._stream[place].subject) not in about
            for place in range(places[0] + 1, places[-1])
        )
