"""What plugins started in a worker and left running: it ends with the worker."""

from __future__ import annotations

import contextlib
import os
import signal

from ocpplab_runner import clock

#: Seconds from the request to end until the end itself.
_GRACE = 0.5
_AGAIN = 0.02


class Leftovers:
    """Process groups whose leaders, the workers, have ended."""

    def __init__(self) -> None:
        self._groups: set[int] = set()

    def ask(self, group: int) -> None:
        """Tell what is left of a worker's group to end; does not wait for it."""
        if _signal(group, signal.SIGTERM):
            self._groups.add(group)

    def end(self) -> None:
        """Kill what has not ended within half a second."""
        deadline = clock.wall_seconds() + _GRACE
        while self._groups and clock.wall_seconds() < deadline:
            self._groups = {group for group in self._groups if _signal(group, 0)}
            if self._groups:
                clock.wall_pause(_AGAIN)
        for group in self._groups:
            _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send a signal to a group; False when there is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False
