"""Who gets which event: one event satisfies at most one part of an expectation (rules 1 and 5).

Taking events greedily would let ``connector_status`` of any EVSE take the only event that a stricter facet could use.
So parts and events are matched as in a bipartite graph; an expectation that can be met is met, in whatever order its
facets are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Need:
    """What one facet still asks for, by sequence numbers of free events in ascending order.

    Attributes:
        slots: each wants one event of its list.
        sequences: when not None, one of these tuples is wanted as a whole (a sequence).
        exact: events that must all be used by something (``count: n`` leaves none over).
    """

    slots: list[list[int]] = field(default_factory=list)
    sequences: list[tuple[int, ...]] | None = None
    exact: Sequence[int] = ()


def assign(needs: Sequence[Need]) -> list[tuple[int, ...]] | None:
    """Give every need its events.

    Returns:
        The events of each need, in the order of the needs; None when they cannot all be had.
    """
    if any((need.sequences is not None and not need.sequences) or not all(need.slots) for need in needs):
        return None
    taken: set[int] = set()
    chosen: list[tuple[int, ...]] = [()] * len(needs)
    sequence_needs = [index for index, need in enumerate(needs) if need.sequences is not None]

    def choose(position: int) -> bool:
        if position == len(sequence_needs):
            return _fill_slots(needs, taken, chosen)
        index = sequence_needs[position]
        for sequence in needs[index].sequences or ():
            if taken.isdisjoint(sequence):
                taken.update(sequence)
                chosen[index] = sequence
                if choose(position + 1):
                    return True
                taken.difference_update(sequence)
        return False

    return chosen if choose(0) else None


def _fill_slots(needs: Sequence[Need], taken: set[int], chosen: list[tuple[int, ...]]) -> bool:
    owners: list[int] = []
    slots: list[list[int]] = []
    mandatory: set[int] = set()
    for index, need in enumerate(needs):
        mandatory.update(need.exact)
        if need.sequences is not None:
            continue
        free: dict[int, list[int]] = {}
        for slot in need.slots:
            if id(slot) not in free:
                free[id(slot)] = [seq for seq in slot if seq not in taken] if taken else slot
            owners.append(index)
            slots.append(free[id(slot)])
    filled = match(slots)
    if filled is None:
        return False
    # Mendelsohn and Dulmage: if the slots can all be filled, and the mandatory events can all be placed, then one
    # assignment does both.
    left_over = mandatory - taken - set(filled)
    if left_over and not _all_usable(mandatory - taken, slots):
        return False
    for index in set(owners):
        own = {filled[place] for place, owner in enumerate(owners) if owner == index}
        chosen[index] = tuple(sorted(own))
    return True


def _all_usable(events: set[int], slots: Sequence[Sequence[int]]) -> bool:
    if len(events) > len(slots):
        return False
    sets = {id(slot): frozenset(slot) for slot in slots}
    places = [[place for place, slot in enumerate(slots) if seq in sets[id(slot)]] for seq in sorted(events)]
    return match(places) is not None


def match(slots: Sequence[Sequence[int]]) -> list[int] | None:
    """A maximum bipartite matching (Kuhn) that fills every slot, or None.

    Args:
        slots: for each, the candidates in order of preference.
    """
    holder: dict[int, int] = {}
    cursors: dict[int, Iterator[int]] = {}
    for place, slot in enumerate(slots):
        # Slots that share one list need not look twice at what is taken.
        cursor = cursors.setdefault(id(slot), iter(slot))
        easy = next((seq for seq in cursor if seq not in holder), None)
        if easy is not None:
            holder[easy] = place
        elif not _augment(place, slots, holder):
            return None
    filled = [0] * len(slots)
    for seq, place in holder.items():
        filled[place] = seq
    return filled


def _augment(start: int, slots: Sequence[Sequence[int]], holder: dict[int, int]) -> bool:
    """Find a place for one more slot by moving others; iterative, so that its depth has no limit."""
    came_from: dict[int, int] = {}
    queue = [start]
    seen = {start}
    for place in queue:
        for seq in slots[place]:
            if seq in came_from:
                continue
            came_from[seq] = place
            if seq not in holder:
                _shift(seq, came_from, holder, start)
                return True
            if holder[seq] not in seen:
                seen.add(holder[seq])
                queue.append(holder[seq])
    return False


def _shift(seq: int, came_from: dict[int, int], holder: dict[int, int], start: int) -> None:
    held = {place: one for one, place in holder.items()}
    while True:
        place = came_from[seq]
        before = held.get(place)
        holder[seq] = place
        if place == start or before is None:
            return
        seq = before
