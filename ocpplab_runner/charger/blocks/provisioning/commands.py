"""Settings and clock, changed from inside the station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ocpplab_runner.charger.config import ahead_of
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.station import CONFIGURATION
from ocpplab_runner.charger.core.variables import wire_text
from ocpplab_runner.vocabulary.settings import SETTINGS

#: Settings that a station has whether or not its OCPP version has a name for them.
_INSIDE_EVERYWHERE = frozenset({"master_pass_group"})


def set_configuration(context: Context, fields: Fields, raw: bool) -> None:
    """Change neutral settings and raw configuration from inside."""
    for name, value in (fields.get("settings") or {}).items():
        known = SETTINGS.get(name)
        if known is None:
            raise Refused(f"there is no setting {name}")
        if not known.exists_in(context.version) and name not in _INSIDE_EVERYWHERE:
            raise Refused(f"OCPP {context.version.value} has no setting {name}")
        try:
            context.variables.set(name, wire_text(known, value))
        except ValueError as error:
            raise Refused(str(error)) from None
    for key, value in (fields.get("configuration") or {}).items():
        context.ask(CONFIGURATION).set_raw(key, str(value))


def set_clock(context: Context, fields: Fields, raw: bool) -> None:
    """Set the station's clock, as a technician does, or an empty battery."""
    context.set_clock(timedelta(seconds=ahead_of(fields)))


COMMANDS: Mapping[str, Command] = {
    "set_configuration": Command(set_configuration),
    "set_clock": Command(set_clock),
}
