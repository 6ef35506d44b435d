"""Boot and heartbeat: OCPP 1.6 sections 4.2 and 4.6, OCPP 2.0.1 B01 to B03 and G02."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.model import BootReason, Registration
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.charger.wire_values import MAX_INTEGER

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: Pause in seconds before the next BootNotification when the CSMS gave none, or no usable answer.
BOOT_RETRY = 30


class Registrar:
    """Registers the station with its CSMS and keeps in touch.

    A BootNotification goes out after each power-up or reset, not after a mere reconnect. Until it is accepted nothing
    else is sent, but for what the CSMS triggers while Pending.
    """

    __slots__ = ("_reason", "_station", "_timers", "status")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self._reason = BootReason.POWER_UP
        self.status: Registration | None = None

    @property
    def accepted(self) -> bool:
        """Whether the CSMS has accepted the present boot."""
        return self.status is Registration.ACCEPTED

    def forget(self, reason: BootReason) -> None:
        """The station starts anew: the next connection begins with a BootNotification."""
        self.stop()
        self.status = None
        self._reason = reason

    def stop(self) -> None:
        """No further boot attempt, no heartbeat."""
        self._timers.stop_all()

    def connected(self) -> None:
        """A connection is there."""
        if self.accepted:
            self._schedule_heartbeat()
        elif not self._timers.running("boot"):
            self._boot()

    def disconnected(self) -> None:
        """The connection is gone; a retry that was due waits for the next one unless the CSMS has set its time."""
        self._timers.stop("heartbeat")

    def trigger_boot(self) -> None:
        """Send a BootNotification because the CSMS wants one (1.6 TriggerMessage)."""
        self._boot(BootReason.TRIGGERED)

    def send_heartbeat(self) -> None:
        """Send a Heartbeat now."""
        self._station.post(self._station.dialect.heartbeat(), self._beat_answered)

    def _beat_answered(self, payload: Mapping[str, Any]) -> None:
        self._station.time_told(payload["currentTime"])

    def interval_changed(self) -> None:
        """The heartbeat interval has a new value: it counts from now."""
        if self.accepted and self._station.uplink.session is not None:
            self._schedule_heartbeat()

    def _boot(self, reason: BootReason | None = None) -> None:
        self._timers.stop("boot")
        outgoing = self._station.dialect.boot_notification(reason or self._reason)
        self._station.post(outgoing, self._answered, self._unanswered)

    def _answered(self, payload: Mapping[str, Any]) -> None:
        answer = self._station.dialect.boot_answer(payload)
        was_accepted = self.accepted
        self.status = answer.status
        self._station.time_told(answer.current_time)
        if answer.status is Registration.ACCEPTED:
            if answer.interval > 0:
                interval = min(int(answer.interval), MAX_INTEGER)  # 20.0 is an integer to JSON Schema
                self._station.settings.set("heartbeat_interval", str(interval))
            self._schedule_heartbeat()
            if not was_accepted:
                self._station.registered()
            return
        self._timers.stop("heartbeat")
        self._retry(answer.interval if answer.interval > 0 else BOOT_RETRY)

    def _unanswered(self) -> None:
        if not self.accepted:
            self._retry(BOOT_RETRY)

    def _retry(self, seconds: float) -> None:
        self._timers.start("boot", seconds, self._boot_if_connected)

    def _boot_if_connected(self) -> None:
        if self._station.uplink.session is not None:
            self._boot()

    def _schedule_heartbeat(self) -> None:
        interval = self._station.settings.integer("heartbeat_interval")
        if interval > 0:
            self._timers.start("heartbeat", interval, self._beat)
        else:
            self._timers.stop("heartbeat")

    def _beat(self) -> None:
        self.send_heartbeat()
        self._schedule_heartbeat()
