"""The last few message ids of one direction, to tell a late or duplicate one from one that was never seen."""

from __future__ import annotations

#: How many past message ids a session remembers in each direction, to tell late and duplicate from unknown.
REMEMBERED_IDS = 64


class Memory:
    """Message ids with their action and a state; the oldest is forgotten first.

    Args:
        size: how many ids are remembered.
    """

    __slots__ = ("_entries", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[str, tuple[str | None, str]] = {}

    def get(self, message_id: str) -> tuple[str | None, str] | None:
        """The action and the state of an id; None when it is not remembered."""
        return self._entries.get(message_id)

    def add(self, message_id: str, action: str | None, state: str = "") -> bool:
        """Remember an id; of a known one the new action and state count.

        Returns:
            Whether it was new.
        """
        entries = self._entries
        new = message_id not in entries
        entries[message_id] = (action, state)
        if new and len(entries) > self._size:
            del entries[next(iter(entries))]
        return new
