"""Limits that come from elsewhere than the CSMS: an energy management system, the system operator."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from ocpplab_runner.charger.blocks.smart_charging.iso15118 import ENERGY_TRANSFERS
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import pick
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import GridChanged
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.smart_charging import EV_NEEDS, PRIORITY_CHARGING, SMART_CHARGING
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.versions import OcppVersion


def external_limit(context: Context, fields: Fields, raw: bool) -> None:
    """Limit an EVSE, or the station; what is to flow, or may flow back, is said of an EVSE, and in 2.1."""
    evse_id = fields.get("evse_id", 0)
    if evse_id:
        context.equipment.evse(evse_id)
    lasts = fields.get("duration")
    limit, setpoint, discharge = (
        None if fields.get(name) is None else float(fields[name]) for name in ("limit", "setpoint", "discharge_limit")
    )
    if setpoint is not None or discharge is not None:
        if context.version is not OcppVersion.V21:
            raise Refused(f"OCPP {context.version.value} has no setpoint and no discharge_limit")
        if not evse_id and len(context.equipment.evses) > 1:
            raise Refused("say which EVSE has that setpoint or discharge_limit: evse_id")
    context.ask(SMART_CHARGING).limit_from_outside(
        evse_id,
        inf if limit is None else limit,
        fields.get("unit", "A"),
        None if lasts is None else seconds_of(lasts),
        fields.get("source", "EMS"),
        setpoint=setpoint,
        discharge=discharge,
    )


def grid(context: Context, fields: Fields, raw: bool) -> None:
    """The grid has another frequency, or the house another load."""
    context.grid.frequency_hz = float(fields.get("frequency_hz", context.grid.frequency_hz))
    context.grid.load_w = float(fields.get("load_w", context.grid.load_w))
    context.events.tell(GridChanged())


def clear_external_limit(context: Context, fields: Fields, raw: bool) -> None:
    """Take that back."""
    if not context.ask(SMART_CHARGING).release_from_outside(fields.get("evse_id", 0)):
        raise Refused("nobody but the CSMS limits it")


def ev_charging_needs(context: Context, fields: Fields, raw: bool) -> None:
    """An EV says by ISO 15118 what it needs."""
    if context.version is OcppVersion.V16:
        raise Refused("OCPP 1.6 does not know ISO 15118")
    if fields.get("control_mode") is not None and context.version is not OcppVersion.V21:
        raise Refused(f"OCPP {context.version.value} has no control_mode")
    transfer, known = fields.get("energy_transfer"), ENERGY_TRANSFERS[context.version]
    if transfer is not None and transfer not in known:
        choices = ", ".join(sorted(known))
        raise Refused(f"OCPP {context.version.value} knows no energy transfer {transfer!r}: choose from {choices}")
    evse = pick(context, fields, lambda e: e.ev is not None, "no EV is plugged in")
    context.ask(EV_NEEDS).ev_needs(evse, fields)


def priority_charging(context: Context, fields: Fields, raw: bool) -> None:
    """The driver wants to be charged first, or no longer."""
    if context.version is not OcppVersion.V21:
        raise Refused(f"OCPP {context.version.value} has no priority charging")
    evse = pick(context, fields, lambda e: e.transaction is not None, "no transaction runs")
    context.ask(PRIORITY_CHARGING).priority_by_driver(evse, fields.get("active", True))


COMMANDS: Mapping[str, Command] = {
    "external_limit": Command(external_limit),
    "grid": Command(grid, without_power=True),
    "clear_external_limit": Command(clear_external_limit),
    "ev_charging_needs": Command(ev_charging_needs),
    "priority_charging": Command(priority_charging),
}
