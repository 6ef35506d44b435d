"""A simulated charger on a real loopback WebSocket, and a small CSMS that answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj import (
    Answer,
    Call,
    CallError,
    CallResult,
    Direction,
    FrameRecord,
    HandlerError,
    PeerViolation,
    Role,
    Session,
    counter_ids,
)
from ocpplab_runner.ocppj.websocket import Connection, WebSocket, connect, pump, sender, serve
from ocpplab_runner.vocabulary.versions import OcppVersion

Answerer = Mapping[str, Any] | Exception | Callable[[Call], Any]


class _Quiet:
    def frame(self, record: FrameRecord) -> None:
        pass

    def violation(self, violation: PeerViolation) -> None:
        pass


class Rig:
    """One charger and its CSMS; what happened is in ``log``, ``facts``, ``notes`` and ``violations``."""

    def __init__(self, given: Mapping[str, Any], version: OcppVersion, answers: Mapping[str, Answerer]) -> None:
        self.version = version
        self.answers: dict[str, Answerer] = {**_ANSWERS, **answers}
        self.cards: dict[str, Any] = {}
        self.facts: list[tuple[str, dict[str, Any]]] = []
        self.notes: list[str] = []
        self.violations: list[PeerViolation] = []
        self.frames: list[FrameRecord] = []
        self.session: Session | None = None
        self.transactions = 0
        self.given = given
        self.port = 0
        self.charger: SimulatedCharger

    # -- the observer of the charger
    def frame(self, record: FrameRecord) -> None:
        self.frames.append(record)

    def violation(self, violation: PeerViolation) -> None:
        self.violations.append(violation)

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

    async def call(self, action: str, **payload: Any) -> Any:
        """A call of the CSMS; returns the payload of its answer, or the CALLERROR."""
        assert self.session is not None
        answer: Answer = await self.session.call(action, payload, validate=False)
        await clock.settled()
        return answer.payload if isinstance(answer, CallResult) else answer

    async def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)
        await clock.settled()

    # -- looking
    def sent(self, action: str | None = None) -> list[dict[str, Any]]:
        """Payloads of the calls that the charger has sent, of one action or of all."""
        return [m.payload for m in self.messages() if action is None or m.action == action]

    def messages(self) -> list[Call]:
        """The calls that the charger has sent."""
        return [r.message for r in self.frames if r.direction is Direction.TO_CSMS and isinstance(r.message, Call)]

    def actions(self) -> list[str]:
        """The actions of the calls that the charger has sent."""
        return [message.action for message in self.messages()]

    def statuses(self, connector: int = 1) -> list[str]:
        """The 1.6 statuses that a connector has reported."""
        return [p["status"] for p in self.sent("StatusNotification") if p["connectorId"] == connector]

    def told(self, name: str) -> list[dict[str, Any]]:
        """The facts of one name."""
        return [fields for fact, fields in self.facts if fact == name]

    def forget(self) -> None:
        """Look only at what happens from now on."""
        self.frames.clear()
        self.facts.clear()

    # -- the CSMS
    async def accept(self, connection: Connection) -> None:
        session = Session(
            version=connection.version,
            role=Role.CSMS,
            send_text=sender(connection.ws),
            handler=self._answer,
            observer=_Quiet(),
            next_id=counter_ids("csms-"),
        )
        self.session = session
        await pump(connection.ws, session)

    def _answer(self, call: Call) -> Any:
        answer = self.answers.get(call.action, {})
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(call)
        if call.action == "Authorize":
            return {"idTagInfo": self.info(call.payload["idTag"])}
        if call.action == "StartTransaction":
            self.transactions += 1
            return {"transactionId": self.transactions, "idTagInfo": self.info(call.payload["idTag"])}
        return dict(answer)

    def info(self, id_tag: str) -> dict[str, Any]:
        """What the CSMS knows of a card: a status, or an IdTagInfo."""
        known = self.cards.get(id_tag, "Accepted")
        return {"status": known} if isinstance(known, str) else dict(known)

    async def connect(self) -> WebSocket:
        url = f"ws://127.0.0.1:{self.port}/ocpp"
        ws, _ = await connect(url, identity=self.charger.config.identity, versions=[self.version])
        return ws


_ANSWERS: dict[str, Answerer] = {
    "BootNotification": lambda _: {"status": "Accepted", "currentTime": clock.timestamp(), "interval": 0},
    "Heartbeat": lambda _: {"currentTime": clock.timestamp()},
    "DataTransfer": {"status": "Accepted"},
}


@asynccontextmanager
async def rig(
    given: Mapping[str, Any] | None = None,
    *,
    start: bool = True,
    version: OcppVersion = OcppVersion.V16,
    answers: Mapping[str, Answerer] | None = None,
    cards: Mapping[str, Any] | None = None,
) -> AsyncIterator[Rig]:
    """A charger, started unless told otherwise; leaving checks that nothing of it still runs."""
    it = Rig(given or {}, version, answers or {})
    it.cards.update(cards or {})
    server = await serve("127.0.0.1", 0, versions=[version], on_connection=it.accept)
    it.port = server.sockets[0].getsockname()[1]
    it.charger = SimulatedCharger(
        ChargerConfig.from_given(it.given), version=version, connect=it.connect, observer=it, random=Random(1)
    )
    if start:
        await it.charger.start()
        await clock.settled()
    try:
        yield it
    finally:
        await it.charger.stop()
        server.close()
        await server.wait_closed()
        await clock.settled()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, left
    wrong = [(r.action, r.breach) for r in it.frames if r.breach and r.direction is Direction.TO_CSMS]
    assert not wrong, f"the charger itself broke the schema: {wrong}"


def error(code: str) -> HandlerError:
    """A CALLERROR for an answer of the CSMS."""
    return HandlerError(code, "as the test says")


def is_error(answer: Any, code: str) -> bool:
    """Whether an answer is a CALLERROR of that code."""
    return isinstance(answer, CallError) and answer.code == code
