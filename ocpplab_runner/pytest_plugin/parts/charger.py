"""The fixture ``charger``: simulated chargers that dial a CSMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.pytest_plugin.parts.part import Part, World
from ocpplab_runner.pytest_plugin.parts.watching import Watching
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.tools.dialling import Dialling
from ocpplab_runner.tools.simulating.fleet import Fleet
from ocpplab_runner.tools.simulating.orders import Orders
from ocpplab_runner.vocabulary.versions import OcppVersion


class Charger(Part):
    """A simulated charger that has booted.

    Args:
        world: of the test.
        watching: what it has seen.
        fleet: it alone.
        orders: reads what it is to do.
        identity: its own.
    """

    def __init__(self, world: World, watching: Watching, fleet: Fleet, orders: Orders, identity: str) -> None:
        super().__init__(world, watching)
        self._fleet, self._orders = fleet, orders
        self.identity = identity

    def do(self, line: str) -> None:
        """Do what a step does at a charger, and wait until its messages are answered.

        Args:
            line: a step (``plug_connector: {evse_id: 1}``), without ``expect``.

        Raises:
            AssertionError: it was refused, with the reason.
            ValueError: it is no such step.
        """
        __tracebackhide__ = True
        order = self._orders.read(line)
        if order is None:
            raise ValueError("a line is one step that acts")
        self._world.run(self._world.acts())
        if refused := self._world.run(self._fleet.act(order)):
            raise AssertionError("; ".join(refused))


class ChargerCall:
    """The fixture ``charger``.

    Args:
        world: of the test.
        registry: the language.
    """

    def __init__(self, world: World, registry: Registry) -> None:
        self._world, self._registry = world, registry
        self._numbers = count(1)

    def __call__(
        self,
        url: str,
        *,
        ocpp: str = "1.6",
        identity: str | None = None,
        given: Mapping[str, Any] | None = None,
        basic_auth: tuple[str, str] | None = None,
        limit: float = 30.0,
    ) -> Charger:
        """Switch a simulated charger on, and wait until it has booted. When the test is over it ends its transactions.

        Args:
            url: of the CSMS, without the identity.
            ocpp: the version that it speaks.
            identity: its own; ``CP-1``, ``CP-2`` … unless said.
            given: as ``given.charger`` has it.
            basic_auth: user and password.
            limit: seconds for the boot, and for each answer.

        Raises:
            AssertionError: it could not boot, with the reason.
            ValueError: it cannot be what it is given.
        """
        __tracebackhide__ = True
        name, version = identity or f"CP-{next(self._numbers)}", OcppVersion(ocpp)
        data = {**(given or {}), "identity": name}
        orders = Orders(self._registry, {name: data}, version)
        orders.check()
        dialling = Dialling(url, name, basic_auth=basic_auth, limit=limit)
        return self._world.run(self._boot(dialling, ChargerConfig.from_given(data, name=name), version, orders))

    async def _boot(self, dialling: Dialling, config: ChargerConfig, version: OcppVersion, orders: Orders) -> Charger:
        watching = Watching(self._registry, lambda: version)
        fleet = Fleet(dialling, {dialling.identity: config}, version, _Reader(version, watching).hear)
        self._world.joins(watching, fleet.stop)
        if absent := await fleet.start():
            raise AssertionError("; ".join(absent))
        return Charger(self._world, watching, fleet, orders, dialling.identity)


class _Reader:
    """Passes events on, and the facts that frames show, as the CSMS's end does."""

    def __init__(self, version: OcppVersion, watching: Watching) -> None:
        self._interpreter, self._watching = Interpreter(version), watching

    def hear(self, event: Event) -> None:
        self._watching.hear(event)
        if event.kind == "frame":
            for cause, name, fields in self._interpreter.read(event.name, event.fields, event.seq):
                self._watching.hear(replace(event, kind="fact", name=name, fields=fields, cause=cause))
        elif event.name == "connection" and event.fields.get("is") == "closed":
            self._interpreter.disconnected()
