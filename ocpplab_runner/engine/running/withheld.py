"""Records of a case that saves a secret: what shows it comes before the step that saves it.

Nobody knows a captured value before it is captured, and the frame that brought it is on record by then. Such a case's
records therefore wait until it has ended. Of very many the oldest go out, without anything that a peer has said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from ocpplab_runner.plugin.results import Record
from ocpplab_runner.redaction.redactor import HIDDEN
from ocpplab_runner.scenario.model import Step

#: Records that wait at most.
MOST = 20_000


class Withheld:
    """The records of one attempt that wait.

    Args:
        sink: where they go.
        most: how many wait at most.
    """

    def __init__(self, sink: Callable[[Record], None], most: int = MOST) -> None:
        self._sink = sink
        self._most = most
        self._records: deque[Record] = deque()

    def put(self, record: Record) -> None:
        """Let a record wait."""
        self._records.append(record)
        if len(self._records) > self._most:
            self._sink(_veiled(self._records.popleft()))

    def release(self) -> None:
        """Hand on everything that waits, in order."""
        while self._records:
            self._sink(self._records.popleft())


def saves(steps: Iterable[Step], is_secret: Callable[[str], bool]) -> bool:
    """Whether any of the steps, or of those within them, saves a secret."""
    return any(
        any(map(is_secret, step.save)) or any(saves(block, is_secret) for block in step.blocks.values())
        for step in steps
    )


def _veiled(record: Record) -> Record:
    """The record without what others have said."""
    if record["type"] == "event":
        event = record["event"]
        veiled: Any = {**record, "event": {**event, "fields": _veil(event["fields"])}}
    elif record["type"] == "log":
        veiled = {**record, "text": HIDDEN}
    else:
        veiled = record
    return cast("Record", veiled)


def _veil(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _veil(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_veil(item) for item in value]
    return value if value is None or isinstance(value, bool) else HIDDEN
