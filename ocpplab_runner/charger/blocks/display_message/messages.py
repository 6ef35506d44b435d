"""What a display shows of the messages that it was given: OCPP 2.x MessageInfoType and its priorities. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocpplab_runner.charger.core.timestamps import moment

#: MessagePriorityEnumType, the foremost first.
PRIORITIES = ("AlwaysFront", "InFront", "NormalCycle")
_ALONE = PRIORITIES[0]


@dataclass(frozen=True, slots=True)
class Message:
    """A message, as the CSMS has set it.

    Attributes:
        wire: MessageInfoType.
        begins, ends: when it is shown, and from when on it is no more; None where nothing limits it.
    """

    wire: Mapping[str, Any]
    begins: datetime | None = None
    ends: datetime | None = None

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Message:
        """From a MessageInfoType that has passed its schema."""
        begins, ends = wire.get("startDateTime"), wire.get("endDateTime")
        return cls(wire, None if begins is None else moment(begins), None if ends is None else moment(ends))

    @property
    def number(self) -> int:
        """Its id."""
        return int(self.wire["id"])

    @property
    def priority(self) -> str:
        """How far in front it is shown."""
        return str(self.wire["priority"])

    @property
    def transaction_id(self) -> str | None:
        """The transaction that it belongs to, and does not outlive."""
        return self.wire.get("transactionId")

    @property
    def contents(self) -> Sequence[Mapping[str, Any]]:
        """MessageContentType in each of its languages, the first being the one that the CSMS prefers."""
        return (self.wire["message"], *self.wire.get("messageExtra", ()))

    def text(self, languages: Iterable[str]) -> str:
        """Its text in the first of these languages that it has, else in its own."""
        for language in languages:
            for content in self.contents:
                if "language" in content and same_language(content["language"], language):
                    return str(content["content"])
        return str(self.contents[0]["content"])


def same_language(one: str, other: str) -> bool:
    """Whether two tags of RFC 5646 name one language, wherever it is spoken."""
    return _language(one) == _language(other)


def _language(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()


class Messages:
    """The messages that a station keeps, by id, the oldest first."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, Message] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._kept.values()))

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def replaced_by(self, message: Message) -> set[int]:
        """The ids of those that a new one takes the place of: of its id (O06), and always in front as it is."""
        alike = {one.number for one in self._kept.values() if message.priority == _ALONE == one.priority}
        return alike | ({message.number} & self._kept.keys())

    def put(self, message: Message) -> None:
        """Keep it, in the place of those that it replaces."""
        for number in self.replaced_by(message):
            del self._kept[number]
        self._kept[message.number] = message

    def remove(self, number: int) -> bool:
        """Forget one; False where there is none."""
        return self._kept.pop(number, None) is not None

    def find(self, numbers: Sequence[int], priority: str | None, state: str | None) -> list[Message]:
        """Those of these ids, of that priority and for that state; each of them None, or empty, for all."""
        return [
            one
            for one in self._kept.values()
            if (not numbers or one.number in numbers)
            and priority in (None, one.priority)
            and state in (None, one.wire.get("state"))
        ]

    def to_show(self, now: datetime, states: frozenset[str]) -> list[Message]:
        """What the display shows in turns: of what could be shown, the foremost.

        Args:
            now: by the station's clock.
            states: in which the station is.
        """
        shown = [
            one
            for one in self._kept.values()
            if (one.begins is None or one.begins <= now) and one.wire.get("state") in (None, *states)
        ]
        foremost = min((PRIORITIES.index(one.priority) for one in shown), default=None)
        return [] if foremost is None else [one for one in shown if one.priority == PRIORITIES[foremost]]

    def next_change(self, now: datetime) -> datetime | None:
        """When time alone changes what is shown, or kept; None for never."""
        moments = [when for one in self._kept.values() for when in (one.begins, one.ends) if when and when > now]
        return min(moments, default=None)
