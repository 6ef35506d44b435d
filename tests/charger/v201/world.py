"""A simulated 2.0.1 charger and the built-in CSMS on the loopback, under the virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj.frames import Call, CallError, CallResult
from ocpplab_runner.ocppj.records import Direction, FrameRecord, PeerViolation
from ocpplab_runner.ocppj.websocket import WebSocket, connect
from ocpplab_runner.vocabulary.versions import OcppVersion

V201 = OcppVersion.V201
Payload = dict[str, Any]


class World:
    """What a test acts on, and what it has seen.

    Attributes:
        frames: every frame of the charger's side.
        facts: what the charger said from inside, as (name, fields).
        breaches: everything that either side found wrong with the other.
    """

    def __init__(self, given: Mapping[str, Any], csms: Mapping[str, Any], seed: int) -> None:
        self.frames: list[FrameRecord] = []
        self.facts: list[tuple[str, Mapping[str, Any]]] = []
        self.breaches: list[str] = []
        self.notes: list[str] = []
        self.csms = BuiltInCsms(CsmsConfig.from_given(csms), observer=_CsmsEars(self), random=Random(seed))
        self.charger = SimulatedCharger(
            ChargerConfig.from_given(given), version=V201, connect=self._connect, observer=self, random=Random(seed + 1)
        )

    async def _connect(self) -> WebSocket:
        url = f"ws://127.0.0.1:{self.csms.port}"
        ws, _ = await connect(url, identity="CP-1", versions=[V201], basic_auth=None)
        return ws

    # -- the charger's observer -------------------------------------------------------------------------------------

    def frame(self, record: FrameRecord) -> None:
        self.frames.append(record)
        if record.breach is not None:
            self.breaches.append(f"{record.direction}: {record.text}: {record.breach}")

    def violation(self, violation: PeerViolation) -> None:
        self.breaches.append(f"CSMS: {violation.code} {violation.description}")

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        self.facts.append((name, fields))

    def note(self, text: str) -> None:
        self.notes.append(text)

    # -- acting -----------------------------------------------------------------------------------------------------

    async def do(self, command: str, **fields: Any) -> CommandResult:
        """A command, until nothing more happens at this instant."""
        result = await self.charger.perform(command, fields)
        await clock.settled()
        return result

    async def operate(self, operation: str, **fields: Any) -> Payload:
        """A version-neutral operation of the CSMS; returns the answer's payload."""
        sent = self.csms.operate("CP-1", operation, fields)
        answer = await sent.future
        await clock.settled()
        assert isinstance(answer, CallResult), answer
        return dict(answer.payload)

    async def call(self, action: str, payload: Payload) -> Any:
        """Any call of the CSMS; returns the answer's payload, or the code of its CALLERROR."""
        answer = await self.csms.call("CP-1", action, payload).future
        await clock.settled()
        return answer.code if isinstance(answer, CallError) else dict(answer.payload)

    async def charge(self, card: str = "A", evse_id: int = 1) -> None:
        """Plug and present a card."""
        await self.do("plug_connector", evse_id=evse_id)
        await self.do("authorize_id_tag", id_tag=card, evse_id=evse_id)

    # -- seeing -----------------------------------------------------------------------------------------------------

    def sent(self, action: str) -> list[Payload]:
        """Payloads of the charger's calls of that action."""
        return [
            record.message.payload
            for record in self.frames
            if record.direction is Direction.TO_CSMS and isinstance(record.message, Call) and record.action == action
        ]

    @property
    def statuses(self) -> list[str]:
        """connectorStatus of each StatusNotification."""
        return [payload["connectorStatus"] for payload in self.sent("StatusNotification")]

    @property
    def events(self) -> list[str]:
        """Each TransactionEvent as ``Started 0 Authorized Charging``, the stop reason at its end."""
        return [brief(payload) for payload in self.sent("TransactionEvent")]

    def verdicts(self) -> list[str]:
        """What the charger decided by itself."""
        return [f"{fields['via']} {fields['is']}" for name, fields in self.facts if name == "auth_status"]


class _CsmsEars:
    def __init__(self, world: World) -> None:
        self._world = world

    def frame(self, identity: str, record: FrameRecord) -> None: ...

    def violation(self, identity: str, violation: PeerViolation) -> None:
        self._world.breaches.append(f"charger: {violation.code} {violation.description}")

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None: ...

    def note(self, identity: str, text: str) -> None: ...


def brief(event: Payload) -> str:
    """A TransactionEvent in short."""
    info = event["transactionInfo"]
    parts = [event["eventType"], str(event["seqNo"]), event["triggerReason"], info.get("chargingState", "-")]
    if "stoppedReason" in info:
        parts.append(info["stoppedReason"])
    if event.get("offline"):
        parts.append("offline")
    return " ".join(parts)


CARDS = {"A": "Accepted", "B": "Blocked", "S": {"status": "Accepted", "parent_id_token": "FLEET"}}


def play(
    scene: Callable[[World], Awaitable[None]],
    *,
    given: Mapping[str, Any] | None = None,
    csms: Mapping[str, Any] | None = None,
    seed: int = 1,
    start: bool = True,
    breaches: bool = False,
) -> World:
    """Run a scene with a charger that has booted, and see that nobody broke the protocol.

    Args:
        scene: what happens.
        given: ``given.charger``.
        csms: ``given.csms``; the cards of :data:`CARDS` unless it names its own.
        seed: for both sides.
        start: False leaves the charger switched off.
        breaches: True when the scene breaks the protocol on purpose.
    """

    async def main() -> World:
        world = World(given or {}, {"id_tokens": CARDS, **(csms or {})}, seed)
        await world.csms.start()
        try:
            if start:
                await world.charger.start()
                await clock.settled()
            await scene(world)
            await clock.settled()
        finally:
            await world.charger.stop()
            await world.csms.stop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others, others
        return world

    world = clock.run(main())
    assert breaches or world.breaches == []
    return world
