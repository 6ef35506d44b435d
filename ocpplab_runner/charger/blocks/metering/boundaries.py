"""When the clock has readings taken: an interval that counts from midnight (OCPP 1.6 section 9.1, 2.x J01)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.charger.core.timestamps import boundary_after


class Boundaries:
    """Acts at each boundary of an interval that a variable holds; 0 is none.

    Args:
        context: the station.
        timers: for one named after the variable.
        variable: its name, in seconds.
        action: gets the boundary, which the clock has just reached.
    """

    def __init__(self, context: Context, timers: Timers, variable: str, action: Callable[[datetime], None]) -> None:
        self._context = context
        self._timers = timers
        self._variable = variable
        self._action = action

    def restart(self) -> None:
        """The interval, the clock or the power is another."""
        self._after(self._context.time.now())

    def _after(self, moment: datetime) -> None:
        interval = self._context.variables.integer(self._variable)
        if interval == 0 or not self._context.powered:
            self._timers.stop(self._variable)
            return
        boundary = boundary_after(moment, interval)
        wait = (boundary - self._context.time.now()) / timedelta(seconds=1)
        self._timers.start(self._variable, max(wait, 0.0), lambda: self._reached(boundary))

    def _reached(self, boundary: datetime) -> None:
        self._action(boundary)
        # Not from now: a timer that fires a hair too early would meet the same boundary again.
        self._after(boundary)
