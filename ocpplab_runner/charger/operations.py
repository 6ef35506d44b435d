"""What the CSMS can have the station do, without the words of any OCPP version. A dialect's ``handle`` calls these.

Where an answer must go out before its effect, the operation hands the effect back as a function for ``Reply(then=…)``.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from ocpplab_runner.authorization.types import AuthorizationType, IdToken, ProvidedIdToken
from ocpplab_runner.charger.evse import Connector, Evse
from ocpplab_runner.charger.model import BootReason, StopReason, Transaction

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

Effect = Callable[[], None]


class UnlockOutcome(StrEnum):
    """What became of an attempt to unlock; both versions have these words."""

    UNLOCKED = "Unlocked"
    FAILED = "UnlockFailed"
    NOT_SUPPORTED = "NotSupported"


class Operations:
    """The station's operations."""

    __slots__ = ("_station",)

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station

    def remote_start(
        self,
        token: IdToken,
        evse: Evse | None,
        *,
        authorize: bool,
        group: IdToken | None = None,
        remote_start_id: int | None = None,
    ) -> Effect | None:
        """Start for a token, on an EVSE or on any.

        Args:
            token: the card.
            evse: where; None for the station to choose.
            authorize: whether the card is authorized like a presented one (1.6 ``AuthorizeRemoteTxRequests``).
            group: its group, where the CSMS says it.
            remote_start_id: 2.x remoteStartId.

        Returns:
            What to do after Accepted has been answered, or None when it must be refused.
        """
        station = self._station
        if not station.registrar.accepted or station.power.restarting:
            return None
        candidates = [e for e in (station.evses if evse is None else (evse,)) if station.cards.can_start(e)]
        if not candidates or station.reservations.keeps_from(evse, token, group):
            return None
        provided = ProvidedIdToken(
            token,
            AuthorizationType.OCPP,
            request_id=remote_start_id,
            parent_id_token=group,
            connectors=() if evse is None else (evse.evse_id,),
            prevalidated=not authorize,
        )
        return lambda: station.cards.present(provided)

    def remote_stop(self, transaction: Transaction) -> Effect:
        """End a running transaction; returns what to do after Accepted has been answered."""

        def stop() -> None:
            evse = self._station.evses[transaction.evse_id - 1]
            if evse.transaction is transaction:
                self._station.transactions.end(evse, StopReason.REMOTE)

        return stop

    def reset(self, *, hard: bool, deliver_first: bool = False, reason: BootReason = BootReason.REMOTE_RESET) -> Effect:
        """Restart the station; see :meth:`~ocpplab_runner.charger.power.PowerControl.reset`."""
        return lambda: self._station.power.reset(hard=hard, deliver_first=deliver_first, reason=reason)

    def unlock(self, evse: Evse, connector: Connector) -> tuple[UnlockOutcome, Effect | None]:
        """Release the lock; a transaction on it ends first (1.6 section 5.18)."""
        station = self._station
        if station.config.unlock == "not_supported":
            return UnlockOutcome.NOT_SUPPORTED, None
        jammed = station.config.unlock == "fails" or "ConnectorLockFailure" in connector.faults

        def end() -> None:
            transaction = evse.transaction
            if transaction is not None and transaction.connector_id == connector.connector_id:
                station.transactions.end(evse, StopReason.UNLOCK_COMMAND)
            if not jammed and connector.cable_left:
                connector.cable_left = False
                station.statuses.refresh(evse)

        return (UnlockOutcome.FAILED if jammed else UnlockOutcome.UNLOCKED), end
