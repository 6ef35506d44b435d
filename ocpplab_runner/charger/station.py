"""The simulated charging station: its blocks put together, and its face to the rooms above."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from ocpplab_runner.charger.assembly import command, make_blocks, triggers_of, vendor_messages_of
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.backoff import BackOff
from ocpplab_runner.charger.core.connection import Connect, Connection
from ocpplab_runner.charger.core.context import ChargerObserver, Context
from ocpplab_runner.charger.core.diagnostics_log import DiagnosticsLog
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.dispatch import Dispatch
from ocpplab_runner.charger.core.events import Connected, ConnectFailed, Disconnected
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import CommandResult, Refused, Transaction
from ocpplab_runner.charger.core.power import PowerSupply
from ocpplab_runner.charger.core.services.security import SECURITY
from ocpplab_runner.charger.core.services.station import (
    CONFIGURATION,
    DIAGNOSTICS_LOG,
    REGISTRATION,
    REPLIES,
    SUPPLY,
    TRIGGERS,
    VENDOR_MESSAGES,
)
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.snapshot import snapshot
from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.ids import uuid_ids
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion


class SimulatedCharger:
    """A charging station in software. Made inside a running event loop, off until :meth:`start`.

    Args:
        config: what it is made of.
        version: the OCPP version that it speaks.
        connect: opens a WebSocket to its CSMS with that version negotiated; called for each attempt.
        observer: hears of everything.
        random: the only source of randomness; gives message ids.
        call_timeout: seconds that it waits for an answer.

    Attributes:
        context: what its blocks see of it.
        blocks: each of its functional blocks.
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
        #: Why the last attempt to connect failed; None after one that did not.
        self.connect_error: Exception | None = None
        next_id = uuid_ids(random)
        log = DiagnosticsLog(observer)
        # Dispatch and back-off need the context, and that the connection: they are asked for when they are needed.
        connection = Connection(
            connect=connect,
            version=version,
            handler=lambda call: self._dispatch.handle(call),
            observer=log,
            next_id=next_id,
            pause=lambda attempts: self._backoff.pause(attempts),
            call_timeout=call_timeout,
            opened=self._opened,
            closed=self._closed,
            failed=self._failed,
        )
        self.context = Context(config, version, log, connection, next_id)
        self._backoff = BackOff(self.context.variables, config.reconnect, random)
        self._supply = PowerSupply(self.context)
        self.blocks = make_blocks(self.context)
        self._dispatch = Dispatch(self.context, self.blocks)
        self.context.offer(SUPPLY, self._supply)
        self.context.offer(DIAGNOSTICS_LOG, log)
        self.context.offer(REPLIES, self._dispatch)
        self.context.offer(TRIGGERS, triggers_of(self.blocks))
        self.context.offer(VENDOR_MESSAGES, vendor_messages_of(self.blocks))
        for block in self.blocks:
            self.context.variables.declare(block.variables())
        for block in self.blocks:
            block.assembled()
        # Last: it can only be set once it is declared, and blocks act on what is set.
        for key, value in config.configuration.items():
            try:
                self.context.ask(CONFIGURATION).set_raw(key, value)
            except Refused as refusal:
                raise ValueError(f"given.charger.configuration: {refusal}") from None

    async def start(self) -> None:
        """Switch the power on; returns when the first attempt to connect has begun, not when the boot is accepted."""
        if not self.powered:
            self._supply.switch_on()
        await asyncio.sleep(0)

    def resume(self) -> None:
        """Go on where an earlier process has stopped: connect, and boot not."""
        self._supply.resume()

    async def stop(self) -> None:
        """Close everything in good order; nothing of the station runs any more."""
        self.fall_silent()
        await self._supply.close()
        await self.context.connection.close()

    def fall_silent(self) -> None:
        """Begin nothing more by itself; calls that are open are still answered."""
        self.context.timers.stop_all()
        for block in self.blocks:
            block.stop()
        self.context.queue.stop()

    async def perform(self, name: str, fields: Mapping[str, Any], *, raw: bool = False) -> CommandResult:
        """Do a charger or world command with the fields of ``docs/language.md``.

        Args:
            name: of the command.
            fields: its fields.
            raw: let payloads and tokens that break the schema through.

        Returns:
            ``done``, or ``refused`` with the reason when it makes no sense in the present state.

        Raises:
            ValueError: there is no such command.
        """
        wanted = command(name)
        try:
            if not wanted.without_power:
                if self.restarting:
                    raise Refused("the charger restarts")
                if not self.powered:
                    raise Refused("the charger has no power")
            return CommandResult(detail=wanted.carry_out(self.context, fields, raw) or {})
        except Refused as refusal:
            return CommandResult("refused", reason=str(refusal))

    @property
    def booted(self) -> bool:
        """Whether the CSMS has accepted the present boot."""
        return self.context.ask(REGISTRATION).accepted

    @property
    def powered(self) -> bool:
        """Whether it has power and is not restarting."""
        return self.context.powered

    @property
    def restarting(self) -> bool:
        """Whether it is on its way down and up again."""
        return self.context.restarting

    @property
    def dial(self) -> Dial:
        """What its next connection is opened with."""
        return self.context.ask(SECURITY).dial()

    @property
    def connected(self) -> bool:
        """Whether a WebSocket is open."""
        return self.context.connection.session is not None

    @property
    def online(self) -> bool:
        """Whether the station may send: connected, and the boot accepted."""
        return self.context.online

    @property
    def busy(self) -> bool:
        """Whether a call of its own on this connection is not answered yet, or waits for its turn."""
        session = self.context.connection.session
        return session is not None and (session.outstanding is not None or session.queued > 0)

    @property
    def evses(self) -> tuple[Evse, ...]:
        """Its EVSEs, by EVSE id less one."""
        return self.context.equipment.evses

    @property
    def running(self) -> list[Transaction]:
        """The transactions that run."""
        return self.context.ask(TRANSACTIONS).running()

    def status(self, evse_id: int, connector_id: int = 1) -> ConnectorStatus:
        """A connector's status as it is now, reported or not.

        Raises:
            Refused: there is no such EVSE.
        """
        evse = self.context.equipment.evse(evse_id)
        return self.context.equipment.status(evse, evse.connectors[connector_id - 1])

    def snapshot(self) -> dict[str, Any]:
        """What is the case, as plain data."""
        return snapshot(self.context, self.blocks)

    def _opened(self) -> None:
        self.connect_error = None
        self.context.fact("connection", {"is": "opened"})
        self.context.events.tell(Connected())

    def _closed(self, end: Ended) -> None:
        self.context.fact("connection", {"is": "closed", **end.fields})
        self.context.events.tell(Disconnected())
        self.context.queue.disconnected()

    def _failed(self, error: Exception) -> None:
        self.connect_error = error
        self.context.note(f"cannot connect: {error}")
        self.context.events.tell(ConnectFailed(error))
