"""The bout against the simulated charger: the thrower is its CSMS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj import FrameRecord, PeerViolation
from ocpplab_runner.ocppj.websocket import WebSocket, connect
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance.frame_bout import Bout, Line, silent
from tests.conformance.frame_generator import CARDS
from tests.conformance.frame_oracle import CHARGER, Expected
from tests.conformance.frame_umpire import GARBAGE
from tests.conformance.ocpp_schemas import V16

_TIME = "2026-01-01T00:00:00Z"
#: Programmed answers; the charger is told to misbehave only for calls that the end of the bout does not need.
_REPLIES: tuple[dict[str, Any], ...] = ({"delay": 2}, {"delay": "10s"}, {"silence": True}, {"error": "GenericError"})
_REPLIES += ({"garbage": GARBAGE}, {"patch": {}, "delay": 1})
_FAULTS = ("GroundFailure", "ReaderFailure", "WeakSignal", "ConnectorLockFailure", "OverCurrent")
#: Frames without an accepted boot after which the power is cycled.
_PATIENCE = 60


class _Ears:
    """The charger's observer."""

    def __init__(self, bout: Bout) -> None:
        self._bout = bout

    def violation(self, violation: PeerViolation) -> None:
        self._bout.noted += 1

    def frame(self, record: FrameRecord) -> None: ...
    def note(self, text: str) -> None: ...
    def fact(self, name: str, fields: Mapping[str, Any]) -> None: ...


