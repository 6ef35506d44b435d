"""How long a station waits before it dials again: OCPP-J 1.6 section 5.3, OCPP 2.x part 4 section 5.3."""

from __future__ import annotations

from random import Random

from ocpplab_runner.charger.core.variables import Variables

WAIT_MINIMUM = "OCPPCommCtrlr.RetryBackOffWaitMinimum"
REPEAT_TIMES = "OCPPCommCtrlr.RetryBackOffRepeatTimes"
RANDOM_RANGE = "OCPPCommCtrlr.RetryBackOffRandomRange"
#: How often the pause doubles unless that is set.
DOUBLINGS = 4


class BackOff:
    """A pause that doubles with each attempt in vain, a number of times, and some seconds by chance.

    Args:
        variables: of the station, where 2.x sets it.
        first: the first pause in seconds, where it was never set.
        random: for the seconds by chance.
    """

    __slots__ = ("_first", "_random", "_variables")

    def __init__(self, variables: Variables, first: float, random: Random) -> None:
        self._variables, self._first, self._random = variables, first, random

    def pause(self, attempts: int) -> float:
        """Seconds before the next attempt, after so many in vain since the connection was lost."""
        variables = self._variables
        # 1.6 has none of the three: there is a first pause, and how often it doubles is ours.
        if not variables.has(WAIT_MINIMUM):
            return self._first * 2.0 ** min(attempts, DOUBLINGS)
        first = self._first if variables.kept(WAIT_MINIMUM) is None else variables.integer(WAIT_MINIMUM)
        pause = first * 2.0 ** min(attempts, variables.integer(REPEAT_TIMES))
        chance = variables.integer(RANDOM_RANGE)
        return pause + (self._random.uniform(0, chance) if chance else 0.0)
