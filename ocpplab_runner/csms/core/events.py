"""What the blocks of a station tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.ocppj.frames import Call


@dataclass(frozen=True, slots=True)
class TransactionBegun:
    """A transaction has begun, with what it is said to come from."""

    call: Call
    reservation_id: int | None
    remote_start_id: int | None = None


@dataclass(frozen=True, slots=True)
class TransactionMetered:
    """A meter value, taken at that moment on that EVSE, is said to be of a transaction (1.6)."""

    call: Call
    transaction_id: int
    evse_id: int
    moment: str
