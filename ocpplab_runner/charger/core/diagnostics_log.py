"""What a station has lived through, for its diagnostics: the latest messages, facts and notes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.core.context import ChargerObserver
from ocpplab_runner.ocppj.records import Direction, FrameRecord, PeerViolation

#: Entries that are kept, the latest.
KEPT = 2000


class DiagnosticsLog:
    """Hears what the station's observer hears, hands it on, and keeps it.

    Args:
        observer: hears everything.
    """

    __slots__ = ("_entries", "_observer")

    def __init__(self, observer: ChargerObserver) -> None:
        self._observer = observer
        self._entries: deque[tuple[float, FrameRecord | str]] = deque(maxlen=KEPT)

    def frame(self, record: FrameRecord) -> None:
        """A text was sent or received."""
        self._entries.append((record.at, record))
        self._observer.frame(record)

    def violation(self, violation: PeerViolation) -> None:
        """The CSMS broke the protocol."""
        self._entries.append((violation.at, f"{violation.code}: {violation.description}"))
        self._observer.violation(violation)

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows."""
        told = " ".join(f"{field}={value}" for field, value in fields.items())
        self._entries.append((clock.now(), f"{name} {told}"))
        self._observer.fact(name, fields)

    def note(self, text: str) -> None:
        """Something worth reading."""
        self._entries.append((clock.now(), text))
        self._observer.note(text)

    def lines(self, now: datetime, since: datetime | None, until: datetime | None) -> list[str]:
        """What has happened within a time, a line for each entry, the oldest first.

        Args:
            now: by the station's clock.
            since: the oldest; None for all that is known.
            until: the latest.
        """
        lines = []
        for at, entry in self._entries:
            # Kept by the run's clock, told by the station's: one that was set back meanwhile turns no lines around.
            moment = now - timedelta(seconds=clock.now() - at)
            if (since is None or moment >= since) and (until is None or moment <= until):
                lines.append(f"{clock.timestamp(moment)} {_told(entry)}")
        return lines


def _told(entry: FrameRecord | str) -> str:
    if isinstance(entry, str):
        return entry
    return f"{'sent' if entry.direction is Direction.TO_CSMS else 'received'} {entry.text}"
