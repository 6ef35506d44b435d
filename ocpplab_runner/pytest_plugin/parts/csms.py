"""The fixture ``csms``: the built-in CSMS, for chargers to dial."""

from __future__ import annotations

import asyncio
from random import SystemRandom
from typing import Any

from ocpplab_runner.csms import OPERATIONS, CsmsConfig, StationNotConnected
from ocpplab_runner.ocppj.frames import CallResult
from ocpplab_runner.pytest_plugin.parts.part import Part, World
from ocpplab_runner.pytest_plugin.parts.watching import Watching
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.tools.csms.program import CsmsProgram, CsmsSettings
from ocpplab_runner.tools.simulating.orders import Order, Orders
from ocpplab_runner.vocabulary.versions import OcppVersion

_ACTORS = ("csms",)


class Csms(Part):
    """The built-in CSMS, listening on this machine; cards that it does not know are Accepted.

    Args:
        world: of the test.
        registry: the language.
    """

    def __init__(self, world: World, registry: Registry) -> None:
        super().__init__(world, Watching(registry, self._version))
        self._registry = registry
        self._program = world.run(self._start())
        world.joins(self._watching, self._program.stop)

    @property
    def url(self) -> str:
        """What a charger dials, without its identity."""
        return self._program.url.removesuffix("/{identity}")

    @property
    def stations(self) -> list[str]:
        """The identities of those who are connected."""
        return [name for name, station in self._program.csms.stations.items() if station.connected]

    def wait_for(self, identity: str, *, within: float = 30.0) -> None:
        """Wait until a charger is connected and its boot accepted.

        Args:
            identity: the charger's.
            within: seconds.

        Raises:
            AssertionError: it did not come.
        """
        __tracebackhide__ = True
        try:
            self._world.run(asyncio.wait_for(self._program.csms.wait_accepted(identity), within))
        except TimeoutError:
            raise AssertionError(f"{identity} was not accepted within {within:g} s; here are {self.stations}") from None

    def do(self, line: str, station: str | None = None) -> dict[str, Any]:
        """Do what a step of the CSMS does, and wait for the charger's answer where there is one.

        Args:
            line: a step (``remote_start: {id_tag: CARD-1}``), without ``expect``: an operation, ``csms_call``,
                ``csms_reply`` or ``update_id_tokens``.
            station: whom it is about; the only one that is connected, unless said.

        Returns:
            the payload of the answer; nothing where no message was sent.

        Raises:
            AssertionError: the answer was a CALLERROR, or none came.
            ValueError: it is no such step, or nobody knows which station is meant.
        """
        __tracebackhide__ = True
        name = station or self._only()
        order = Orders(self._registry, {name: {}}, self._version_of(name), actors=_ACTORS).read(line)
        if order is None or order.verb not in {*OPERATIONS, "csms_call", "csms_reply", "update_id_tokens"}:
            raise ValueError(
                f"{line.strip()}: here the CSMS can do operations, csms_call, csms_reply, update_id_tokens"
            )
        return self._world.run(self._do(order, name))

    async def _start(self) -> CsmsProgram:
        program = CsmsProgram(CsmsSettings(config=CsmsConfig.from_given(_OPEN)), random=SystemRandom())
        program.subscribe(self._watching.hear)
        await program.start()
        return program

    async def _do(self, order: Order, station: str) -> dict[str, Any]:
        csms, fields = self._program.csms, order.fields
        await self._world.acts()
        if order.verb == "csms_reply":
            csms.program(station, fields)
            return {}
        if order.verb == "update_id_tokens":
            for token, card in fields["."].items():
                csms.set_id_token(token, card)
            return {}
        try:
            if order.verb == "csms_call":
                sent = csms.call(station, fields["action"], fields.get("payload"), raw=order.raw)
            else:
                sent = csms.operate(station, order.verb, fields, raw=order.raw)
        except StationNotConnected as error:
            raise AssertionError(f"{order.verb}: {station} is not connected") from error
        answer = await sent.future
        if not isinstance(answer, CallResult):
            raise AssertionError(f"{order.verb}: {station} answered {answer}")
        return dict(answer.payload)

    def _only(self) -> str:
        there = self.stations
        if len(there) != 1:
            raise ValueError(f"say which station: connected are {', '.join(there) or 'none'}")
        return there[0]

    def _version(self) -> OcppVersion:
        versions = {self._version_of(name) for name in self.stations}
        return versions.pop() if len(versions) == 1 else OcppVersion.V16

    def _version_of(self, name: str) -> OcppVersion:
        known = self._program.csms.stations.get(name)
        return OcppVersion.V16 if known is None or known.session is None else known.session.version


_OPEN = {"unknown_id_token": "Accepted"}
