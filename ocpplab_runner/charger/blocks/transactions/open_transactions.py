"""Which transactions are open on the wire, and which of them stands for which transaction of the station."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.transactions.wire_transaction import WireTransaction
from ocpplab_runner.charger.core.model import Transaction

_WIRE, _DRAFT = "wire", "draft"


class OpenTransactions:
    """At most one for each EVSE, with the station's transaction that it stands for.

    That is a draft as long as the station's own has not begun: its card, or its cable, is still missing. A draft whose
    card waits for an EVSE has none.
    """

    def __init__(self) -> None:
        self._unplaced: list[tuple[WireTransaction, Transaction]] = []
        self._open: dict[int, tuple[WireTransaction, Transaction]] = {}
        self._on_idle: Callable[[], None] | None = None

    def at(self, evse_id: int) -> tuple[WireTransaction, Transaction] | None:
        """What is open at an EVSE."""
        return self._open.get(evse_id)

    def id_at(self, evse_id: int) -> str | None:
        """The id of what is open at an EVSE."""
        entry = self._open.get(evse_id)
        return None if entry is None else entry[0].transaction_id

    def find(self, transaction_id: str) -> Transaction | None:
        """The open transaction with that id on the wire."""
        known = [*self._open.values(), *self._unplaced]
        return next((tx for wire, tx in known if wire.transaction_id == transaction_id), None)

    @property
    def unplaced(self) -> Sequence[tuple[WireTransaction, Transaction]]:
        """What has no EVSE yet."""
        return tuple(self._unplaced)

    def place(self, token: IdToken, evse_id: int) -> tuple[WireTransaction, Transaction] | None:
        """What is open at an EVSE, or has no EVSE yet and the card that is led there now."""
        entry = self._open.get(evse_id)
        if entry is not None:
            return entry
        entry = next((one for one in self._unplaced if one[1].token.same_token(token)), None)
        if entry is not None:
            self._unplaced.remove(entry)
            wire, draft = self._open[evse_id] = entry
            wire.evse_id = draft.evse_id = evse_id
        return entry

    def begin(self, wire: WireTransaction, transaction: Transaction, *, draft: bool = False) -> None:
        """Open a transaction on the wire, or let an open one stand for another transaction of the station."""
        wire.connector_id = transaction.connector_id
        transaction.wire[_WIRE] = wire
        if draft:
            transaction.wire[_DRAFT] = True
        if transaction.evse_id:
            self._open[transaction.evse_id] = wire, transaction
        else:
            self._unplaced.append((wire, transaction))

    def end(self, wire: WireTransaction) -> None:
        """Nothing follows on the wire."""
        self._open.pop(wire.evse_id, None)
        self._unplaced = [one for one in self._unplaced if one[0] is not wire]
        if self._idle and self._on_idle is not None:
            # Not before the station has finished with this end.
            asyncio.get_running_loop().call_soon(self._act_if_idle)

    def when_idle(self, action: Callable[[], None]) -> bool:
        """True when no transaction is open; else ``action`` is called once that is so (B12)."""
        if self._idle:
            return True
        self._on_idle = action
        return False

    def no_longer_wait(self) -> None:
        """Forget what was to be done once no transaction is open."""
        self._on_idle = None

    def remember(self, transaction: Transaction) -> Mapping[str, Any]:
        """How a transaction stands on the wire, as JSON data."""
        if _WIRE not in transaction.wire:
            return {}
        return {
            _WIRE: asdict(wire_of(transaction)),
            _DRAFT: is_draft(transaction),
            "open": self._open.get(transaction.evse_id, (None, None))[1] is transaction,
        }

    def recall(self, transaction: Transaction, memory: Mapping[str, Any], shared: dict[str, Any]) -> None:
        """Put that back; a draft and the transaction that it has become share their place on the wire."""
        if _WIRE not in memory:
            return
        known = WireTransaction(**memory[_WIRE])
        wire = shared.setdefault(known.transaction_id, known)
        transaction.wire[_WIRE] = wire
        if memory[_DRAFT]:
            transaction.wire[_DRAFT] = True
        if memory["open"]:
            self._open[transaction.evse_id] = wire, transaction

    @property
    def _idle(self) -> bool:
        return not self._open and not self._unplaced

    def _act_if_idle(self) -> None:
        action, self._on_idle = self._on_idle, None
        if action is not None and self._idle:
            action()
        else:
            self._on_idle = action


def wire_of(transaction: Transaction) -> WireTransaction:
    """What stands for a transaction on the wire, open or ended."""
    wire: WireTransaction = transaction.wire[_WIRE]
    return wire


def on_wire(transaction: Transaction) -> bool:
    """Whether it has begun there, as it has not before energy flows where that is the begin."""
    return _WIRE in transaction.wire


def is_draft(transaction: Transaction) -> bool:
    """Whether it was opened on the wire before the station's own transaction began."""
    return bool(transaction.wire.get(_DRAFT))
