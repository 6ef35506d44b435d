"""The sequence numbers of a 2.x transaction, of which late ones fill the gaps they left. Pure but for a timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto

#: Seconds that a sequence number may be missing: a station sends its queue as soon as it can.
PATIENCE = 60.0


class Step(Enum):
    """What a sequence number is after those before it."""

    NEXT = auto()
    LATE = auto()  # one that was missing
    GAP = auto()  # it leaves out others, which may still come
    REPEATED = auto()


class Sequence:
    """The numbers that have come.

    Args:
        first: the first one.
        earlier: whether lower ones may be missing: the CSMS has not seen the beginning.

    Attributes:
        last: the highest so far.
    """

    __slots__ = ("_missing", "last")

    def __init__(self, first: int, *, earlier: bool) -> None:
        self.last = first
        self._missing: list[tuple[int, int]] = [(0, first - 1)] if earlier else []

    def take(self, number: int) -> Step:
        """Take the next one in."""
        if number > self.last:
            gap = number > self.last + 1
            if gap:
                self._missing.append((self.last + 1, number - 1))
            self.last = number
            return Step.GAP if gap else Step.NEXT
        for place, (low, high) in enumerate(self._missing):
            if low <= number <= high:
                left = [(low, number - 1), (number + 1, high)]
                self._missing[place : place + 1] = [(one, other) for one, other in left if one <= other]
                return Step.LATE
        return Step.REPEATED

    def lacks(self, low: int, high: int) -> bool:
        """Whether any number from ``low`` to ``high`` is missing."""
        return any(first <= high and last >= low for first, last in self._missing)


class Patience:
    """Judges later what may still be mended by what comes."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.TimerHandle, tuple[Callable[[], None], Callable[[], bool]]] = {}

    def judge(self, verdict: Callable[[], None], *, at_the_end: Callable[[], bool]) -> None:
        """Call ``verdict`` after :data:`PATIENCE`, or before, when the CSMS stops and ``at_the_end`` says so."""

        def due() -> None:
            del self._waiting[timer]
            verdict()

        timer = asyncio.get_running_loop().call_later(PATIENCE, due)
        self._waiting[timer] = verdict, at_the_end

    def close(self) -> None:
        """Wait no longer."""
        waiting = list(self._waiting.items())
        self._waiting.clear()
        for timer, (verdict, at_the_end) in waiting:
            timer.cancel()
            if at_the_end():
                verdict()
