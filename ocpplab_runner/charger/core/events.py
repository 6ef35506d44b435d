"""What the parts of a station tell each other without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ocpplab_runner.authorization.types import IdToken, ProvidedIdToken, TokenHandlingResult, ValidationResult
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import BootReason, MessageKind, StopReason, Transaction, TransactionMessage

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class PoweredUp:
    """The station has power, and what is volatile is gone; it connects next. ``reason`` is that of its boot."""

    reason: BootReason


@dataclass(frozen=True, slots=True)
class Resumed:
    """The station goes on from what an earlier process of it has remembered; it connects next, and boots not."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What ran stands still, and goes on or is ended once there is power again; :class:`WentDown` follows.

    ``reason`` is that of an end.
    """

    reason: StopReason


@dataclass(frozen=True, slots=True)
class Restarting:
    """The station is about to restart: what runs at this EVSE ends with that reason."""

    evse: Evse
    reason: StopReason


@dataclass(frozen=True, slots=True)
class WentDown:
    """Nothing of the station runs: no power, or a restart."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A WebSocket to the CSMS is open."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """It is gone."""


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """An attempt to connect has failed."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Registered:
    """The CSMS has accepted the boot: what is the case may be reported."""


@dataclass(frozen=True, slots=True)
class Reconnected:
    """A connection of a registered station is back; ``away`` counts the seconds without one."""

    away: float


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The station's clock stands elsewhere now, by so much; below 0 it was set back."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Authorized:
    """A token has been granted an EVSE, by that verdict."""

    evse: Evse
    token: ProvidedIdToken
    result: ValidationResult


@dataclass(frozen=True, slots=True)
class TransactionTold:
    """The CSMS is about to be told of a transaction (2.x); who hears of it adds what belongs to the message.

    Attributes:
        transaction: which.
        kind: its begin, something in between, or its end.
        trigger: why it is told.
        at: when that happened.
        at_evse: whether it tells for the first time where the transaction is; its begin does, where that is known.
        info: goes into transactionInfo.
        more: goes beside it.
    """

    transaction: Transaction
    kind: MessageKind
    trigger: str
    at: datetime
    at_evse: bool
    info: dict[str, Any]
    more: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CostTold:
    """The CSMS has said what a running transaction costs so far."""

    transaction: Transaction
    amount: float


@dataclass(frozen=True, slots=True)
class PowerFlows:
    """What flows at an EVSE has been set anew."""

    evse: Evse


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation has been made."""

    reservation_id: int


@dataclass(frozen=True, slots=True)
class TransactionAnswered:
    """The CSMS has processed a message about a transaction, and has said that."""

    message: TransactionMessage
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TransactionOver:
    """The running transaction of an EVSE has ended."""

    evse: Evse
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class TransactionClosed:
    """Nothing follows on the wire of the transaction that was open at an EVSE, in 2.x; 0 where it had none."""

    evse_id: int


@dataclass(frozen=True, slots=True)
class TokenWaits:
    """An accepted token has no EVSE yet: it waits for a car, or for its driver's choice (rule 13)."""

    token: ProvidedIdToken


@dataclass(frozen=True, slots=True)
class TokenHandled:
    """The handling of a presented token has ended."""

    token: ProvidedIdToken
    outcome: TokenHandlingResult


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a card was granted has been taken back, and no transaction has begun."""

    evse: Evse


@dataclass(frozen=True, slots=True)
class Unplugged:
    """The cable has been taken out of an EVSE where nothing runs."""

    evse: Evse


@dataclass(frozen=True, slots=True)
class DriverSpeaks:
    """The CSMS has said which languages the driver of a card reads, the dearest first, as RFC 5646 names them."""

    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class GridChanged:
    """The grid or the house is otherwise than before."""


@dataclass(frozen=True, slots=True)
class EnergyTransferAllowed:
    """The CSMS has said with a card how energy may be transferred: EnergyTransferModeEnumType of 2.1."""

    token: IdToken
    modes: Sequence[str]


@dataclass(frozen=True, slots=True)
class UsabilityChanged:
    """Availability or faults of an EVSE have changed."""

    evse: Evse


@dataclass(frozen=True, slots=True)
class DemandChanged:
    """What an EVSE could give, or its EV would draw, may have changed; who tells it looks at that EVSE afterwards."""

    evse: Evse


class Events:
    """Hands an event to its listeners, in the order in which they began to listen: that of the blocks."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: dict[type[Any], list[Callable[[Any], None]]] = {}

    def listen(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every event of that kind from now on."""
        self._listeners.setdefault(kind, []).append(listener)

    def tell(self, event: object) -> None:
        """It has happened."""
        for listener in self._listeners.get(type(event), ()):
            listener(event)
