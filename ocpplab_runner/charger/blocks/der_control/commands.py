"""What the grid does to a station."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.smart_charging import DER_ALARMS
from ocpplab_runner.vocabulary.der import GRID_FAULTS
from ocpplab_runner.vocabulary.versions import OcppVersion


def der_alarm(context: Context, fields: Fields, raw: bool) -> None:
    """A control of the grid acts, or no longer."""
    if context.version is not OcppVersion.V21:
        raise Refused(f"OCPP {context.version.value} has no controls of the grid")
    fault = fields.get("fault")
    if fault is not None and fault not in GRID_FAULTS:
        raise Refused(f"OCPP knows no fault {fault!r} of the grid: choose from {', '.join(GRID_FAULTS)}")
    context.ask(DER_ALARMS).alarm(fields["control_type"], fault, ended=bool(fields.get("ended", False)))


COMMANDS: Mapping[str, Command] = {"der_alarm": Command(der_alarm)}
