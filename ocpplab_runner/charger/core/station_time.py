"""What time it is at the station: the CSMS's, as OCPP 1.6 sections 4.2 and 4.6 recommend and 2.0.1 B01 and G02 say.

Only dates follow the CSMS: what is stamped, what expires, when a day begins. How long something lasts is measured by
the run's own clock, whatever the CSMS says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ocpplab_runner import clock
from ocpplab_runner.charger.core.timestamps import moment

#: A smaller difference may be the answer's way or its rounding.
TOLERANCE = timedelta(seconds=1)
#: Dates outside are no time that a station lives in, and would lead out of all dates that there are.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class StationTime:
    """The station's clock; it goes as the run's does, and stands where the CSMS has put it, or somebody at the station.

    Args:
        ahead: of the run's clock, at first.
        follows: whether it takes over what the CSMS says.

    Attributes:
        ahead: of the run's clock.
    """

    __slots__ = ("_follows", "ahead")

    def __init__(self, ahead: timedelta = timedelta(), *, follows: bool = True) -> None:
        self.ahead = ahead
        self._follows = follows

    def now(self) -> datetime:
        """Date and time in UTC."""
        return clock.utcnow() + self.ahead

    def follow(self, current_time: str) -> bool:
        """Take over a ``currentTime`` of the CSMS; one without an offset is UTC.

        Returns:
            Whether the clock stands elsewhere now: not for less than a second, not for what is no time to live in, and
            never where it does not follow.
        """
        if not self._follows:
            return False
        try:
            told = moment(current_time)
        except ValueError:
            return False
        if not _EARLIEST <= told <= _LATEST or abs(told - self.now()) <= TOLERANCE:
            return False
        self.ahead = told - clock.utcnow()
        return True
