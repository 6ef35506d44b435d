"""What a functional block may use of its station."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.connection import Connection
from ocpplab_runner.charger.core.equipment import Equipment
from ocpplab_runner.charger.core.events import ClockSet, Events
from ocpplab_runner.charger.core.grid import Grid
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.service import Service
from ocpplab_runner.charger.core.services.station import REGISTRATION
from ocpplab_runner.charger.core.station_time import StationTime
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.charger.core.transaction_queue import TransactionQueue
from ocpplab_runner.charger.core.variables import Variables
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.records import SessionClosed, SessionObserver
from ocpplab_runner.vocabulary.versions import OcppVersion

S = TypeVar("S")


class ChargerObserver(SessionObserver, Protocol):
    """Hears what the station does. Must not raise."""

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows: ``auth_status``, ``validation_result``, ``token_status``, ``connection``."""

    def note(self, text: str) -> None:
        """Something that a reader of the trace may want to know."""


class Context:
    """The station as its blocks see it: what is there, how to reach the CSMS, and what the other blocks offer.

    Attributes:
        config: what the station is made of.
        version: the OCPP version that it speaks.
        observer: hears of everything.
        next_id: gives message and transaction ids.
        equipment: EVSEs and connectors.
        variables: settings and everything else that can be asked of the station.
        time: the station's clock.
        grid: what it is connected to.
        events: what the parts tell each other.
        connection: to the CSMS.
        queue: transaction messages on their way to the CSMS.
        powered: whether the station has power and is not restarting.
        restarting: whether it is on its way down and up again.
        timers: of what the world has taken away for a while.
    """

    __slots__ = (
        "_services",
        "config",
        "connection",
        "equipment",
        "events",
        "grid",
        "next_id",
        "observer",
        "powered",
        "queue",
        "restarting",
        "time",
        "timers",
        "variables",
        "version",
    )

    def __init__(
        self,
        config: ChargerConfig,
        version: OcppVersion,
        observer: ChargerObserver,
        connection: Connection,
        next_id: Callable[[], str],
    ) -> None:
        self.config = config
        self.version = version
        self.observer = observer
        self.connection = connection
        self.next_id = next_id
        self.equipment = Equipment(config, version)
        self.variables = Variables(config.settings)
        self.time = StationTime(timedelta(seconds=config.clock.ahead), follows=config.clock.follows)
        self.grid = Grid()
        self.timers = Timers()
        self.events = Events()
        # By lambda: whether the boot is accepted is known by a service that is not there yet.
        self.queue = TransactionQueue(self.variables, online=lambda: self.online, post=self.post_raw, note=self.note)
        self.powered = False
        self.restarting = False
        self._services: dict[str, Any] = {}

    def offer(self, service: Service[S], provider: S) -> None:
        """Let other blocks have a service."""
        self._services[service.name] = provider

    def ask(self, service: Service[S]) -> S:
        """A service of another block; not before every block is made."""
        provider: S = self._services[service.name]
        return provider

    @property
    def online(self) -> bool:
        """Whether the station may send: connected, and the boot accepted."""
        return self.connection.session is not None and self.ask(REGISTRATION).accepted

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Tell the observer something that no frame shows."""
        self.observer.fact(name, fields)

    def note(self, text: str) -> None:
        """Tell the observer something worth reading."""
        self.observer.note(text)

    def time_told(self, current_time: str) -> None:
        """The CSMS has said what time it is."""
        before = self.time.ahead
        if self.time.follow(current_time):
            self.note(f"the clock follows the CSMS: {clock.timestamp(self.time.now())}")
            self.events.tell(ClockSet(self.time.ahead - before))

    def set_clock(self, ahead: timedelta) -> None:
        """Somebody at the station sets its clock, so much ahead of the run's."""
        before, self.time.ahead = self.time.ahead, ahead
        self.events.tell(ClockSet(ahead - before))

    def post(
        self,
        outgoing: Outgoing,
        then: Callable[[Mapping[str, Any]], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> bool:
        """Send a call; False when there is no connection, and then neither function is called.

        Args:
            outgoing: the call.
            then: gets the payload of a usable answer.
            otherwise: called for a CALLERROR, an unusable answer, or none in time. When the connection is lost neither
                function is called: what must go again hears of Disconnected.
        """
        session = self.connection.session
        if session is None:
            return False
        if then is None and otherwise is None:
            session.enqueue(outgoing.action, dict(outgoing.payload), validate=False)
            return True

        def concluded(answer: Answer | Exception) -> None:
            if isinstance(answer, CallResult):
                if then is not None:
                    then(answer.payload)
            elif otherwise is not None and not isinstance(answer, SessionClosed):
                otherwise()

        self.post_raw(outgoing, concluded)
        return True

    def post_raw(self, outgoing: Outgoing, concluded: Callable[[Answer | Exception], None]) -> None:
        """Send a call and hand over whatever becomes of it: the answer, CallTimeout or SessionClosed."""
        session = self.connection.session
        if session is None:
            concluded(SessionClosed("there is no connection"))
            return
        sent = session.enqueue(outgoing.action, dict(outgoing.payload), validate=False)

        def done(future: asyncio.Future[Answer]) -> None:
            if not future.cancelled():
                error = future.exception()
                concluded(future.result() if error is None else _as_exception(error))

        sent.future.add_done_callback(done)


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else SessionClosed(str(error))
