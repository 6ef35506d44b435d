"""Supply, loss of power and restart: what is volatile goes, what is not stays.

Volatile: connection, registration, granted authorizations, timers. Not volatile: settings, local list, cache,
availability, reservations, queued transaction messages and the last meter reading. Cable, car and faults are physical
and stay too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from ocpplab_runner.charger.model import BootReason, SessionEvent, StopReason
from ocpplab_runner.charger.timers import Timers

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: Seconds that a restart takes.
RESTART_SECONDS = 1.0
#: Seconds that a soft reset waits for the CSMS to take the last transaction messages.
DELIVERY_PATIENCE = 30.0


class PowerControl:
    """The station's supply."""

    __slots__ = ("_boot_reason", "_closing", "_station", "_timers", "on", "restarting")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self._closing: asyncio.Task[None] | None = None
        self._boot_reason = BootReason.REMOTE_RESET
        self.on = False
        self.restarting = False

    def switch_on(self, reason: BootReason = BootReason.POWER_UP) -> None:
        """Power up: boot, and end what a loss of power has interrupted."""
        station = self._station
        self._timers.stop_all()
        self.on = True
        self.restarting = False
        station.registrar.forget(reason)
        station.statuses.forget()
        for evse in station.evses:
            for connector in evse.connectors:
                connector.finished = connector.lingers = False
        station.cards.forget()
        station.transactions.power_restored()
        for evse in station.evses:
            station.cards.session(evse, SessionEvent.POWERED_UP)
        station.metering.start()
        station.uplink.open()

    def resume(self) -> None:
        """Go on where an earlier process of the station has stopped: connect again, boot not."""
        station = self._station
        self.on = True
        station.cards.resume()
        station.reservations.refresh()
        station.metering.start()
        for evse in station.evses:
            if evse.transaction is not None:
                station.metering.transaction_began(evse)
        station.uplink.open()

    def switch_off(self) -> None:
        """Loss of power: the socket drops at once, and everything volatile is gone."""
        station = self._station
        self._timers.stop_all()
        self.restarting = False
        station.transactions.power_lost()
        self._go_down()
        station.uplink.drop("the power is off")

    def reset(self, *, hard: bool, deliver_first: bool = False, reason: BootReason = BootReason.REMOTE_RESET) -> None:
        """Restart because the CSMS says so (1.6 section 5.14, 2.0.1 B11 and B12).

        Args:
            hard: transactions end with HardReset and the connection drops at once; their last messages follow after the
                boot. A soft reset ends them in good order: the CSMS gets the messages first, then the connection
                closes.
            deliver_first: a hard reset delivers its last messages first, too (2.x).
            reason: what the next boot says of itself (2.x).
        """
        station = self._station
        if self.restarting or not self.on:
            return
        self.restarting = True
        self._boot_reason = reason
        stop_reason = StopReason.HARD_RESET if hard else StopReason.SOFT_RESET
        if hard and not deliver_first:
            station.uplink.drop("the station restarts")
        for evse in station.evses:
            station.cards.withdraw(evse)
            if evse.transaction is not None:
                station.transactions.end(evse, stop_reason)
            station.cards.session(evse, SessionEvent.RESETTING)
        if hard and not deliver_first:
            self._restart()
        else:
            station.outbox.when_empty(self._restart, DELIVERY_PATIENCE)

    async def close(self) -> None:
        """Power off for good; waits for a connection that is being closed."""
        self._timers.stop_all()
        self.on = self.restarting = False
        if self._closing is not None:
            await asyncio.wait({self._closing})

    def _restart(self) -> None:
        station = self._station
        if not self.restarting:
            return
        self._go_down()
        self._closing = asyncio.get_running_loop().create_task(_finish(station.uplink.close()))
        self._closing.add_done_callback(self._closed)
        self._timers.start("restart", RESTART_SECONDS, self._up_again)

    def _up_again(self) -> None:
        if self._closing is not None:
            self._timers.start("restart", RESTART_SECONDS, self._up_again)
        else:
            self.switch_on(self._boot_reason)

    def _closed(self, _: asyncio.Task[None]) -> None:
        self._closing = None

    def _go_down(self) -> None:
        station = self._station
        self.on = False
        station.registrar.stop()
        station.registrar.status = None
        station.statuses.stop()
        station.metering.stop()
        station.cards.stop()
        station.transactions.stop_timers()
        station.outbox.stop()
        for evse in station.evses:
            evse.grant = None
            evse.goal = None


async def _finish(closing: Awaitable[None]) -> None:
    await closing
