"""Something breaks at the station, and is repaired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.charger.blocks.availability import faults
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import named_connector
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import ActiveFault
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.vocabulary.faults import FAULTS, find_fault


def inject_fault(context: Context, fields: Fields, raw: bool) -> None:
    """Break something."""
    fault = find_fault(fields["fault_type"])
    if fault is None:
        raise Refused(f"there is no fault {fields['fault_type']}: choose from {', '.join(sorted(FAULTS))}")
    evse = None if fields.get("evse_id") is None else context.equipment.evse(fields["evse_id"])
    connector = None if evse is None else named_connector(evse, fields)
    active = ActiveFault(fault, fields.get("info", ""), fields.get("vendor_error_code", ""))
    faults.inject(context, active, evse, connector)


def clear_fault(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Repair an EVSE, or everything."""
    evse = None if fields.get("evse_id") is None else context.equipment.evse(fields["evse_id"])
    connector = None if evse is None else named_connector(evse, fields)
    gone = faults.clear(context, evse, connector)
    if gone == 0:
        raise Refused("there is no fault to clear" + ("" if evse is None else f" on EVSE {evse.evse_id}"))
    return {"faults_cleared": gone}


COMMANDS: Mapping[str, Command] = {
    "inject_fault": Command(inject_fault, without_power=True),
    "clear_fault": Command(clear_fault, without_power=True),
}
