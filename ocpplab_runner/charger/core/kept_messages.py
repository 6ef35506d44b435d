"""Messages that must not be lost on their way to the CSMS: in order, and again after a connection that was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.records import CallTimeout, SessionClosed

#: Seconds before one that was not answered in time goes again.
PATIENCE = 60.0


class KeptMessages:
    """A queue of calls of one action; what waits in it survives a loss of power.

    Args:
        context: of the station.
        action: of the calls.
        answered: gets the payload of each usable answer.

    Attributes:
        waiting: payloads that the CSMS has not taken, the oldest first.
    """

    def __init__(
        self, context: Context, action: str, answered: Callable[[Mapping[str, Any]], None] = lambda payload: None
    ) -> None:
        self._context = context
        self._action, self._answered = action, answered
        self._timers = Timers()
        self._under_way = False
        self.waiting: list[Mapping[str, Any]] = []

    def put(self, payload: Mapping[str, Any]) -> None:
        """Queue one, and send the first when the station may."""
        self.waiting.append(payload)
        self.flush()

    def flush(self) -> None:
        """Send the first, when the station may and none is under way."""
        if not self.waiting or self._under_way or not self._context.online:
            return
        self._timers.stop_all()
        self._under_way = True
        self._context.post_raw(Outgoing(self._action, self.waiting[0]), self._concluded)

    def disconnected(self) -> None:
        """What was under way goes again after the next connection."""
        self._under_way = False

    def stop(self) -> None:
        """Send nothing more by itself."""
        self._timers.stop_all()
        self._under_way = False

    def _concluded(self, answer: Answer | Exception) -> None:
        # It stays the first, and goes again over the next connection (A04.FR.02): an answer from before is none.
        if isinstance(answer, SessionClosed) or not self._under_way:
            return
        self._under_way = False
        if isinstance(answer, CallTimeout):
            self._timers.start("again", PATIENCE, self.flush)
            return
        # A CSMS that knows no such message will know none the next time either.
        del self.waiting[0]
        if isinstance(answer, CallResult):
            self._answered(answer.payload)
        self.flush()
