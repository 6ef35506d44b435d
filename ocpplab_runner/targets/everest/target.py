"""The target ``everest``: EVerests dial our CSMS as stations do, and more can be done to them, and seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.stage import Doubt, StageRequest
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.everest.inside import EVIDENCE, LAG, Inside
from ocpplab_runner.targets.everest.installations import Installations
from ocpplab_runner.targets.everest.limits import everest_capabilities
from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.rig import TOLD
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
        self._everests = Installations(everest, stations)
        rig = self._everests.rig
        super().__init__(name, replace(options, stations=stations, rig=rig, told=TOLD, unanswered=rig.unanswered))

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
        """What OCPP and the modules that have answered can do and show; the first time the broker is asked."""
        if self._everests.find_out():
            self._capabilities = everest_capabilities(self._options, self._everests.sites.values())
        return self._capabilities

    @property
    def secrets(self) -> Sequence[str]:
        """Also the password that the broker takes."""
        return (*super().secrets, *self._everests.secrets)

    def known_failure(self, scenario: Scenario, version: OcppVersion) -> str | None:
        """The oddity of EVerest's that a failure may come from."""
        return self._everests.known_failure(scenario)

    async def begin_worker(self) -> None:
        """Connect to the broker, and listen for the EVerests."""
        await self._everests.join(facts.identity for facts in self._share)
        await super().begin_worker()

    async def end_worker(self) -> None:
        """Put everything back, and leave the broker."""
        await super().end_worker()
        await self._everests.leave()

    def _joins(
        self, stage: StationStage, name: str, station: Station, request: StageRequest, undo: AsyncExitStack
    ) -> None:
        """A station has been chosen for a case: its EVerest tells of itself, and asks the case's validators."""
        assert isinstance(stage, EverestStage)
        site = self._everests.sites[station.facts.identity]
        site.begin_case(name, request.chargers[name], request.record)
        stage.insides[name] = site.inside
        undo.callback(site.leave_case)
