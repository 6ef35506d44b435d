"""Boot and heartbeat: OCPP 1.6 sections 4.2 and 4.6, OCPP 2.x B01 to B03 and G02; and the station's variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.core.block import Block, hears, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Connected, Disconnected, PoweredUp, Reconnected, Registered, WentDown
from ocpplab_runner.charger.core.model import BootAnswer, BootReason, Outgoing, Registration
from ocpplab_runner.charger.core.services.station import CONFIGURATION, REGISTRATION, Place
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.charger.core.wire_values import MAX_INTEGER
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.settings import SETTINGS

#: Pause in seconds before the next BootNotification when the CSMS gave none, or no usable answer.
BOOT_RETRY = 30


class Provisioning(Block):
    """Registers the station with its CSMS and keeps in touch.

    A BootNotification goes out after each power-up or reset, not after a mere reconnect. Until it is accepted nothing
    else is sent, but for what the CSMS triggers while Pending.

    Attributes:
        status: what the CSMS said to the present boot; None before it has.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._reason = BootReason.POWER_UP
        self._offline_since: float | None = None
        self.status: Registration | None = None
        context.offer(REGISTRATION, self)
        context.offer(CONFIGURATION, self)

    def variables(self) -> Iterable[Variable]:
        """How often it keeps in touch, and how often it tries a reset again."""
        return (
            setting("reset_retries"),
            setting("heartbeat_interval", minimum=1, changed=self._interval_changed),
            setting("websocket_ping_interval", changed=self._ping),
        )

    # -- one version's words --------------------------------------------------------------------------------------

    def boot_notification(self, reason: BootReason) -> Outgoing:
        """BootNotification."""
        raise NotImplementedError

    def set_raw(self, key: str, value: str) -> None:
        """Set a configuration key or ``Component.Variable`` from inside the station, read-only or not.

        Raises:
            Refused: there is no such one, or it cannot have that value.
        """
        raise NotImplementedError

    def remember_variables(self) -> Mapping[str, Any]:
        """What was set and is no version-neutral setting, as JSON data."""
        raise NotImplementedError

    def recall_variables(self, memory: Mapping[str, Any]) -> None:
        """Put that back."""
        raise NotImplementedError

    # -- registration ---------------------------------------------------------------------------------------------

    @property
    def accepted(self) -> bool:
        """Whether the CSMS has accepted the present boot."""
        return self.status is Registration.ACCEPTED

    @hears(PoweredUp)
    def powered_up(self, event: PoweredUp) -> None:
        """The next connection begins with a BootNotification."""
        self._reason = event.reason

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """No further boot attempt, no heartbeat: nobody is registered any more."""
        self.stop()
        self.status = None

    @hears(Connected)
    def connected(self, _: Connected) -> None:
        """Boot, unless the CSMS knows the station already: then only the connection was lost."""
        self._ping()
        if self.accepted:
            self._schedule_heartbeat()
            self.context.queue.flush()
            away = 0.0 if self._offline_since is None else clock.now() - self._offline_since
            self.context.events.tell(Reconnected(away))
        # The interval of a Pending or Rejected boot goes on without a connection (1.6 section 4.2).
        elif not self._timers.running("boot"):
            self._boot()

    @hears(Disconnected)
    def disconnected(self, _: Disconnected) -> None:
        """A retry that was due waits for the next connection unless the CSMS has set its time."""
        self._offline_since = clock.now()
        self._timers.stop("heartbeat")

    def trigger_boot(self) -> None:
        """Send a BootNotification because the CSMS wants one."""
        self._boot(BootReason.TRIGGERED)

    @triggered("Heartbeat")
    def trigger_heartbeat(self, _: Place) -> HandlerResult:
        """A Heartbeat at once."""
        return Reply({"status": "Accepted"}, then=self._send_heartbeat)

    def _send_heartbeat(self) -> None:
        self.context.post(Outgoing("Heartbeat", {}), self._beat_answered)

    def _beat_answered(self, payload: Mapping[str, Any]) -> None:
        self.context.time_told(payload["currentTime"])

    def _interval_changed(self) -> None:
        """It counts from now."""
        if self.accepted and self.context.connection.session is not None:
            self._schedule_heartbeat()

    def _ping(self) -> None:
        self.context.connection.set_ping_interval(self.context.variables.integer("websocket_ping_interval"))

    def _boot(self, reason: BootReason | None = None) -> None:
        self._timers.stop("boot")
        self.context.post(self.boot_notification(reason or self._reason), self._answered, self._unanswered)

    def _answered(self, payload: Mapping[str, Any]) -> None:
        answer = BootAnswer(Registration(payload["status"]), payload["interval"], payload["currentTime"])
        was_accepted = self.accepted
        self.status = answer.status
        self.context.time_told(answer.current_time)
        if answer.status is Registration.ACCEPTED:
            if answer.interval > 0:
                interval = min(int(answer.interval), MAX_INTEGER)  # 20.0 is an integer to JSON Schema
                self.context.variables.set("heartbeat_interval", str(interval))
            self._schedule_heartbeat()
            # A boot that was triggered while registered (1.6 section 5.17) begins nothing anew.
            if not was_accepted:
                self.context.events.tell(Registered())
                self.context.queue.flush()
            return
        # The answer to such a boot may also take the registration back.
        self._timers.stop("heartbeat")
        self._retry(answer.interval if answer.interval > 0 else BOOT_RETRY)

    def _unanswered(self) -> None:
        if not self.accepted:
            self._retry(BOOT_RETRY)

    def _retry(self, seconds: float) -> None:
        self._timers.start("boot", seconds, self._boot_if_connected)

    def _boot_if_connected(self) -> None:
        # Without one the next connection begins with it.
        if self.context.connection.session is not None:
            self._boot()

    def _schedule_heartbeat(self) -> None:
        interval = self.context.variables.integer("heartbeat_interval")
        if interval > 0:
            self._timers.start("heartbeat", interval, self._beat)
        else:
            self._timers.stop("heartbeat")

    def _beat(self) -> None:
        self._send_heartbeat()
        self._schedule_heartbeat()

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Registration, settings, and whatever else was set."""
        variables = self.context.variables
        settings = {name: variables.text(name) for name in SETTINGS if variables.has(name)}
        return {
            "registration": None if self.status is None else self.status.value,
            "settings": {name: text for name, text in settings.items() if text != SETTINGS[name].default},
            "dialect": self.remember_variables(),
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put settings and variables back; the registration holds only if the station goes on (``resume``)."""
        # What is not remembered had its default, whatever this process was made with.
        for name, known in SETTINGS.items():
            if self.context.variables.has(name):
                self.context.variables.set(name, memory["settings"].get(name, known.default))
        self.recall_variables(memory["dialect"])
