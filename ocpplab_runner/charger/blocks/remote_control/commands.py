"""The lock, released at the charger."""

from __future__ import annotations

from collections.abc import Mapping

from ocpplab_runner.charger.blocks.remote_control.lock import unlock
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import named_connector, pick
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused, UnlockOutcome


def unlock_connector(context: Context, fields: Fields, raw: bool) -> None:
    """Release the lock at the charger; a transaction there ends."""
    evse = pick(context, fields, lambda e: True, "")
    connector = named_connector(evse, fields) or evse.plugged_connector or evse.connectors[0]
    outcome, effect = unlock(context, evse, connector)
    if outcome is not UnlockOutcome.UNLOCKED:
        why = "the lock is stuck" if outcome is UnlockOutcome.FAILED else "the charger has no lock"
        raise Refused(f"EVSE {evse.evse_id}: {why}")
    if effect is not None:
        effect()


COMMANDS: Mapping[str, Command] = {"unlock_connector": Command(unlock_connector)}
