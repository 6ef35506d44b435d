"""Waiting for what becomes of one charger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ocpplab_runner import clock
from ocpplab_runner.plugin.target import InfrastructureError
from ocpplab_runner.vocabulary.durations import format_duration

_QUIET_AT_MOST = 5.0
#: On a real clock: without a frame for so long, in seconds, a charger is taken to have said what it had to say.
QUIET = 0.25


class Changes:
    """Told whenever something has been observed of the charger; wakes who waits.

    Attributes:
        last: when a frame was last seen, in seconds on the run's clock.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self.last = clock.now()

    def stir(self, *, crossed: bool = True) -> None:
        """Something has changed; ``crossed``: it was seen on the wire."""
        if crossed:
            self.last = clock.now()
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

    async def quiet(self, not_before: Callable[[], float] = lambda: 0.0) -> None:
        """On a real clock: return when the charger has said what it had to say by now.

        Args:
            not_before: the least time until which to wait, on the run's clock.
        """
        began = clock.now()
        while clock.now() - began < _QUIET_AT_MOST:
            rest = max(self.last + QUIET, not_before()) - clock.now()
            if rest <= 0:
                return
            await asyncio.sleep(rest)
