"""The stream of a list: the events that its facets look at, and which of them belong together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ocpplab_runner.engine.matching.items import Free, Item
from ocpplab_runner.engine.matching.views import Subject
from ocpplab_runner.plugin.events import Event

Role = Literal["call", "answer", "fact"]
#: For each item: (later item, own subject index, its subject index) whose subjects must agree.
Links = Sequence[Sequence[tuple[int, int, int]]]

_OTHER_WAY = {"to_csms": "to_charger", "to_charger": "to_csms"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a list's stream.

    Attributes:
        at, place, seq: of the event.
        fits: has bit i set when it could be item i.
        view: index of the view that sees it.
        subject: what it is about.
        exchange: which call it belongs to: who has sent it, and its message id; None when nobody knows.
        role: what it is in that exchange.
    """

    at: float
    place: int
    seq: int
    fits: int
    view: int
    subject: Subject
    exchange: tuple[str, str] | None = None
    role: Role = "fact"

    def __lt__(self, other: Entry) -> bool:
        return (self.at, self.place, self.seq) < (other.at, other.place, other.seq)

    def belongs_to(self, other: Entry) -> bool:
        """Whether both are one exchange: a call, its answer, and the facts that they show."""
        return self.exchange is not None and self.exchange == other.exchange and self.role != other.role


class Exchanges:
    """Which exchange an event belongs to."""

    def __init__(self) -> None:
        self._of_frame: dict[int, tuple[str, str]] = {}

    def place(self, event: Event) -> tuple[tuple[str, str] | None, Role]:
        """The exchange of an event, as far as its frame has been shown here, and its role in it."""
        if event.kind != "frame":
            return (None if event.cause is None else self._of_frame.get(event.cause)), "fact"
        fields = event.fields
        role: Role = "call" if fields.get("type") in ("call", "send") else "answer"
        message_id, direction = fields.get("message_id"), str(fields.get("direction"))
        if message_id is None:
            return None, role
        key = (direction if role == "call" else _OTHER_WAY.get(direction, direction), str(message_id))
        self._of_frame[event.seq] = key
        return key, role


def find_links(items: Sequence[Item]) -> list[list[tuple[int, int, int]]]:
    """Which items are about one and the same subject: the last two that can name it, unless both do."""
    links: list[list[tuple[int, int, int]]] = [[] for _ in items]
    for later, item in enumerate(items):
        if not item.view.inherits:
            continue
        for its_index, name in enumerate(item.view.subject_fields):
            for earlier in range(later - 1, -1, -1):
                other = items[earlier]
                if not other.view.inherits or name not in other.view.subject_fields:
                    continue
                if not (name in item.stated and name in other.stated):
                    own_index = other.view.subject_fields.index(name)
                    links[earlier].append((later, own_index, its_index))
                break
    return links


def first_intruder(stream: Sequence[Entry], places: Sequence[int], free: Free | None = None) -> int | None:
    """The first event between those at ``places`` that may not stand there; None when there is none.

    It is one of the same facet and subject as an item. What belongs to an item is none: the answer to its call, its
    call, a fact that it shows. With ``free``, what another expectation has used is none either.
    """
    chosen = [stream[place] for place in places]
    about = {(entry.view, entry.subject) for entry in chosen}
    between: Iterable[int] = range(places[0] + 1, places[-1])
    taken = set(places)
    for place in between:
        entry = stream[place]
        if place in taken or (entry.view, entry.subject) not in about or (free and not free(entry.seq)):
            continue
        if not any(entry.belongs_to(one) for one in chosen):
            return place
    return None
