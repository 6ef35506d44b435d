"""When a station's connection opened and closed, where a recording says so: our own JSON Lines do, logs do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ocpplab_runner.tools.frames.finding import station_of


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """It has opened or closed.

    Attributes:
        line: of the recording.
        station: whose it is, as frames name it.
        opened: False: it has closed.
        at: when, in seconds.
        by: who has closed it, ``charger`` or ``csms``; empty where it was cut, or nobody knows.
    """

    line: int
    station: str
    opened: bool
    at: float
    by: str = ""


def connections(text: str) -> Iterator[ConnectionChange]:
    """Every change, in its order.

    Args:
        text: the whole recording.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if '"connection"' not in line:
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        event = record.get("event") if isinstance(record, dict) else None
        if not isinstance(event, dict) or (event.get("kind"), event.get("name")) != ("fact", "connection"):
            continue
        fields, at = event.get("fields"), event.get("at")
        if isinstance(fields, dict) and isinstance(at, int | float) and fields.get("is") in ("opened", "closed"):
            station = station_of(str(record.get("case", "")), event)
            yield ConnectionChange(number, station, fields["is"] == "opened", float(at), str(fields.get("by", "")))
