"""EVSEs, their transactions and the messages about them as JSON, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from ocpplab_runner import clock
from ocpplab_runner.charger.config import EvData
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.energy import EnergyMeter
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.json_values import (
    faults_in,
    faults_out,
    known_token,
    moment_in,
    moment_out,
    reading_in,
    reading_out,
    token_in,
    token_out,
)
from ocpplab_runner.charger.core.model import MessageKind, StartTrigger, Transaction, TransactionMessage
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

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
    "seconds_left",
    "held_back",
)


class Runs(Protocol):
    """What must be asked of the block; see :class:`~ocpplab_runner.charger.blocks.transactions.block.Transactions`."""

    def duration_left(self, evse: Evse) -> float | None: ...

    def energy_marks(self, evse: Evse) -> list[float]: ...

    def resume(self, evse: Evse, duration_left: float | None) -> None: ...

    def remember_transaction(self, transaction: Transaction) -> Mapping[str, Any]: ...

    def recall_transaction(
        self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]
    ) -> None: ...

    def recall_message(
        self, action: str, kind: MessageKind, transaction: Transaction, payload: Mapping[str, Any]
    ) -> TransactionMessage: ...


def remember(context: Context, runs: Runs, interrupted: Iterable[Transaction]) -> dict[str, Any]:
    """EVSEs, interrupted transactions, waiting messages, and the transactions that they name."""
    transactions = _TransactionsOut(runs)
    now = clock.now()
    return {
        "evses": [_evse_out(runs, evse, transactions, now) for evse in context.equipment.evses],
        "interrupted": [transactions.number(one) for one in interrupted],
        "messages": transactions.messages(context.queue),
        "transactions": transactions.data,
    }


def recall(context: Context, runs: Runs, memory: Mapping[str, Any]) -> list[Transaction]:
    """Put them back into a station that was never started; returns the interrupted ones."""
    transactions = _transactions_in(runs, memory["transactions"])
    absence = max(0.0, (clock.utcnow() - datetime.fromisoformat(memory["at"])) / timedelta(seconds=1))
    for evse, data in zip(context.equipment.evses, memory["evses"], strict=True):
        _evse_in(evse, data)
        if data["transaction"] is not None:
            _transaction_in(runs, evse, transactions[data["transaction"]], data, absence)
    messages = memory["messages"]
    context.queue.put(
        runs.recall_message(one["action"], one["kind"], transactions[one["transaction"]], one["payload"])
        for one in messages
    )
    return [transactions[number] for number in memory["interrupted"]]


class _TransactionsOut:
    """Gives every transaction of a station a number under which others can name it."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._numbers: dict[int, int] = {}
        self.data: list[dict[str, Any]] = []

    def number(self, transaction: Transaction) -> int:
        """The transaction's number; it is written down when it is first asked for."""
        known = self._numbers.get(id(transaction))
        if known is None:
            known = self._numbers[id(transaction)] = len(self.data)
            self.data.append(self._out(transaction))
        return known

    def messages(self, queue: Iterable[TransactionMessage]) -> list[dict[str, Any]]:
        """What the CSMS has not processed yet, the oldest first."""
        return [
            {
                "action": message.action,
                "kind": message.kind,
                "transaction": self.number(message.transaction),
                "payload": dict(message.build()),
            }
            for message in queue
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
            "dialect": dict(self._runs.remember_transaction(transaction)),
        }


def _transactions_in(runs: Runs, data: list[dict[str, Any]]) -> list[Transaction]:
    found: list[Transaction] = []
    shared: dict[str, Any] = {}
    for one in data:
        transaction = Transaction(
            **{name: one[name] for name in _PLAIN if name in one},
            token=known_token(one["token"]),
            group=token_in(one["group"]),
            stop_token=token_in(one["stop_token"]),
            started_at=datetime.fromisoformat(one["started_at"]),
            stopped_at=moment_in(one["stopped_at"]),
            trigger=StartTrigger(one["trigger"]),
            charging_state=ConnectorStatus(one["charging_state"]),
            readings=[reading_in(reading) for reading in one["readings"]],
        )
        runs.recall_transaction(transaction, one["dialect"], shared)
        found.append(transaction)
    return found


def _evse_out(runs: Runs, evse: Evse, transactions: _TransactionsOut, now: float) -> dict[str, Any]:
    running = evse.transaction
    return {
        "connectors": [
            {
                "plugged": connector.plugged,
                "cable_left": connector.cable_left,
                "finished": connector.finished,
                "plugged_reserved": connector.plugged_reserved,
                "operative": connector.operative,
                "faults": faults_out(connector.faults),
            }
            for connector in evse.connectors
        ],
        "meter_wh": evse.meter.energy_wh(now),
        "exported_wh": evse.meter.exported_wh(now),
        "power_w": evse.meter.power_w,
        "ev": None if evse.ev is None else asdict(evse.ev),
        "plugged_wh": evse.plugged_wh,
        "plugged_exported_wh": evse.plugged_exported_wh,
        "occupied": evse.occupied,
        "offer_w": evse.offer_w,
        "operative": evse.operative,
        "transaction": None if running is None else transactions.number(running),
        "duration_left": runs.duration_left(evse),
    }


def _evse_in(evse: Evse, data: Mapping[str, Any]) -> None:
    for connector, known in zip(evse.connectors, data["connectors"], strict=True):
        connector.plugged, connector.cable_left = known["plugged"], known["cable_left"]
        connector.finished, connector.operative = known["finished"], known["operative"]
        connector.plugged_reserved = known.get("plugged_reserved", False)
        connector.faults = faults_in(known["faults"])
    evse.ev = None if data["ev"] is None else EvData(**data["ev"])
    evse.plugged_wh, evse.offer_w = data["plugged_wh"], data["offer_w"]
    evse.plugged_exported_wh = data.get("plugged_exported_wh", 0.0)
    evse.operative, evse.occupied = data.get("operative", True), data.get("occupied", False)
    _set_meter(evse, data["meter_wh"], data.get("exported_wh", 0.0))


def _transaction_in(runs: Runs, evse: Evse, transaction: Transaction, data: Mapping[str, Any], absence: float) -> None:
    left = data["duration_left"]
    evse.transaction = transaction
    charged = absence if left is None else min(absence, left)
    flown = data["power_w"] * charged / 3600
    # Charged without us it would have stopped at the first mark, or given back until the battery was empty.
    energy, exported = data["meter_wh"] + max(flown, 0.0), data.get("exported_wh", 0.0)
    if data["power_w"] > 0:
        energy = min([energy, *runs.energy_marks(evse)])
    stored = evse.stored_wh(clock.now())
    back = max(-flown, 0.0) if stored is None else min(max(-flown, 0.0), stored)
    _set_meter(evse, max(energy, data["meter_wh"]), exported + back)
    runs.resume(evse, None if left is None else max(0.0, left - absence))


def _set_meter(evse: Evse, energy_wh: float, exported_wh: float) -> None:
    evse.meter = EnergyMeter(start_wh=energy_wh, exported_wh=exported_wh, now=clock.now())
