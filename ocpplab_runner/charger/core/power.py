"""Supply, loss of power and restart: what is volatile goes, what is not stays.

Volatile: connection, registration, granted authorizations, timers. Not volatile: settings, local list, cache,
availability, reservations, queued transaction messages and the last meter reading. Cable, car and faults are physical
and stay too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Interrupted, PoweredUp, Restarting, Resumed, WentDown
from ocpplab_runner.charger.core.model import BootReason, StopReason
from ocpplab_runner.charger.core.timers import Timers

#: Seconds that a restart takes.
RESTART_SECONDS = 1.0
#: Seconds from a reset that has failed to the next attempt.
RESET_PAUSE = 10.0
#: Seconds that a soft reset waits for the CSMS to take the last transaction messages.
DELIVERY_PATIENCE = 30.0


class PowerSupply:
    """The station's supply; whether it has power stands in the context."""

    __slots__ = ("_boot_reason", "_closing", "_context", "_failing", "_goes_on", "_timers")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._timers = Timers()
        self._closing: asyncio.Task[None] | None = None
        self._boot_reason = BootReason.REMOTE_RESET
        self._goes_on = False
        self._failing = context.config.failed_resets

    def switch_on(self, reason: BootReason = BootReason.POWER_UP) -> None:
        """Power up: boot, and end what a loss of power has interrupted."""
        context = self._context
        self._timers.stop_all()
        context.powered = True
        context.restarting = False
        for evse in context.equipment.evses:
            for connector in evse.connectors:
                # After a boot nobody prepares or has finished: what has waited for that is out of service (1.6, 5.2).
                connector.finished = connector.lingers = False
        context.events.tell(PoweredUp(reason))
        context.connection.open()

    def resume(self) -> None:
        """Go on where an earlier process of the station has stopped: connect again, boot not."""
        self._context.powered = True
        self._context.events.tell(Resumed())
        self._context.connection.open()

    def switch_off(self) -> None:
        """Loss of power: the socket drops at once, and everything volatile is gone."""
        self._timers.stop_all()
        self._context.restarting = False
        self._context.events.tell(Interrupted(StopReason.POWER_LOSS))
        self._go_down()
        self._context.connection.drop("the power is off")

    def reset(
        self,
        *,
        hard: bool,
        deliver_first: bool = False,
        goes_on: bool = False,
        reason: BootReason = BootReason.REMOTE_RESET,
    ) -> None:
        """Restart because the CSMS says so (1.6 section 5.14, 2.0.1 B11 and B12); one that fails is tried again.

        Args:
            hard, deliver_first, goes_on, reason: as of :meth:`restart`.
        """
        self._attempt(
            lambda: self.restart(hard=hard, deliver_first=deliver_first, goes_on=goes_on, reason=reason),
            self._context.variables.integer("reset_retries"),
        )

    def _attempt(self, restart: Callable[[], None], retries: int) -> None:
        if self._failing == 0 or self._context.restarting or not self._context.powered:
            restart()
            return
        self._failing -= 1
        again = f"tried again in {RESET_PAUSE:g} s" if retries else "not tried again"
        self._context.note(f"the reset has failed, and is {again}")
        if retries:
            self._timers.start("reset", RESET_PAUSE, lambda: self._attempt(restart, retries - 1))

    def restart(self, *, hard: bool, deliver_first: bool = False, goes_on: bool = False, reason: BootReason) -> None:
        """Go down and up again.

        Args:
            hard: transactions end with HardReset and the connection drops at once; their last messages follow after the
                boot. A soft reset ends them in good order: the CSMS gets the messages first, then the connection
                closes.
            deliver_first: a hard reset delivers its last messages first, too (2.x).
            goes_on: transactions are not ended but interrupted, and may go on afterwards (2.1).
            reason: what the next boot says of itself (2.x).
        """
        context = self._context
        if context.restarting or not context.powered:
            return
        context.restarting = True
        self._boot_reason = reason
        self._goes_on = goes_on
        if hard and not deliver_first:
            # Before anything ends: the CSMS hears of that after the boot (1.6, 5.14).
            context.connection.drop("the station restarts")
        for evse in () if goes_on else context.equipment.evses:
            context.events.tell(Restarting(evse, StopReason.HARD_RESET if hard else StopReason.SOFT_RESET))
        if hard and not deliver_first:
            self._restart()
        else:
            context.queue.when_empty(self._restart, DELIVERY_PATIENCE)

    async def close(self) -> None:
        """Power off for good; waits for a connection that is being closed."""
        self._timers.stop_all()
        self._context.powered = self._context.restarting = False
        if self._closing is not None:
            await asyncio.wait({self._closing})

    def _restart(self) -> None:
        # The power has failed while the last messages were being delivered: that has ended the restart.
        if not self._context.restarting:
            return
        # Only now: while messages are delivered it still charges.
        if self._goes_on:
            self._context.events.tell(Interrupted(StopReason.REBOOT))
        self._go_down()
        self._closing = asyncio.get_running_loop().create_task(_finish(self._context.connection.close()))
        self._closing.add_done_callback(self._closed)
        self._timers.start("restart", RESTART_SECONDS, self._up_again)

    def _up_again(self) -> None:
        # The CSMS is slow to close: the station dials only when the old connection is gone.
        if self._closing is not None:
            self._timers.start("restart", RESTART_SECONDS, self._up_again)
        else:
            self.switch_on(self._boot_reason)

    def _closed(self, _: asyncio.Task[None]) -> None:
        self._closing = None

    def _go_down(self) -> None:
        context = self._context
        context.powered = False
        context.events.tell(WentDown())
        context.queue.stop()
        for evse in context.equipment.evses:
            evse.grant = None
            evse.goal = None


async def _finish(closing: Awaitable[None]) -> None:
    await closing
