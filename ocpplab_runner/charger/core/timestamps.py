"""Dates and times of the wire, whatever RFC 3339 allows in them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def moment(text: str) -> datetime:
    """A date and time of the wire in UTC; one without a zone is UTC (OCPP 1.6 section 3.15).

    A leap second is the second after 59; what lies before or behind all dates that Python has is the first or the last.

    Raises:
        ValueError: it is none.
    """
    # Python reads none of these, and RFC 3339 has them all: t and z in small letters, the year 0 (5.6), leap
    # seconds (5.7).
    text = text.upper()
    if text.startswith("0000"):
        return _FIRST
    leap = text[17:19] == "60"
    parsed = datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leap else text)
    try:
        utc = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        return utc + timedelta(seconds=1) if leap else utc
    except OverflowError:
        # The offset leads out of the years 1 to 9999.
        return _FIRST if parsed.year == 1 else _LAST


def later(moment: datetime, seconds: float) -> datetime:
    """A moment so much later, or the last there is."""
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def boundary_after(moment: datetime, interval: float) -> datetime:
    """The next multiple of an interval since midnight; a day begins anew, whether or not the interval fits into it.

    Args:
        moment: in UTC.
        interval: in seconds, at least 1.
    """
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    step = timedelta(seconds=min(interval, day.total_seconds()))
    return min(midnight + step * ((moment - midnight) // step + 1), midnight + day)
