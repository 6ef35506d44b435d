"""A station's memory as JSON data, so that it can outlive its process.

:func:`remember` takes everything that a real station would still know after its network was down for a while: settings,
lists, cables, faults, availability, reservations, meters, running and interrupted transactions, undelivered messages.
:func:`recall` puts that into a station of the same make that has never been started; :func:`resume` then lets it go on
from there without a boot, as after a loss of its network. What a station grants a card that waits for its cable, or a
cable that waits for its card, is not kept: the driver presents the card again.

What there is to remember, each block knows of itself; the order in which the blocks recall it is their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.core.model import Registration
from ocpplab_runner.charger.core.services.station import REGISTRATION
from ocpplab_runner.charger.station import SimulatedCharger

#: Of the data; what another format has written cannot be read.
FORMAT = 2


def remember(station: SimulatedCharger) -> dict[str, Any]:
    """What a station knows now."""
    memory: dict[str, Any] = {
        "format": FORMAT,
        "at": clock.utcnow().isoformat(),
        "clock_ahead": station.context.time.ahead / timedelta(seconds=1),
        "version": station.version.value,
        "powered": station.powered,
    }
    for block in station.blocks:
        memory.update(block.remember())
    return memory


def recall(station: SimulatedCharger, memory: Mapping[str, Any]) -> None:
    """Put a memory into a station that has never been started.

    A transaction that ran has drawn energy meanwhile, as it would have behind a broken network; its meter says so.

    Args:
        station: of the same make and version.
        memory: what :func:`remember` gave, JSON in between or not.

    Raises:
        ValueError: it is the memory of another version, or in another format.
    """
    if memory.get("format") != FORMAT or memory.get("version") != station.version.value:
        raise ValueError("this memory belongs to another kind of station")
    if len(memory["evses"]) != len(station.evses):
        raise ValueError("this memory belongs to a station with another number of EVSEs")
    station.context.time.ahead = timedelta(seconds=memory.get("clock_ahead", 0.0))
    for block in station.blocks:
        block.recall(memory)


async def resume(station: SimulatedCharger, memory: Mapping[str, Any]) -> None:
    """Let a station go on from the memory that it has recalled.

    One that was registered stays so and only connects again; one that was off, restarting or not yet registered powers
    up and boots.
    """
    registered = memory["registration"] == Registration.ACCEPTED.value
    if memory["powered"] and registered:
        # No boot follows whose answer would say so.
        station.context.ask(REGISTRATION).status = Registration.ACCEPTED
        station.resume()
    else:
        await station.start()
