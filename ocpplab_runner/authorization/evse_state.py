"""What the authorization handler remembers of one EVSE: section "state kept per EVSE" of EVerest's Auth module."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ocpplab_runner.authorization.reservation_book import Place
from ocpplab_runner.authorization.types import IdToken, ProvidedIdToken, ValidationResult


@dataclass(slots=True)
class Holder:
    """Who holds an EVSE: a granted authorization, or the card of its running transaction."""

    token: ProvidedIdToken
    parent: IdToken | None
    result: ValidationResult | None = None

    def is_parent_or_token(self, token: IdToken | None) -> bool:
        """Whether the token's value is the holder's own or its group's; types play no part (rules 4 and 8b)."""
        return token is not None and (self.token.id_token.same_token(token) or token.same_token(self.parent))


@dataclass(slots=True)
class EvseState:
    """One EVSE.

    A connector has EVerest's six states as three facts: the EVSE is occupied (from the start of a transaction until the
    car is gone), the connector is disabled, the connector is faulted.
    """

    evse_id: int
    connectors: frozenset[int]
    occupied: bool = False
    plugged_in: bool = False
    plug_in_timed_out: bool = False
    transaction_active: bool = False
    holder: Holder | None = None
    disabled: set[int] = field(default_factory=set)
    faulted: set[int] = field(default_factory=set)

    @property
    def available(self) -> bool:
        """Whether a card could be granted this EVSE now."""
        usable = self.connectors - self.disabled - self.faulted
        return not self.plug_in_timed_out and self.holder is None and not self.occupied and bool(usable)

    @property
    def out_of_service(self) -> bool:
        """Whether every connector is disabled; a faulted EVSE is not out of service."""
        return self.connectors <= self.disabled

    def place(self, types: frozenset[str] = frozenset()) -> Place:
        """What reservations must know of it, which has connectors of these kinds."""
        usable = self.connectors - self.disabled - self.faulted
        return Place(
            plugged=self.plugged_in,
            held=self.holder is not None or self.occupied,
            # Of an EVSE that is broken and out of service the fault weighs more (AUTH-R3).
            faulted=not usable and bool(self.faulted),
            out_of_service=not usable and not self.faulted,
            types=types,
        )

    def release(self) -> None:
        """The car and its transaction are gone: nothing of the visit remains."""
        self.occupied = False
        self.plug_in_timed_out = False
        self.holder = None


def held_by(evses: Iterable[EvseState], token: IdToken | None) -> EvseState | None:
    """The first EVSE whose holder is that token, or has it for its group."""
    return next((evse for evse in evses if evse.holder is not None and evse.holder.is_parent_or_token(token)), None)
