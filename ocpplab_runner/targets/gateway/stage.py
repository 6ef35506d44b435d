"""One case's world behind a Gateway: its chargers, the CSMS, and taking both down again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, NothingToOperateOn, OperationNotAvailable, StationNotConnected
from ocpplab_runner.gateway.client import Charger, GatewayClient, GatewayError
from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.records import CallFailed, InvalidMessage
from ocpplab_runner.plugin.target import BlockedError, Doubt, InfrastructureError, Outcome, SentCall
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.gateway.evidence import LOG
from ocpplab_runner.targets.gateway.journal import Journal
from ocpplab_runner.targets.gateway.unit import Unit
from ocpplab_runner.targets.token_map import TokenMap

#: Seconds in which what a case has made is unmade; what is left then the run unmakes at its end.
_UNMAKING = 8.0
#: Seconds in which transactions at somebody else's CSMS must end.
_WINDING_UP = 5.0
_CHARGING = ("Charging", "SuspendedEV", "SuspendedEVSE")
_NOT_OURS = "the CSMS is not ours"


class GatewayStage:
    """What a case acts on.

    Args:
        client: the Gateway.
        journal: where it is written down what exists.
        csms: ours, or None.
        tokens: a scenario's cards and the real ones.

    Attributes:
        units: scenario name → charger; filled while the case is set up.
    """

    def __init__(self, client: GatewayClient, journal: Journal, csms: BuiltInCsms | None, tokens: TokenMap) -> None:
        self._client, self._journal, self._csms, self._tokens = client, journal, csms, tokens
        self._made: list[Charger] = []
        self._locations: list[str] = []
        self._complaints: list[str] = []
        self._undo = AsyncExitStack()
        self.units: dict[str, Unit] = {}

    # -- what exists ----------------------------------------------------------------------------------------------

    def made_charger(self, charger: Charger) -> None:
        """A charger exists that must be unmade."""
        self._made.append(charger)
        self._journal.made_charger(charger)

    def made_location(self, location_id: str) -> None:
        """A location exists that must be unmade."""
        self._locations.append(location_id)
        self._journal.made_location(location_id)

    # -- the stage ------------------------------------------------------------------------------------------------

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a command; ``update_id_tokens`` changes what our CSMS knows."""
        if command == "update_id_tokens":
            return self._update_cards(fields)
        unit = self._unit(charger)
        return await unit.perform(command, self._tokens.outwards(fields))

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Let the CSMS do a version-neutral operation."""
        csms, unit = self._require_csms(f"only it can {operation}"), self._unit(charger)
        unit.stirred()
        try:
            sent = csms.operate(unit.charger.identity, operation, fields, raw=raw)
        except OperationNotAvailable as error:
            raise BlockedError(str(error)) from error
        except (StationNotConnected, NothingToOperateOn, InvalidMessage, ValueError) as error:
            raise StepError(f"{operation}: {error}") from error
        return SentCall(sent.message_id, sent.action)

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let the CSMS send any OCPP call."""
        csms, unit = self._require_csms(f"only it can send {action}"), self._unit(charger)
        unit.stirred()
        try:
            sent = csms.call(unit.charger.identity, action, payload, raw=raw)
        except (StationNotConnected, InvalidMessage, ValueError) as error:
            raise StepError(f"{action}: {error}") from error
        return SentCall(sent.message_id, sent.action)

    async def accepted(self, unit: Unit, operation: str, fields: Mapping[str, Any]) -> None:
        """Let the CSMS do an operation while the case is set up.

        Raises:
            InfrastructureError: the charger has not accepted it.
        """
        csms = self._require_csms(f"only it can {operation}")
        try:
            sent = csms.operate(unit.charger.identity, operation, fields)
            answer = await sent.future
        except (CallFailed, StationNotConnected, InvalidMessage, OperationNotAvailable) as error:
            raise InfrastructureError(f"the given state was not reached: {error}", reached=True) from error
        status = None if isinstance(answer, CallError) else answer.payload.get("status")
        if status not in ("Accepted", "Scheduled"):
            shown = f"CALLERROR {answer.code}" if isinstance(answer, CallError) else status
            raise InfrastructureError(
                f"the given state was not reached: {sent.action} was answered {shown}", reached=True
            )

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> None:
        """Set how the CSMS answers that charger's next calls."""
        csms = self._require_csms("its answers cannot be programmed")
        try:
            csms.program(self._unit(charger).charger.identity, rule)
        except ValueError as error:
            raise StepError(f"csms_reply: {error}") from error

    def watermark(self, evidence: str) -> float:
        """Our own sockets do not lag; the log does. A verdict that is not known yet holds everything up."""
        known = min((unit.watched.cards.watermark() for unit in self.units.values()), default=clock.now())
        logs = (unit.log.watermark for unit in self.units.values() if unit.log is not None)
        return min(known, min(logs, default=clock.now()) if evidence == LOG else clock.now())

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """Verdicts that may have been given unseen."""
        doubts = self._unit(charger).watched.cards.doubts(since, until)
        return [replace(doubt, fields=self._tokens.inwards(doubt.fields)) for doubt in doubts]

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have shown."""
        await asyncio.gather(*(unit.settle() for unit in self.units.values()))

    def on_close(self, undo: AsyncExitStack) -> None:
        """What closing does, besides leaving no transaction open."""
        self._undo = undo

    async def close(self) -> Sequence[str]:
        """Unmake what was made, whatever happens on the way."""
        async with self._undo:
            if self._csms is None:
                await self._wind_up()
        return self._complaints

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _wind_up(self) -> None:
        """Leave no transaction open at a CSMS that somebody else runs."""

        async def end(unit: Unit) -> None:
            running = [evse for (evse, _), status in unit.watched.statuses.items() if status in _CHARGING]
            for evse in running:
                await unit.perform("stop_session", {"evse_id": evse})
            if running:
                limit = _WINDING_UP + unit.patience
                await unit.watched.until(lambda: _idle(unit, running), "idle", limit)

        for unit in self.units.values():
            try:
                await end(unit)
            except (InfrastructureError, BlockedError) as error:
                self._complaints.append(f"charger {unit.name}: a transaction may be left open at the CSMS: {error}")

    async def unmake(self) -> None:
        """Delete every charger and location; what cannot be deleted now the run deletes at its end."""
        for unit in self.units.values():
            await unit.stop()

        async def charger(made: Charger) -> None:
            await self._client.delete(made)
            self._journal.unmade(made.id)

        async def location(location_id: str) -> None:
            await self._client.delete_location(location_id)
            self._journal.unmade(location_id)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_UNMAKING):
                for things in (map(charger, self._made), map(location, self._locations)):
                    for error in await asyncio.gather(*things, return_exceptions=True):
                        if isinstance(error, BaseException) and not isinstance(error, GatewayError):
                            raise error

    def _update_cards(self, fields: Mapping[str, Any]) -> Outcome:
        csms = self._require_csms("what it knows of cards cannot be changed")
        for card, data in fields.items():
            try:
                csms.set_id_token(card, data)
            except ValueError as error:
                raise StepError(f"update_id_tokens: {error}") from error
        return Outcome()

    def _require_csms(self, but: str) -> BuiltInCsms:
        if self._csms is None:
            raise BlockedError(f"{_NOT_OURS}; {but}")
        return self._csms

    def _unit(self, charger: str) -> Unit:
        try:
            return self.units[charger]
        except KeyError:
            raise ValueError(f"there is no charger {charger!r}") from None


def _idle(unit: Unit, evses: Sequence[int]) -> bool:
    return all(unit.watched.status(evse) not in _CHARGING for evse in evses)
