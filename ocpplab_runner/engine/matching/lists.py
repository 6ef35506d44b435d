"""What all lists share: their stream, what decides them early, and exact counts (rules 5 and 6)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from ocpplab_runner.engine.matching.deciders import deciders_of
from ocpplab_runner.engine.matching.items import Free, Item, Miss
from ocpplab_runner.engine.matching.list_breaks import Break, find_break
from ocpplab_runner.engine.matching.parts import Part, times
from ocpplab_runner.engine.matching.streams import Entry, Exchanges, find_links
from ocpplab_runner.engine.matching.views import View
from ocpplab_runner.plugin.events import Event


class ListPart(Part):
    """Items one after the other.

    They are about one and the same subject unless two of them name it. Events are taken in the order in which they
    happened. A decisive facet is decisive here too: the first event that an item could mean must be that item, or one
    before it, so that it has its place in the sequence and no later one stands in for it.

    Args:
        items: in their order, not empty.
        counts: (item, number): exactly so many such events come to the very end, each of them an item of the list.

    Attributes:
        gaps: whether other events may stand between.
        contested: whether other parts of the expectation could take the same events.
    """

    gaps = False

    def __init__(self, items: Sequence[Item], counts: Sequence[tuple[Item, int]] = ()) -> None:
        super().__init__(items)
        self.contested = False
        self._views: list[View] = []
        for item in self.items:
            if item.view not in self._views:
                self._views.append(item.view)
        self._deciders = deciders_of(self.items, ordered=True)
        self._counts = tuple(counts)
        self._counted: list[list[int]] = [[] for _ in self._counts]
        self._exchanges = Exchanges()
        self._stream: list[Entry] = []
        self._fitting = 0
        #: Each different item, and the bits of its places: ``at_least: n`` stands for n times the same.
        self._masks: list[tuple[Item, int]] = []
        for index, item in enumerate(self.items):
            if self._masks and self._masks[-1][0] is item:
                self._masks[-1] = (item, self._masks[-1][1] | 1 << index)
            else:
                self._masks.append((item, 1 << index))
        self._links = find_links(self.items)

    @property
    def waits_out(self) -> bool:
        return bool(self._counts)

    def offer(self, event: Event) -> bool:
        changed = False
        for decider in self._deciders:
            changed |= decider.offer(event)
        for (item, _number), counted in zip(self._counts, self._counted, strict=True):
            if item.is_met_by(event):
                counted.append(event.seq)
                changed = True
        exchange, role = self._exchanges.place(event)
        # No two masks have a bit in common, so that their sum is their union.
        fits = sum(mask for item, mask in self._masks if item.is_met_by(event))
        for number, view in enumerate(self._views):
            if view.sees(event) and self._counts_in(view, event, fits):
                entry = Entry(event.at, event.place, event.seq, fits, number, view.subject(event), exchange, role)
                insort(self._stream, entry)
                self._fitting |= fits
                self._taken(entry)
                return changed or bool(fits)
        return changed

    def _counts_in(self, view: View, event: Event, fits: int) -> bool:
        """Whether the event belongs to the stream."""
        raise NotImplementedError

    def _taken(self, entry: Entry) -> None:
        """A new event stands in the stream."""

    @property
    def _all_came(self) -> bool:
        return self._fitting == (1 << len(self.items)) - 1

    def _mandatory(self, free: Free) -> tuple[int, ...]:
        """The counted events: none may be left over."""
        return tuple(seq for counted in self._counted for seq in counted if free(seq))

    def miss(self, free: Free) -> Miss | None:
        return next((miss for decider in self._deciders if (miss := decider.miss(free)) is not None), None)

    def first_of_all(self, free: Free) -> tuple[int, ...]:
        """The events that have decided: each must be used."""
        decided = (decider.decided(free) for decider in self._deciders)
        return tuple(sorted({seq for seq in decided if seq is not None}))

    def overcount(self, free: Free, most: int = 0) -> tuple[str, int] | None:
        """The count that too many events have come for, for people, and the last of them.

        Args:
            free: which events nobody has used.
            most: how many events could be something that is asked for; 0 for what the count says.
        """
        for (item, number), counted in zip(self._counts, self._counted, strict=True):
            have = sum(map(free, counted))
            if have > max(number, most):
                return f"{item.text} came {times(have)} instead of {times(number)}", counted[-1]
        return None

    def missing(self, free: Free) -> str:
        if self.need(free).sequences:
            return ""
        item = self.missing_item(free)
        if item is not None:
            return f"{self.items[item].text} (item {item + 1} of {len(self.items)})"
        return "the sequence " + ", then ".join(one.text for one in self.items)

    def missing_item(self, free: Free) -> int | None:
        """Index of the first item that has not come, where the ones before it have and nothing is out of order."""
        found = self.broken(free)
        in_order = found.intruder is None and found.early is None
        return found.item if found.matched and in_order and found.item < len(self.items) else None

    def found(self, free: Free) -> tuple[int, ...]:
        return self.broken(free).matched

    def broken(self, free: Free) -> Break:
        """How far it got, and what stood in the way; only for one that has not come."""
        stream = [entry for entry in self._stream if free(entry.seq)]
        return find_break(stream, self._links, len(self.items), gaps=self.gaps)
