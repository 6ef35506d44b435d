"""The commands of scenarios: the Gateway's 18, those about tokens, ``power``, ``network`` and ``charger_reply``.

Each takes the fields of ``docs/language.md``; the schema has checked their types. A command that makes no sense in the
present state raises :class:`~ocpplab_runner.charger.model.Refused` with a reason to act on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocpplab_runner.charger.command_fields import Command, Fields
from ocpplab_runner.charger.driver_commands import DRIVER_COMMANDS
from ocpplab_runner.charger.inner_commands import INNER_COMMANDS
from ocpplab_runner.charger.model import CommandResult, Refused
from ocpplab_runner.charger.token_commands import TOKEN_COMMANDS
from ocpplab_runner.vocabulary.durations import seconds_of

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: What a person, a car or the world can do to a station without power.
_WITHOUT_POWER = frozenset(
    {
        "plug_connector",
        "unplug_connector",
        "ev_requests_energy",
        "ev_stops_energy",
        "power_update",
        "inject_fault",
        "clear_fault",
        "power",
        "network",
        "charger_reply",
    }
)


def perform(station: SimulatedCharger, command: str, fields: Fields, *, raw: bool) -> CommandResult:
    """See :meth:`~ocpplab_runner.charger.station.SimulatedCharger.perform`.

    Raises:
        Refused: it makes no sense now.
        ValueError: there is no such command.
    """
    action = _COMMANDS.get(command)
    if action is None:
        raise ValueError(f"a charger has no command {command!r}")
    if command not in _WITHOUT_POWER:
        if station.power.restarting:
            raise Refused("the charger restarts")
        if not station.powered:
            raise Refused("the charger has no power")
    return CommandResult(detail=action(station, fields, raw) or {})


def _power(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    off_for = fields.get("off_for")
    if fields.get("state") == "on":
        if station.power.on:
            raise Refused("the power is on already")
        station.timers.stop("power")
        station.power.switch_on()
        return
    if not station.power.on and not station.power.restarting:
        raise Refused("the power is off already")
    station.timers.stop("power")
    station.power.switch_off()
    if off_for is not None:
        station.timers.start("power", seconds_of(off_for), station.power.switch_on)


def _network(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    station.timers.stop("network")
    down_for = fields.get("down_for")
    station.uplink.set_network(down_for is None and fields.get("state") == "up")
    if down_for is not None:
        station.timers.start("network", seconds_of(down_for), lambda: station.uplink.set_network(True))


def _program_reply(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    try:
        station.replies.program(fields)
    except ValueError as error:
        raise Refused(str(error)) from None


_COMMANDS: dict[str, Command] = {
    **DRIVER_COMMANDS,
    **INNER_COMMANDS,
    **TOKEN_COMMANDS,
    "power": _power,
    "network": _network,
    "charger_reply": _program_reply,
}
#: Every command that a simulated charger can carry out.
COMMANDS = frozenset(_COMMANDS)
