"""What a station may have from a time before this CSMS, of which this one has seen nothing. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def _instant(timestamp: str) -> datetime:
    """The moment of a valid timestamp; one without an offset, which 1.6 has, is in UTC."""
    moment = datetime.fromisoformat(timestamp.upper())
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


class Earlier:
    """Judges whether a transaction of a station may have begun with a CSMS before this one.

    It cannot, when the station has booted with this CSMS, every connector was idle when it first reported its status
    after that, and what the station says of the transaction is of a later time.
    """

    def __init__(self) -> None:
        self._booted_at: datetime | None = None
        self._first_statuses: dict[tuple[int, int], str] = {}

    def booted(self, status: object, moment: datetime) -> None:
        """Its boot has been answered, with that registration status."""
        if status == "Accepted":
            self._booted_at = moment
            self._first_statuses.clear()

    def reported(self, evse_id: int, connector_id: int, status: str) -> None:
        """It has reported the status of a connector, or of the whole station (EVSE 0)."""
        if evse_id:
            self._first_statuses.setdefault((evse_id, connector_id), status)

    def may_have_begun(self, timestamp: str) -> bool:
        """Whether a transaction of which a message tells something at that time may have begun before."""
        first = self._first_statuses.values()
        idle = all(status in ("Available", "Preparing", "Reserved") for status in first)
        if self._booted_at is None or not first or not idle:
            return True
        return _instant(timestamp) <= self._booted_at
