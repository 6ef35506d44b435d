"""The lock that holds a cable at the station's side."""

from __future__ import annotations

from collections.abc import Callable

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import Connector, Evse
from ocpplab_runner.charger.core.model import StopReason, UnlockOutcome
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS


def unlock(context: Context, evse: Evse, connector: Connector) -> tuple[UnlockOutcome, Callable[[], None] | None]:
    """Release it; a transaction on it ends first (1.6 section 5.18).

    Returns:
        What becomes of it, and what to do after that has been answered.
    """
    if context.config.unlock == "not_supported":
        return UnlockOutcome.NOT_SUPPORTED, None
    jammed = context.config.unlock == "fails" or "ConnectorLockFailure" in connector.faults

    def end() -> None:
        transaction = evse.transaction
        # Also where the lock is stuck: the transaction ends first (1.6 section 5.18).
        if transaction is not None and transaction.connector_id == connector.connector_id:
            context.ask(TRANSACTIONS).end(evse, StopReason.UNLOCK_COMMAND)
        if not jammed and connector.cable_left:
            connector.cable_left = False
            context.ask(STATUS).refresh(evse)

    return (UnlockOutcome.FAILED if jammed else UnlockOutcome.UNLOCKED), end
