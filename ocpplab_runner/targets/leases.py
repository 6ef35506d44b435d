"""What a CSMS has only once, charger identities and cards, lent to one case at a time across worker processes.

One byte of an unnamed file stands for each thing, locked with POSIX record locks: they know processes, are not
inherited by a fork, and end with their process however it ends. The byte itself says that the thing is lent: who does
not give it back, because something is still open there or because it was killed, leaves it so, and it is lent to nobody
else in that run.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
import weakref
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")

#: The place of the right to choose, which one case at a time has: the others stand in line for it.
_GATE = 0
_LENT, _FREE = b"\1", b"\0"
#: Seconds between two looks; to wait in a lock would stop the event loop, with everything that is connected.
_POLL = 0.05


class NothingLeftError(Exception):
    """There is no waiting for it: what has not been given back never will be. The text names it."""


class Leases:
    """Made before the workers are forked, so that all share it."""

    def __init__(self) -> None:
        self._file, path = tempfile.mkstemp(prefix="ocpplab-")
        Path(path).unlink()
        weakref.finalize(self, os.close, self._file)
        self._held: set[int] = set()

    async def borrow(
        self, choose: Callable[[Callable[[str], bool]], tuple[Collection[str], T] | None]
    ) -> tuple[Lease, T]:
        """Take several things at once, and wait while they are not free.

        Whoever waits longest is served first, so that a case that needs many is not passed by for ever.

        Args:
            choose: gets the question whether a thing is free; returns the names of what it takes and what it makes of
                it, or None while it cannot. What it raises ends the attempt.

        Raises:
            NothingLeftError: it could only be served with things that were not given back.
        """
        while not self._lock(_GATE):
            await asyncio.sleep(_POLL)
        try:
            while (chosen := self._attempt(choose)) is None:
                await asyncio.sleep(_POLL)
            return chosen
        finally:
            self._unlock(_GATE)

    def _attempt(
        self, choose: Callable[[Callable[[str], bool]], tuple[Collection[str], T] | None]
    ) -> tuple[Lease, T] | None:
        tried: set[int] = set()
        lost: set[str] = set()

        def free(name: str) -> bool:
            place = _place(name)
            if place not in tried and self._lock(place):
                tried.add(place)
            if place in tried and self._is_lent(place):
                lost.add(name)
                return False
            return place in tried

        kept: set[int] = set()
        try:
            chosen = choose(free)
            if chosen is not None:
                kept = {_place(name) for name in chosen[0]} & tried
                for place in kept:
                    self._mark(place, lent=True)
                return Lease(self, kept), chosen[1]
            # What is only lent comes back: nothing is left when that, too, would not be enough.
            if lost and choose(lambda name: name not in lost) is None:
                raise NothingLeftError(", ".join(sorted(lost)))
            return None
        finally:
            for place in tried - kept:
                self._unlock(place)

    def _is_lent(self, place: int) -> bool:
        return os.pread(self._file, 1, place) == _LENT

    def _mark(self, place: int, *, lent: bool) -> None:
        os.pwrite(self._file, _LENT if lent else _FREE, place)

    def _lock(self, place: int) -> bool:
        # A record lock keeps other processes out; to its own process the kernel would grant it again.
        if place in self._held:
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place, os.SEEK_SET)
        except OSError:
            return False
        self._held.add(place)
        return True

    def _unlock(self, place: int) -> None:
        self._held.discard(place)
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place, os.SEEK_SET)


class Lease:
    """Things that have been lent.

    Args:
        leases: by whom.
        places: their places.
    """

    def __init__(self, leases: Leases, places: Collection[int]) -> None:
        self._leases = leases
        self._places = tuple(places)

    def give_back(self, *, but: Collection[str] = ()) -> None:
        """Let others have them; nothing happens the second time.

        Args:
            but: names of those that nobody else shall have in this run.
        """
        self._return({_place(name) for name in but})

    def lose(self) -> None:
        """Let nobody have any of them in this run."""
        self._return(set(self._places))

    def _return(self, lost: Collection[int]) -> None:
        places, self._places = self._places, ()
        for place in places:
            if place not in lost:
                self._leases._mark(place, lent=False)
            self._leases._unlock(place)


def _place(name: str) -> int:
    """Two names may share a place; then they are lent together at times, and nothing worse."""
    return 1 + crc32(name.casefold().encode("utf-8", "surrogatepass"))
