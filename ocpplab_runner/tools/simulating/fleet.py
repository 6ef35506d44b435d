"""The chargers themselves: booted together, told what to do, and taken down with nothing left open at the CSMS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from itertools import count
from random import SystemRandom

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.ocppj.records import InvalidMessage
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.plugin.target import BlockedError, InfrastructureError
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.charger_host import ChargerHost, switch_off
from ocpplab_runner.targets.end_transactions import Leftover, end_transactions
from ocpplab_runner.targets.foreign_tls import ForeignTls
from ocpplab_runner.tools.dialling import Dialling, Listener
from ocpplab_runner.tools.simulating.orders import Order
from ocpplab_runner.vocabulary.versions import OcppVersion


class Fleet:
    """Simulated chargers, off until :meth:`start`.

    Args:
        dialling: the way to the CSMS; the identity is each charger's own.
        configs: identity → what it is.
        version: that they speak.
        listener: hears of everything that they do and see.
    """

    def __init__(
        self, dialling: Dialling, configs: Mapping[str, ChargerConfig], version: OcppVersion, listener: Listener
    ) -> None:
        self._limit, self._listener, self._version = dialling.limit, listener, version
        self._numbers = count()
        way = ForeignTls(dialling.url, dialling.tls)
        self._hosts = {
            identity: ChargerHost(
                identity,
                way.equip(config, None),
                version=version,
                url=dialling.url,
                record=self._record,
                random=SystemRandom(),
                reach=partial(way.reach, identity=identity),
                route=dialling.route,
                basic_auth=dialling.basic_auth_of(identity),
                call_timeout=dialling.limit,
            )
            for identity, config in configs.items()
        }

    @property
    def size(self) -> int:
        """How many chargers there are."""
        return len(self._hosts)

    async def start(self) -> list[str]:
        """Switch all on, and wait until each has booted or cannot; what stands in the way is returned, a line each."""
        booting = (host.boot(self._limit) for host in self._hosts.values())
        ended = await asyncio.gather(*booting, return_exceptions=True)
        for error in ended:
            if error is not None and not isinstance(error, InfrastructureError):
                raise error
        told = zip(self._hosts, map(str, ended), ended, strict=True)
        return [text if text.startswith(name) else f"{name}: {text}" for name, text, error in told if error is not None]

    async def act(self, order: Order) -> list[str]:
        """Carry an order out; what was refused is returned, a line each."""
        if order.pause is not None:
            await asyncio.sleep(order.pause)
            return []
        asked = self._hosts if order.charger is None else {order.charger: self._hosts[order.charger]}
        refused = []
        for identity, host in asked.items():
            try:
                outcome = await host.perform(order.verb, order.fields, raw=order.raw)
            except (StepError, BlockedError, InvalidMessage) as error:
                refused.append(f"{identity}: {order.verb}: {error}")
                continue
            if outcome.status != "done":
                refused.append(f"{identity}: {order.verb} was refused: {outcome.reason}")
        await asyncio.gather(*(host.answered() for host in asked.values()))
        return refused

    async def stop(self) -> list[str]:
        """End transactions and switch all off; what stays open at the CSMS is returned, a line each."""
        left: list[Leftover] = []
        complaints: list[str] = []
        online = [host for host in self._hosts.values() if host.charger.connected]
        await end_transactions(online, left)
        await switch_off(self._hosts, complaints)
        return [*(f"{one.host.identity}: {one.text}" for one in left), *complaints]

    def _record(self, seen: Observation) -> None:
        fields = seen.fields
        if seen.name == "connection" and fields.get("is") == "opened":
            fields = {**fields, "ocpp": self._version.value}
        arrived = max(seen.at, clock.now())
        self._listener(
            Event(
                next(self._numbers),
                seen.kind,
                seen.name,
                seen.charger,
                seen.at,
                arrived,
                fields,
                seen.source,
                "charger",
            )
        )
