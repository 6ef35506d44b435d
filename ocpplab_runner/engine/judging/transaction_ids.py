"""The ids that a CSMS hands out in OCPP 1.6: two transactions that run at the same time must not have one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ocpplab_runner.plugin.events import Event, Observation

_UP = "to_csms"


class TransactionIds:
    """Watches the frames of a case's OCPP 1.6 chargers.

    Args:
        record: takes a violation of the CSMS down.
    """

    def __init__(self, record: Callable[[Observation], object]) -> None:
        self._record = record
        self._calls: dict[tuple[str, str], Event] = {}
        self._running: dict[int, tuple[str, str]] = {}

    def event(self, event: Event) -> None:
        """Ledger listener."""
        if event.kind != "frame" or event.name not in ("StartTransaction", "StopTransaction"):
            return
        fields = event.fields
        key = (event.charger, str(fields.get("message_id")))
        if fields.get("type") == "call" and fields.get("direction") == _UP:
            self._calls[key] = event
            return
        call = self._calls.pop(key, None)
        if call is None or fields.get("type") != "result" or "ignored" in fields or "invalid" in fields:
            return
        said = call.fields.get("payload")
        if event.name == "StopTransaction":
            ended = said.get("transactionId") if isinstance(said, dict) else None
            if isinstance(ended, int) and self._running.get(ended, ("",))[0] == event.charger:
                del self._running[ended]
        elif isinstance(answer := fields.get("payload"), dict):
            self._begun(event, answer.get("transactionId"), json.dumps(said, sort_keys=True, default=str))

    def _begun(self, event: Event, transaction_id: Any, start: str) -> None:
        if not isinstance(transaction_id, int):
            return
        other = self._running.get(transaction_id)
        # A start that is sent again is the same transaction, and rightly gets its id.
        if other is None or other == (event.charger, start):
            self._running[transaction_id] = (event.charger, start)
            return
        of = "" if other[0] == event.charger else f" of charger {other[0]}"
        self._record(
            Observation(
                "violation",
                "duplicate-transaction-id",
                event.charger,
                event.at,
                {
                    "by": "csms",
                    "weight": "must",
                    "description": f"the CSMS gave the id {transaction_id} of another running transaction{of}",
                    "action": event.name,
                    "message_id": event.fields.get("message_id"),
                },
            )
        )
