"""How far a Gateway's clock is from ours, learnt from the ``Date`` headers of its answers. Pure."""

from __future__ import annotations

from math import inf


class Skew:
    """A ``Date`` is cut to whole seconds: each answer says that the difference lies in an interval of a second or so,
    and what all of them allow is narrower. A clock that is right within that is taken to be right.
    """

    def __init__(self) -> None:
        self._low, self._high = -inf, inf

    def learn(self, date: float, sent: float, received: float) -> None:
        """Take an answer into account.

        Args:
            date: its ``Date``, seconds since 1970 by the Gateway's clock, cut to whole seconds.
            sent: when the request was sent, seconds since 1970 by ours.
            received: when the answer was there.
        """
        low, high = date - received, date + 1 - sent
        if low > self._high or high < self._low:
            self._low, self._high = low, high  # one of the clocks has been set
        else:
            self._low, self._high = max(low, self._low), min(high, self._high)

    @property
    def seconds(self) -> float:
        """Their clock minus ours; 0 as long as that is possible."""
        if self._low <= 0 <= self._high:
            return 0.0
        return self._low if self._low > 0 else self._high

    @property
    def doubt(self) -> float:
        """By how much :attr:`seconds` may be wrong; 0 as long as nothing has been learnt."""
        if self._low == -inf:
            return 0.0
        return max(self._high - self.seconds, self.seconds - self._low)
