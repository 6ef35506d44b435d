"""Limits that come from elsewhere than the CSMS: an energy management system, the system operator."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services import SMART_CHARGING
from ocpplab_runner.vocabulary.durations import seconds_of


def external_limit(context: Context, fields: Fields, raw: bool) -> None:
    """Limit an EVSE, or the station."""
    evse_id = fields.get("evse_id", 0)
    if evse_id:
        context.equipment.evse(evse_id)
    lasts = fields.get("duration")
    context.ask(SMART_CHARGING).limit_from_outside(
        evse_id,
        float(fields["limit"]),
        fields.get("unit", "A"),
        None if lasts is None else seconds_of(lasts),
        fields.get("source", "EMS"),
    )


def clear_external_limit(context: Context, fields: Fields, raw: bool) -> None:
    """Take that back."""
    if not context.ask(SMART_CHARGING).release_from_outside(fields.get("evse_id", 0)):
        raise Refused("nobody but the CSMS limits it")


COMMANDS: Mapping[str, Command] = {
    "external_limit": Command(external_limit),
    "clear_external_limit": Command(clear_external_limit),
}
