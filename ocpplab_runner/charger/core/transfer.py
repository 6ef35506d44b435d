"""Fetching or sending a file, again and again until it has come across or has been tried often enough."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.transfers.errors import TransferError

#: Attempts at a file, and the seconds between them, where the CSMS says nothing.
DEFAULT_ATTEMPTS, DEFAULT_INTERVAL = 1, 60.0
_AGAIN = "again"


class Transfer:
    """One file at a time.

    Args:
        context: the station.
        what: is transferred, for its notes.
    """

    def __init__(self, context: Context, what: str) -> None:
        self._context, self._what = context, what
        self._timers = Timers()
        self._task: asyncio.Task[None] | None = None
        self._attempt = self._attempts = 0
        self._interval = 0.0
        self._act: Callable[[], Awaitable[Any]]
        self._done: Callable[[Any], None]
        self._failed: Callable[[TransferError], None]

    @property
    def running(self) -> bool:
        """Whether a file is on its way, or waits for the next attempt."""
        return self._task is not None or self._timers.running(_AGAIN)

    def start(
        self,
        act: Callable[[], Awaitable[Any]],
        *,
        attempts: int,
        interval: float,
        done: Callable[[Any], None],
        failed: Callable[[TransferError], None],
    ) -> None:
        """Begin, in the place of what is on its way.

        Args:
            act: one attempt; raises TransferError.
            attempts: before giving up, at least one.
            interval: seconds between two of them.
            done: gets what an attempt has given.
            failed: gets why the last one has failed.
        """
        self.stop()
        self._act, self._attempts, self._interval = act, attempts, interval
        self._done, self._failed = done, failed
        self._attempt = 0
        self._begin()

    def stop(self) -> None:
        """Let it be; nobody is told."""
        self._timers.stop_all()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def network_lost(self) -> None:
        """The attempt that is on its way has failed."""
        # A CSMS that closes its connection is no lost network: the file's server may be another.
        if self._task is not None and not self._context.connection.network:
            self._task.cancel()
            self._over(TransferError("the network is gone"))

    def _begin(self) -> None:
        self._attempt += 1
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            if not self._context.connection.network:
                # A scenario cuts the way to the CSMS; the transfer has sockets of its own, which do not feel that.
                raise TransferError("there is no network")
            result = await self._act()
        except TransferError as error:
            if self._is_current():
                self._over(error)
        else:
            if self._is_current():
                self._task = None
                self._done(result)

    def _is_current(self) -> bool:
        """Whether the attempt still counts: one that was cancelled may end with an error of its own all the same."""
        return self._task is asyncio.current_task()

    def _over(self, error: TransferError) -> None:
        self._task = None
        self._context.note(f"{self._what}, attempt {self._attempt} of {self._attempts}: {error}")
        if self._attempt < self._attempts:
            self._timers.start(_AGAIN, self._interval, self._begin)
        else:
            self._failed(error)
