"""The restart of one EVSE, in 2.x: B11 and B12. It takes no time; whatever else the station does goes on."""

from __future__ import annotations

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Restarting
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import SessionEvent, StopReason
from ocpplab_runner.charger.core.services import AUTHORIZATION, STATUS, TRANSACTIONS


def restart(context: Context, evse: Evse, reason: StopReason) -> None:
    """End what runs at an EVSE, and let it begin anew; its reservation and its availability stay.

    Args:
        context: of the station.
        evse: which.
        reason: why a transaction there ends.
    """
    context.events.tell(Restarting(evse, reason))
    evse.restarting = True
    context.ask(STATUS).refresh(evse)
    evse.restarting = False
    evse.grant = evse.goal = None
    for connector in evse.connectors:
        connector.finished = connector.lingers = False
    if evse.plugged_connector is not None:
        context.ask(AUTHORIZATION).replugged(evse)
        context.ask(TRANSACTIONS).session(evse, SessionEvent.CABLE_PLUGGED)
    context.ask(STATUS).refresh(evse)
