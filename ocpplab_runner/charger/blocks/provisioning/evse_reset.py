"""The restart of one EVSE, in 2.x: B11 and B12. It takes no time; whatever else the station does goes on."""

from __future__ import annotations

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Restarting
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import SessionEvent, StopReason
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS


def restart(context: Context, evse: Evse, reason: StopReason, *, goes_on: bool = False) -> None:
    """End what runs at an EVSE, and let it begin anew; its reservation and its availability stay.

    Args:
        context: of the station.
        evse: which.
        reason: why a transaction there ends.
        goes_on: whether it is interrupted instead, and goes on (2.1).
    """
    transactions = context.ask(TRANSACTIONS)
    goes_on = goes_on and evse.transaction is not None
    if goes_on:
        transactions.interrupt(evse, reason)
    else:
        context.events.tell(Restarting(evse, reason))
    # It takes no time, and shows all the same: Unavailable for an instant.
    evse.restarting = True
    context.ask(STATUS).refresh(evse)
    evse.restarting = False
    if goes_on:
        transactions.go_on()
        return
    evse.grant = evse.goal = None
    for connector in evse.connectors:
        connector.finished = connector.lingers = False
    # Whoever is plugged in begins anew, as if the cable had come just now.
    if evse.plugged_connector is not None:
        context.ask(AUTHORIZATION).replugged(evse)
        transactions.session(evse, SessionEvent.CABLE_PLUGGED)
    context.ask(STATUS).refresh(evse)