class ChargerBout(Bout):
    """See :class:`Bout`."""

    _server: Server
    _charger: SimulatedCharger

    def __init__(self, version: OcppVersion, frames: int, seed: int | str) -> None:
        super().__init__(CHARGER, version, frames, seed)
        self._transaction = 0
        self._unbooted = 0
        self._arrived = asyncio.Event()
        self._heartbeats = 0
        self._resetting = False  # a reset may wait until the station is idle, however often it connects anew
        self._resumed = False  # whether the boot counts again once it is clear that the charger does not boot anew

    async def begin(self) -> None:
        self._server = await serve(
            self._accept,
            "127.0.0.1",
            0,
            subprotocols=[Subprotocol(self.version.subprotocol)],
            compression=None,
            ping_interval=None,
            max_size=None,
            logger=silent(),
        )
        port = next(iter(self._server.sockets)).getsockname()[1]

        async def dial() -> WebSocket:
            ws, _ = await connect(f"ws://127.0.0.1:{port}", identity="CP-1", versions=[self.version])
            return ws

        given = {
            "evses": 2,
            "connectors_per_evse": 1 if self.version is V16 else 2,
            "local_list": {"entries": {"LISTED": "Accepted", "BLOCKED": "Blocked"}},
            "cache": {"CACHED": "Accepted"},
            "ev": {"energy_needed_wh": 3000},
        }
        self._charger = SimulatedCharger(
            ChargerConfig.from_given(given),
            version=self.version,
            connect=dial,
            observer=_Ears(self),
            random=Random(self.random.random()),
        )
        await self._charger.start()

    async def _accept(self, ws: ServerConnection) -> None:
        line = self.opened(ws)
        line.excuse = "Reset" if self._resetting else ""
        self._arrived.set()
        await line.reader

    async def connected(self) -> Line | None:
        if self._unbooted > _PATIENCE:
            self._unbooted = 0
            await self._cycle_power()
        if self.line is None:
            self._arrived.clear()
            await self._perform("power", {"state": "on"})
            await self._perform("network", {"state": "up"})
            try:
                async with asyncio.timeout(200):
                    await self._arrived.wait()
            except TimeoutError:
                return None
            self._resumed |= self.umpire.registered
            self.umpire.registered = False
            if self.random.random() < 0.3:  # frames meet a station that has not said its first word
                return self.line
            await clock.settled()
        self.umpire.registered |= self._resumed
        self._resumed = False
        self._unbooted = 0 if self._charger.booted else self._unbooted + 1
        return self.line

    async def act(self) -> None:
        random = self.random
        evse: dict[str, Any] = {"evse_id": random.choice((1, 2))}
        card = {"id_tag": random.choice(CARDS)}
        programmed = random.choice(self._programmable())
        name, fields = random.choice(
            (
                ("plug_connector", evse),
                ("plug_connector", evse),
                ("unplug_connector", evse),
                ("authorize_id_tag", card | evse),
                ("authorize_id_tag", card),
                ("start_session", card | evse),
                ("start_session", {"id_tag": "GOOD", "duration_seconds": 60} | evse),
                ("stop_session", evse),
                ("ev_stops_energy", evse),
                ("ev_requests_energy", evse),
                ("power_update", {"power_w": random.choice((0, 3700, 22000))} | evse),
                ("inject_fault", {"fault_type": random.choice(_FAULTS)} | random.choice((evse, {}))),
                ("clear_fault", {}),
                ("clear_fault", {}),
                ("unlock_connector", evse),
                ("reserve", evse),
                ("charge", evse),
                ("charge", evse),
                ("charge", evse),
                ("network", {"down_for": random.choice((1, 40, 200))}),
                ("power", {"state": "off", "off_for": random.choice((1, 60))}),
                ("charger_reply", {"to": programmed, **random.choice(_REPLIES)}),
            )
        )
        if name == "reserve":
            await self._reserve(evse["evse_id"])
            return
        if name == "charge":
            await self._charge(evse)
            return
        if name in ("network", "power") and self.line is not None:
            self.line.excuse = name
            for _ in range(random.choice((0, 1, 5))):  # frames on their way when it happens
                await self.throw(self.line, self.generator.frame())
        if name == "charger_reply":
            self.umpire.programmed[programmed] += 1
        await self._perform(name, fields)

    async def _perform(self, name: str, fields: dict[str, Any]) -> None:
        try:
            await self._charger.perform(name, fields)
        except Exception as error:
            self.umpire.breach(f"the command {name} {fields} raised {error!r}")

    def _programmable(self) -> list[str]:
        names = ["GetLocalListVersion", "ClearCache", "UnlockConnector", "DataTransfer", "SendLocalList"]
        return [*names, "GetConfiguration" if self.version is V16 else "GetVariables"]

    async def _reserve(self, evse_id: int) -> None:
        number, expiry = self.random.choice((1, 2, 3)), clock.timestamp(clock.utcnow().replace(year=2027))
        if self.version is V16:
            payload = {"connectorId": evse_id, "expiryDate": expiry, "idTag": "GOOD", "reservationId": number}
        else:
            token = {"idToken": "GOOD", "type": "ISO14443"}
            payload = {"id": number, "expiryDateTime": expiry, "idToken": token, "evseId": evse_id}
        if self.line is not None:
            frame = self.generator.call()
            await self.throw(self.line, self.generator.dump([2, frame[1], "ReserveNow", payload]))

    async def _charge(self, evse: dict[str, Any]) -> None:
        """Put everything in order, then begin a session."""
        await self._perform("clear_fault", {})
        if self.line is not None:
            _, message_id, _, _ = self.generator.call()
            payload: dict[str, Any] = {"operationalStatus": "Operative"}
            if self.version is V16:
                payload = {"connectorId": 0, "type": "Operative"}
            await self.throw(self.line, self.generator.dump([2, message_id, "ChangeAvailability", payload]))
            await clock.settled()
        await self._perform("start_session", {"id_tag": "GOOD", **evse})

    async def _cycle_power(self) -> None:
        if self.line is not None:
            self.line.excuse = "power"
        await self._perform("power", {"state": "off"})
        await clock.settled()
        await asyncio.sleep(1)

    def state(self) -> str:
        charger = self._charger
        if not charger.connected:
            return "offline"
        if not charger.booted:
            return "booting"
        if len(charger.context.queue):
            return "catching up"
        seen = charger.snapshot()
        if seen["faults"] or any(c["faults"] for evse in seen["evses"] for c in evse["connectors"]):
            return "faulted"
        if any(evse["transaction"] for evse in seen["evses"]):
            return "charging"
        if any(evse["reservation_id"] is not None for evse in seen["evses"]):
            return "reserved"
        return "plugged" if any(c["plugged"] for evse in seen["evses"] for c in evse["connectors"]) else "idle"

    def took(self, expected: Expected, line: Line) -> None:
        if expected.action == "Reset" and expected.result is not None:
            line.excuse = "Reset"
            self._resetting = True

    def called(self, line: Line, action: str, payload: dict[str, Any]) -> None:
        if action == "BootNotification":
            self.umpire.registered = self._resumed = False
            if "Reset" in payload.get("reason", "Reset"):
                self._resetting = False
        elif action == "Heartbeat":
            self._heartbeats += 1
        elif action == "TransactionEvent":
            self.generator.memory.transactions.append(payload["transactionInfo"]["transactionId"])

    def answered(self, action: str, frame: list[Any]) -> None:
        if action == "BootNotification":
            self.umpire.registered = frame[2]["status"] == "Accepted"

    def good_answer(self, action: str) -> dict[str, Any]:
        random = self.random
        status = "Accepted" if self.calm or random.random() < 0.85 else random.choice(("Blocked", "Invalid", "Expired"))
        match action:
            case "BootNotification":
                boot = "Accepted" if self.calm or random.random() < 0.85 else random.choice(("Pending", "Rejected"))
                return {"status": boot, "currentTime": _TIME, "interval": random.choice((0, 20, 300))}
            case "Heartbeat":
                return {"currentTime": _TIME}
            case "Authorize" | "StartTransaction" if self.version is V16:
                answer: dict[str, Any] = {"idTagInfo": {"status": status}}
                if action == "StartTransaction":
                    self._transaction += 1
                    self.generator.memory.transactions.append(self._transaction)
                    answer["transactionId"] = self._transaction
                return answer
            case "Authorize":
                return {"idTokenInfo": {"status": status}}
            case "StatusNotification" | "MeterValues" | "StopTransaction" | "TransactionEvent":
                return {}
            case _:
                return self.generator.payload(action, answer=True)

    async def still_works(self) -> None:
        await self._perform("network", {"state": "up"})
        await self._perform("power", {"state": "on"})
        if not self._charger.booted:
            await self._cycle_power()
        for _ in range(3):  # it may be on its way back
            line = await self.connected()
            await asyncio.sleep(60)
            await clock.settled()
            if line is None or line.ws.close_code is not None or not self._charger.booted:
                continue
            before, results = self._heartbeats, self.score.results
            trigger = [2, f"last{results}", "TriggerMessage", {"requestedMessage": "Heartbeat"}]
            await self.throw(line, self.generator.dump(trigger))
            await asyncio.sleep(60)
            await clock.settled()
            self.umpire.overdue()
            if self._heartbeats > before and self.score.results > results:
                return
        self.umpire.breach("no longer answers TriggerMessage with a Heartbeat")

    async def end(self) -> None:
        if self.line is not None:
            self.line.excuse = "the end"
        await self._charger.stop()
        self._server.close()
        await self._server.wait_closed()
