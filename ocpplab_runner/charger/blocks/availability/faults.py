"""Faults: OCPP 1.6 section 7.6 error codes, and what they do to charging.

A fault without an EVSE is one of the whole station: it is reported for connector 0, an inoperative one makes every
connector Faulted and ends every transaction, a warning is reported for connector 0 alone. A fault of an EVSE without a
connector is one of each of its connectors. On repair the status is what it would be without the fault; a transaction
that the fault has ended stays ended.
"""

from __future__ import annotations

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import UsabilityChanged
from ocpplab_runner.charger.core.evse import ActiveFault, Connector, Evse
from ocpplab_runner.charger.core.model import StopReason
from ocpplab_runner.charger.core.services import STATUS, TRANSACTIONS

_REASONS = {"GroundFailure": StopReason.GROUND_FAULT, "OverCurrentFailure": StopReason.OVERCURRENT_FAULT}


def stop_reason(fault: ActiveFault) -> StopReason:
    """Why a transaction ends that a fault has ended; 1.6 has only Other for it."""
    return _REASONS.get(fault.fault.error_code, StopReason.OTHER)


def inject(context: Context, fault: ActiveFault, evse: Evse | None, connector: Connector | None) -> None:
    """Something breaks; an inoperative fault ends the transactions that it hits."""
    code = fault.fault.error_code
    if evse is None:
        context.equipment.faults.pop(code, None)
        context.equipment.faults[code] = fault
    else:
        for one in evse.connectors if connector is None else (connector,):
            one.faults.pop(code, None)
            one.faults[code] = fault
    for each in context.equipment.evses if evse is None else (evse,):
        transaction = each.transaction
        hit = connector is None or (transaction is not None and transaction.connector_id == connector.connector_id)
        if fault.fault.inoperative and transaction is not None and hit:
            context.ask(TRANSACTIONS).end(each, stop_reason(fault))
        context.events.tell(UsabilityChanged(each))
    if evse is None:
        context.ask(STATUS).refresh()


def clear(context: Context, evse: Evse | None, connector: Connector | None) -> int:
    """Repair an EVSE or one connector of it, or everything when none is named; returns how many faults are gone."""
    gone = 0
    if evse is None:
        gone += len(context.equipment.faults)
        context.equipment.faults.clear()
    for each in context.equipment.evses if evse is None else (evse,):
        for one in each.connectors if connector is None else (connector,):
            gone += len(one.faults)
            one.faults.clear()
        context.events.tell(UsabilityChanged(each))
    if evse is None:
        context.ask(STATUS).refresh()
    return gone
