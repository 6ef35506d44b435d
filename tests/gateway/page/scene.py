"""A Gateway on a socket with a CSMS behind it, in real time: what the page in a browser is pointed at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import httpx

from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.serving import LocalGateway
from ocpplab_runner.gateway.server.settings import GatewaySettings
from ocpplab_runner.web.recordings import Rewrite
from tests.gateway.page.chromium import Tab
from tests.gateway.server.kit import ADMIN_TOKEN, CARDS, OTHER_TOKEN, TOKEN, CsmsLog, until

SETTINGS = GatewaySettings({"acme": frozenset({TOKEN}), "beta": frozenset({OTHER_TOKEN})}, frozenset({ADMIN_TOKEN}))


class Scene:
    """The Gateway, its CSMS, and a plain HTTP client of the organization acme."""

    def __init__(self, gateway: LocalGateway, csms: BuiltInCsms, client: httpx.AsyncClient) -> None:
        self.gateway, self.csms, self.client = gateway, csms, client

    @property
    def url(self) -> str:
        """Of the Gateway."""
        return self.gateway.url

    @property
    def fleet(self) -> Fleet:
        """Behind the Gateway."""
        assert self.gateway.fleet is not None
        return self.gateway.fleet

    async def restart(self) -> None:
        """Another Gateway at the same place, with an empty fleet."""
        port = int(self.gateway.url.rpartition(":")[2])
        self.gateway = LocalGateway(SETTINGS, port=port, random=Random(8))
        await self.gateway.start()

    async def chargers(self, *identities: str, token: str = TOKEN, **fields: Any) -> list[str]:
        """Create chargers, and return their ids once all are online."""
        ids = []
        for identity in identities:
            body = {
                "identity": identity,
                "brand_slug": "simulated",
                "model_slug": "evse-2",
                "connector_type": "Type2",
                "ws_url": f"ws://127.0.0.1:{self.csms.port}/ocpp",
                **fields,
            }
            headers = {"Authorization": f"Bearer {token}"}
            answer = await self.client.post("/ocpp/chargers", json=body, headers=headers)
            assert answer.status_code == 202, answer.text
            ids.append(str(answer.json()["charger_id"]))
        everybody = {id_: one for org in self.fleet.organizations.values() for id_, one in org.chargers.items()}
        await until(
            lambda: all(everybody[one].stage()[0] == "online" for one in ids),
            f"{len(ids)} chargers are online",
        )
        return ids

    async def command(self, path: str, charger_id: str, **event: Any) -> None:
        """One of the 18 commands; it has to be taken."""
        body = {"target": {"charger_id": charger_id}, "event": event}
        answer = await self.client.post(f"/ocpp/commands/{path}", json=body)
        assert answer.status_code in (200, 202), answer.text
        assert not answer.json().get("failed_count"), answer.text

    async def operate(self, identity: str, operation: str, **fields: Any) -> None:
        """Let the CSMS do something, and wait for the charger's answer."""
        await self.csms.operate(identity, operation, fields).future


@asynccontextmanager
async def scene(rewrite: Rewrite | None = None) -> AsyncIterator[Scene]:
    """Start everything, and stop it.

    Args:
        rewrite: makes scenarios of recordings.
    """
    cards = {**CARDS, **{f"CARD-{number}": "Accepted" for number in range(1, 80)}}
    csms = BuiltInCsms(CsmsConfig.from_given({"id_tokens": cards}), observer=CsmsLog(), random=Random(1))
    await csms.start()
    gateway = LocalGateway(SETTINGS, random=Random(7), rewrite=rewrite)
    await gateway.start()
    here: Scene | None = None
    try:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=gateway.url, headers=bearer, trust_env=False) as client:
            here = Scene(gateway, csms, client)
            yield here
    finally:
        await (gateway if here is None else here.gateway).stop()
        await csms.stop()


async def sign_in(tab: Tab, here: Scene, token: str = TOKEN, path: str = "/") -> None:
    """Open the page and give it a token."""
    await tab.go(f"{here.url}{path}")
    await tab.click("#token")
    await tab.write(token)
    await tab.press("Enter")
    await tab.until("document.body.dataset.view !== 'login' && document.getElementById('live').textContent === 'Live'")


async def showcase(here: Scene, count: int) -> list[str]:
    """A fleet in which every state occurs, charging for a while.

    Args:
        here: where.
        count: how many chargers, at least 12.
    """
    models = [
        ("simulated", "evse-2"),
        ("schneider", "evlink-pro-ac-22kw"),
        ("abb", "terra-184"),
        ("simulated", "evse-4"),
    ]
    ids: list[str] = []
    names = [f"CP-{number:03}" for number in range(1, count + 1)]
    for index, name in enumerate(names):
        brand, model = models[index % 4] if index < 24 else models[(index * 7 + index // 5) % 2]
        version = "OCPP2.0.1" if index % 5 == 4 else "OCPP1.6"
        ids += await here.chargers(name, brand_slug=brand, model_slug=model, ocpp_version=version)
    for index, charger in enumerate(ids):
        step = index % 12
        if step in (0, 2, 3, 6, 8, 10):
            await here.command("start-session", charger, id_tag=f"CARD-{index + 1}", connector_id=1)
        if step == 3:
            await here.command("plug-connector", charger, evse_id=2)
        elif step == 4:
            await here.command("plug-connector", charger, evse_id=1)
        elif step == 5 and index < 30:
            await here.operate(names[index], "reserve_now", id_tag="CARD-79", evse_id=1, expires_in="1h")
        elif step == 7 and index < 30:
            await here.command("inject-fault", charger, fault_type="GroundFailure", evse_id=1)
        elif step == 9 and index < 30:
            await here.operate(names[index], "change_availability", status="Inoperative", evse_id=1)
        elif step == 11 and index < 20:
            await here.client.post(f"/ocpp/chargers/{charger}/stop-charger")
    await asyncio.sleep(1)
    for index, charger in enumerate(ids):
        step = index % 12
        if step == 2:
            await here.command("power-update", charger, power_w=42_000 if index % 4 == 2 else 7_400)
        elif step == 6 and index > 12:
            await here.command("ev-stops-energy", charger, evse_id=1)
        elif step == 8:
            await here.command("power-update", charger, power_w=0 if index < 30 else 3_700)
        elif step == 10 and index < 30:
            await here.command("stop-transaction", charger)
    return ids
