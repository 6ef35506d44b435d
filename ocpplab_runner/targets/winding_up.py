"""Leaving a CSMS that somebody else runs as it was: no transaction stays open there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ocpplab_runner import clock
from ocpplab_runner.targets.charger_host import ChargerHost

#: Seconds in which open transactions must be ended, and what chargers still have to say be delivered.
_PATIENCE = 5.0
_POLL = 0.05


async def wind_up(hosts: Mapping[str, ChargerHost], complaints: list[str]) -> None:
    """End what still charges and deliver what waits, on every charger at once; adds what could not be done."""
    deadline = clock.now() + _PATIENCE
    left = await asyncio.gather(*(_wind_up(host, deadline) for host in hosts.values()))
    complaints += [f"charger {name}: {complaint}" for name, complaint in zip(hosts, left, strict=True) if complaint]


async def _wind_up(host: ChargerHost, deadline: float) -> str:
    charger = host.charger
    seen = charger.snapshot()
    running = [evse["evse_id"] for evse in seen["evses"] if evse["transaction"] is not None]
    waiting = running or seen["queued_messages"] or seen["interrupted_transactions"]
    if not waiting:
        return ""
    if not charger.connected:
        await host.perform("network", {"state": "up"})
    for evse_id in running:
        await host.perform("stop_transaction", {"evse_id": evse_id})
    if not charger.powered:
        # After a loss of power the charger ends its transactions when it is back.
        await host.perform("power", {"state": "on"})
    while count := _undelivered(host):
        if clock.now() >= deadline:
            return f"{count} transaction message{'s' if count > 1 else ''} could not be delivered to the CSMS"
        await asyncio.sleep(_POLL)
    return ""


def _undelivered(host: ChargerHost) -> int:
    seen = host.charger.snapshot()
    return int(seen["queued_messages"] + seen["interrupted_transactions"])
