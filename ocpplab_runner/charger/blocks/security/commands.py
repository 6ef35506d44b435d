"""What somebody can do to the station's security at the station itself."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.security import SECURITY


def security_event(context: Context, fields: Fields, raw: bool) -> None:
    """Something happens that belongs into the security log."""
    if FEATURE not in context.config.features:
        raise Refused("the charger has no security log: its features leave Security out")
    security = context.ask(SECURITY)
    if fields["type"] == "SecurityLogWasCleared":
        security.clear_log()
    else:
        security.happened(fields["type"], fields.get("info", ""))


COMMANDS: Mapping[str, Command] = {"security_event": Command(security_event)}
