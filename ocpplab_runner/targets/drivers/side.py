"""A CSMS that is not ours and has a driver: what a stage asks of it, and finding the calls that it makes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.csms import NoAddressKnown, NothingToOperateOn, OperationNotAvailable
from ocpplab_runner.csms.shadow import Shadow
from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.ocppj.records import InvalidMessage
from ocpplab_runner.plugin.csms_driver import BEGIN_CASE, CsmsDriver, CsmsOrder, OrderRefusedError
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Outcome, Recorder, SentCall
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion

Fields = Mapping[str, Any]
#: Answers to an operation that bring a state about.
_TAKEN = frozenset({"Accepted", "Scheduled"})
_CALL = "csms_call"


@dataclass(slots=True)
class _Station:
    """One charger of a case, as its CSMS sees it.

    Attributes:
        shadow: what our own CSMS would send.
        interpreter: reads its frames.
        running: its transactions, the latest last: id → EVSE.
        taking: held while a call of the CSMS is looked for: two of a kind could not be told apart.
        calls: those that have come and that nobody has claimed.
        open: message id → the payload of a call that the charger has not answered.
        answers: message id → the status that the charger has answered, or its CALLERROR.
        stirred: set when one has come.
    """

    shadow: Shadow
    interpreter: Interpreter
    running: dict[int | str, int | None] = field(default_factory=dict)
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    calls: list[SentCall] = field(default_factory=list)
    open: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)


class DrivenSide:
    """Somebody else's CSMS, asked to act through a driver. Made on a running event loop, for one case.

    Args:
        driver: the way to it.
        version: of the case.
        tokens: the scenario's cards and the real ones.
    """

    def __init__(self, driver: CsmsDriver, version: OcppVersion, tokens: TokenMap) -> None:
        self._driver = driver
        self._tokens = tokens
        self._version = version
        self._stations: dict[str, _Station] = {}

    def hear_of(self, identities: Mapping[str, str]) -> Recorder:
        """Serve chargers: scenario name → identity; the result hears what is observed of them."""
        self._stations = {
            identity: _Station(Shadow(identity, self._version), Interpreter(self._version))
            for identity in identities.values()
        }

        def hear(observation: Observation) -> None:
            if observation.charger in identities:
                _hear(self._stations[identities[observation.charger]], observation)

        return hear

    async def begin(self, csms: Fields, own_heartbeat: Sequence[str]) -> None:
        """Begin a case with what ``given.csms`` says; raises BlockedError, InfrastructureError, StepError."""
        fields = {"stations": list(self._stations), "csms": dict(csms), "own_heartbeat": list(own_heartbeat)}
        first = next(iter(self._stations))
        await self._told(CsmsOrder(station=first, version=self._version, operation=BEGIN_CASE, fields=fields))

    async def operate(self, identity: str, operation: str, fields: Fields, *, raw: bool = False) -> SentCall:
        """Let it do a version-neutral operation."""
        return await self._operate(identity, operation, self._tokens.outwards(fields), raw=raw)

    async def _operate(self, identity: str, operation: str, fields: Fields, *, raw: bool = False) -> SentCall:
        station = self._stations[identity]
        try:
            action, payload = station.shadow.request(operation, fields, running=station.running.items(), raw=raw)
        except OperationNotAvailable as error:
            raise BlockedError(str(error)) from error
        except NoAddressKnown as error:
            raise BlockedError(f"{operation}: {error}") from error
        except (NothingToOperateOn, InvalidMessage, ValueError) as error:
            raise StepError(f"{operation}: {error}") from error
        if operation not in self._driver.operations:
            operation, fields = _CALL, {"action": action, "payload": payload}
        return await self._call(identity, operation, fields, action, payload, raw=raw)

    async def call(self, identity: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let it send any OCPP call."""
        payload = self._tokens.call(action, payload)
        fields = {"action": action, "payload": payload}
        return await self._call(identity, _CALL, fields, action, payload, raw=raw)

    async def demand(self, identity: str, operation: str, fields: Fields) -> None:
        """Let it do an operation while a case is set up."""
        try:
            sent = await self._operate(identity, operation, fields)
        except StepError as error:
            raise InfrastructureError(f"the given state was not reached: {error}", reached=True) from error
        station = self._stations[identity]
        status = await self._until(station, lambda: station.answers.get(sent.message_id))
        if status not in _TAKEN:
            said = "not answered" if status is None else f"answered {status}"
            raise InfrastructureError(f"the given state was not reached: {sent.action} was {said}", reached=True)

    def program(self, identity: str, rule: Fields) -> Awaitable[None]:
        """Set how it answers that charger's next calls."""
        order = CsmsOrder(station=identity, version=self._version, operation="csms_reply", fields=rule)
        return asyncio.ensure_future(self._told(order))

    async def perform(self, command: str, fields: Fields) -> Outcome:
        """Change what it knows of cards, take it out of service, or put it back."""
        if command == "update_id_tokens":
            fields = self._tokens.outwards({"entries": fields})["entries"]
        first = next(iter(self._stations))
        await self._told(CsmsOrder(station=first, version=self._version, operation=command, fields=fields))
        return Outcome()

    async def _told(self, order: CsmsOrder) -> None:
        try:
            await self._driver.perform(order)
        except OrderRefusedError as error:
            raise StepError(str(error)) from error

    async def _call(
        self, identity: str, operation: str, fields: Fields, action: str, payload: Any, *, raw: bool
    ) -> SentCall:
        station = self._stations[identity]
        order = CsmsOrder(
            station=identity,
            version=self._version,
            operation=operation,
            fields=fields,
            action=action,
            payload=payload,
            raw=raw,
        )
        async with station.taking:
            # What the CSMS has sent unasked until now is not what it is asked for.
            station.calls.clear()
            try:
                message_id = await self._driver.perform(order)
            except OrderRefusedError as error:
                raise StepError(str(error)) from error
            if message_id is not None:
                return SentCall(message_id, action)
            found: SentCall | None = await self._until(
                station, lambda: next((one for one in station.calls if one.action == action), None)
            )
        if found is None:
            raise InfrastructureError(
                f"the CSMS has taken {operation} on, and {identity} got no {action} within {self._driver.limit:g} s",
                reached=True,
            )
        return found

    async def _until(self, station: _Station, look: Callable[[], Any]) -> Any:
        """What ``look`` finds, as soon as it does; None when it does not within the driver's limit."""
        try:
            async with asyncio.timeout(self._driver.limit):
                while (found := look()) is None:
                    station.stirred.clear()
                    await station.stirred.wait()
        except TimeoutError:
            return None
        return found


