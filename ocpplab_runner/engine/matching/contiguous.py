"""Contiguous sequences: the part of an expectation that is written as a list (rule 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ocpplab_runner.engine.matching.assignment import Need
from ocpplab_runner.engine.matching.items import Free, Item
from ocpplab_runner.engine.matching.lists import ListPart
from ocpplab_runner.engine.matching.streams import Entry, Links, first_intruder
from ocpplab_runner.engine.matching.views import View
from ocpplab_runner.plugin.events import Event

#: From one event that could be the last a sequence is searched no further than this; only contrived ones get near it.
_MOST_STEPS = 20_000
_MOST_FOUND = 64


class ContiguousPart(ListPart):
    """A contiguous sequence: between its events no other event of the same facet and subject (rule 5)."""

    def _counts_in(self, view: View, event: Event, fits: int) -> bool:
        """Of messages only the kinds (CALL, CALLRESULT ...) that the list names for their action."""
        if view.spec.bound or view.kind != "frame":
            return True
        kinds = [
            {name: item.wanted[name] for name in ("action", "type") if name in item.wanted}
            for item in self.items
            if item.view is view
        ]
        return any(view.differences(kind, event) == [] for kind in kinds)

    def __init__(self, items: Sequence[Item], counts: Sequence[tuple[Item, int]] = ()) -> None:
        super().__init__(items, counts)
        self._begins: dict[tuple[str, str], int] = {}
        self._found: list[tuple[int, ...]] = []
        self._searched = 0

    def restart(self) -> None:
        self._found = []
        self._searched = 0

    def _taken(self, entry: Entry) -> None:
        if entry.exchange is not None:
            first = self._begins.get(entry.exchange, entry.seq)
            self._begins[entry.exchange] = min(first, entry.seq)
        if self._stream[-1] is not entry:  # it comes late, and may stand between events that were found contiguous
            self.restart()

    def need(self, free: Free) -> Need:
        if not self._all_came:
            return Need(sequences=[])
        search = _Search(self._stream, self._links, len(self.items), self._begins, free)
        while self._searched < len(self._stream) and len(self._found) < _MOST_FOUND:
            self._found += search.ending_at(self._searched)
            self._searched += 1
        first = set(self.first_of_all(free))
        # The first verdict decides (rule 6): a sequence that leaves it out is none.
        return Need(sequences=[one for one in self._found if first.issubset(one)], exact=self._mandatory(free))


class _Search:
    """Finds the sequences in one stream, by walking back from an event that could be the last.

    Args:
        stream: in the order in which the events happened.
        links: whose subjects must agree.
        length: how many items there are.
        begins: the first event of each exchange.
        free: which events nobody has used.
    """

    def __init__(
        self,
        stream: Sequence[Entry],
        links: Links,
        length: int,
        begins: Mapping[tuple[str, str], int],
        free: Free,
    ) -> None:
        self._stream = stream
        self._links = links
        self._length = length
        self._begins = begins
        self._free = free
        self._steps = 0

    def ending_at(self, place: int) -> Iterator[tuple[int, ...]]:
        """The sequences whose last event stands there."""
        entry = self._stream[place]
        if not entry.fits >> (self._length - 1) & 1 or not self._free(entry.seq):
            return
        self._steps = 0
        ways = [([place], self._before([place]))]
        while ways:
            places, earlier = ways[-1]
            if len(places) == self._length:
                if first_intruder(self._stream, places, self._free) is None:
                    yield tuple(self._stream[one].seq for one in places)
                ways.pop()
                continue
            found = next(earlier, None)
            if found is None:
                ways.pop()
            else:
                way = [found, *places]
                ways.append((way, self._before(way)))

    def _before(self, places: list[int]) -> Iterator[int]:
        """Where the item before those at ``places`` may stand, the nearest first."""
        item = self._length - len(places) - 1
        chosen = [self._stream[place] for place in places]
        about = {(entry.view, entry.subject) for entry in chosen}
        for place in range(places[0] - 1, -1, -1):
            self._steps += 1
            if self._steps > _MOST_STEPS:
                return
            entry = self._stream[place]
            if not self._free(entry.seq):
                continue
            if entry.fits >> item & 1 and self._agrees(item, entry, chosen):
                yield place
            # From further back every way would have this event in between.
            if (entry.view, entry.subject) in about and not self._may_stand(entry, chosen):
                return

    def _may_stand(self, entry: Entry, chosen: Sequence[Entry]) -> bool:
        """Whether the event may stand before those: it belongs to one of them, or to one that is still to be found."""
        if any(entry.belongs_to(one) for one in chosen):
            return True
        return entry.exchange is not None and self._begins[entry.exchange] != entry.seq

    def _agrees(self, own: int, entry: Entry, chosen: Sequence[Entry]) -> bool:
        first = self._length - len(chosen)
        for later, own_index, its_index in self._links[own]:
            mine, other = entry.subject[own_index], chosen[later - first].subject[its_index]
            if mine != other and mine is not None and other is not None:
                return False
        return True
