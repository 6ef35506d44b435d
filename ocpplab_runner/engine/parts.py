"""The parts of an expectation: what one facet asks for, and what has come for it so far.

A part keeps sequence numbers, never events.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.assignment import Need
from ocpplab_runner.engine.views import View, describe_fields
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.scenario.values import Difference, is_unsure

Free = Callable[[int], bool]

#: Besides the subject: fields that say which of several verdicts is meant, rather than what it must be.
_SELECTORS = frozenset({"via", "evse_id", "connector_id"})


@dataclass(frozen=True, slots=True)
class Item:
    """One event that is asked for.

    Attributes:
        facet: as the scenario writes it, for people.
        view: how it looks at events.
        wanted: fields as the view compares them.
        stated: the fields that the scenario names, and the subject that it means.
    """

    facet: FacetExpectation
    view: View
    wanted: Mapping[str, Any]
    stated: Mapping[str, Any]

    @classmethod
    def of(cls, facet: FacetExpectation, view: View, fields: Mapping[str, Any], subject: Mapping[str, Any]) -> Item:
        """An item from a facet's fields; a decisive facet is about the step's own subject unless it says otherwise."""
        stated = dict(fields)
        if view.spec.decisive:
            for name in view.spec.subject:
                if name in subject:
                    stated.setdefault(name, subject[name])
        return cls(facet, view, view.wanted(stated), stated)

    def differences(self, event: Event) -> list[Difference]:
        """What keeps the event from being this one; the view remembers the first of which nobody can say."""
        found = self.view.differences(self.wanted, event)
        if found and is_unsure(found):
            self.view.doubt_at(event, found[0])
        return found

    def is_met_by(self, event: Event) -> bool:
        """Whether the event is this one."""
        return self.view.sees(event) and not self.differences(event)

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.facet.facet} {describe_fields(self.stated)}".rstrip()


@dataclass(frozen=True, slots=True)
class Miss:
    """A decision against the expectation: which event made it, and why."""

    item: Item
    seq: int | None
    differences: tuple[Difference, ...]
    reason: str


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

    def offer(self, event: Event) -> bool:
        """Take notice of an event that one of the views sees; True when that may change anything."""
        raise NotImplementedError

    def need(self, free: Free) -> Need:
        """What it could take now, of the events that are free."""
        raise NotImplementedError

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
    """

    def __init__(self, items: Sequence[Item], *, number: int = 1, exact: bool = False) -> None:
        super().__init__(items)
        self._number = number
        self._exact = exact
        self._found: list[list[int]] = [[] for _ in self.items]

    @property
    def waits_out(self) -> bool:
        return self._exact

    def offer(self, event: Event) -> bool:
        changed = False
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
        return Need([found] * self._number, exact=found if self._exact else ())

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
        spec = item.view.spec
        selectors = _SELECTORS.union(spec.subject)
        self._selector = {} if spec.bound else {n: v for n, v in item.wanted.items() if n in selectors}
        self._item = item
        self._offered: list[int] = []
        self._misses: dict[int, tuple[Difference, ...]] = {}

    def offer(self, event: Event) -> bool:
        view = self._item.view
        if not view.sees(event) or (self._selector and view.differences(self._selector, event)):
            return False
        self._offered.append(event.seq)
        differences = self._item.differences(event)
        if differences:
            self._misses[event.seq] = tuple(differences)
        return True

    def _decider(self, free: Free) -> int | None:
        return next((seq for seq in self._offered if free(seq)), None)

    def need(self, free: Free) -> Need:
        decider = self._decider(free)
        return Need([[] if decider is None or decider in self._misses else [decider]])

    def miss(self, free: Free) -> Miss | None:
        decider = self._decider(free)
        if decider is None or decider not in self._misses:
            return None
        return Miss(self._item, decider, self._misses[decider], "the first one decides, and it is another")

    def missing(self, free: Free) -> str:
        return "" if self._decider(free) is not None else self._item.text

    def found(self, free: Free) -> tuple[int, ...]:
        decider = self._decider(free)
        return () if decider is None or decider in self._misses else (decider,)


def times(number: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