def _hear(station: _Station, observation: Observation) -> None:
    fields = observation.fields
    if observation.kind != "frame":
        return
    kind, direction, message_id = fields.get("type"), fields.get("direction"), str(fields.get("message_id"))
    if kind == "call" and direction == "to_charger":
        station.calls.append(SentCall(message_id, observation.name))
        station.open[message_id] = fields.get("payload")
        station.shadow.heard(observation.name, fields.get("payload"))
    elif kind in ("result", "error") and direction == "to_csms":
        payload, asked = fields.get("payload"), station.open.pop(message_id, None)
        if kind == "result":
            station.shadow.replied(observation.name, asked, payload)
        status = payload.get("status", "Accepted") if kind == "result" and isinstance(payload, Mapping) else None
        station.answers[message_id] = status or f"CALLERROR {fields.get('error_code')}"
    for shown in station.interpreter.read(observation.name, fields, answerable=observation.answerable):
        if shown.name == "transaction":
            _follow(station.running, shown.fields)
    station.stirred.set()


def _follow(running: dict[int | str, int | None], fact: Fields) -> None:
    transaction_id = fact.get("transaction_id")
    if transaction_id is None:
        return
    if fact.get("is") == "ended":
        running.pop(transaction_id, None)
    elif fact.get("is") == "started" or transaction_id in running:
        running[transaction_id] = fact.get("evse_id", running.get(transaction_id))
