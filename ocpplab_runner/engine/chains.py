"""Contiguous sequences: the part of an expectation that is written as a list (rule 5)."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner.engine.assignment import Need
from ocpplab_runner.engine.items import Free
from ocpplab_runner.engine.lists import ListPart
from ocpplab_runner.engine.streams import Entry, Links, first_intruder
from ocpplab_runner.engine.views import View
from ocpplab_runner.plugin.events import Event

#: A contiguous sequence is searched no further than this; only contrived scenarios get near it.
_MOST_CHAIN_STEPS = 20_000
_MOST_CHAINS = 64


class ChainPart(ListPart):
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

    def need(self, free: Free) -> Need:
        if not self._all_came:
            return Need(chains=[])
        stream = [entry for entry in self._stream if free(entry.seq)]
        return Need(chains=_Search(stream, self._links, len(self.items)).all(), exact=self._mandatory(free))


class _Search:
    """Finds the chains in one stream, by walking back from each event that could be the last."""

    def __init__(self, stream: Sequence[Entry], links: Links, length: int) -> None:
        self._stream = stream
        self._links = links
        self._length = length
        self._steps = 0
        self._found: list[tuple[int, ...]] = []
        self._begins: dict[tuple[str, str], int] = {}
        for place, entry in enumerate(stream):
            if entry.exchange is not None:
                self._begins.setdefault(entry.exchange, place)

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
            if first_intruder(self._stream, places) is None:
                self._found.append(tuple(self._stream[place].seq for place in places))
            return
        chosen = [self._stream[place] for place in places]
        about = {(entry.view, entry.subject) for entry in chosen}
        for place in range(places[0] - 1, -1, -1):
            self._steps += 1
            if self._steps > _MOST_CHAIN_STEPS:
                return
            entry = self._stream[place]
            if entry.fits >> (item - 1) & 1 and self._agrees(item - 1, entry, item, places):
                self._walk(item - 1, [place, *places])
            if (entry.view, entry.subject) in about and not self._may_stand(place, chosen):
                return

    def _may_stand(self, place: int, chosen: Sequence[Entry]) -> bool:
        """Whether the event may stand before those: it belongs to one of them, or to one that is still to be found."""
        entry = self._stream[place]
        if any(entry.belongs_to(one) for one in chosen):
            return True
        return entry.exchange is not None and self._begins[entry.exchange] < place

    def _agrees(self, own: int, entry: Entry, first: int, places: list[int]) -> bool:
        for later, own_index, its_index in self._links[own]:
            mine, other = entry.subject[own_index], self._stream[places[later - first]].subject[its_index]
            if mine != other and mine is not None and other is not None:
                return False
        return True
