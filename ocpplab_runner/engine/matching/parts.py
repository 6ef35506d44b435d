"""The parts of an expectation: what one facet asks for, and what has come for it so far.

A part keeps sequence numbers, never events.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from ocpplab_runner.engine.matching.assignment import Need
from ocpplab_runner.engine.matching.deciders import Decider
from ocpplab_runner.engine.matching.items import Free, Item, Miss
from ocpplab_runner.plugin.events import Event


class Part:
    """What one facet (or one ordered list) asks for.

    Attributes:
        items: the events asked for, in order; one for a plain facet.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)

    @property
    def waits_out(self) -> bool:
        """Whether only the deadline can decide it."""
        return False

    @property
    def size(self) -> int:
        """How many events it takes."""
        return len(self.items)

    def offer(self, event: Event) -> bool:
        """Take notice of an event that one of the views sees; True when that may change anything."""
        raise NotImplementedError

    def need(self, free: Free) -> Need:
        """What it could take now, of the events that are free."""
        raise NotImplementedError

    def restart(self) -> None:
        """Some events have been used elsewhere: what was found so far may not be all."""

    def miss(self, free: Free) -> Miss | None:
        """The decision against it, if it has fallen."""
        return None

    def missing(self, free: Free) -> str:
        """What it still waits for, for people; empty when it has all it needs."""
        raise NotImplementedError

    def found(self, free: Free) -> tuple[int, ...]:
        """The events that have come for its items so far, for people."""
        raise NotImplementedError


class SlotPart(Part):
    """One event; or several of one kind (``count``, ``at_least``); or several in any order.

    Args:
        items: one item; or, with ``separate``, several that each want an event of their own.
        number: how many events a single item wants.
        exact: ``count``: no more than that, to the very end.
        deciders: what decides against it before the deadline.
    """

    def __init__(
        self, items: Sequence[Item], *, number: int = 1, exact: bool = False, deciders: Sequence[Decider] = ()
    ) -> None:
        super().__init__(items)
        self._deciders = deciders
        self._number = number
        self._exact = exact
        self._found: list[list[int]] = [[] for _ in self.items]

    @property
    def waits_out(self) -> bool:
        return self._exact

    @property
    def size(self) -> int:
        return self._number if len(self.items) == 1 else len(self.items)

    def offer(self, event: Event) -> bool:
        changed = False
        for decider in self._deciders:
            changed |= decider.offer(event)
        for item, found in zip(self.items, self._found, strict=True):
            if item.is_met_by(event):
                insort(found, event.seq)
                changed = True
        return changed

    def need(self, free: Free) -> Need:
        if len(self.items) > 1:
            return Need([[seq for seq in found if free(seq)] for found in self._found])
        if len(self._found[0]) < self._number:
            return Need([[]])
        found = [seq for seq in self._found[0] if free(seq)]
        # One list for all slots, so that the matching need not look through it for each of them.
        return Need([found] * self._number, exact=found if self._exact else ())

    def miss(self, free: Free) -> Miss | None:
        return next((miss for decider in self._deciders if (miss := decider.miss(free)) is not None), None)

    def tally(self, free: Free) -> str:
        """How often a counted event came, for people."""
        have = times(sum(map(free, self._found[0])))
        return f"{self.items[0].text} came {have} instead of {times(self._number)}"

    def surplus(self, free: Free) -> int:
        """How many events have come beyond an exact count."""
        if not self._exact or len(self._found[0]) <= self._number:
            return 0
        return sum(map(free, self._found[0])) - self._number

    def last_found(self) -> int | None:
        """The latest event that it could take."""
        return self._found[0][-1] if self._found[0] else None

    def missing(self, free: Free) -> str:
        if len(self.items) > 1:
            lacking = [
                item.text for item, found in zip(self.items, self._found, strict=True) if not any(map(free, found))
            ]
            return ", ".join(lacking)
        have = sum(map(free, self._found[0]))
        text = self.items[0].text
        if self._exact:
            return f"{text} (exactly {self._number}, {have} so far)"
        if have >= self._number:
            return ""
        return text if self._number == 1 else f"{text} (at least {self._number}, {have} so far)"

    def found(self, free: Free) -> tuple[int, ...]:
        if len(self.items) == 1:
            return tuple(filter(free, self._found[0]))[: self._number]
        firsts = (next(filter(free, found), None) for found in self._found)
        return tuple(seq for seq in firsts if seq is not None)


class DecisivePart(Part):
    """The first event that is about the subject decides: another value is a miss at once (rules 3 and 6)."""

    def __init__(self, item: Item) -> None:
        super().__init__((item,))
        self._decider = Decider(item)

    def offer(self, event: Event) -> bool:
        return self._decider.offer(event)

    def need(self, free: Free) -> Need:
        met = self._decider.met(free)
        return Need([[] if met is None else [met]])

    def miss(self, free: Free) -> Miss | None:
        return self._decider.miss(free)

    def missing(self, free: Free) -> str:
        return "" if self._decider.decided(free) is not None else self.items[0].text

    def found(self, free: Free) -> tuple[int, ...]:
        met = self._decider.met(free)
        return () if met is None else (met,)


def times(number: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
