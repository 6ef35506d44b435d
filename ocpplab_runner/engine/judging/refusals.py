"""Answers that refuse what the CSMS asked for, and that nobody looks at: worth a warning, no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event

#: What answers of OCPP 1.6 and 2.x say when they have done what was asked, or will, or have nothing to do.
_WELCOME = frozenset(
    {"Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked"}
    | {"EmptyResultSet", "NoChargingProfile", "NoTransaction"}
)
#: Keys under which an answer says it, at its top or in its list of results.
_STATUSES = ("status", "attributeStatus")
#: Facts of an answer follow it at once.
_FACTS_OF_ONE_ANSWER = 64


def refused_status(payload: Any) -> str | None:
    """The status with which an answer refuses; None for one that does not."""
    return next((status for status in _statuses(payload) if status not in _WELCOME), None)


def is_judged(event: Event, ledger: Ledger) -> bool:
    """Whether an expectation has used an answer, or a fact that it shows."""
    if ledger.is_consumed(event.seq):
        return True
    following = ledger.since(event.seq + 1, min(ledger.position, event.seq + 1 + _FACTS_OF_ONE_ANSWER))
    return any(one.cause == event.seq and ledger.is_consumed(one.seq) for one in following)


def _statuses(payload: Any) -> Iterator[str]:
    if not isinstance(payload, Mapping):
        return
    for key in _STATUSES:
        if isinstance(payload.get(key), str):
            yield payload[key]
    for value in payload.values():
        if isinstance(value, list):
            for one in value:
                yield from _statuses(one)
