"""How firmware updates go, changed from outside."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.services.station import FIRMWARE


def firmware(context: Context, fields: Fields, raw: bool) -> None:
    """Let installations fail from now on, or succeed, or take another time."""
    context.ask(FIRMWARE).change_workings(fields)


COMMANDS: Mapping[str, Command] = {"firmware": Command(firmware, without_power=True)}
