"""A CSMS on the loopback, and stations that are nothing but a session: what they send is what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj import Answer, Call, CallResult, HandlerResult, Role, Session, counter_ids
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.ocppj.websocket import WebSocket, connect, pump, sender
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201 = OcppVersion.V16, OcppVersion.V201
BOOT = {
    V16: {"chargePointVendor": "v", "chargePointModel": "m"},
    V201: {"reason": "PowerUp", "chargingStation": {"vendorName": "v", "model": "m"}},
}
BOOT[OcppVersion.V21] = BOOT[V201]
TIME = "2026-01-01T00:00:00.000Z"


class Heard:
    """A CSMS observer that remembers."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, FrameRecord]] = []
        self.violations: list[tuple[str, PeerViolation]] = []
        self.facts: list[tuple[str, str, dict[str, Any]]] = []
        self.notes: list[str] = []

    @property
    def codes(self) -> list[str]:
        """The codes of all violations."""
        return [violation.code for _, violation in self.violations]

    def frame(self, identity: str, record: FrameRecord) -> None:
        self.frames.append((identity, record))

    def violation(self, identity: str, violation: PeerViolation) -> None:
        self.violations.append((identity, violation))

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        self.facts.append((identity, name, dict(fields)))

    def note(self, identity: str, text: str) -> None:
        self.notes.append(f"{identity}: {text}")


class _Deaf:
    def frame(self, record: FrameRecord) -> None: ...
    def violation(self, violation: PeerViolation) -> None: ...


class Station:
    """A connected station. ``answers`` are the payloads for the CSMS's calls by action; ``calls`` what has come."""

    def __init__(self, ws: WebSocket, version: OcppVersion) -> None:
        self.version = version
        self.answers: dict[str, HandlerResult] = {}
        self.calls: list[Call] = []
        self.ws = ws
        self.session = Session(
            version=version,
            role=Role.CHARGER,
            send_text=sender(ws),
            handler=self._handle,
            observer=_Deaf(),
            next_id=counter_ids(),
        )
        self.reader = asyncio.get_running_loop().create_task(pump(ws, self.session))

    def _handle(self, call: Call) -> HandlerResult:
        self.calls.append(call)
        return self.answers.get(call.action, {"status": "Accepted"})

    async def ask(self, action: str, payload: Any = None, **options: Any) -> Answer:
        """Send a call and return its answer, whatever it is."""
        return await self.session.call(action, {} if payload is None else payload, **options)

    async def tell(self, action: str, payload: Any = None) -> dict[str, Any]:
        """Send a call and return its CALLRESULT's payload."""
        answer = await self.ask(action, payload)
        assert isinstance(answer, CallResult), answer
        return dict(answer.payload)

    async def boot(self) -> dict[str, Any]:
        """Send a BootNotification."""
        return await self.tell("BootNotification", BOOT[self.version])

    async def start(self, card: str = "CARD", evse_id: int = 1, **more: Any) -> dict[str, Any]:
        """Begin an OCPP 1.6 transaction."""
        payload = {"connectorId": evse_id, "idTag": card, "meterStart": 0, "timestamp": clock.timestamp(), **more}
        return await self.tell("StartTransaction", payload)

    async def event(
        self, kind: str, transaction_id: str = "tx", seq_no: int = 0, *, card: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Send an OCPP 2.0.1 TransactionEvent."""
        info = {"transactionId": transaction_id, **more.pop("info", {})}
        payload = {
            "eventType": kind,
            "timestamp": TIME,
            "triggerReason": "Authorized",
            "seqNo": seq_no,
            "transactionInfo": info,
            **({} if card is None else {"idToken": {"idToken": card, "type": "ISO14443"}}),
            **more,
        }
        return await self.tell("TransactionEvent", payload)

    async def leave(self) -> None:
        """Close the connection."""
        await self.ws.close()
        await self.reader
        await clock.settled()


class World:
    """The CSMS under test and what it heard."""

    def __init__(self, given: Mapping[str, Any], *, first_csms: bool = True) -> None:
        self.heard = Heard()
        config = CsmsConfig.from_given(given)
        self.csms = BuiltInCsms(config, observer=self.heard, random=Random(1), first_csms=first_csms)
        self.stations: list[Station] = []

    async def station(
        self, version: OcppVersion = V16, identity: str = "CP-1", *, boot: bool = True, password: str | None = None
    ) -> Station:
        """Connect a station, and boot it."""
        url, login = f"ws://127.0.0.1:{self.csms.port}/ocpp", None if password is None else (identity, password)
        ws, picked = await connect(url, identity=identity, versions=[version], basic_auth=login)
        station = Station(ws, picked)
        self.stations.append(station)
        await self.csms.wait_connected(identity)
        if boot:
            await station.boot()
        return station


def play(
    scene: Callable[[World], Awaitable[None]], *, first_csms: bool = True, virtual: bool = True, **given: Any
) -> Heard:
    """Run a scene against a CSMS; afterwards no task is left.

    Args:
        scene: what happens.
        first_csms: see :class:`BuiltInCsms`.
        virtual: whether under the virtual clock.
        given: ``given.csms``.

    Returns:
        What the CSMS heard.
    """

    async def main() -> Heard:
        world = World(given, first_csms=first_csms)
        await world.csms.start()
        try:
            await scene(world)
        finally:
            for station in world.stations:
                await station.leave()
            await world.csms.stop()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return world.heard

    return clock.run(main(), virtual=virtual)
