"""The CSMS program under the virtual clock, and stations that send what a test says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms import CsmsConfig
from ocpplab_runner.ocppj.websocket import connect
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.tools.csms.program import CsmsProgram, CsmsSettings
from ocpplab_runner.tools.traffic.lines import LiveLog
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import V16, Station


class Bench:
    """A running program, what it has told, and its stations."""

    def __init__(self, settings: CsmsSettings) -> None:
        self.program = CsmsProgram(settings, random=Random(1))
        self.events: list[Event] = []
        self.lines: list[str] = []
        self.stations: list[Station] = []
        self.program.subscribe(self.events.append)
        self.program.subscribe(LiveLog(self.lines.append, moment=self.program.moment).hear)

    async def dial(
        self, version: OcppVersion = V16, identity: str = "CP-1", password: str | None = None, path: str = "/ocpp"
    ) -> Station:
        """Connect a station; raises ConnectRefused."""
        ws, picked = await connect(
            f"ws://127.0.0.1:{self.program.csms.port}{path}",
            identity=identity,
            versions=[version],
            basic_auth=None if password is None else (identity, password),
        )
        station = Station(ws, picked)
        self.stations.append(station)
        await self.program.csms.wait_connected(identity)
        return station


def play(
    scene: Callable[[Bench], Awaitable[None]],
    given: dict[str, Any] | None = None,
    *,
    virtual: bool = True,
    **settings: Any,
) -> Bench:
    """Run a scene against the program.

    Args:
        scene: what happens.
        given: what its CSMS knows, as ``given.csms``.
        virtual: whether under the virtual clock.
        settings: more of :class:`CsmsSettings`.
    """

    async def main() -> Bench:
        bench = Bench(CsmsSettings(config=CsmsConfig.from_given(given or {}), **settings))
        await bench.program.start()
        try:
            await scene(bench)
        finally:
            for station in bench.stations:
                await station.leave()
            await bench.program.stop()
        return bench

    return clock.run(main(), virtual=virtual)
