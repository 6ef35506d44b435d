"""The target ``station``: real chargers dial our CSMS, and are what is tested."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Recorder, Stage, StageRequest
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.named import NamedTarget
from ocpplab_runner.targets.sides import BuiltInSide
from ocpplab_runner.targets.stage import charger_configs, csms_config
from ocpplab_runner.targets.station.cards import CardPool
from ocpplab_runner.targets.station.hands import Hands
from ocpplab_runner.targets.station.journal import RestoreJournal
from ocpplab_runner.targets.station.limits import misfit, objection, station_capabilities
from ocpplab_runner.targets.station.options import StationFacts, StationOptions
from ocpplab_runner.targets.station.preparing import prepare, put_back_earlier
from ocpplab_runner.targets.station.reception import Reception, Station, say
from ocpplab_runner.targets.station.rules import RuleTally
from ocpplab_runner.targets.station.stage import StationStage, bring_to_rest
from ocpplab_runner.targets.station.station_charger import StationCharger
from ocpplab_runner.targets.station.tidying import Tidying
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds that each stage of a state's recipe may take.
_LIMIT = 30.0
#: Seconds that the end of a run waits for a station which must be put in order.
_LAST_CALL = 15.0


class StationTarget(NamedTarget):
    """Their chargers, our CSMS.

    Args:
        name: as chosen on the command line.
        options: which stations, and what may be done to them.
    """

    #: What a case has hold of, and what it acts on; a target whose stations can do more has kinds of its own.
    charger_kind: type[StationCharger] = StationCharger
    stage_kind: type[StationStage] = StationStage

    def __init__(self, name: str, options: StationOptions) -> None:
        super().__init__(name, station_capabilities(options))
        self._options = options
        self._share: Sequence[StationFacts] = options.stations
        self._reception: Reception | None = None
        self._rules = RuleTally()

    @property
    def secrets(self) -> Sequence[str]:
        """The password of the basic authentication, and what the rig was told."""
        password = () if self._options.basic_auth is None else (self._options.basic_auth[1],)
        return (*password, *(() if self._options.rig is None else self._options.rig.secrets))

    @property
    def max_workers(self) -> int:
        """As many as there are addresses, where the same stations are at each; else one, which has them all."""
        groups = list(self._groups().values())
        alike = all(_kinds(group) == _kinds(groups[0]) for group in groups)
        # One person cannot be asked by several workers at a time.
        return len(groups) if alike and not self._options.interactive else 1

    def take_share(self, worker: int, of: int) -> None:
        """Each worker has the stations of some addresses, and listens there."""
        groups = list(self._groups().values())
        self._share = [facts for group in groups[worker::of] for facts in group]

    def _groups(self) -> Mapping[tuple[str, int], list[StationFacts]]:
        groups: dict[tuple[str, int], list[StationFacts]] = {}
        for facts in self._options.stations:
            groups.setdefault(facts.listen, []).append(facts)
        return groups

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a scenario cannot run here, before anything runs."""
        return objection(scenario, version, variables, self._options)

    def end_run(self) -> Sequence[str]:
        """Say what is known of the protocol's rules, and put in order the stations of workers that have died.

        Returns what is left to be put back by the next run.
        """
        if summary := self._rules.summary():
            say(summary)
        if left := [facts for facts in self._options.stations if self._journal(facts).path.exists()]:
            # Who interrupts even this wants to go: the journal stays for the next run.
            with contextlib.suppress(KeyboardInterrupt):
                clock.run(self._put_in_order(left), virtual=False)
        return [
            f"{facts.identity}: settings are still to be put back, the next run does it: {self._journal(facts).path}"
            for facts in left
            if self._journal(facts).path.exists()
        ]

    def _journal(self, facts: StationFacts) -> RestoreJournal:
        return RestoreJournal(Path(self._options.journal), facts.identity)

    async def _put_in_order(self, left: Sequence[StationFacts]) -> None:
        """Do with each what the preparation of a case does, and what comes after one."""
        # Each of them may be gone for good, and the run is to end all the same.
        self._options = replace(self._options, boot=min(self._options.boot, _LAST_CALL))
        for facts in left:
            self._share = [facts]
            for version in facts.versions:
                try:
                    await self.begin_worker()
                    await (await self.set_up(_nothing_given(version))).close()
                except BlockedError:
                    continue  # it speaks another
                except InfrastructureError as error:
                    say(f"{facts.identity} cannot be put in order: {error}")
                finally:
                    await self.end_worker()
                break

    async def begin_worker(self) -> None:
        """Listen."""
        self._reception = Reception(self._options, self._share)
        await self._reception.open()

    async def end_worker(self) -> None:
        """Put every station's settings back, and stop listening."""
        if self._reception is not None:
            for complaint in await self._reception.close():
                say(complaint)
        if self._options.rig is not None:
            await self._options.rig.close()

    async def set_up(self, request: StageRequest) -> Stage:
        """Wait for the stations, give them what the case gives, and bring the first into the given state.

        Raises:
            BlockedError: no station is what the case gives, or it does not let itself be made so.
            InfrastructureError: a station has not come or does not answer, or the state was not reached.
        """
        reception = self._reception
        assert reception is not None, "begin_worker has been called"
        options = self._options
        pool = CardPool(options.cards, options.tokens)
        stage = self.stage_kind(reception, pool, options, request.version)
        stage.lend([dict(request.csms), dict(request.chargers), dict(request.state[1]) if request.state else {}])
        request = replace(
            request,
            chargers=stage.tokens.outwards(request.chargers),
            csms=stage.tokens.outwards(request.csms),
            record=stage.recorder(request.record),
        )
        chosen = self._choose(reception, request)
        configs = {
            name: replace(config, identity=chosen[name].facts.identity)
            for name, config in charger_configs(request).items()
        }
        csms = csms_config(
            replace(request, csms={"answer_delay": options.answer_delay, **request.csms}),
            ((config.identity, config) for config in configs.values()),
        )
        csms = replace(csms, evses={one.facts.identity: one.facts.evses for one in chosen.values()})
        stage.csms = BuiltInSide(reception.csms, next(iter(chosen.values())).facts.identity)
        async with AsyncExitStack() as undo:
            # First in, last out: what winding up shows counts, too.
            undo.callback(self._rules.write)
            undo.push_async_callback(stage.wind_up)
            for name, station in chosen.items():
                charger = self._charger(name, station, request, needs_boot=csms.boot_matters)
                stage.chargers[name] = charger
                stage.tidying[name] = Tidying(charger, options, request.version)
                station.begin_case(name, self._recorder(request, stage, name), request.version)
                self._joins(stage, name, station, request, undo)
                note = f"charger {name} is the station {station.facts.identity}"
                request.record(Observation("note", note, name, clock.now()))
            # Prepared by a CSMS that does as usual: what the case's does wrong on purpose would be in the way.
            reception.begin_case(chosen.values())
            await asyncio.gather(*(self._ready(reception, stage, name, configs[name], request) for name in chosen))
            reception.begin_case(chosen.values(), csms)
            if request.state is not None and request.state[0] == "disconnected":
                await self._switch_off(next(iter(stage.chargers.values())))
            await stage.begin(request.state, _LIMIT)
            await stage.settle()
            stage.undo = undo.pop_all()
        if options.files is not None:
            stage.serve_files(request, options.files, reception.csms.authorities.lists)
        return stage

    def _joins(
        self, stage: StationStage, name: str, station: Station, request: StageRequest, undo: AsyncExitStack
    ) -> None:
        """A station has been chosen for a case; a plain one has nothing more to say.

        Args:
            stage: of the case.
            name: the scenario's name of the charger.
            station: which.
            request: what the case needs.
            undo: what the end of the case does.
        """

    async def _ready(
        self, reception: Reception, stage: StationStage, name: str, config: ChargerConfig, request: StageRequest
    ) -> None:
        charger = stage.chargers[name]
        await reception.arrive(charger.station, request.version)
        # Before anything is changed: that writes another journal over the one that was left.
        await put_back_earlier(charger, request.version, request.record)
        await bring_to_rest(stage.tidying[name], charger)
        await prepare(charger, config, request.version, request.record)
        await charger.all_answered()

    async def _switch_off(self, charger: StationCharger) -> None:
        await charger.perform("power", {"state": "off"})
        await charger.until(lambda: not charger.online(), "disconnected", _LIMIT)

    def _charger(self, name: str, station: Station, request: StageRequest, *, needs_boot: bool) -> StationCharger:
        options = self._options
        hands = Hands(station.facts.identity, options.rig, request.ask if options.interactive else None, options.hands)
        reception = self._reception
        assert reception is not None
        given = request.chargers[name]
        return self.charger_kind(
            name,
            station,
            reception.csms,
            hands,
            options,
            version=request.version,
            ev=dict(given.get("ev") or {}),
            needs_boot=needs_boot,
        )

    def _recorder(self, request: StageRequest, stage: StationStage, name: str) -> Recorder:
        def record(observation: Observation) -> None:
            self._rules.hear(observation)
            stage.hear(name, observation)
            request.record(observation)

        return record

    def _choose(self, reception: Reception, request: StageRequest) -> dict[str, Station]:
        """A station for each charger of the case: one that is like it."""
        chosen: dict[str, Station] = {}
        for name, given in request.chargers.items():
            able = [
                one
                for one in reception.stations.values()
                if request.version in one.facts.versions and one not in chosen.values()
            ]
            if not able:
                raise BlockedError(f"there is no further station for OCPP {request.version}")
            reasons = [misfit(given, one.facts) or one.lost for one in able]
            fit = [one for one, reason in zip(able, reasons, strict=True) if not reason]
            if not fit:
                raise BlockedError(reasons[0])
            wanted = int(given.get("evses", 1))
            # One that was waited for in vain comes only where no other will do.
            chosen[name] = min(fit, key=lambda one: (one.absent, one.facts.evses != wanted))
        return chosen


def _nothing_given(version: OcppVersion) -> StageRequest:
    """A case that wants nothing."""
    return StageRequest({"charger": {}}, {}, None, version, record=lambda _: None, random=SystemRandom())


def _kinds(group: Sequence[StationFacts]) -> list[str]:
    return sorted(f"{facts.versions} {dict(facts.charger)}" for facts in group)
