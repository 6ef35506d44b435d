"""Something breaks at the station, and is repaired: OCPP 1.6 section 7.6 error codes, and what they do to charging.

A fault without an EVSE is one of the whole station: it is reported for connector 0, an inoperative one makes every
connector Faulted and ends every transaction, a warning is reported for connector 0 alone. A fault of an EVSE without a
connector is one of each of its connectors. On repair the status is what it would be without the fault; a transaction
that the fault has ended stays ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import named_connector
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import UsabilityChanged
from ocpplab_runner.charger.core.evse import ActiveFault, Connector, Evse
from ocpplab_runner.charger.core.model import Refused, StopReason
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.vocabulary.faults import FAULTS, find_fault

#: Why a transaction ends; for the others 1.6 has only Other.
_REASONS = {"GroundFailure": StopReason.GROUND_FAULT, "OverCurrentFailure": StopReason.OVERCURRENT_FAULT}


def inject_fault(context: Context, fields: Fields, raw: bool) -> None:
    """Break something; an inoperative fault ends the transactions that it hits."""
    known = find_fault(fields["fault_type"])
    if known is None:
        raise Refused(f"there is no fault {fields['fault_type']}: choose from {', '.join(sorted(FAULTS))}")
    evse, connector = _place(context, fields)
    fault = ActiveFault(known, fields.get("info", ""), fields.get("vendor_error_code", ""))
    code = fault.fault.error_code
    if evse is None:
        context.equipment.faults.pop(code, None)  # it becomes the latest, which is the one that is reported
        context.equipment.faults[code] = fault
    else:
        for one in evse.connectors if connector is None else (connector,):
            one.faults.pop(code, None)
            one.faults[code] = fault
    for each in context.equipment.evses if evse is None else (evse,):
        transaction = each.transaction
        hit = connector is None or (transaction is not None and transaction.connector_id == connector.connector_id)
        if fault.fault.inoperative and transaction is not None and hit:
            context.ask(TRANSACTIONS).end(each, _REASONS.get(code, StopReason.OTHER))
        context.events.tell(UsabilityChanged(each))
    if evse is None:
        context.ask(STATUS).refresh()


def clear_fault(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Repair an EVSE or one connector of it, or everything when none is named."""
    evse, connector = _place(context, fields)
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
    if gone == 0:
        raise Refused("there is no fault to clear" + ("" if evse is None else f" on EVSE {evse.evse_id}"))
    return {"faults_cleared": gone}


def _place(context: Context, fields: Fields) -> tuple[Evse | None, Connector | None]:
    """The EVSE and the connector that are named."""
    evse = None if fields.get("evse_id") is None else context.equipment.evse(fields["evse_id"])
    return evse, None if evse is None else named_connector(evse, fields)


COMMANDS: Mapping[str, Command] = {
    "inject_fault": Command(inject_fault, without_power=True),
    "clear_fault": Command(clear_fault, without_power=True),
}
