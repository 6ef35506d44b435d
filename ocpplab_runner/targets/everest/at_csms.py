"""The target ``everest`` where the CSMS is somebody else's: EVerest dials it, and says over MQTT what crosses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, Doubt, GraveComplaint, Stage, StageRequest
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.steps.blocks import FACETS
from ocpplab_runner.targets.cards import CardBook, NoSuchCardsError
from ocpplab_runner.targets.csms_options import CsmsTargetOptions
from ocpplab_runner.targets.everest.driven_charger import DrivenEverest
from ocpplab_runner.targets.everest.ear import Ear
from ocpplab_runner.targets.everest.installations import Installations
from ocpplab_runner.targets.everest.limits import at_csms_capabilities, why_not_at_csms
from ocpplab_runner.targets.everest.options import EverestOptions
from ocpplab_runner.targets.everest.rig import TOLD
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.targets.foreign_world import cards_at
from ocpplab_runner.targets.known_data import known_data
from ocpplab_runner.targets.named import NamedTarget
from ocpplab_runner.targets.sides import ForeignSide
from ocpplab_runner.targets.stage import UnhurriedStage, charger_configs
from ocpplab_runner.targets.station import certificate_verdicts, reservation_news
from ocpplab_runner.targets.station.hands import Hands
from ocpplab_runner.targets.station.limits import misfit
from ocpplab_runner.targets.station.options import StationFacts, StationOptions
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Options of a built-in CSMS that somebody else's has no use for.
_OF_OUR_CSMS = (
    *("listen", "path", "security_profile", "basic_auth", "cert", "key", "client_ca"),
    *("boot", "call_timeout", "answer_delay", "files", "journal", "allow"),
)
#: Options that say what the CSMS knows, as a ``csms`` target has them.
_OF_THEIRS = ("cards", "tokens", "unknown_id_token", "concurrent_tx")
_LIMIT = 30.0
_AWAY = "the broker was away for a time, and what crossed then was not heard"
_FACTS = tuple(dict.fromkeys(spec.event or spec.name for spec in FACETS if spec.kind == "fact"))


class EverestAtCsmsStage(UnhurriedStage[DrivenEverest]):
    """One case.

    Attributes:
        sites: scenario name → its EVerest.
    """

    def __init__(self, tokens: TokenMap) -> None:
        super().__init__(ForeignSide(), tokens)
        self.sites: dict[str, Site] = {}

    def doubts(self, charger: str, since: float, until: float) -> Sequence[Doubt]:
        """What EVerest does not tell, and all that may have crossed while the broker was away."""
        if charger not in self.sites:
            return ()
        site = self.sites[charger]
        untold = (reservation_news.UNTOLD, certificate_verdicts.UNTOLD, *site.inside.doubts(since, until))
        if not site.bus.was_away(since, until):
            return untold
        return (*untold, *(Doubt(fact, {}, _AWAY) for fact in (*_FACTS, "message", "violation")))


@dataclass(frozen=True, slots=True)
class _Chosen:
    facts: StationFacts
    site: Site
    ear: Ear


class EverestAtCsmsTarget(NamedTarget):
    """Their EVerests, their CSMS, and a broker between the former and us.

    Args:
        name: as chosen on the command line.
        everest: where the EVerests are, and what they are told to offer.
        options: of the EVerests as stations.
        csms: what is known of the CSMS.
    """

    def __init__(self, name: str, everest: EverestOptions, options: StationOptions, csms: CsmsTargetOptions) -> None:
        stations = tuple(_as_it_dials(everest.facts(one)) for one in options.stations)
        self._everests = Installations(everest, stations)
        rig = self._everests.rig
        self._options = replace(options, stations=stations, rig=rig, told=TOLD, unanswered=rig.unanswered)
        super().__init__(name, at_csms_capabilities(self._options, self._everests.sites.values()))
        self._csms = csms
        self._cards = CardBook(csms.cards, csms.tokens)
        self._ears: dict[str, Ear] = {}
        self._lost: dict[str, str] = {}

    @classmethod
    def from_mapping(cls, name: str, options: Mapping[str, Any]) -> EverestAtCsmsTarget:
        """From the command line or ``ocpplab.yaml``; ``csms`` is the URL that EVerest dials.

        Raises:
            ValueError: an option is unknown or wrong; the text never holds a password.
        """
        if wrong := [one for one in _OF_OUR_CSMS if one in options]:
            raise ValueError(f"`{wrong[0]}` belongs to the built-in CSMS, and `csms` names another")
        told = {one: options[one] for one in _OF_THEIRS if one in options}
        csms = CsmsTargetOptions.from_mapping({"url": options["csms"], **told})
        left = {key: value for key, value in options.items() if key not in (*_OF_THEIRS, "csms")}
        everest, left = EverestOptions.from_mapping(left)
        return cls(name, everest, StationOptions.from_mapping(left), csms)

    @property
    def capabilities(self) -> Capabilities:
        """What the modules that have answered can do and show; the first time the broker is asked."""
        if self._everests.find_out():
            self._capabilities = at_csms_capabilities(self._options, self._everests.sites.values())
        return self._capabilities

    @property
    def secrets(self) -> Sequence[str]:
        """The password that the broker takes, and what the rig was told."""
        return (*self._everests.secrets, *self._everests.rig.secrets)

    def known_failure(self, scenario: Scenario, version: OcppVersion) -> str | None:
        """The oddity of EVerest's that a failure may come from."""
        return self._everests.known_failure(scenario)

    @property
    def max_workers(self) -> int:
        """One: they share the broker, the cards and the CSMS."""
        return 1

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a scenario cannot run here, before anything runs."""
        if (reason := why_not_at_csms(scenario, version, variables, self._options)) is not None:
            return reason
        try:
            self._cards.lend(cards_at(self._csms, known_data(dict(scenario.csms), variables), version), version)
        except (BlockedError, NoSuchCardsError) as error:
            return str(error)
        except (LookupError, ValueError):
            return None
        return None

    async def begin_worker(self) -> None:
        """Connect to the broker, and listen for the EVerests."""
        await self._everests.join(facts.identity for facts in self._options.stations)
        for facts in self._options.stations:
            self._ears[facts.identity] = Ear(self._everests.sites[facts.identity], facts.versions[0])
            await self._ears[facts.identity].open()

    async def end_worker(self) -> None:
        """Leave the broker."""
        await self._everests.rig.close()
        await self._everests.leave()

    async def set_up(self, request: StageRequest) -> Stage:
        """Take EVerests that are as the case wants them, and bring the first into the given state.

        Raises:
            BlockedError: there is none, or what the case gives cannot be arranged.
            InfrastructureError: the state was not reached.
        """
        try:
            loan = self._cards.lend(cards_at(self._csms, request.csms, request.version), request.version)
        except NoSuchCardsError as error:
            raise BlockedError(str(error)) from error
        assert loan is not None, "nobody else has cards"
        tokens = TokenMap({**self._csms.tokens, **loan.cards, **loan.groups}, request.version)
        record = tokens.recorder(request.record)
        # Only for what it refuses: data that makes no charger, and two of one identity.
        charger_configs(request)
        stage = EverestAtCsmsStage(tokens)
        async with AsyncExitStack() as undo:
            for name, one in self._choose(request).items():
                charger = self._charger(name, one, request)
                stage.chargers[name], stage.sites[name] = charger, one.site
                one.ear.begin_case(name, record, request.version)
                one.site.begin_case(name, request.chargers[name], record)
                undo.callback(one.ear.leave_case)
                undo.callback(one.site.leave_case)
                # Last in, first out: it comes to rest while it is still heard.
                undo.push_async_callback(self._leave, stage, charger)
                text = f"charger {name} is the EVerest {one.facts.identity}, which dials {self._csms.url} by itself"
                request.record(Observation("note", text, name, clock.now()))
            for charger in stage.chargers.values():
                if left := await charger.come_to_rest():
                    raise BlockedError(f"{charger.identity} is not at rest: {left}")
            await stage.begin(request.state, _LIMIT)
            await stage.settle()
            stage.undo = undo.pop_all()
        return stage

    async def _leave(self, stage: EverestAtCsmsStage, charger: DrivenEverest) -> None:
        if not (left := await charger.come_to_rest()):
            return
        self._lost[charger.identity] = f"an earlier case has left something open at {charger.identity}: {left}"
        stage.complaints.append(GraveComplaint(f"{charger.identity} is not left as it was: {left}"))

    def _charger(self, name: str, one: _Chosen, request: StageRequest) -> DrivenEverest:
        options = self._options
        ask = request.ask if options.interactive else None
        hands = Hands(one.facts.identity, options.rig, ask, options.hands)
        ev = dict(request.chargers[name].get("ev") or {})
        return DrivenEverest(name, one.facts.identity, one.site, one.ear, hands, options.settle, ev)

    def _choose(self, request: StageRequest) -> dict[str, _Chosen]:
        """An EVerest for each charger of the case: one that is like it."""
        chosen: dict[str, _Chosen] = {}
        for name, given in request.chargers.items():
            taken = {one.facts.identity for one in chosen.values()}
            able = [
                facts
                for facts in self._options.stations
                if facts.identity not in taken and request.version in facts.versions
            ]
            if not able:
                raise BlockedError(f"there is no further EVerest for OCPP {request.version}")
            reasons = [
                misfit(given, facts) or self._lost.get(facts.identity) or self._speaks(facts, request.version)
                for facts in able
            ]
            fit = [facts for facts, reason in zip(able, reasons, strict=True) if not reason]
            if not fit:
                raise BlockedError(str(reasons[0]))
            facts = min(fit, key=lambda facts: facts.evses != int(given.get("evses", 1)))
            chosen[name] = _Chosen(facts, self._everests.sites[facts.identity], self._ears[facts.identity])
        return chosen

    def _speaks(self, facts: StationFacts, version: OcppVersion) -> str | None:
        spoken = self._ears[facts.identity].spoken
        return None if spoken in (None, version) else f"{facts.identity} speaks OCPP {spoken}"


def _as_it_dials(facts: StationFacts) -> StationFacts:
    """Nobody here knows with which security profile an EVerest dials its CSMS."""
    return replace(facts, charger={key: value for key, value in facts.charger.items() if key != "security_profile"})
