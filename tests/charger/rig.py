"""A simulated charger of any version on a real loopback WebSocket, under the virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj import Call, CallError, CallResult, Direction, FrameRecord, HandlerError, PeerViolation
from ocpplab_runner.ocppj.websocket import WebSocket, connect
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.csms import Answerer, AnsweringCsms, MindingCsms

V16, V201, V21 = OcppVersion
Payload = dict[str, Any]
#: What the built-in CSMS of :func:`play` knows.
CARDS = {"A": "Accepted", "B": "Blocked", "S": {"status": "Accepted", "parent_id_token": "FLEET"}}


class Rig:
    """One charger and its CSMS; what a test acts on, and what it has seen.

    Attributes:
        given: ``given.charger``.
        version: what both sides speak.
        port: where the charger finds its CSMS.
        csms: answers as the test says, or is the built-in one where ``csms`` is given.
        frames: every frame of the charger's side.
        facts: what the charger said from inside, as (name, fields).
        notes: what it said to whoever reads along.
        violations: what the charger found wrong with its CSMS.
        minded: everything that either side found wrong with the other, as text.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        version: OcppVersion = V16,
        *,
        answers: Mapping[str, Answerer] | None = None,
        cards: Mapping[str, Any] | None = None,
        csms: Mapping[str, Any] | None = None,
        seed: int = 1,
    ) -> None:
        self.given = given
        self.version = version
        self.facts: list[tuple[str, Payload]] = []
        self.notes: list[str] = []
        self.violations: list[PeerViolation] = []
        self.frames: list[FrameRecord] = []
        self.minded: list[str] = []
        self.port = 0
        config = ChargerConfig.from_given(given)
        self.csms: Any = (
            AnsweringCsms(version, answers or {}, cards or {})
            if csms is None
            else MindingCsms(csms, config.identity, self.minded.append, Random(seed + 1))
        )
        self.charger = SimulatedCharger(
            config, version=version, connect=self.connect, observer=self, random=Random(seed)
        )

    async def connect(self) -> WebSocket:
        """Dial the CSMS, as the charger does it."""
        url = f"ws://127.0.0.1:{self.port}/ocpp"
        ws, _ = await connect(url, identity=self.charger.config.identity, versions=[self.version])
        return ws

    # -- the observer of the charger

    def frame(self, record: FrameRecord) -> None:
        self.frames.append(record)
        if record.breach is not None:
            self.minded.append(f"{record.direction}: {record.text}: {record.breach}")

    def violation(self, violation: PeerViolation) -> None:
        self.violations.append(violation)
        self.minded.append(f"CSMS: {violation.code} {violation.description}")

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        self.facts.append((name, dict(fields)))

    def note(self, text: str) -> None:
        self.notes.append(text)

    # -- acting

    async def do(self, command: str, **fields: Any) -> CommandResult:
        """Perform a command and let everything happen that can at this instant."""
        result = await self.charger.perform(command, fields)
        await clock.settled()
        return result

    async def charge(self, card: str = "A", evse_id: int = 1) -> None:
        """Plug and present a card."""
        await self.do("plug_connector", evse_id=evse_id)
        await self.do("authorize_id_tag", id_tag=card, evse_id=evse_id)

    async def call(self, action: str, payload: Mapping[str, Any] | None = None, /, **fields: Any) -> Any:
        """A call of the CSMS, valid or not; returns the payload of its answer, or the CALLERROR."""
        answer = await self.csms.ask(action, {**(payload or {}), **fields})
        await clock.settled()
        return dict(answer.payload) if isinstance(answer, CallResult) else answer

    async def operate(self, operation: str, **fields: Any) -> Payload:
        """A version-neutral operation of the built-in CSMS; returns the answer's payload."""
        answer = await self.csms.perform(operation, fields)
        await clock.settled()
        assert isinstance(answer, CallResult), answer
        return dict(answer.payload)

    async def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)
        await clock.settled()

    @property
    def answers(self) -> dict[str, Answerer]:
        """What a CSMS answers that does so as the test says."""
        answers: dict[str, Answerer] = self.csms.answers
        return answers

    @property
    def session(self) -> Any:
        """The CSMS's side of the connection."""
        return self.csms.session

    # -- looking

    def sent(self, action: str | None = None) -> list[Payload]:
        """Payloads of the calls that the charger has sent, of one action or of all."""
        return [m.payload for m in self.messages() if action is None or m.action == action]

    def messages(self) -> list[Call]:
        """The calls that the charger has sent."""
        return [r.message for r in self.frames if r.direction is Direction.TO_CSMS and isinstance(r.message, Call)]

    def actions(self) -> list[str]:
        """The actions of the calls that the charger has sent."""
        return [message.action for message in self.messages()]

    def statuses(self, place: int = 1) -> list[str]:
        """What a connector of 1.6, or all those of an EVSE in 2.x, have been reported to be."""
        where, what = ("connectorId", "status") if self.version is V16 else ("evseId", "connectorStatus")
        return [payload[what] for payload in self.sent("StatusNotification") if payload[where] == place]

    def events(self) -> list[str]:
        """Each TransactionEvent as ``Started 0 Authorized Charging``, the stop reason at its end."""
        return [_brief(payload) for payload in self.sent("TransactionEvent")]

    def told(self, name: str) -> list[Payload]:
        """The facts of one name."""
        return [fields for fact, fields in self.facts if fact == name]

    def verdicts(self) -> list[str]:
        """What the charger decided by itself."""
        return [f"{fields['via']} {fields['is']}" for fields in self.told("auth_status")]

    def forget(self) -> None:
        """Look only at what happens from now on."""
        self.frames.clear()
        self.facts.clear()


