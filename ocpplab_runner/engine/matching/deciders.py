"""Decisive events: the first one about the subject decides, in every form of an expectation (rules 3 and 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.engine.matching.items import Free, Item, Miss
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.values import Difference

#: Besides the subject: fields that say which of several verdicts is meant, rather than what it must be.
_SELECTORS = frozenset({"via", "evse_id", "connector_id"})


class Decider:
    """Waits for the first event that an item could mean.

    Args:
        item: whose event it is.
        others: other items that this event may be instead.
    """

    def __init__(self, item: Item, others: Sequence[Item] = ()) -> None:
        self._item = item
        self._allowed = (item, *others)
        self._selector = selector_of(item)
        self._offered: list[int] = []
        self._misses: dict[int, tuple[Difference, ...]] = {}

    def offer(self, event: Event) -> bool:
        """Take notice of an event; True when it may decide."""
        view = self._item.view
        if not view.sees(event) or (self._selector and view.differences(self._selector, event)):
            return False
        self._offered.append(event.seq)
        if not any(item.is_met_by(event) for item in self._allowed):
            self._misses[event.seq] = tuple(self._item.differences(event))
        return True

    def decided(self, free: Free) -> int | None:
        """The event that has decided, whichever way."""
        return next((seq for seq in self._offered if free(seq)), None)

    def met(self, free: Free) -> int | None:
        """The event that has decided as it is wanted."""
        seq = self.decided(free)
        return None if seq in self._misses else seq

    def miss(self, free: Free) -> Miss | None:
        """The decision against the item, if it has fallen."""
        seq = self.decided(free)
        return None if seq is None or seq not in self._misses else Miss(self._item, seq, self._misses[seq])


def selector_of(item: Item) -> Mapping[str, Any]:
    """What says which events an item could mean at all."""
    spec = item.view.spec
    selectors = _SELECTORS.union(spec.subject)
    return {} if spec.bound else {name: value for name, value in item.wanted.items() if name in selectors}


def deciders_of(items: Sequence[Item], *, ordered: bool) -> list[Decider]:
    """The deciders of a list.

    Args:
        items: of the list.
        ordered: whether the first event that an item could mean must be that item or one before it; any of the list
            otherwise.
    """
    found: list[Decider] = []
    known: list[tuple[Any, Mapping[str, Any]]] = []
    for place, item in enumerate(items):
        key = (item.view, selector_of(item))
        if (item.view.spec.decisive or item.view.spec.bound) and key not in known:
            known.append(key)
            others = [one for one in (items[:place] if ordered else items) if one.view is item.view]
            found.append(Decider(item, others))
    return found
