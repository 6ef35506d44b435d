"""A Gateway's application in this process, the built-in CSMS that its chargers dial, and a plain HTTP client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.page.feed import Feeds
from ocpplab_runner.gateway.server.serving import envelope
from ocpplab_runner.gateway.server.settings import GatewaySettings, Limits, Pessimism
from ocpplab_runner.gateway.server.store import Store
from ocpplab_runner.ocppj.frames import Call, CallResult
from ocpplab_runner.ocppj.records import Direction, FrameRecord, PeerViolation

CARDS = {"CARD-1": "Accepted", "CARD-2": "Accepted", "CARD-BLOCKED": "Blocked"}
TOKEN, OTHER_TOKEN, ADMIN_TOKEN = "token-of-acme", "token-of-beta", "token-of-admin"
VERSIONS = ("OCPP1.6", "OCPP2.0.1")
#: Seconds of the loop's clock that anything in a test may take.
PATIENCE = 60.0
#: Between two looks, in seconds: the first and, in virtual time, the longest.
_PAUSE, _LONGEST_PAUSE = 0.01, 0.1


class CsmsLog:
    """What the CSMS has seen."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, FrameRecord]] = []
        self.violations: list[tuple[str, PeerViolation]] = []

    def frame(self, identity: str, record: FrameRecord) -> None:
        self.frames.append((identity, record))

    def violation(self, identity: str, violation: PeerViolation) -> None:
        self.violations.append((identity, violation))

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        pass

    def note(self, identity: str, text: str) -> None:
        pass

    def calls(self, action: str, *, identity: str = "CP-1", since: int = 0) -> list[dict[str, Any]]:
        """Payloads of a charger's calls of one action."""
        return [
            dict(record.message.payload)
            for name, record in self.frames[since:]
            if name == identity
            and record.direction is Direction.TO_CSMS
            and isinstance(record.message, Call)
            and record.message.action == action
        ]


class Site:
    """One Gateway and one CSMS."""

    def __init__(self, csms: BuiltInCsms, log: CsmsLog, fleet: Fleet, client: httpx.AsyncClient) -> None:
        self.csms, self.log, self.fleet, self.client = csms, log, fleet, client

    @property
    def ws_url(self) -> str:
        """Of the CSMS."""
        return f"ws://127.0.0.1:{self.csms.port}/ocpp"

    def new_charger(self, identity: str = "CP-1", **fields: Any) -> dict[str, Any]:
        """The body of a create request."""
        return {
            "identity": identity,
            "brand_slug": "simulated",
            "model_slug": "evse-2",
            "connector_type": "Type2",
            "ws_url": self.ws_url,
            **fields,
        }

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.client.post(path, json=body, **options)

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of a successful GET."""
        answer = await self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def charger(self, identity: str = "CP-1", **fields: Any) -> str:
        """Create a charger, and return its id once the CSMS has heard of every connector."""
        answer = await self.post("/ocpp/chargers", self.new_charger(identity, **fields))
        assert answer.status_code == 202, answer.text
        charger_id = str(answer.json()["charger_id"])
        await self.online(identity)
        return charger_id

    async def online(self, identity: str = "CP-1") -> None:
        """Wait until a charger of that identity has booted and reported its connectors."""
        organizations = self.fleet.organizations.values()

        def booted() -> bool:
            found = [one for org in organizations for one in org.chargers.values() if one.record.identity == identity]
            return bool(found) and all(one.runtime is not None and one.runtime.charger.online for one in found)

        await until(booted, f"{identity} is online")
        await clock.settled()

    async def command(self, path: str, charger_id: str, event: Any = None) -> httpx.Response:
        """A command to one charger; everything that follows at this instant has happened when it returns."""
        body = {"target": {"charger_id": charger_id}} | ({} if event is None else {"event": event})
        answer = await self.post(f"/ocpp/commands/{path}", body)
        await clock.settled()
        return answer

    async def ask(self, action: str, payload: Mapping[str, Any], identity: str = "CP-1") -> dict[str, Any]:
        """A call of the CSMS; returns the payload of its answer."""
        answer = await self.csms.call(identity, action, payload).future
        assert isinstance(answer, CallResult), answer
        await clock.settled()
        return dict(answer.payload)

    async def logs(self, charger_id: str, **params: Any) -> list[dict[str, Any]]:
        """A charger's log."""
        return list((await self.get(f"/ocpp/chargers/{charger_id}/logs", limit=1000, **params))["data"])

    async def frames(self, charger_id: str, action: str) -> list[list[Any]]:
        """The charger's own calls of one action, from its log."""
        rows = await self.logs(charger_id, event=action)
        frames = [json.loads(row["message"]) for row in rows if row["direction"] == "cp_to_csms"]
        return [frame for frame in frames if frame[0] == 2]


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something is true; looked at again and again, with a deadline."""

    async def look() -> bool:
        return holds()

    await eventually(look, what)


async def eventually(look: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Wait until looking finds something; looked for more rarely in virtual time, where only the looks take time."""
    pause = _PAUSE
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := await look()):
                await asyncio.sleep(pause)
                if clock.is_virtual():
                    pause = min(1.25 * pause, _LONGEST_PAUSE)
    except TimeoutError:
        raise AssertionError(f"not within {PATIENCE:g} s: {what}") from None
    return found


def client_of(fleet: Fleet, token: str | None = TOKEN, **headers: str) -> httpx.AsyncClient:
    """A plain HTTP client of the application; the server's own exceptions reach the test."""
    bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(envelope(fleet, Feeds(fleet))),
        base_url="http://gateway",
        headers={**bearer, **headers},
    )


@asynccontextmanager
async def site(
    *,
    csms: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    pessimism: Pessimism | None = None,
    database: Path | None = None,
    seed: int = 1,
) -> AsyncIterator[Site]:
    """Start both, and stop both."""
    log = CsmsLog()
    server = BuiltInCsms(CsmsConfig.from_given({"id_tokens": CARDS, **(csms or {})}), observer=log, random=Random(1))
    await server.start()
    try:
        async with (
            gateway(limits=limits, pessimism=pessimism, database=database, seed=seed) as fleet,
            client_of(fleet) as client,
        ):
            yield Site(server, log, fleet, client)
    finally:
        with clock.hold():
            await server.stop()


@asynccontextmanager
async def gateway(
    *,
    limits: Limits | None = None,
    pessimism: Pessimism | None = None,
    database: Path | None = None,
    seed: int = 1,
) -> AsyncIterator[Fleet]:
    """A fleet of two organizations, from open to close."""
    settings = GatewaySettings(
        {"acme": frozenset({TOKEN}), "beta": frozenset({OTHER_TOKEN})},
        frozenset({ADMIN_TOKEN}),
        limits or Limits(),
        pessimism or Pessimism(),
    )
    store = None if database is None else Store(database)
    fleet = Fleet(settings, store=store, random=Random(seed))
    await fleet.open()
    try:
        yield fleet
    finally:
        # Connections are being closed: the kernel, and no timer, says when that is done.
        with clock.hold():
            await fleet.close()


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a test under the virtual clock."""
    return clock.run(main)
