"""The target ``everest``: EVerests dial our CSMS as stations do, and more can be done to them, and seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Doubt, StageRequest
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.everest.cache_filling import fill_cache
from ocpplab_runner.targets.everest.conclusions import DOUBTS, Conclusions
from ocpplab_runner.targets.everest.inside import EVIDENCE, LAG, Inside
from ocpplab_runner.targets.everest.installations import Installations
from ocpplab_runner.targets.everest.limits import everest_capabilities, why_not_at_ours, with_conclusions
from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.own_rules import own_rules
from ocpplab_runner.targets.everest.rig import TOLD
from ocpplab_runner.targets.everest.site import scripted
from ocpplab_runner.targets.stage import csms_config
from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.targets.station.preparing import prepare
from ocpplab_runner.targets.station.reception import Reception, Station
from ocpplab_runner.targets.station.stage import StationStage, bring_to_rest
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
        conclusions: scenario name → who has judged its tokens, where EVerest does not tell.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.insides: dict[str, Inside] = {}
        self.conclusions: dict[str, Conclusions] = {}

    def hear(self, name: str, observation: Observation) -> None:
        """Also what the CSMS is asked about cards."""
        super().hear(name, observation)
        self.conclusions[name].hear(observation)

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """Also what EVerest does not tell, and what may have been said while the broker was away."""
        inside = self.insides.get(charger)
        untold = super().doubts(charger, since, until)
        return untold if inside is None else (*untold, *DOUBTS, *inside.doubts(since, until))


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
            sites = self._everests.sites.values()
            self._capabilities = with_conclusions(everest_capabilities(self._options, sites), sites)
        return self._capabilities

    @property
    def secrets(self) -> Sequence[str]:
        """Also the password that the broker takes."""
        return (*super().secrets, *self._everests.secrets)

    def known_failure(self, scenario: Scenario, version: OcppVersion) -> str | None:
        """The oddity of EVerest's that a failure may come from."""
        return self._everests.known_failure(scenario)

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a scenario cannot run here, before anything runs."""
        return why_not_at_ours(scenario, version, variables, self._options, self._everests.sites.values())

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
        given = request.chargers[name]
        concluded = Conclusions(request.version, scripted=bool(scripted(given)))

        def record(observation: Observation) -> None:
            for verdict in concluded.conclude(observation):
                request.record(verdict)
            request.record(observation)

        site.begin_case(name, given, record)
        site.conclusions = stage.conclusions[name] = concluded
        stage.insides[name] = site.inside
        undo.callback(site.leave_case)

    async def _ready(
        self, reception: Reception, stage: StationStage, name: str, config: ChargerConfig, request: StageRequest
    ) -> None:
        """As any station; where the case gives a cache, EVerest learns it first, set as usual."""
        assert isinstance(stage, EverestStage)
        if config.cache:
            await self._learn(reception, stage, name, config, request)
        else:
            await super()._ready(reception, stage, name, config, request)
        stage.conclusions[name].begin(own_rules(stage.chargers[name].station, request.version))

    async def _learn(
        self, reception: Reception, stage: EverestStage, name: str, config: ChargerConfig, request: StageRequest
    ) -> None:
        # The case's own settings may keep it from learning: a cache that is off, for one.
        plain = replace(config, settings={}, configuration={}, local_list={}, local_list_version=0)
        await super()._ready(reception, stage, name, plain, request)
        charger = stage.chargers[name]
        known = {card: data.as_given() for card, data in config.cache.items()}
        csms = csms_config(
            replace(request, csms={"answer_delay": self._options.answer_delay, "id_tokens": known}),
            [(config.identity, config)],
        )
        reception.begin_case([charger.station], csms)
        await fill_cache(charger, stage.conclusions[name], config.cache)
        await bring_to_rest(stage.tidying[name], charger)
        await prepare(charger, config, request.version, request.record, keep_cache=True)
        await charger.all_answered()
