"""Waiting for what becomes of one charger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ocpplab_runner import clock
from ocpplab_runner.plugin.stage import InfrastructureError
from ocpplab_runner.vocabulary.durations import format_duration

#: On a real clock: once all is answered and for so long, in seconds, no frame has come, nothing more is expected.
QUIET = 0.25
_QUIET_AT_MOST = 5.0


class Changes:
    """Told whenever something has been observed of the charger; wakes who waits.

    Attributes:
        last: when a frame was last seen, in seconds on the run's clock.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._now = asyncio.get_running_loop().time
        self.last = self._now()

    def stir(self, *, crossed: bool = True) -> None:
        """Something has changed; ``crossed``: it was seen on the wire."""
        if crossed:
            self.last = self._now()
        self._changed.set()

    async def until(
        self,
        holds: Callable[[], bool],
        what: str,
        limit: float,
        *,
        reached: Callable[[], bool] = lambda: True,
    ) -> None:
        """Wait until something is true.

        Args:
            holds: the condition; looked at whenever something has been observed. What it raises ends the wait.
            what: the condition in words.
            limit: seconds.
            reached: whether the other side is there, asked when time is up.

        Raises:
            InfrastructureError: it did not become true.
        """
        try:
            async with asyncio.timeout(limit):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise InfrastructureError(
                f"the given state was not reached: not {what} within {format_duration(limit)}", reached=reached()
            ) from None

    async def answered(self, busy: Callable[[], bool], patience: float) -> None:
        """Return when nothing waits for an answer any more, or none has come for as long as a call may take.

        Args:
            busy: whether a call waits for its answer.
            patience: seconds that a call may take.
        """
        while busy():
            self._changed.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._changed.wait()
            except TimeoutError:
                return
            # What an answer sets off is sent in the next turn of the loop.
            await clock.settled()

    async def quiet(self, silence: float = QUIET, not_before: Callable[[], float] = lambda: 0.0) -> None:
        """Return when no frame has come for a while, and for ever so many after a few seconds.

        Args:
            silence: seconds without a frame.
            not_before: the least time until which to wait, on the run's clock.
        """
        began = clock.now()
        while clock.now() - began < _QUIET_AT_MOST:
            rest = max(self.last + silence, not_before()) - clock.now()
            if rest <= 0:
                return
            await asyncio.sleep(rest)