def _brief(event: Payload) -> str:
    info = event["transactionInfo"]
    parts = [event["eventType"], str(event["seqNo"]), event["triggerReason"], info.get("chargingState", "-")]
    if "stoppedReason" in info:
        parts.append(info["stoppedReason"])
    if event.get("offline"):
        parts.append("offline")
    return " ".join(parts)


@asynccontextmanager
async def rig(
    given: Mapping[str, Any] | None = None,
    *,
    start: bool = True,
    version: OcppVersion = V16,
    answers: Mapping[str, Answerer] | None = None,
    cards: Mapping[str, Any] | None = None,
    csms: Mapping[str, Any] | None = None,
    seed: int = 1,
) -> AsyncIterator[Rig]:
    """A charger, started unless told otherwise; leaving checks that nothing of it still runs.

    Args:
        given: ``given.charger``.
        start: False leaves the charger switched off.
        version: what both sides speak.
        answers: what a CSMS answers that does so as the test says, by action.
        cards: what that CSMS knows of cards.
        csms: ``given.csms`` of the built-in CSMS, which is there instead.
        seed: for both sides.
    """
    it = Rig(given or {}, version, answers=answers, cards=cards, csms=csms, seed=seed)
    await it.csms.start()
    it.port = it.csms.port
    if start:
        await it.charger.start()
        await clock.settled()
    try:
        yield it
        await clock.settled()
    finally:
        await it.charger.stop()
        await it.csms.stop()
        await clock.settled()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, left
    wrong = [(r.action, r.breach) for r in it.frames if r.breach and r.direction is Direction.TO_CSMS]
    assert not wrong, f"the charger itself broke the schema: {wrong}"


def play(
    scene: Callable[[Rig], Awaitable[None]],
    *,
    given: Mapping[str, Any] | None = None,
    csms: Mapping[str, Any] | None = None,
    version: OcppVersion = V201,
    seed: int = 1,
    start: bool = True,
    minding: bool = True,
) -> Rig:
    """Run a scene with the built-in CSMS, and see that neither side broke the protocol.

    Args:
        scene: what happens.
        given: ``given.charger``.
        csms: ``given.csms``; the cards of :data:`CARDS` unless it names its own.
        version: what both sides speak.
        seed: for both sides.
        start: False leaves the charger switched off.
        minding: False when the scene breaks the protocol on purpose.
    """

    async def main() -> Rig:
        known = {"id_tokens": CARDS, **(csms or {})}
        async with rig(given, start=start, version=version, csms=known, seed=seed) as it:
            await scene(it)
        return it

    it = clock.run(main())
    assert not minding or it.minded == []
    return it


def error(code: str) -> HandlerError:
    """A CALLERROR for an answer of the CSMS."""
    return HandlerError(code, "as the test says")


def is_error(answer: Any, code: str) -> bool:
    """Whether an answer is a CALLERROR of that code."""
    return isinstance(answer, CallError) and answer.code == code
