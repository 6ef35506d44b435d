"""Repeats in a message sequence, collapsed: of a hundred heartbeats one is shown, and how many are like it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.plugin.events import Event

#: A frame with the facts that follow from it; or a command, a violation or a fact that no frame shows.
Group = Sequence[Event]

#: So many groups may make up what repeats: a call, its answer, perhaps those of a second action.
_LONGEST_PERIOD = 4
#: Fewer repeats are shown in full.
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Row:
    """Groups that are shown, and what is said after them instead of others.

    Attributes:
        groups: what is shown.
        note: what is left out after them, in words; empty when nothing is.
        hidden: how many groups the note stands for.
    """

    groups: tuple[Group, ...]
    note: str = ""
    hidden: int = 0

    @property
    def weight(self) -> int:
        """How many groups it stands for."""
        return len(self.groups) + self.hidden

    def covers(self, seq: int) -> bool:
        """Whether an event belongs to one of its groups."""
        return any(event.seq == seq for group in self.groups for event in group)

    def holds(self, wanted: Set[int]) -> bool:
        """Whether any of these events belongs to one of its groups."""
        return any(event.seq in wanted for group in self.groups for event in group)


def collapse_repeats(groups: Sequence[Group], wanted: Set[int]) -> list[Row]:
    """One row per group, but of groups that repeat with the same look only the first and the last time.

    Args:
        groups: in the order in which they are shown.
        wanted: events that are shown in any case.
    """
    # A group that is wanted looks like its own place, and so like no other: it is never left out.
    looks: list[Any] = [
        index if any(event.seq in wanted for event in group) else _look(group) for index, group in enumerate(groups)
    ]
    rows: list[Row] = []
    place = 0
    while place < len(groups):
        period, times = _repeat(looks, place)
        if times < _FEWEST:
            rows.append(Row((groups[place],)))
            place += 1
            continue
        end = place + period * times
        hidden = period * (times - 2)
        rows += [Row((group,)) for group in groups[place : place + period - 1]]
        rows.append(Row((groups[place + period - 1],), f"the same {times - 2} times more", hidden))
        rows += [Row((group,)) for group in groups[end - period : end]]
        place = end
    return rows


def _repeat(looks: Sequence[Any], place: int) -> tuple[int, int]:
    """The shortest period that repeats from there, and how often it comes."""
    for period in range(1, _LONGEST_PERIOD + 1):
        first = looks[place : place + period]
        times = 1
        while looks[place + times * period : place + (times + 1) * period] == first:
            times += 1
        if times >= _FEWEST:
            return period, times
    return 1, 1


def _look(group: Group) -> Any:
    """What a reader sees at a glance: values that count on, such as meter readings, make no difference."""
    return tuple(
        (
            event.kind,
            event.name,
            event.fields.get("direction"),
            event.fields.get("type"),
            event.fields.get("is"),
            event.fields.get("evse_id"),
            event.fields.get("id_tag"),
        )
        if event.kind != "command"
        else (event.name, repr(event.fields))
        for event in group
    )
