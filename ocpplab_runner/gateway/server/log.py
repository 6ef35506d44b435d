"""A charger's message log: every frame as a row, bounded, and as late and disorderly as pessimism wants it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.settings import Pessimism
from ocpplab_runner.ocppj.frames import Call, Send
from ocpplab_runner.ocppj.records import Direction, FrameRecord

#: The action of a row about a text that is no OCPP message, or an answer to no call.
UNKNOWN_ACTION = "Unknown"
_DIRECTIONS = {Direction.TO_CSMS: "cp_to_csms", Direction.TO_CHARGER: "csms_to_cp"}
_TICK = timedelta(microseconds=1)
#: What is left of a frame that a charger's whole log could not hold.
_EXCERPT = 1024


@dataclass(frozen=True, slots=True)
class LogRow:
    """One frame.

    Attributes:
        at: when it crossed; no two rows of a charger bear the same time.
        direction: ``cp_to_csms`` or ``csms_to_cp``.
        action: OCPP action; of an answer that of its call.
        message: the frame as it stood on the wire.
        call: whether it is a CALL.
        visible_at: from when on it can be read.
    """

    at: datetime
    direction: str
    action: str
    message: str
    call: bool
    visible_at: datetime

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.message) + _ROW


#: Bytes of a row besides its message.
_ROW = 300


class LogSpace:
    """How many bytes the logs of one organization may take together.

    Args:
        limit: bytes; who adds a row beyond them loses the oldest rows of its own log.
    """

    __slots__ = ("_limit", "_used")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0

    def take(self, size: int) -> None:
        """A row has come, or gone (a negative size)."""
        self._used += size

    @property
    def is_full(self) -> bool:
        """Whether more is used than there is."""
        return self._used > self._limit


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some rows, and how many there are."""

    rows: list[LogRow]
    total: int


class MessageLog:
    """The rows of one charger, the oldest first.

    Args:
        limit: how many are kept.
        limit_bytes: how many bytes they may take.
        space: what the organization's logs share.
        pessimism: how late and disorderly they come.
        random: of the disorder.
        added: called with each new row, once the rows that it drives out are gone.
    """

    def __init__(
        self,
        limit: int,
        limit_bytes: int,
        space: LogSpace,
        pessimism: Pessimism,
        random: Random,
        added: Callable[[LogRow], None],
    ) -> None:
        self._rows: deque[LogRow] = deque()
        self._limit, self._limit_bytes, self._space = limit, limit_bytes, space
        self._bytes = 0
        self._pessimism = pessimism
        self._random = random
        self._added = added
        self._latest: datetime | None = None

    def record(self, frame: FrameRecord) -> None:
        """A frame has crossed."""
        call = isinstance(frame.message, Call | Send)
        if self._pessimism.calls_only and not call:
            return
        now = clock.utcnow()
        # Only times tell a client the order, and many frames may cross at one moment, under a virtual clock most.
        at = now if self._latest is None or now > self._latest else self._latest + _TICK
        self._latest = at
        late = self._pessimism.log_delay
        visible = now + timedelta(seconds=self._random.uniform(0, late)) if late else now
        text = frame.text
        if len(text) > self._limit_bytes - _ROW:
            text = f"{text[:_EXCERPT]}… ({len(text)} characters, more than this log may hold)"
        row = LogRow(at, _DIRECTIONS[frame.direction], frame.action or UNKNOWN_ACTION, text, call, visible)
        self._append(row)
        self._added(row)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def restore(self, rows: list[LogRow]) -> None:
        """Put back what an earlier process has kept, as far as there is room now."""
        for row in rows:
            self._append(row)
        self._latest = rows[-1].at if rows else None

    def _append(self, row: LogRow) -> None:
        self._rows.append(row)
        self._bytes += row.size
        self._space.take(row.size)
        # For want of bytes the newest row stays, however large: that it came is to be read.
        while len(self._rows) > self._limit or (
            len(self._rows) > 1 and (self._bytes > self._limit_bytes or self._space.is_full)
        ):
            self._drop()

    def _drop(self) -> None:
        size = self._rows.popleft().size
        self._bytes -= size
        self._space.take(-size)

    def clear(self) -> int:
        """Forget every row; returns how many there were."""
        count = len(self._rows)
        while self._rows:
            self._drop()
        return count

    def latest(self, count: int) -> list[LogRow]:
        """The rows that came last, the newest first; for eyes, so pessimism does not hold them back."""
        return list(islice(reversed(self._rows), count))

    def page(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        action: str | None = None,
        limit: int,
        offset: int = 0,
    ) -> LogPage:
        """Rows that can be read by now, the oldest first.

        Args:
            start, end: both inclusive.
            action: only this OCPP action.
            limit, offset: which part of them.
        """
        now = clock.utcnow()
        rows = [
            row
            for row in self._rows
            if row.visible_at <= now
            and (start is None or row.at >= start)
            and (end is None or row.at <= end)
            and (action is None or row.action == action)
        ]
        chosen = rows[offset : offset + limit]
        if self._pessimism.shuffle_logs:
            self._random.shuffle(chosen)
        return LogPage(chosen, len(rows))

    def timestamp(self, row: LogRow) -> str:
        """A row's time as the API spells it."""
        if self._pessimism.whole_seconds:
            return row.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return row.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
