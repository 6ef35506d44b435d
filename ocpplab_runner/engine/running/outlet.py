"""Where the records of one attempt leave the engine: redacted, and in the order in which they were made.

Events are by far the most. Each is written as JSON once, here, and goes to the file as it is. Under the virtual clock
they come in bursts, and one look clears a whole burst of the suspicion that it holds a secret.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ocpplab_runner.engine.running.redaction import redact_record
from ocpplab_runner.plugin.lines import line_of
from ocpplab_runner.plugin.results import EventRecord, Record
from ocpplab_runner.redaction.redactor import Redactor

#: Bytes of events that wait at most.
_BURST = 1 << 15


class Outlet:
    """Takes the records of one attempt.

    Args:
        emit: takes records.
        lines: takes whole ``event`` records as JSON Lines, one or more of them; without it they go to ``emit``.
        bursts: whether events may wait for the next other record.

    Attributes:
        redactor: what it knows to be secret is in no record from then on.
    """

    def __init__(
        self, emit: Callable[[Record], None], lines: Callable[[bytes], None] | None = None, *, bursts: bool = False
    ) -> None:
        self.redactor = Redactor()
        self._emit = emit
        self._lines = lines
        self._most = _BURST if bursts else 0
        self._waiting: list[bytes] = []
        self._size = 0

    def record(self, record: Record) -> None:
        """Take a record that is no event."""
        self.flush()
        self._emit(redact_record(self.redactor, record))

    def event(self, record: EventRecord) -> None:
        """Take an event; it may be handed on later, but before any other record."""
        if self._lines is None:
            self._emit(redact_record(self.redactor, record))
            return
        try:
            line = line_of(record)
        # A lone surrogate, an integer beyond 64 bits: rare enough for the slow way.
        except TypeError:
            self.record(record)
            return
        self._waiting.append(line)
        self._size += len(line)
        if self._size > self._most:
            self.flush()

    def flush(self) -> None:
        """Hand on what waits."""
        if self._lines is None or not self._waiting:
            return
        burst = b"".join(self._waiting)
        if self.redactor.suspects_json(burst):
            burst = b"".join(map(self._cleaned, self._waiting))
        self._waiting.clear()
        self._size = 0
        self._lines(burst)

    def _cleaned(self, line: bytes) -> bytes:
        if not self.redactor.suspects_json(line):
            return line
        record: Any = orjson.loads(line)
        cleaned = redact_record(self.redactor, record)
        return line if cleaned is record else line_of(cleaned)
