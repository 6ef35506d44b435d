"""The CSMS's record of transactions: which run, which have ended, who pays, and the ids that it hands out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms.core.central_cost import Register
from ocpplab_runner.csms.core.sequences import Sequence

TransactionId = int | str

# Ids of OCPP 1.6 on the real clock count 1/64 s, so that the next run begins above all that this one has handed out.
_PER_SECOND = 64
_MOST = 2**31 - 1  # a station may keep them in 32 bits with a sign
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class TransactionNumbers:
    """Ids for OCPP 1.6: from 1 under the virtual clock, else never one that this CSMS had before it was restarted."""

    _last = 0  # of the whole process, in which one CSMS may follow another at once

    def __init__(self) -> None:
        self._virtual = count(1) if clock.is_virtual() else None

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        """The next id."""
        if self._virtual is not None:
            return next(self._virtual)
        ticks = int((clock.utcnow() - _EPOCH).total_seconds() * _PER_SECOND)
        TransactionNumbers._last = max(TransactionNumbers._last + 1, ticks)
        return TransactionNumbers._last % _MOST + 1


@dataclass(slots=True, eq=False)
class TransactionRecord:
    """One transaction as the CSMS knows it.

    Attributes:
        transaction_id: handed out by the CSMS (1.6), chosen by the station (2.x).
        station: the station's identity.
        evse_id: the EVSE (1.6: connectorId); None while the station has not said (2.x).
        id_token: the card; None while there is none (2.x).
        started: the payload of the message that began it.
        unverified: the CSMS has not seen it begin: it may be from before the CSMS was started.
        ended: the payload of the message that ended it; None while it runs, ``{}`` when another took its place.
        sequence: its sequence numbers (2.x).
        registers: what its meter has shown when (2.x).
        limit_told: whether the station has been told what it may come to (2.1).
        last: the last message's payload (2.x): a message that is sent again is no violation.
    """

    transaction_id: TransactionId
    station: str
    evse_id: int | None
    id_token: str | None
    started: Mapping[str, Any]
    unverified: bool
    ended: Mapping[str, Any] | None = None
    sequence: Sequence | None = None
    last: Mapping[str, Any] | None = None
    limit_told: bool = False
    registers: list[Register] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether it has not ended, as far as the CSMS has heard."""
        return self.ended is None


class TransactionBook:
    """All transactions of all stations.

    Args:
        numbers: the ids that the CSMS hands out in OCPP 1.6.

    Attributes:
        numbers: the same; a book that comes after this one goes on with them.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self.numbers = numbers
        self._records: dict[str, dict[TransactionId, TransactionRecord]] = {}
        self._running: dict[str, list[TransactionRecord]] = {}
        self._by_card: dict[str, list[TransactionRecord]] = {}

    def start(
        self,
        station: str,
        *,
        evse_id: int | None,
        id_token: str | None,
        payload: Mapping[str, Any],
        transaction_id: TransactionId | None = None,
        unverified: bool = False,
    ) -> TransactionRecord:
        """Record a new transaction; its id is the next number unless the station has said one."""
        records = self._records.setdefault(station, {})
        if transaction_id is None:
            # A programmed answer may have handed a number out that is still to come.
            transaction_id = next(number for number in self.numbers if number not in records)
        record = TransactionRecord(transaction_id, station, evse_id, None, payload, unverified)
        records[transaction_id] = record
        self._running.setdefault(station, []).append(record)
        if id_token is not None:
            self.identify(record, id_token)
        return record

    def identify(self, record: TransactionRecord, id_token: str) -> None:
        """Record the card of a running transaction that has none yet."""
        record.id_token = id_token
        self._by_card.setdefault(id_token.casefold(), []).append(record)

    def end(self, record: TransactionRecord, payload: Mapping[str, Any]) -> None:
        """Record that a transaction has ended."""
        if record.running:
            self._running[record.station].remove(record)
            self._forget_card(record)
        record.ended = payload

    def renumber(self, record: TransactionRecord, transaction_id: TransactionId) -> None:
        """Give a transaction the id that was really handed out."""
        records = self._records[record.station]
        # Another one may have been given the same id since, and stands under it now.
        if records.get(record.transaction_id) is record:
            del records[record.transaction_id]
        record.transaction_id = transaction_id
        records[transaction_id] = record

    def find(self, station: str, transaction_id: TransactionId) -> TransactionRecord | None:
        """The transaction of that station with that id, running or not."""
        return self._records.get(station, {}).get(transaction_id)

    def running(self, station: str, evse_id: int | None = None) -> tuple[TransactionRecord, ...]:
        """The running transactions of a station, the latest last; only those of one EVSE when one is given."""
        running = self._running.get(station, ())
        return tuple(record for record in running if evse_id is None or record.evse_id == evse_id)

    def charging_elsewhere(self, id_token: str, here: TransactionRecord | None = None) -> bool:
        """Whether a card is in a running transaction other than ``here``."""
        return any(record is not here for record in self._by_card.get(id_token.casefold(), ()))

    def __iter__(self) -> Iterator[TransactionRecord]:
        """Every transaction, station by station."""
        for records in self._records.values():
            yield from records.values()

    def _forget_card(self, record: TransactionRecord) -> None:
        if record.id_token is None:
            return
        key = record.id_token.casefold()
        left = [other for other in self._by_card.get(key, ()) if other is not record]
        if left:
            self._by_card[key] = left
        else:
            self._by_card.pop(key, None)
