"""Transactions and the messages about them as JSON, and back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.memory.values import (
    known_token,
    moment_in,
    moment_out,
    reading_in,
    reading_out,
    token_in,
    token_out,
)
from ocpplab_runner.charger.model import StartTrigger, Transaction, TransactionMessage
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

_PLAIN = (
    "local_id",
    "evse_id",
    "connector_id",
    "meter_start_wh",
    "remote_start_id",
    "reservation_id",
    "offline",
    "remote_id",
    "meter_stop_wh",
    "stop_reason",
    "refused",
    "refused_limit_wh",
    "energy_limit_wh",
)


class TransactionsOut:
    """Gives every transaction of a station a number under which others can name it.

    Args:
        station: whose.
    """

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._numbers: dict[int, int] = {}
        self.data: list[dict[str, Any]] = []

    def number(self, transaction: Transaction) -> int:
        """The transaction's number; it is written down when it is first asked for."""
        known = self._numbers.get(id(transaction))
        if known is None:
            known = self._numbers[id(transaction)] = len(self.data)
            self.data.append(self._out(transaction))
        return known

    def messages(self) -> list[dict[str, Any]]:
        """What the CSMS has not processed yet, the oldest first."""
        return [
            {
                "action": message.action,
                "kind": message.kind,
                "transaction": self.number(message.transaction),
                "payload": dict(message.build()),
            }
            for message in self._station.outbox
        ]

    def _out(self, transaction: Transaction) -> dict[str, Any]:
        return {
            **{name: getattr(transaction, name) for name in _PLAIN},
            "token": token_out(transaction.token),
            "group": token_out(transaction.group),
            "stop_token": token_out(transaction.stop_token),
            "started_at": moment_out(transaction.started_at),
            "stopped_at": moment_out(transaction.stopped_at),
            "trigger": transaction.trigger.value,
            "charging_state": transaction.charging_state.value,
            "readings": [reading_out(reading) for reading in transaction.readings],
            "dialect": dict(self._station.dialect.remember_transaction(transaction)),
        }


def transactions_in(station: SimulatedCharger, data: list[dict[str, Any]]) -> list[Transaction]:
    """The transactions by their numbers."""
    found: list[Transaction] = []
    shared: dict[str, Any] = {}
    for one in data:
        transaction = Transaction(
            **{name: one[name] for name in _PLAIN},
            token=known_token(one["token"]),
            group=token_in(one["group"]),
            stop_token=token_in(one["stop_token"]),
            started_at=datetime.fromisoformat(one["started_at"]),
            stopped_at=moment_in(one["stopped_at"]),
            trigger=StartTrigger(one["trigger"]),
            charging_state=ConnectorStatus(one["charging_state"]),
            readings=[reading_in(reading) for reading in one["readings"]],
        )
        station.dialect.recall_transaction(transaction, one["dialect"], shared)
        found.append(transaction)
    return found


def messages_in(
    station: SimulatedCharger, data: list[dict[str, Any]], transactions: list[Transaction]
) -> list[TransactionMessage]:
    """The messages that wait, the oldest first."""
    return [
        station.dialect.recall_message(one["action"], one["kind"], transactions[one["transaction"]], one["payload"])
        for one in data
    ]
