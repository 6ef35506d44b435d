"""What runs and is open, its limits, and the readings of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.core.evse import Evse, Grant
from ocpplab_runner.charger.core.model import Reading, SessionEvent, StopReason, Transaction, UpdateKind
from ocpplab_runner.charger.core.services.service import Service

#: What a reading is taken for: periodic samples, clock-aligned ones, and what the message at a transaction's begin or
#: end carries (``tx_ended_aligned``: of the clock-aligned readings in between).
Purpose = Literal["sampled", "aligned", "tx_started", "tx_ended", "tx_ended_aligned"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until something happens; None where it never will as things stand."""

    seconds: float | None


class Transactions(Protocol):
    """What runs at the EVSEs."""

    def running(self) -> list[Transaction]:
        """Every running transaction."""

    def find(self, transaction_id: int | str) -> Transaction | None:
        """The running transaction with that id on the wire."""

    def begin(self, evse: Evse, grant: Grant) -> Transaction:
        """The granted card and the cable are both there: a transaction begins."""

    def updated(self, transaction: Transaction, kind: UpdateKind, reading: Reading | None = None) -> None:
        """Something happened in a running transaction that its CSMS may want to hear of."""

    def end(self, evse: Evse, reason: str, token: IdToken | None = None) -> None:
        """The running transaction of an EVSE ends, for an OCPP stop reason, perhaps by a card."""

    def refresh(self, evse: Evse) -> None:
        """Power, charging state and status follow from what is the case now."""

    def interrupt(self, evse: Evse, reason: StopReason) -> None:
        """What runs at an EVSE stands still until :meth:`go_on`; ends for that reason, if it does not go on then."""

    def go_on(self) -> None:
        """What was interrupted goes on where it may, else it has ended then."""

    def session(self, evse: Evse, event: SessionEvent) -> None:
        """Something happened at an EVSE that the version may count to a transaction (2.x TxStartPoint, TxStopPoint)."""

    def ev_connected(self, evse: Evse) -> None:
        """An EV has come back to a running transaction."""

    def ev_disconnected(self, evse: Evse) -> None:
        """The EV has left a transaction that goes on without it (``StopTransactionOnEVSideDisconnect`` false)."""


class TransactionLimits(Protocol):
    """What 2.1's transactions may come to."""

    def set_by_driver(self, evse: Evse, wire: Mapping[str, float]) -> None:
        """Limit what runs at an EVSE, by fields of TransactionLimitType; raises Refused."""

    def set_before(self, token: IdToken, wire: Mapping[str, float]) -> None:
        """Limit the transaction that a token will begin, by fields of TransactionLimitType."""

    def forget_before(self, token: IdToken) -> None:
        """It will begin none."""


class Metering(Protocol):
    """Readings of the meters."""

    def reading(self, evse: Evse, purpose: Purpose, context: str, at: datetime | None = None) -> Reading | None:
        """What the meter of an EVSE shows now; None when that purpose has no measurands."""

    def transaction_began(self, evse: Evse) -> None:
        """Sample this EVSE from now on."""

    def transaction_over(self, evse: Evse) -> None:
        """No more samples of this EVSE."""


class OpenTransactions(Protocol):
    """What has begun on the wire and not ended, in 2.x."""

    @property
    def resumes(self) -> bool:
        """Whether what is interrupted may go on."""

    def id_at(self, evse_id: int) -> str | None:
        """The id of what is open at an EVSE."""

    def find(self, transaction_id: str) -> Transaction | None:
        """The open transaction with that id on the wire."""

    def when_idle(self, action: Callable[[], None]) -> bool:
        """True when no transaction is open; else ``action`` is called once that is so (B12)."""

    def stop_remotely(self, transaction: Transaction) -> None:
        """End a transaction that is open on the wire only: its card, or its car, is still missing (F03)."""

    def stop_locally(self, evse: Evse) -> None:
        """The driver ends such a one at the station (2.1 C20)."""


TRANSACTIONS: Service[Transactions] = Service("transactions")

TRANSACTION_LIMITS: Service[TransactionLimits] = Service("transaction_limits")

METERING: Service[Metering] = Service("metering")

OPEN_TRANSACTIONS: Service[OpenTransactions] = Service("open_transactions")
