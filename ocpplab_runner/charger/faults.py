"""Faults: OCPP 1.6 section 7.6 error codes, and what they do to charging.

A fault without an EVSE is one of the whole station: it is reported for connector 0, an inoperative one makes every
connector Faulted and ends every transaction, a warning is reported for connector 0 alone. A fault of an EVSE without a
connector is one of each of its connectors. On repair the status is what it would be without the fault; a transaction
that the fault has ended stays ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocpplab_runner.charger.evse import ActiveFault, Connector, Evse
from ocpplab_runner.charger.model import StopReason

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

_REASONS = {"GroundFailure": StopReason.GROUND_FAULT, "OverCurrentFailure": StopReason.OVERCURRENT_FAULT}


def stop_reason(fault: ActiveFault) -> StopReason:
    """Why a transaction ends that a fault has ended; 1.6 has only Other for it."""
    return _REASONS.get(fault.fault.error_code, StopReason.OTHER)


def inject(station: SimulatedCharger, fault: ActiveFault, evse: Evse | None, connector: Connector | None) -> None:
    """Something breaks; an inoperative fault ends the transactions that it hits."""
    code = fault.fault.error_code
    if evse is None:
        station.faults.pop(code, None)
        station.faults[code] = fault
    else:
        for one in evse.connectors if connector is None else (connector,):
            one.faults.pop(code, None)
            one.faults[code] = fault
    for each in station.evses if evse is None else (evse,):
        transaction = each.transaction
        hit = connector is None or (transaction is not None and transaction.connector_id == connector.connector_id)
        if fault.fault.inoperative and transaction is not None and hit:
            station.transactions.end(each, stop_reason(fault))
        station.usability_changed(each)
    if evse is None:
        station.statuses.refresh()


def clear(station: SimulatedCharger, evse: Evse | None, connector: Connector | None) -> int:
    """Repair an EVSE or one connector of it, or everything when none is named; returns how many faults are gone."""
    gone = 0
    if evse is None:
        gone += len(station.faults)
        station.faults.clear()
    for each in station.evses if evse is None else (evse,):
        for one in each.connectors if connector is None else (connector,):
            gone += len(one.faults)
            one.faults.clear()
        station.usability_changed(each)
    if evse is None:
        station.statuses.refresh()
    return gone
