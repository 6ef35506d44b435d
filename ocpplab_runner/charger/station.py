"""The simulated charging station: its parts put together, and its face to the rooms above."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from ocpplab_runner import clock
from ocpplab_runner.authorization.cache import AuthorizationCache
from ocpplab_runner.authorization.local_list import ListEntry, LocalAuthorizationList, UpdateType
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.availability import Availability
from ocpplab_runner.charger.cards import CardDesk
from ocpplab_runner.charger.commands import perform
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.dialect import Dialect
from ocpplab_runner.charger.dialects import dialect_for
from ocpplab_runner.charger.energy import EnergyMeter
from ocpplab_runner.charger.evse import ActiveFault, Connector, Evse, connector_status, in_service
from ocpplab_runner.charger.metering import Metering
from ocpplab_runner.charger.model import CommandResult, Outgoing, Refused
from ocpplab_runner.charger.operations import Operations
from ocpplab_runner.charger.outbox import Outbox
from ocpplab_runner.charger.power import PowerControl
from ocpplab_runner.charger.registration import Registrar
from ocpplab_runner.charger.replies import Replies
from ocpplab_runner.charger.reservations import Reservations
from ocpplab_runner.charger.settings import Settings
from ocpplab_runner.charger.snapshot import snapshot
from ocpplab_runner.charger.station_time import StationTime
from ocpplab_runner.charger.status import StatusReporter
from ocpplab_runner.charger.timers import Timers
from ocpplab_runner.charger.transactions import Transactions
from ocpplab_runner.charger.uplink import Connect, Uplink
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.ids import uuid_ids
from ocpplab_runner.ocppj.records import SessionClosed, SessionObserver
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion


class ChargerObserver(SessionObserver, Protocol):
    """Hears what the station does. Must not raise."""

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows: ``auth_status``, ``validation_result``, ``token_status``, ``connection``."""

    def note(self, text: str) -> None:
        """Something that a reader of the trace may want to know."""


