"""A ``station`` target and a charger that is not its own, on one virtual clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from ssl import TLSVersion
from typing import Any

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import AskOperator, Outcome, Stage, StageRequest
from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.targets.station.target import StationTarget
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.bench.chargers import PHYSICAL, BenchCharger
from tests.bench.kit import free_ports

ADDRESS = f"127.0.0.1:{free_ports(1)[0]}"
URL = f"ws://{ADDRESS}/ocpp"


class HandyRig(Rig):
    """Has hands at one charger.

    Args:
        charger: where; None for a rig whose hands reach nothing.
        verbs: that it can do.
    """

    def __init__(self, charger: BenchCharger | None = None, verbs: Sequence[str] = tuple(PHYSICAL)) -> None:
        self.charger, self._verbs = charger, frozenset(verbs)
        self.done: list[tuple[str, Mapping[str, Any]]] = []

    @property
    def verbs(self) -> frozenset[str]:
        """What it can do."""
        return self._verbs

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Do it at the charger."""
        self.done.append((verb, dict(fields)))
        assert self.charger is not None
        result = await self.charger.perform(verb, fields)
        return Outcome(result.status, result.detail, result.reason)


@dataclass(slots=True)
class Lab:
    """A worker of a run.

    Attributes:
        target: that is tested.
        seen: everything that its stages have recorded.
    """

    target: StationTarget
    seen: list[Observation] = field(default_factory=list)

    async def set_up(
        self,
        *,
        charger: Mapping[str, Any] | None = None,
        csms: Mapping[str, Any] | None = None,
        state: tuple[str, Mapping[str, Any]] | None = None,
        version: str = "1.6",
        ask: AskOperator | None = None,
    ) -> Stage:
        """A case."""
        request = StageRequest(
            chargers={"charger": charger or {}},
            csms=csms or {},
            state=state,
            version=OcppVersion(version),
            record=self.seen.append,
            random=Random(0),
            ask=ask,
        )
        return await self.target.set_up(request)

    def notes(self) -> list[str]:
        """What a reader of the trace is told."""
        return [one.name for one in self.seen if one.kind == "note"]

    def calls(self, action: str) -> list[Mapping[str, Any]]:
        """The payloads of all calls of that action."""
        return [
            one.fields["payload"]
            for one in self.seen
            if one.kind == "frame" and one.name == action and one.fields["type"] == "call"
        ]


@asynccontextmanager
async def lab(place: Path, **options: Any) -> AsyncIterator[Lab]:
    """A worker as long as the context lasts; its state directory is the place."""
    told = {"listen": ADDRESS, "identity": "CP-1", "journal": str(place), "call_timeout": "5s", **options}
    target = StationTarget("bench", StationOptions.from_mapping(told))
    await target.begin_worker()
    try:
        yield Lab(target)
    finally:
        await target.end_worker()


@asynccontextmanager
async def on_the_bench(
    version: str = "1.6",
    identity: str = "CP-1",
    url: str = URL,
    tls: Mapping[str, str] | None = None,
    newest: TLSVersion | None = None,
    **given: Any,
) -> AsyncIterator[BenchCharger]:
    """A charger that dials as long as the context lasts."""
    described = {"identity": identity, "url": url, "version": version, "charger": given, "tls": tls or {}}
    charger = BenchCharger(described, newest)
    await charger.start()
    try:
        yield charger
    finally:
        await charger.stop()
