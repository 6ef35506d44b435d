"""The target ``everest``: EVerests dial our CSMS as stations do, and more can be done to them, and seen of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.validators import ScriptedValidator, validators_from_given
from ocpplab_runner.everest.broker import BrokerError, Bus
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.stage import Doubt, InfrastructureError, StageRequest
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.everest.inside import EVIDENCE, LAG, Inside
from ocpplab_runner.targets.everest.limits import everest_capabilities, known_failure
from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.rig import TOLD, EverestRig
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.targets.station.reception import Station
from ocpplab_runner.targets.station.stage import StationStage
from ocpplab_runner.targets.station.station_charger import StationCharger
from ocpplab_runner.targets.station.target import StationTarget
from ocpplab_runner.vocabulary.versions import OcppVersion


class EverestCharger(StationCharger):
    """One EVerest as the charger of a case; what it says of its inside takes its time through the broker."""

    def watermark(self, evidence: str) -> float:
        """The time up to which everything has arrived."""
        return clock.now() - (LAG if evidence == EVIDENCE else 0.0)


class EverestStage(StationStage):
    """One case with EVerests.

    Attributes:
        insides: scenario name → what its EVerest says of its inside.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.insides: dict[str, Inside] = {}

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """What may have been said while the broker was away."""
        return self.insides[charger].doubts(since, until) if charger in self.insides else ()


class EverestTarget(StationTarget):
    """Their EVerests, our CSMS, and a broker between.

    Args:
        name: as chosen on the command line.
        everest: where the EVerests are, and what they are told to offer.
        options: as for stations.
    """

    charger_kind = EverestCharger
    stage_kind = EverestStage

    def __init__(self, name: str, everest: EverestOptions, options: StationOptions) -> None:
        stations = tuple(map(everest.facts, options.stations))
        self._everest = everest
        self._sites = {facts.identity: Site(everest.place(facts.identity), everest) for facts in stations}
        self._everest_rig = EverestRig(self._sites, everest.other)
        super().__init__(name, replace(options, stations=stations, rig=self._everest_rig, told=TOLD))
        self._found_out: Capabilities | None = None
        self._bus = Bus(everest.broker)

    @classmethod
    def from_mapping(cls, name: str, options: Mapping[str, Any]) -> EverestTarget:
        """From the command line or ``ocpplab.yaml``.

        Raises:
            ValueError: an option is unknown or wrong; the text never holds a password.
        """
        everest, left = EverestOptions.from_mapping(options)
        return cls(name, everest, StationOptions.from_mapping(left))

    @property
    def capabilities(self) -> Capabilities:
        """What OCPP and the modules that have answered can do and show.

        The first time the broker is asked; where it cannot be reached, each case says so when it runs.
        """
        if self._found_out is None:
            clock.run(self._find_out(), virtual=False)
            self._found_out = everest_capabilities(self._options, self._sites.values())
        return self._found_out

    @property
    def secrets(self) -> Sequence[str]:
        """Also the password that the broker takes."""
        password = self._everest.broker.password
        return (*super().secrets, *(() if password is None else (password,)))

    def known_failure(self, scenario: Scenario, version: OcppVersion) -> str | None:
        """The oddity of EVerest's that a failure may come from."""
        quirks = frozenset().union(*(site.place.quirks for site in self._sites.values()))
        return known_failure(scenario, quirks)

    async def _find_out(self) -> None:
        bus = Bus(self._everest.broker)
        try:
            await bus.open(self._everest.reach)
            await asyncio.gather(*(site.find_out(bus) for site in self._sites.values()))
        except BrokerError:
            return  # whoever runs a case is told
        finally:
            await bus.close()

    async def begin_worker(self) -> None:
        """Connect to the broker, and listen for the EVerests."""
        self._bus = Bus(self._everest.broker)
        try:
            await self._bus.open(self._everest.reach)
        except BrokerError as error:
            raise InfrastructureError(str(error), reached=False) from None
        for facts in self._share:
            await self._sites[facts.identity].open(self._bus)
        await super().begin_worker()

    async def end_worker(self) -> None:
        """Put everything back, and leave the broker."""
        await super().end_worker()
        await self._bus.close()

    def _joins(
        self, stage: StationStage, name: str, station: Station, request: StageRequest, undo: AsyncExitStack
    ) -> None:
        """A station has been chosen for a case: its EVerest tells of itself, and asks the case's validators."""
        assert isinstance(stage, EverestStage)
        site = self._sites[station.facts.identity]
        site.inside.begin_case(name, request.record)
        given = (request.chargers[name].get("authorization") or {}).get("validators")
        scripts = [one for one in validators_from_given(given) if isinstance(one, ScriptedValidator)]
        site.validators.begin_case(scripts)
        stage.insides[name] = site.inside
        undo.callback(site.inside.leave_case)
        undo.callback(site.validators.leave_case)
