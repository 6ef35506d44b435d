"""Leaving a CSMS that somebody else runs as it was: no transaction stays open there, no call unanswered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from ocpplab_runner import clock
from ocpplab_runner.targets.charger_host import ChargerHost

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Leftover:
    """What could not be ended.

    Attributes:
        host: whose it is.
        text: what it is, for people.
    """

    host: ChargerHost
    text: str


async def end_transactions(hosts: Iterable[ChargerHost], found: list[Leftover]) -> None:
    """End what still charges, deliver what waits and await what is unanswered, on every charger at once.

    Args:
        hosts: the chargers, which are still connected.
        found: gets what could not be ended, also when this is cancelled.
    """
    await asyncio.gather(*(_end_all(host, found) for host in hosts))


async def _end_all(host: ChargerHost, found: list[Leftover]) -> None:
    await host.all_answered()
    left, since = _left(host), clock.now()
    try:
        while left:
            await _end(host)
            now = _left(host)
            if now != left:
                # The CSMS is slow, not silent: each message has its time.
                left, since = now, clock.now()
            elif clock.now() - since >= host.call_timeout:
                break
            await asyncio.sleep(_POLL)
    finally:
        if left := _left(host):
            found.append(Leftover(host, _told(*left)))
    if not left:
        # A call that it begins by itself now, such as a heartbeat, would be cut off unanswered.
        host.charger.fall_silent()
        await host.all_answered()


async def _end(host: ChargerHost) -> None:
    """Let the charger end what it can."""
    charger = host.charger
    if not charger.connected:
        await host.perform("network", {"state": "up"})
    for evse in charger.snapshot()["evses"]:
        if evse["transaction"] is not None:
            await host.perform("stop_transaction", {"evse_id": evse["evse_id"]})
    seen = charger.snapshot()
    for evse in seen["evses"]:
        # What only the cable ends, or what a card has begun without one (2.x TxStartPoint, TxStopPoint).
        if evse["transaction"] is None and evse["evse_id"] in seen.get("open_at", ()):
            if any(connector["plugged"] for connector in evse["connectors"]):
                await host.perform("unplug_connector", {"evse_id": evse["evse_id"]})
            else:
                await host.perform("power", {"state": "off"})
    if not charger.powered:
        # After a loss of power the charger ends its transactions when it is back.
        await host.perform("power", {"state": "on"})


def _left(host: ChargerHost) -> tuple[int, int] | None:
    """How many transactions run, and how many messages of transactions are not delivered; None when there are none."""
    seen = host.charger.snapshot()
    open_at = seen.get("open_at", ())
    running = sum(evse["transaction"] is not None or evse["evse_id"] in open_at for evse in seen["evses"])
    waiting = int(seen["queued_messages"] + seen["interrupted_transactions"])
    return (running, waiting) if running or waiting else None


def _told(running: int, waiting: int) -> str:
    parts = [f"{running} transaction{'s' if running > 1 else ''} could not be ended"] if running else []
    if waiting:
        parts.append(f"{waiting} transaction message{'s' if waiting > 1 else ''} could not be delivered to the CSMS")
    return " and ".join(parts)
