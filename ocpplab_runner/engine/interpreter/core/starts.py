"""Whether a transaction that nobody has seen begin can be one: it may have begun before anybody looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ocpplab_runner.engine.interpreter.core.facts import moment

#: Statuses of a connector on which no transaction runs.
_IDLE = frozenset({"Available", "Preparing", "Reserved"})


class Starts:
    """What a charger's traffic says of transactions that have begun before it.

    On one EVSE (1.6: connector) transactions come one after the other, and their messages in the order in which they
    came about (OCPP 1.6 section 3.7, OCPP 2.0.1 E04): what is left of the time before a boot has been delivered when
    one has begun there after it. On another EVSE an old one may go on. Where the charger was idle when it first
    reported its status after the boot nothing went on, and only what happened before the boot may still be told.
    """

    def __init__(self) -> None:
        self._booted = False
        self._boot: datetime | None = None
        self._started: set[Any] = set()
        self._idle: dict[Any, dict[Any, bool]] = {}

    def booted(self) -> None:
        """The charger has booted, and may still have to tell of the time before."""
        self._booted, self._boot = True, None
        self._started.clear()
        self._idle.clear()

    def booted_at(self, current_time: Any) -> None:
        """When that was, as the boot's answer has it; nothing when it is no time."""
        self._boot = _instant(current_time)

    def reported(self, evse_id: Any, connector_id: Any, status: str) -> None:
        """A connector's status has been reported; it counts whether a transaction can be running on it."""
        # The first report after the boot counts: a later one tells of what has begun since.
        self._idle.setdefault(evse_id, {}).setdefault(connector_id, status in _IDLE)

    def started(self, evse_id: Any) -> None:
        """A transaction has begun there."""
        self._started.add(evse_id)

    def rule_out(self, evse_id: Any, timestamp: Any) -> bool:
        """Whether a transaction that has not been seen to begin cannot be one.

        Args:
            evse_id: where it is said to be; None when nothing is said, so that it may be anywhere.
            timestamp: when what is told of it happened.
        """
        if not self._booted:
            return False
        places = list(self._idle) if evse_id is None else [evse_id]
        if not places:
            return bool(self._started)
        told = _instant(timestamp)
        later = told is not None and self._boot is not None and told > self._boot
        return all(place in self._started or (later and self._was_idle(place)) for place in places)

    def _was_idle(self, evse_id: Any) -> bool:
        connectors = self._idle.get(evse_id, {})
        return bool(connectors) and all(connectors.values())


def _instant(timestamp: Any) -> datetime | None:
    text = moment(timestamp)
    try:
        return None if text is None else datetime.fromisoformat(text.upper())
    except ValueError:
        return None