class SimulatedCharger:
    """A charging station in software. Made inside a running event loop, off until :meth:`start`.

    Args:
        config: what it is made of.
        version: the OCPP version that it speaks.
        connect: opens a WebSocket to its CSMS with that version negotiated; called for each attempt.
        observer: hears of everything.
        random: the only source of randomness; gives message ids.
        call_timeout: seconds that it waits for an answer.
    """

    def __init__(
        self,
        config: ChargerConfig,
        *,
        version: OcppVersion,
        connect: Connect,
        observer: ChargerObserver,
        random: Random,
        call_timeout: float = CALL_TIMEOUT,
    ) -> None:
        self.config = config
        self.version = version
        self.observer = observer
        self.next_id = uuid_ids(random)
        self.settings = Settings(config.settings)
        self.time = StationTime()
        self.operative = True
        self.faults: dict[str, ActiveFault] = {}
        #: Why the last attempt to connect failed; None after one that did not.
        self.connect_error: Exception | None = None
        self._offline_since: float | None = None
        now = clock.now()
        self.evses = tuple(
            Evse(
                number,
                config.connectors_per_evse,
                EnergyMeter(start_wh=config.meter_start_wh, now=now),
                config.max_power_w,
            )
            for number in range(1, config.evses + 1)
        )
        typed = version is not OcppVersion.V16
        self.local_list = LocalAuthorizationList(
            max_entries=config.local_list_max, match_types=typed, zero_is_empty=not typed
        )
        self.cache = AuthorizationCache(match_types=typed)
        self._fill_lists()
        self.registrar = Registrar(self)
        self.statuses = StatusReporter(self)
        self.metering = Metering(self)
        self.outbox = Outbox(self)
        self.transactions = Transactions(self)
        self.reservations = Reservations(self)
        self.availability = Availability(self)
        self.operations = Operations(self)
        self.power = PowerControl(self)
        self.replies = Replies(self)
        self.timers = Timers()
        self.dialect: Dialect = dialect_for(version)(self)
        self.cards = CardDesk(self)
        self.uplink = Uplink(
            connect=connect,
            version=version,
            handler=self.replies.handle,
            observer=observer,
            next_id=self.next_id,
            pause=config.reconnect,
            call_timeout=call_timeout,
            opened=self._opened,
            closed=self._closed,
            failed=self._failed,
        )
        for key, value in config.configuration.items():
            try:
                self.dialect.set_raw(key, value)
            except Refused as refusal:
                raise ValueError(f"given.charger.configuration: {refusal}") from None
        self._apply_cache_lifetime()
        self.settings.listen(self._setting_changed)

    # -- the face -------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Switch the power on; returns when the first attempt to connect has begun, not when the boot is accepted."""
        if not self.power.on:
            self.power.switch_on()
        await asyncio.sleep(0)

    async def stop(self) -> None:
        """Close everything in good order; nothing of the station runs any more."""
        self.fall_silent()
        await self.power.close()
        await self.uplink.close()

    def fall_silent(self) -> None:
        """Begin nothing more by itself; calls that are open are still answered."""
        self.timers.stop_all()
        self.registrar.stop()
        self.statuses.stop()
        self.metering.stop()
        self.cards.stop()
        self.transactions.stop_timers()
        self.reservations.stop()
        self.outbox.stop()

    async def perform(self, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> CommandResult:
        """Do a charger or world command with the fields of ``docs/language.md``.

        Args:
            command: its name.
            fields: its fields.
            raw: let payloads and tokens that break the schema through.

        Returns:
            ``done``, or ``refused`` with the reason when it makes no sense in the present state.

        Raises:
            ValueError: there is no such command.
        """
        try:
            return perform(self, command, fields, raw=raw)
        except Refused as refusal:
            return CommandResult("refused", reason=str(refusal))

    @property
    def booted(self) -> bool:
        """Whether the CSMS has accepted the present boot."""
        return self.registrar.accepted

    @property
    def powered(self) -> bool:
        """Whether it has power and is not restarting."""
        return self.power.on

    @property
    def connected(self) -> bool:
        """Whether a WebSocket is open."""
        return self.uplink.session is not None

    @property
    def online(self) -> bool:
        """Whether the station may send: connected, and the boot accepted."""
        return self.uplink.session is not None and self.registrar.accepted

    @property
    def busy(self) -> bool:
        """Whether a call of its own on this connection is not answered yet, or waits for its turn."""
        session = self.uplink.session
        return session is not None and (session.outstanding is not None or session.queued > 0)

    @property
    def broken(self) -> bool:
        """Whether a fault of the whole station keeps it from charging."""
        return any(fault.fault.inoperative for fault in self.faults.values())

    def usable(self, evse: Evse) -> bool:
        """Whether an EVSE, and the station with it, is in service and works."""
        return not self.broken and any(self.in_service(evse, c) and c.broken is None for c in evse.connectors)

    def in_service(self, evse: Evse, connector: Connector) -> bool:
        """Whether a connector is in service, broken or not."""
        return in_service(evse, connector, station_operative=self.operative)

    def now(self) -> float:
        """Seconds on the running loop's clock."""
        return clock.now()

    def evse(self, evse_id: int) -> Evse:
        """The EVSE of that id.

        Raises:
            Refused: there is none.
        """
        if not 1 <= evse_id <= len(self.evses):
            raise Refused(f"there is no EVSE {evse_id}; the charger has {len(self.evses)}")
        return self.evses[evse_id - 1]

    def status(self, evse_id: int, connector_id: int = 1) -> ConnectorStatus:
        """A connector's status as it is now, reported or not."""
        evse = self.evse(evse_id)
        return self.status_of(evse, evse.connectors[connector_id - 1])

    def status_of(self, evse: Evse, connector: Connector) -> ConnectorStatus:
        """The same of a connector that is at hand."""
        return connector_status(
            evse,
            connector,
            station_operative=self.operative,
            station_broken=self.broken,
            cable_keeps_reserved=self.dialect.cable_keeps_reserved,
        )

    def snapshot(self) -> dict[str, Any]:
        """What is the case, as plain data."""
        return snapshot(self)

    # -- for the parts and the dialect ----------------------------------------------------------------------------

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
            otherwise: called for a CALLERROR, an unusable answer, none in time, or a lost connection.
        """
        if self.uplink.session is None:
            return False
        if then is None and otherwise is None:
            self.uplink.session.enqueue(outgoing.action, dict(outgoing.payload), validate=False)
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
        session = self.uplink.session
        if session is None:
            concluded(SessionClosed("there is no connection"))
            return
        sent = session.enqueue(outgoing.action, dict(outgoing.payload), validate=False)

        def done(future: asyncio.Future[Answer]) -> None:
            if not future.cancelled():
                error = future.exception()
                concluded(future.result() if error is None else _as_exception(error))

        sent.future.add_done_callback(done)

    def note(self, text: str) -> None:
        """Tell the observer something worth reading."""
        self.observer.note(text)

    def time_told(self, current_time: str) -> None:
        """The CSMS has said what time it is."""
        if self.time.follow(current_time):
            self.note(f"the clock follows the CSMS: {clock.timestamp(self.time.now())}")
            self.metering.aligned_interval_changed()

    def registered(self) -> None:
        """The boot has been accepted: report everything, then deliver what waits."""
        self.statuses.send_all()
        self.outbox.flush()

    def usability_changed(self, evse: Evse) -> None:
        """Availability or faults of an EVSE have changed."""
        if not self.cards.acceptable(evse):
            self.cards.withdraw(evse)
        self.cards.usability_changed(evse)
        self.reservations.review()
        self.transactions.refresh(evse)

    # -- events ---------------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self.connect_error = None
        self.observer.fact("connection", {"is": "opened"})
        self.uplink.set_ping_interval(self.settings.integer("websocket_ping_interval"))
        resumed = self.registrar.accepted
        self.registrar.connected()
        if resumed:
            self.outbox.flush()
            if self._was_away_long():
                self.statuses.send_all()
            else:
                self.statuses.connected()

    def _closed(self, reason: str) -> None:
        self.observer.fact("connection", {"is": "closed"})
        self.note(f"disconnected: {reason}")
        self._offline_since = clock.now()
        self.registrar.disconnected()
        self.outbox.disconnected()

    def _failed(self, error: Exception) -> None:
        self.connect_error = error
        self.note(f"cannot connect: {error}")

    def _setting_changed(self, name: str) -> None:
        if name == "heartbeat_interval":
            self.registrar.interval_changed()
        elif name == "meter_value_interval":
            self.metering.sample_interval_changed()
        elif name == "aligned_interval":
            self.metering.aligned_interval_changed()
        elif name == "websocket_ping_interval":
            self.uplink.set_ping_interval(self.settings.integer(name))
        elif name == "cache_lifetime":
            self._apply_cache_lifetime()
        elif name in ("connection_timeout", "master_pass_group"):
            self.cards.settings_changed()

    def _was_away_long(self) -> bool:
        """Whether it was offline for longer than OfflineThreshold (2.0.1 B04.FR.01); 1.6 has no such thing."""
        if self._offline_since is None or self.version is OcppVersion.V16:
            return False
        return clock.now() - self._offline_since > self.settings.integer("offline_threshold")

    def _apply_cache_lifetime(self) -> None:
        seconds = self.settings.integer("cache_lifetime")
        self.cache.lifetime = timedelta(seconds=seconds) if seconds > 0 else None

    def _fill_lists(self) -> None:
        start = self.time.now()
        config = self.config
        if config.local_list_version > 0:
            entries = [ListEntry(IdToken(card), data.result(start)) for card, data in config.local_list.items()]
            self.local_list.update(config.local_list_version, UpdateType.FULL, entries)
        for card, data in config.cache.items():
            self.cache.update(IdToken(card), data.result(start), start)


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else SessionClosed(str(error))
