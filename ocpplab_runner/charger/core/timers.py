"""One-shot timers by name: a part of the station that has several keeps them together and stops them at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable


class Timers:
    """Named timers on the running loop; starting one replaces the one of that name."""

    __slots__ = ("_handles",)

    def __init__(self) -> None:
        self._handles: dict[Hashable, asyncio.TimerHandle] = {}

    def start(self, name: Hashable, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` after so many seconds."""
        self.stop(name)
        self._handles[name] = asyncio.get_running_loop().call_later(seconds, self._fire, name, action)

    def stop(self, name: Hashable) -> None:
        """Forget a timer; nothing happens when it does not run."""
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()

    def stop_all(self) -> None:
        """Forget every timer."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def left(self, name: Hashable) -> float | None:
        """Seconds until a timer fires; None when it does not run."""
        handle = self._handles.get(name)
        return None if handle is None else max(0.0, handle.when() - asyncio.get_running_loop().time())

    def running(self, name: Hashable) -> bool:
        """Whether that timer runs."""
        return name in self._handles

    def _fire(self, name: Hashable, action: Callable[[], None]) -> None:
        # Gone before it acts: the action may start it anew, and asks whether it runs.
        self._handles.pop(name, None)
        action()
