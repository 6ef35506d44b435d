"""What the authorization handler asks its station to do: plain values, carried out in the order given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ocpplab_runner.authorization.types import (
    IdToken,
    MessageContent,
    ProvidedIdToken,
    TokenHandlingResult,
    TokenValidationStatus,
    ValidationResult,
)


class StopReason(StrEnum):
    """Why the handler stops a transaction, in OCPP's words."""

    LOCAL = "Local"
    MASTER_PASS = "MasterPass"
    DE_AUTHORIZED = "DeAuthorized"


class TimerKind(StrEnum):
    """What a timer of the handler is for."""

    GRANT = "grant"  # a granted authorization waits for its transaction
    PLUG_IN = "plug_in"  # a plugged car waits for a card
    WAIT = "wait"  # an accepted token waits for a car


@dataclass(frozen=True, slots=True)
class Timer:
    """Names a timer: its kind, and the EVSE (``GRANT``, ``PLUG_IN``) or request (``WAIT``) it belongs to."""

    kind: TimerKind
    subject: int


@dataclass(frozen=True, slots=True)
class Validate:
    """Find out whether the token may charge, then call ``AuthorizationHandler.validated`` with this request number."""

    request: int
    token: ProvidedIdToken


@dataclass(frozen=True, slots=True)
class Grant:
    """The token may charge on this EVSE; ``result.reservation_id`` is set when it uses a reservation."""

    evse_id: int
    token: ProvidedIdToken
    result: ValidationResult


@dataclass(frozen=True, slots=True)
class Deny:
    """The token was led to this EVSE, or named it, and may not charge there (rule 11g)."""

    evse_id: int
    token: ProvidedIdToken
    result: ValidationResult


@dataclass(frozen=True, slots=True)
class WithdrawGrant:
    """What was granted on this EVSE is withdrawn; no transaction had begun.

    Attributes:
        evse_id: where.
        asked: somebody has asked for it (rule 17); otherwise its time is over (rules 14 and 15).
    """

    evse_id: int
    asked: bool = False


@dataclass(frozen=True, slots=True)
class StopTransaction:
    """End the transaction on this EVSE; ``token`` is the card that asked for it."""

    evse_id: int
    reason: StopReason
    token: IdToken | None


@dataclass(frozen=True, slots=True)
class Publish:
    """The token has a new lifecycle status that an observer may see, perhaps with texts for the driver."""

    token: ProvidedIdToken
    status: TokenValidationStatus
    messages: tuple[MessageContent, ...] = ()


@dataclass(frozen=True, slots=True)
class Handled:
    """The handling of a presented token has ended.

    Attributes:
        token: as it was presented, with the EVSE where it was used.
        outcome: what became of it; ``ALREADY_IN_PROCESS`` publishes nothing.
        judged: whether validators were asked about it, or it came prevalidated.
    """

    token: ProvidedIdToken
    outcome: TokenHandlingResult
    judged: bool


@dataclass(frozen=True, slots=True)
class ReservationUsed:
    """A token on this EVSE has used a reservation up, of this EVSE or of any."""

    evse_id: int
    reservation_id: int


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Call ``AuthorizationHandler.timer_expired`` after so many seconds; replaces a running timer of that name."""

    timer: Timer
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Forget this timer."""

    timer: Timer


Effect: TypeAlias = (
    Validate
    | Grant
    | Deny
    | WithdrawGrant
    | StopTransaction
    | Publish
    | Handled
    | ReservationUsed
    | StartTimer
    | StopTimer
)
