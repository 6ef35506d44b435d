"""Ordered sequences with gaps: a list under ``in_order: true`` (rule 5).

What has come is kept as the earliest way to each item and each subject that the rest depends on, so that every event
costs the same, however many came before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from ocpplab_runner.engine.matching.assignment import Need
from ocpplab_runner.engine.matching.items import Free, Item
from ocpplab_runner.engine.matching.lists import ListPart
from ocpplab_runner.engine.matching.streams import Entry, Links
from ocpplab_runner.engine.matching.views import View
from ocpplab_runner.plugin.events import Event


class OrderedPart(ListPart):
    """One event after the other, whatever stands between them."""

    gaps = True

    def __init__(self, items: Sequence[Item], counts: Sequence[tuple[Item, int]] = ()) -> None:
        super().__init__(items, counts)
        self._first: tuple[int, ...] = ()
        self._earliest = self._search()
        self._others: dict[int, _Search] = {}

    def _counts_in(self, view: View, event: Event, fits: int) -> bool:
        return fits != 0

    def _search(self, without: Collection[int] = ()) -> _Search:
        return _Search(self._links, len(self.items), without, self._first)

    def _taken(self, entry: Entry) -> None:
        late = self._stream[-1] is not entry
        for search in (self._earliest, *self._others.values()):
            # One that comes late may open an earlier way than any that was found.
            if late:
                search.restart(self._stream)
            else:
                search.add(entry)

    def need(self, free: Free) -> Need:
        if not self._all_came:
            return Need(sequences=[])
        if self._counts:
            return self._counted_need(free)
        first = self.first_of_all(free)
        if first != self._first or not all(map(free, self._earliest.way)):
            self._first = first
            self._earliest = self._search()
            self._others = {}
            self._stream = [entry for entry in self._stream if free(entry.seq)]
            self._earliest.restart(self._stream)
        way = self._earliest.way
        sequences = [way] if way else []
        # One way will do, unless another part of the expectation wants an event of it: then those that leave it one.
        if way and self.contested:
            sequences += [other for seq in way if (other := self._without(seq).way) and all(map(free, other))]
        return Need(sequences=sequences)

    def _without(self, seq: int) -> _Search:
        """The earliest way that leaves an event to others."""
        search = self._others.get(seq)
        if search is None:
            search = self._others[seq] = self._search({seq})
            search.restart(self._stream)
        return search

    def _counted_need(self, free: Free) -> Need:
        """The way that uses every event that is counted; asked for once, at the end."""
        mandatory = self._mandatory(free)
        search = _Search(self._links, len(self.items), must=(*mandatory, *self.first_of_all(free)))
        search.restart(entry for entry in self._stream if free(entry.seq))
        return Need(sequences=[search.way] if search.way else [], exact=mandatory)


class _Search:
    """The earliest way through a stream.

    Args:
        links: whose subjects must agree.
        length: how many items there are.
        without: events that are not to be used.
        must: events that are to be used.
    """

    def __init__(self, links: Links, length: int, without: Collection[int] = (), must: Collection[int] = ()) -> None:
        self._length = length
        self._without = frozenset(without)
        self._must = frozenset(must)
        #: For each item what it depends on: (item before, index in that one's subject, index in its own).
        self._before = [
            [(earlier, own, its) for earlier, links_ in enumerate(links) for later, own, its in links_ if later == item]
            for item in range(length)
        ]
        #: What is to be remembered once that many items are met: (item, index in its subject).
        self._kept = [
            sorted({(e, own) for later in range(item, length) for e, own, _ in self._before[later] if e < item})
            for item in range(length + 1)
        ]
        self._levels: list[_Level] = []
        self._clear()

    def _clear(self) -> None:
        self._levels = [_Level() for _ in range(self._length + 1)]
        self._levels[0].add((), (), None)

    @property
    def way(self) -> tuple[int, ...]:
        """The sequence numbers of the earliest way; empty while there is none."""
        for _, way in self._levels[-1].all():
            return _unrolled(way)
        return ()

    def restart(self, stream: Iterable[Entry]) -> None:
        """Begin anew with these events."""
        self._clear()
        for entry in stream:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Take the next event."""
        if entry.seq in self._without:
            return
        must = entry.seq in self._must
        # The earliest way is complete, and nothing that comes later makes it earlier.
        if self._levels[-1] and not self._must:
            return
        # Added when all are found, so that one event is not two items of the same way.
        new = []
        for item in range(self._length - 1, -1, -1):
            # Nothing that follows depends on which way led there: the earliest is there already.
            known = self._levels[item + 1] and not self._kept[item + 1] and not self._must
            if entry.fits >> item & 1 and not known:
                for remembered, way in self._levels[item].fitting(
                    [entry.subject[its] for _, _, its in self._before[item]]
                ):
                    new.append((item + 1, self._remember(item, remembered, entry), (entry.seq, way)))
        # A way without this event is none any more: only those that it has just taken a step further are left.
        if must:
            self._levels = [_Level() for _ in range(self._length + 1)]
        for level, values, way in new:
            self._levels[level].add(values, self._asked(level, values), way)

    def _remember(self, item: int, values: tuple[Any, ...], entry: Entry) -> tuple[Any, ...]:
        known = dict(zip(self._kept[item], values, strict=True))
        return tuple(
            entry.subject[own] if earlier == item else known[earlier, own] for earlier, own in self._kept[item + 1]
        )

    def _asked(self, level: int, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Of what is remembered, what the next item depends on."""
        if level == self._length:
            return ()
        known = dict(zip(self._kept[level], values, strict=True))
        return tuple(known[earlier, own] for earlier, own, _ in self._before[level])


#: The latest event and the way before it.
_Way = tuple[int, Any] | None


class _Level:
    """The ways to one item: what is remembered of each, by what the next item asks for."""

    def __init__(self) -> None:
        self._ways: dict[tuple[Any, ...], dict[tuple[Any, ...], _Way]] = {}

    def __bool__(self) -> bool:
        return bool(self._ways)

    def add(self, values: tuple[Any, ...], asked: tuple[Any, ...], way: _Way) -> None:
        """Keep a way, unless there is an earlier one like it."""
        self._ways.setdefault(asked, {}).setdefault(values, way)

    def all(self) -> Iterator[tuple[tuple[Any, ...], _Way]]:
        """Every way."""
        for ways in self._ways.values():
            yield from ways.items()

    def fitting(self, wanted: Sequence[Any]) -> Iterator[tuple[tuple[Any, ...], _Way]]:
        """The ways that agree with those subjects; None agrees with everything."""
        if None in wanted:
            for asked, ways in self._ways.items():
                if all(one is None or other is None or one == other for one, other in zip(asked, wanted, strict=True)):
                    yield from ways.items()
            return
        for asked in product(*((one, None) for one in wanted)):
            yield from self._ways.get(asked, {}).items()


def _unrolled(way: _Way) -> tuple[int, ...]:
    seqs: list[int] = []
    while way is not None:
        seq, way = way
        seqs.append(seq)
    return tuple(reversed(seqs))
