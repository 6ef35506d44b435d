"""The bout against the built-in CSMS: the thrower is its charging station."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from random import Random
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig, NothingToOperateOn, OperationNotAvailable, StationNotConnected
from ocpplab_runner.ocppj import FrameRecord, PeerViolation
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance.frame_bout import Bout, Line, samples_fit, silent
from tests.conformance.frame_generator import CARDS
from tests.conformance.frame_oracle import CSMS, Expected, goes_to
from tests.conformance.frame_umpire import GARBAGE

IDENTITY = "CP-1"
_REPLIES: tuple[dict[str, Any], ...] = (
    *(
        {"delay": 2},
        {"delay": "10s"},
        {"silence": True},
        {"error": "GenericError"},
        {"garbage": GARBAGE},
        {"patch": {}},
    ),
)
_STATUSES = ("Accepted", "Blocked", "Expired", {"status": "Accepted", "parent_id_token": "GROUP", "expires_in": "1h"})


class _Ears:
    """The CSMS's observer."""

    def __init__(self, bout: Bout) -> None:
        self._bout = bout

    def violation(self, identity: str, violation: PeerViolation) -> None:
        self._bout.noted += 1

    def frame(self, identity: str, record: FrameRecord) -> None: ...
    def note(self, identity: str, text: str) -> None: ...
    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None: ...


class CsmsBout(Bout):
    """See :class:`Bout`."""

    _csms: BuiltInCsms

    def __init__(self, version: OcppVersion, frames: int, seed: int | str) -> None:
        super().__init__(CSMS, version, frames, seed)

    async def begin(self) -> None:
        given = {
            "id_tokens": {"GOOD": "Accepted", "LISTED": "Accepted", "BLOCKED": "Blocked"},
            "boot": {"status": "Pending", "interval": 5, "times": 2},
            "heartbeat_interval": 60,
        }
        self._csms = BuiltInCsms(
            CsmsConfig.from_given(given), observer=_Ears(self), random=Random(self.random.random())
        )
        await self._csms.start()

    async def connected(self) -> Line | None:
        return self.line or await self._connect()

    async def _connect(self) -> Line:
        ws = await connect(
            f"ws://127.0.0.1:{self._csms.port}/{IDENTITY}",
            subprotocols=[Subprotocol(self.version.subprotocol)],
            compression=None,
            ping_interval=None,
            max_size=None,
            proxy=None,
            logger=silent(),
        )
        line = self.opened(ws)
        await self._csms.wait_connected(IDENTITY)
        return line

    async def act(self) -> None:
        random = self.random
        if not self.umpire.registered and random.random() < 0.5:
            await self._boot()
            return
        match random.randrange(11):
            case 0:
                await self._leave()
            case 1 if self.line is not None:  # it connects anew while the CSMS still holds the old connection
                self.line.excuse = "replaced"
                await self._connect()
            case 2:
                await self._boot()
            case 3:
                self._csms.set_id_token(random.choice(CARDS), random.choice(_STATUSES))
            case 4 | 5:
                action = random.choice(goes_to(CSMS, self.version))
                if action not in ("BootNotification", "Heartbeat"):  # they are needed at the end
                    self._csms.program(IDENTITY, {"to": action, **random.choice(_REPLIES)})
                    self.umpire.programmed[action] += 1
            case _:
                self._call()

    async def _boot(self) -> None:
        if self.line is not None:
            _, message_id, _, _ = self.generator.call()
            payload = self.generator.payload("BootNotification")
            await self.throw(self.line, self.generator.dump([2, message_id, "BootNotification", payload]))

    async def _leave(self) -> None:
        line = self.line
        if line is None:
            return
        line.excuse = "the thrower left"
        for _ in range(self.random.choice((0, 3))):
            await self.throw(line, self.generator.frame())
        if self.random.random() < 0.5:
            transport: Any = line.ws.transport
            transport.abort()
        else:
            await line.ws.close()
        await clock.settled()

    def _call(self) -> None:
        """The CSMS calls the station, mostly several times, so that calls queue up."""
        random = self.random
        for _ in range(random.choice((1, 1, 3))):
            fields: dict[str, Any] = {
                "evse_id": random.choice((1, 2)),
                "id_tag": random.choice(CARDS),
                "type": "hard",
                "version": 2,
            }
            fields |= {"status": "Operative", "settings": ["heartbeat_interval"], "vendor_id": "v", "reservation_id": 1}
            operation = random.choice(
                ("remote_start", "remote_stop", "unlock", "clear_cache", "get_local_list_version")
            )
            operation = random.choice((operation, "change_availability", "cancel_reservation", "reserve_now"))
            action = random.choice([a for a in goes_to("charger", self.version) if a != "TriggerMessage"])
            payload = self.generator.payload(action)
            try:
                if random.random() < 0.5:
                    self._csms.operate(IDENTITY, operation, fields)
                elif samples_fit(self.version, action, payload):
                    self._csms.call(IDENTITY, action, payload)
            except (StationNotConnected, NothingToOperateOn, OperationNotAvailable):
                pass
            except Exception as error:
                self.umpire.breach(f"calling {operation} or {action} {payload} raised {error!r}")

    def state(self) -> str:
        station = self._csms.stations.get(IDENTITY)
        if station is None or not station.connected:
            return "gone"
        if station.session is not None and station.session.outstanding is not None:
            return "calling"
        if station.registration != "Accepted":
            return "unregistered"
        return "in transaction" if station.running_transactions else "registered"

    def took(self, expected: Expected, line: Line) -> None:
        if expected.action == "BootNotification":
            self.umpire.registered = False

    def got(self, expected: Expected, payload: dict[str, Any]) -> None:
        if expected.action == "BootNotification":
            self.umpire.registered = payload["status"] == "Accepted"
        elif expected.action == "StartTransaction":
            self.generator.memory.transactions.append(payload["transactionId"])

    def good_answer(self, action: str) -> dict[str, Any]:
        return self.generator.payload(action, answer=True)

    async def still_works(self) -> None:
        await self._leave()
        line = await self._connect()
        for number in range(4):  # the first boots may be answered Pending
            results = self.score.results
            boot = self.generator.payload("BootNotification")
            await self.throw(line, self.generator.dump([2, f"boot{number}", "BootNotification", boot]))
            await clock.settled()
            await self.throw(line, self.generator.dump([2, f"beat{number}", "Heartbeat", {}]))
            await asyncio.sleep(30)
            await clock.settled()
            if self.score.results == results + 2 and self.umpire.registered:
                break
        else:
            self.umpire.breach("no longer answers BootNotification and Heartbeat")
        self.umpire.overdue()

    async def end(self) -> None:
        line = self.line
        if line is not None:
            line.excuse = "the end"
            with contextlib.suppress(ConnectionClosed):
                await line.ws.close()
            await line.reader
        await self._csms.stop()
